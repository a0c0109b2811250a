"""Synthetic corpora: seeded, so that two runs measure the same thing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from services.domain.model_digest import Stamp
from services.domain.passages import Passage
from services.domain.scripts import Record, Script, Vectors, VectorSet
from services.domain.settings import DEFAULT_SECTIONS, EmbedderSettings, Paths, Settings
from services.ground import files
from services.records import manifest, record_format
from services.workspaces import write_settings

DIMENSIONS = 384
SEED = 20_261_101
PASSAGES_A_SCRIPT = 3
_WORDS = (
    "breath slow warm quiet settle shoulders heavy light stair river stone morning window open hand rest notice drift "
    "listen floor chair again count down easy deep soft evening garden path follow voice carry weight leave return calm"
)
_PASSAGES_A_TOPIC = 50
# Set to resemble the MiniLM vectors of the demo corpus: mean cosine 0.25 (here 0.24), cosine of the nearest neighbour
# 0.48, 0.60, 0.71 at the 10th, 50th and 90th percentile (0.52, 0.60, 0.71), effective dimension 58 (61).
_AXES = 64
_SHARED = 0.75
_SPREAD = 0.8
_NOISE = 0.4


def clustered(count: int, seed: int = SEED) -> Vectors:
    """``float32[count, 384]``: unit vectors around seeded centres, those of a topic side by side."""
    random = np.random.default_rng(seed)
    axes, shared = _directions(random, _AXES), _directions(random, 1)
    centres = _unit(_directions(random, _topics(count), _AXES) @ axes) + _SHARED * shared
    topic = np.sort(random.integers(0, len(centres), count))
    inner = _unit(_directions(random, count, _AXES) @ axes)
    return _unit(centres[topic] + _SPREAD * inner + _NOISE * _directions(random, count))


def isolated(count: int, seed: int = SEED) -> Vectors:
    """``float32[count, 384]``: topics at right angles to each other, which no real model makes: hard for a graph."""
    random = np.random.default_rng(seed)
    centres = _directions(random, _topics(count))
    topic = np.sort(random.integers(0, len(centres), count))
    inner = _unit(_directions(random, count, 24) @ _directions(random, 24))
    return _unit(centres[topic] + 0.7 * inner + 0.3 * _directions(random, count))


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
        script = _script(number, [sentence(random, words) for _ in range(PASSAGES_A_SCRIPT - 1)])
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


def sentence(random: np.random.Generator, words: int) -> str:
    known = _WORDS.split()
    return " ".join(known[i] for i in random.integers(0, len(known), words)).capitalize() + "."


def _topics(count: int) -> int:
    return max(4, count // _PASSAGES_A_TOPIC)


def _directions(random: np.random.Generator, count: int, dimensions: int = DIMENSIONS) -> Vectors:
    return _unit(random.standard_normal((count, dimensions), dtype=np.float32))


def _unit(values: Vectors) -> Vectors:
    unit: Vectors = values / np.linalg.norm(values, axis=1, keepdims=True)
    return unit
