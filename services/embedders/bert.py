"""The weights of a small BERT as CTranslate2 reads them: which tensor goes where."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

_LAYERS, _HEADS = 6, 12


def convert(weights: Path, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the weights into a new folder as CTranslate2 reads them: BERT, layers normalised after, GELU exact."""
    specs = importlib.import_module("ctranslate2.specs")
    tensors: Mapping[str, Any] = importlib.import_module("safetensors.numpy").load_file(weights)
    encoder = specs.TransformerEncoderSpec(
        _LAYERS,
        _HEADS,
        pre_norm=False,
        activation=specs.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=specs.EmbeddingsMerge.ADD,
    )
    _fill(encoder, tensors)
    model = specs.TransformerEncoderModelSpec(encoder)
    model.register_vocabulary([str(tokenizer.id_to_token(number)) for number in range(tokenizer.get_vocab_size())])
    model.config.unk_token = "[UNK]"  # noqa: S105  a word piece
    model.config.layer_norm_epsilon = 1e-12
    model.validate()
    folder.mkdir()
    model.save(str(folder))


def _fill(encoder: Any, tensors: Mapping[str, Any]) -> None:
    # Which tensor goes where is BERT's layout; the last tensors, the pooler's, have no place in a mean.
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = tensors["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = tensors["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = tensors["embeddings.position_embeddings.weight"]
    _norm(encoder.layernorm_embedding, tensors, "embeddings.LayerNorm")
    for number, layer in enumerate(encoder.layer):
        prefix = f"encoder.layer.{number}"
        queries, keys, values = (f"{prefix}.attention.self.{part}" for part in ("query", "key", "value"))
        _linear(layer.self_attention.linear[0], tensors, queries, keys, values)
        _linear(layer.self_attention.linear[1], tensors, f"{prefix}.attention.output.dense")
        _norm(layer.self_attention.layer_norm, tensors, f"{prefix}.attention.output.LayerNorm")
        _linear(layer.ffn.linear_0, tensors, f"{prefix}.intermediate.dense")
        _linear(layer.ffn.linear_1, tensors, f"{prefix}.output.dense")
        _norm(layer.ffn.layer_norm, tensors, f"{prefix}.output.LayerNorm")


def _linear(spec: Any, tensors: Mapping[str, Any], *names: str) -> None:
    spec.weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
    spec.bias = np.concatenate([tensors[f"{name}.bias"] for name in names])


def _norm(spec: Any, tensors: Mapping[str, Any], name: str) -> None:
    spec.gamma = tensors[f"{name}.weight"]
    spec.beta = tensors[f"{name}.bias"]
