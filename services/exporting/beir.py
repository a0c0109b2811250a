"""Scripts, questionnaires and judgements as a folder in the form of the BEIR benchmark, or as a ZIP of it.

Thakur et al. 2021, https://arxiv.org/abs/2104.08663. What it cannot hold (situation, labels, status, sections) is not
in it. It comes back by ``services.readers.beir``.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.domain.scripts import Record
from services.domain.topics import unique_names
from services.domain.words import count
from services.errors import InvalidInput, InvalidQuestionnaire
from services.exporting.archives import add_member
from services.ground import digests, files

CORPUS, _QUERIES, _QRELS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
# Of a folder, the corpus is written last: without one it is no BEIR folder, and cannot be taken for a whole one.
FILES = (_QRELS, _QUERIES, CORPUS)
_HEADER = "query-id\tcorpus-id\tscore\n"


@dataclass(frozen=True)
class Contents:
    """The files by name, what is in them, and what is not, in full sentences."""

    files: Mapping[str, bytes]
    queries: int
    judgements: int
    notes: tuple[str, ...]


def contents(
    records: Sequence[Record], questionnaires: Mapping[str, Questionnaire], grades: Grades, template: str
) -> Contents:
    """What is written: these scripts, all questionnaires that ask something, and the judgements of the two."""
    names = unique_names({r.script.id: r.script.source_id for r in records})
    called = unique_names({q.id: q.source_id for q in questionnaires.values()})
    queries, silent = _queries(questionnaires, template)
    lines, others = [_HEADER], 0
    for questionnaire in queries:
        judged = [pair for graded in grades.get(questionnaire, {}).values() for pair in graded.items()]
        kept = sorted((names[script], grade) for script, grade in judged if script in names)
        others += len(judged) - len(kept)
        lines += [f"{called[questionnaire]}\t{name}\t{grade}\n" for name, grade in kept]
    texts = {
        _QRELS: "".join(lines),
        _QUERIES: "".join(_line(_id=called[q], text=query) for q, query in queries.items()),
        CORPUS: "".join(_line(_id=names[r.script.id], title=r.script.title, text=r.script.text) for r in records),
    }
    notes = []
    if silent:
        notes.append(f"{count(len(silent), 'questionnaire')} that asks nothing is not in it: {', '.join(silent[:5])}.")
    if others:
        notes.append(f"{count(others, 'judgement')} of scripts that are not exported: left out.")
    return Contents({name: texts[name].encode() for name in FILES}, len(queries), len(lines) - 1, tuple(notes))


def _queries(questionnaires: Mapping[str, Questionnaire], template: str) -> tuple[dict[str, str], list[str]]:
    """What each questionnaire asks, by id; and those that ask nothing."""
    asked, silent = {}, []
    for name, questionnaire in sorted(questionnaires.items()):
        try:
            asked[name] = questionnaire.query_text(template)
        except InvalidQuestionnaire:
            silent.append(name)
    return asked, silent


def _line(**fields: str) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"


def write(out: Path, made: Contents) -> str:
    """Write a ZIP where the name ends in ``.zip``, else a folder; its digest.

    Of a folder, the digest is a chain over its files (``digests.chain_head``).

    Raises:
        InvalidInput: the folder holds other things, which would be read as part of it, or is a file.
        StorageFailed: it could not be written.
    """
    if out.suffix.lower() == ".zip":
        data = _zip(made.files)
        files.write_named(out, data)
        return digests.of_bytes(data)
    _check_folder(out)
    with files.storage_errors(out / CORPUS):
        (out / CORPUS).unlink(missing_ok=True)
    for name in FILES:
        files.write_atomically(out / name, made.files[name])
    return digests.chain_head((name, digests.of_bytes(made.files[name])) for name in sorted(FILES))


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"{out} is a file.", "Name a folder, or a file that ends in .zip.")
    with files.storage_errors(out):
        there = {p.relative_to(out).as_posix() for p in out.rglob("*")} if out.is_dir() else set()
    if foreign := sorted(there - {*FILES, "qrels"}):
        raise InvalidInput(
            f"{out} holds other things already, such as {foreign[0][:80]}.", "Name a folder that is empty or new."
        )


def _zip(made: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(made):
            add_member(archive, name, made[name])
    return buffer.getvalue()
