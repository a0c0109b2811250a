"""What the tests of an upload share."""

from collections.abc import Mapping
from pathlib import Path

from services.upload import Added, Review, Row
from tests.doubles import TinyWorkbench

CALM = "You are calm now and you breathe out slowly. The evening is quiet and the lake lies still before you."
BOLD = "I act. I decide. I walk on with courage, step by step, and nobody stops me on my way today."
# Half of it is as it was: an edit.
BOLDER = "I act. I decide. I walk on with courage, day by day, and I know that nobody stops me on my way today."


def reviewed(bench: TinyWorkbench, files: Mapping[str, str | bytes], **more: object) -> Review:
    given = [(name, data if isinstance(data, bytes) else data.encode()) for name, data in files.items()]
    with bench.stage(given) as staged:
        return bench.review_upload(staged, **more)  # type: ignore[arg-type]


def row_of(review: Review, source: str) -> Row:
    return next(row for row in review.rows if row.source == source)


def everything(review: Review) -> set[int]:
    return {row.number for row in review.rows}


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("records/*/*.yaml")}


def added(bench: TinyWorkbench, files: Mapping[str, str | bytes]) -> Added:
    review = reviewed(bench, files)
    return bench.add_upload(review, everything(review))
