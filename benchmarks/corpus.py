"""Synthetic corpora: seeded, so that two runs measure the same thing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from services import files
from services.model_digest import Stamp
from services.passages import Passage
from services.records import manifest, record_format
from services.scripts import Record, Script, Vectors, VectorSet
from services.settings import DEFAULT_SECTIONS, EmbedderSettings, Paths, Settings
from services.workspaces import write_settings

DIMENSIONS = 384
SEED = 20_261_101
PASSAGES_A_SCRIPT = 3
_WORDS = (
    "breath slow warm quiet settle shoulders heavy light stair river stone morning window open hand rest notice drift "
    "listen floor chair again count down easy deep soft evening garden path follow voice carry weight leave return calm"
)
# Passages that share a topic lie together. Few directions matter within a topic, as in the vectors of a real model.
_PASSAGES_A_TOPIC = 50
_DIRECTIONS = 24
_SPREAD = 0.7


def clustered(count: int, seed: int = SEED) -> Vectors:
    """``float32[count, 384]``: unit vectors around seeded centres, those of a topic side by side."""
    random = np.random.default_rng(seed)
    topics = max(4, count // _PASSAGES_A_TOPIC)
    centres = _unit(random.standard_normal((topics, DIMENSIONS), dtype=np.float32))
    directions = _unit(random.standard_normal((_DIRECTIONS, DIMENSIONS), dtype=np.float32))
    topic = np.sort(random.integers(0, topics, count))
    inner = random.standard_normal((count, _DIRECTIONS), dtype=np.float32) @ directions / np.sqrt(_DIRECTIONS)
    noise = random.standard_normal((count, DIMENSIONS), dtype=np.float32) / np.sqrt(DIMENSIONS)
    return _unit(centres[topic] + _SPREAD * inner + 0.3 * noise)


def questions(vectors: Vectors, count: int) -> Vectors:
    """``float32[count, 384]``: near some passages, and none of them."""
    random = np.random.default_rng(SEED + 1)
    near = vectors[random.integers(0, len(vectors), count)]
    noise = random.standard_normal((count, vectors.shape[1]), dtype=np.float32) / np.sqrt(vectors.shape[1])
    return _unit(near + 0.5 * noise)


def records(passages: int, stamp: Stamp, words: int) -> Iterator[Record]:
    """Scripts of a card and two body passages over three sections; ``words`` in each body passage."""
    vectors = clustered(passages)
    random = np.random.default_rng(SEED + 2)
    for number in range(passages // PASSAGES_A_SCRIPT):
        script = _script(number, [_sentence(random, words) for _ in range(PASSAGES_A_SCRIPT - 1)])
        start = number * PASSAGES_A_SCRIPT
        values = vectors[start : start + PASSAGES_A_SCRIPT]
        yield Record(script, VectorSet(stamp, _passages(script), values))


def write_workspace(root: Path, scripts: int, stamp: Stamp, embedder: str, words: int = 120) -> None:
    """A whole workspace of that many records, written without waiting for the disk at each."""
    paths = Paths(root)
    for section in DEFAULT_SECTIONS:
        (paths.records / section).mkdir(parents=True)
    paths.questionnaires.mkdir()
    entries = {}
    for record in records(scripts * PASSAGES_A_SCRIPT, stamp, words):
        data = record_format.encode(record)
        name = f"{record.script.section}/{record.script.id}"
        (paths.records / f"{name}.yaml").write_bytes(data)
        entries[name] = record_format.decode(data, source=name).digest
    with files.storage_errors(root):
        manifest.write(paths.manifest, entries)
    write_settings(paths, Settings(name="Benchmark", embedder=EmbedderSettings(name=embedder)))


def _script(number: int, bodies: list[str]) -> Script:
    return Script(
        id=f"script-{number:06d}",
        section=DEFAULT_SECTIONS[number % len(DEFAULT_SECTIONS)],
        title=f"Script {number}",
        text="\n\n".join(bodies),
        situation="For somebody who lies awake.",
        focus_areas=("sleep", "calm"),
    )


def _passages(script: Script) -> tuple[Passage, ...]:
    bounds, start = [Passage("card")], 0
    for body in script.text.split("\n\n"):
        bounds.append(Passage("body", start, start + len(body)))
        start += len(body) + 2
    return tuple(bounds)


def _sentence(random: np.random.Generator, words: int) -> str:
    known = _WORDS.split()
    return " ".join(known[i] for i in random.integers(0, len(known), words)).capitalize() + "."


def _unit(values: Vectors) -> Vectors:
    unit: Vectors = values / np.linalg.norm(values, axis=1, keepdims=True)
    return unit
