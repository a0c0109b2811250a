"""The words of a .docx in reading order: paragraphs, lists and tables, as they stand when all changes are accepted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.errors import InvalidInput
from services.readers.parsers import package
from services.readers.parsers.word_styles import Numbering, Styles, attribute, child, local

_MAIN = "word/document.xml"
_TITLE_STYLES = ("title", "titel")
_THROUGH = {"ins", "moveTo", "hyperlink", "smartTag", "sdtContent", "fldSimple", "bdo", "dir", "customXml", "oMath",
            "oMathPara", "ruby", "rubyBase"}  # fmt: skip
_GONE = {"del", "moveFrom"}
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_COUNTED = {
    "footnoteReference": "footnotes",
    "endnoteReference": "footnotes",
    "commentReference": "comments",
    "drawing": "pictures",
    "pict": "pictures",
    "object": "pictures",
}
_NOTES = {
    "footnotes": "Its {} footnotes were left out.",
    "comments": "Its {} comments were left out.",
    "pictures": "Its {} pictures were left out.",
    "deleted": "Text deleted in tracked changes was left out ({} places).",
    "hidden": "Hidden text was left out ({} places).",
}


def extract(question: Mapping[str, Any]) -> dict[str, Any]:
    """``{"title", "paragraphs", "notes"}``, or ``{"scripts"}`` of an export. Raises ``InvalidInput``."""
    source = question["source"]
    with package.opened(Path(question["path"]), source) as opened:
        main = _main_part(opened, source)
        root = package.part(opened, main, source)
        body = child(root, "body") if root is not None else None
        if body is None:
            raise InvalidInput(f"{source} has no text of a Word file.", "Open it in Word, save it as .docx.")
        folder = main.rpartition("/")[0]
        styles = Styles(package.part(opened, f"{folder}/styles.xml", source))
        numbering = Numbering(package.part(opened, f"{folder}/numbering.xml", source))
        stated = _stated_title(package.part(opened, "docProps/core.xml", source))
    walk = _Walk(styles, numbering)
    if exported := _exported(walk, body, styles, question.get("fields", ())):
        return {"scripts": exported}
    paragraphs = _gathered(walk.blocks(body))
    title = walk.title or walk.heading or stated
    notes = [_said(_NOTES[kind], count) for kind, count in sorted(walk.counts.items()) if kind in _NOTES]
    return {"title": title, "paragraphs": paragraphs, "notes": notes}


def _exported(walk: "_Walk", body: Any, styles: Styles, known: Sequence[str]) -> list[dict[str, Any]]:
    """The scripts of a file as ``services.exporting.word`` writes it; none of any other file.

    There each is a heading, a table of its fields with its id, and its text cut at empty lines.
    """
    parts = [one for one in body if local(one) != "sectPr"]
    tables = [walk.fields(one, known) if local(one) == "tbl" else {} for one in parts]
    begins = [
        at
        for at, one in enumerate(parts[:-1])
        if local(one) == "p" and styles.of(child(one, "pPr")).name == "heading 1" and "id" in tables[at + 1]
    ]
    if not begins or begins[0] != 0:
        return []
    return [
        {
            "title": "".join(walk.inline(parts[at])),
            "fields": tables[at + 1],
            "text": "\n\n".join("".join(walk.inline(one)) for one in parts[at + 2 : until] if local(one) == "p"),
        }
        for at, until in zip(begins, [*begins[1:], len(parts)], strict=True)
    ]


def _said(note: str, count: int) -> str:
    said = note.format(count)
    if count == 1:
        for many, one in (("Its 1 footnotes were", "Its footnote was"), ("Its 1 comments were", "Its comment was"),
                          ("Its 1 pictures were", "Its picture was"), ("1 places", "1 place")):  # fmt: skip
            said = said.replace(many, one)
    return said


def _main_part(opened: Any, source: str) -> str:
    relations = package.part(opened, "_rels/.rels", source)
    for one in relations if relations is not None else ():
        if str(one.get("Type", "")).endswith("/officeDocument") and one.get("TargetMode") != "External":
            return str(one.get("Target", "")).lstrip("/")
    return _MAIN


def _stated_title(core: Any) -> str:
    """The title among the properties; Word sets it to a file's name now and then, which is no title."""
    found = child(core, "title") if core is not None else None
    title = " ".join((found.text or "").split()) if found is not None else ""
    return "" if title.lower().endswith((".doc", ".docx")) or title.startswith("Microsoft Word") else title


class _Line(str):
    """An item of a list: those that follow each other are one paragraph."""

    __slots__ = ()


class _Row(_Line):
    """A row of a table."""

    __slots__ = ()


def _gathered(blocks: Iterable[str]) -> list[str]:
    made: list[str] = []
    before = ""
    for block in blocks:
        if isinstance(block, _Line) and type(block) is type(before):
            made[-1] = f"{made[-1]}\n{block}"
        else:
            made.append(str(block))
        before = block
    return made


class _Walk:
    """Goes through a body once, and counts what it leaves out."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.title = ""
        self.heading = ""
        self.counts: Counter[str] = Counter()
        self._styles = styles
        self._numbering = numbering
        self._boxes: list[Any] = []
        self._begun = ""
        self._filled = False

    def blocks(self, parent: Any) -> Iterator[str]:
        """The paragraphs below an element."""
        for one in parent:
            name = local(one)
            if name == "p":
                yield from self._paragraph(one)
            elif name == "tbl":
                yield from self._table(one)
            elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
                yield from self.blocks(one)
            elif name == "AlternateContent":
                yield from self.blocks(_chosen(one))
            elif name in _GONE:
                self.counts["deleted"] += 1

    def fields(self, table: Any, known: Sequence[str]) -> dict[str, str]:
        """What a table of two columns says of our fields; nothing where it has a row of anything else."""
        rows = [
            ["\n".join("".join(self.inline(one)) for one in cell if local(one) == "p") for cell in row]
            for row in _rows(table)
        ]
        if not rows or any(len(row) != len(("field", "value")) or row[0] not in known for row in rows):
            return {}
        return dict(rows)

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        properties = child(paragraph, "pPr")
        text = self._begun + "".join(self.inline(paragraph))
        self._begun = ""
        mark = child(properties, "rPr") if properties is not None else None
        if mark is not None and child(mark, "del") is not None:
            # Its end was deleted: it goes on in the next one.
            self._begun = text
            return
        style = self._styles.of(properties)
        if not self._taken_as_title(style.name, text):
            prefix = self._numbering.prefix(properties, style) if text.strip() else ""
            yield _Line(f"{prefix}{text}") if prefix else text
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            yield from self.blocks(box)

    def _taken_as_title(self, style: str, text: str) -> bool:
        """Whether this is the title above the text, and so no part of it."""
        said = " ".join(text.split())
        if not said:
            return False
        first, self._filled = not self._filled, True
        if style in _TITLE_STYLES and not self.title:
            self.title = said
            return first
        if style.startswith("heading ") and not self.heading:
            self.heading = said
        return False

    def inline(self, parent: Any) -> Iterator[str]:
        """The text of a paragraph, piece by piece."""
        for one in parent:
            name = local(one)
            if name == "r":
                yield from self._run(one)
            elif name in _THROUGH:
                yield from self.inline(one)
            elif name == "sdt":
                content = child(one, "sdtContent")
                yield from self.inline(content) if content is not None else ()
            elif name == "AlternateContent":
                yield from self.inline(_chosen(one))
            elif name in _GONE:
                self.counts["deleted"] += 1

    def _run(self, run: Any) -> Iterator[str]:
        properties = child(run, "rPr")
        hidden = child(properties, "vanish") if properties is not None else None
        if hidden is not None and attribute(hidden, "val") not in ("0", "false", "off"):
            self.counts["hidden"] += 1
            return
        for one in run:
            name = local(one)
            if name == "t":
                yield _text(one)
            elif name in _SIGNS:
                yield _SIGNS[name]
            elif name == "sym":
                yield _symbol(attribute(one, "char"))
            elif name in ("AlternateContent", "ruby"):
                yield from self._run(_chosen(one)) if name != "ruby" else self.inline(one)
            elif name in _COUNTED:
                self._count(one, _COUNTED[name])

    def _count(self, one: Any, kind: str) -> None:
        """A text box is no picture: its paragraphs follow the one it hangs on."""
        boxes = [below for below in one.iter() if local(below) == "txbxContent"]
        if boxes:
            self._boxes += boxes[:1]
        else:
            self.counts[kind] += 1

    def _table(self, table: Any) -> Iterator[str]:
        """Row after row: short cells side by side with tabs between, longer ones as paragraphs of their own."""
        for row in _rows(table):
            cells = [_gathered(self.blocks(cell)) for cell in row]
            filled = [[text for text in cell if text.strip()] for cell in cells]
            if all(len(cell) <= 1 and "\n" not in "".join(cell) for cell in filled):
                line = "\t".join(cell[0] if cell else "" for cell in filled).rstrip("\t")
                if line.strip():
                    yield _Row(line)
            else:
                for cell in filled:
                    yield from cell


def _rows(parent: Any) -> Iterator[list[Any]]:
    for one in parent:
        if local(one) == "tr":
            if child(child(one, "trPr"), "del") is None:
                yield list(_cells(one))
        elif local(one) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _rows(one)


def _cells(row: Any) -> Iterator[Any]:
    for one in row:
        if local(one) == "tc":
            yield one
        elif local(one) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(one)


def _chosen(alternatives: Any) -> Any:
    """Of the alternatives for newer and older programs the first; both say the same."""
    return next((one for one in alternatives if local(one) in ("Choice", "Fallback")), ())


def _text(element: Any) -> str:
    said = (element.text or "").replace("\n", " ")
    kept = element.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
    return said if kept else said.strip(" ")


def _symbol(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return "\ufffd"
