"""A folder in the form of the BEIR benchmark: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/*.tsv``.

Thakur et al. 2021, https://arxiv.org/abs/2104.08663. Documents become scripts, queries become questionnaires, and
judgements become expected scripts, those of grade 0 judgements.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from services.domain.drafts import Draft, Item, QuestionDraft, refused
from services.domain.questionnaires import MAX_GRADE
from services.domain.reports import Rejected
from services.domain.scripts import MAX_TITLE
from services.errors import InvalidInput
from services.ground import text
from services.readers.decoding import json_object, lines, text_of

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
QRELS = "qrels"
_COLUMNS = 3
# Grade by document by query.
_Judgements = dict[str, dict[str, int]]


def read(path: Path, source: str, *, splits: Collection[str] = ()) -> Iterator[Item]:
    """Everything in the folder, documents first.

    ``splits``: the files of judgements that count, such as ``test``; all where none is named. With some named, only the
    queries that they judge are read.

    Raises:
        InvalidInput: it has no corpus, or no such file of judgements.
    """
    if not (path / CORPUS).is_file():
        raise InvalidInput(f"{source or path.name} has no {CORPUS}.", "Name the folder that holds it.")
    prefix = f"{source}/" if source else ""
    corpus = str(path.absolute())
    judged = _chosen(path / QRELS, f"{prefix}{QRELS}", splits)
    for number, line in lines(path / CORPUS, f"{prefix}{CORPUS}", max_bytes=None):
        yield _tried(_document, line, f"{prefix}{CORPUS} line {number}", corpus)
    judgements: _Judgements = {}
    for file in judged:
        yield from _judge(file, f"{prefix}{QRELS}/{file.name}", judgements)
    for item in _questions(path / QUERIES, f"{prefix}{QUERIES}", corpus, judgements):
        if not splits or not isinstance(item, QuestionDraft) or item.judged:
            yield item


def _chosen(folder: Path, source: str, splits: Collection[str]) -> list[Path]:
    there = {file.stem: file for file in sorted(folder.glob("*.tsv"))}
    for split in splits:
        if split not in there:
            known = f"There are: {', '.join(there)}." if there else "The folder has none."
            raise InvalidInput(f"{source} has no judgements '{split[:40]}'.", known)
    return [file for split, file in there.items() if not splits or split in splits]


def _questions(path: Path, source: str, corpus: str, judgements: _Judgements) -> Iterator[Item]:
    asked = set()
    for number, line in lines(path, source, max_bytes=None) if path.is_file() else ():
        item = _tried(_question, line, f"{source} line {number}", corpus)
        if isinstance(item, QuestionDraft):
            asked.add(item.id)
            judged = tuple(judgements.get(item.id, {}).items())
            item = QuestionDraft(item.source, item.id, item.query, corpus, judged)
        yield item
    for query in sorted(judgements.keys() - asked):
        yield Rejected(source, f"It has no query '{query[:80]}', for which there are judgements. Add the query to it.")


def _tried(make: Any, line: bytes, source: str, corpus: str) -> Item:
    try:
        value = json_object(line, source)
        item: Item = make(value, _identifier(value, source), source, corpus)
    except InvalidInput as error:
        return refused(source, error)
    return item


def _identifier(value: dict[str, Any], source: str) -> str:
    found = text_of(value, "_id", source).strip()
    if not found:
        raise InvalidInput(f"{source} has no '_id'.", "Add one.")
    return found


def _document(value: dict[str, Any], identifier: str, source: str, corpus: str) -> Draft:
    title, body = text_of(value, "title", source), text_of(value, "text", source)
    if not (title.strip() or body.strip()):
        raise InvalidInput(f"{source}: the document has neither text nor title.", "Add its text.")
    if len(text.one_line(title)) > MAX_TITLE:
        # Too long to be one: none of it is lost, and the title becomes its first words.
        title, body = "", f"{title}\n\n{body}".strip()
    return Draft(source=source, text=body if body.strip() else title, id=identifier, title=title, corpus=corpus)


def _question(value: dict[str, Any], identifier: str, source: str, corpus: str) -> QuestionDraft:
    query = text.one_line(text_of(value, "text", source))
    if not query:
        raise InvalidInput(f"{source}: the query has no text.", "Add it.")
    return QuestionDraft(source, identifier, query, corpus)


def _judge(path: Path, source: str, judgements: _Judgements) -> Iterator[Rejected]:
    """Add a file's judgements; of several for one document the highest counts."""
    for number, line in lines(path, source, max_bytes=None):
        try:
            judged = _judgement(line, f"{source} line {number}", header=number == 1)
        except InvalidInput as error:
            yield refused(f"{source} line {number}", error)
            continue
        if judged is not None:
            query, document, grade = judged
            known = judgements.setdefault(query, {})
            known[document] = max(known.get(document, 0), min(grade, MAX_GRADE))


def _judgement(line: bytes, source: str, *, header: bool) -> tuple[str, str, int] | None:
    """Query, document and grade; None for the header."""
    cells = line.decode("utf-8-sig", "replace").strip().split("\t")
    cells = cells if len(cells) > 1 else cells[0].split()
    if len(cells) != _COLUMNS:
        raise InvalidInput(f"{source} has {len(cells)} columns.", "Write query, document and grade, with tabs between.")
    try:
        return cells[0].strip(), cells[1].strip(), int(float(cells[2]))
    except (ValueError, OverflowError):
        if header:
            return None
        raise InvalidInput(f"{source}: '{cells[2][:40]}' is no grade.", "Write a whole number.") from None
