"""Small files of the formats that people have, made part by part so that each part can be a wrong one."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pypdf

from services import wiring
from services.domain.drafts import Draft, Item
from services.domain.reports import Rejected

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
STYLES = f"""<w:styles {_W}><w:style w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:styleId="H"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="L"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="M"><w:basedOn w:val="L"/></w:style></w:styles>"""
NUMBERING = f"""<w:numbering {_W}>
<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
</w:numbering>"""


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A Word file with this XML as its body; ``parts`` replace others, with ``_`` for ``/`` and ``.xml`` added."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W} {_MC}><w:body>{body}</w:body></w:document>'
    named = {f"{name.replace('_', '/')}.xml": content for name, content in parts.items()}
    return zipped({"word/document.xml": document, "word/styles.xml": STYLES, "word/numbering.xml": NUMBERING, **named})


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    workbook = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def pdf(pages: Sequence[Sequence[str]], *, password: str = "", title: str = "") -> bytes:
    """A PDF with these lines on its pages; a page without lines has no text."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        content = f"BT /F1 11 Tf 14 TL 40 700 Td {shown} ET".encode("cp1252") if lines else b""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    made += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        *(size, table, size, len(made)),
    )
    if not (password or title):
        return made
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made))
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def rtf(text: str) -> bytes:
    """A text in RTF, every character beyond ASCII by its number."""
    return b"{\\rtf1\\ansi\\ansicpg1252\\uc1 " + "".join(map(_in_rtf, text)).encode("ascii") + b"}"


def _in_rtf(sign: str) -> str:
    if sign == "\n":
        return "\\line "
    if sign in "\\{}":
        return f"\\{sign}"
    if sign == "\t":
        return "\\tab "
    if sign.isascii():
        return sign
    halves = sign.encode("utf-16-le", "surrogatepass")
    codes = (int.from_bytes(halves[at : at + 2], "little", signed=True) for at in range(0, len(halves), 2))
    return "".join(f"\\u{code}?" for code in codes)


def read(path: Path, content: bytes) -> list[Item]:
    """What comes of a file with this content."""
    path.write_bytes(content)
    return list(wiring.read_all([path], wiring.AUTO, wiring.READERS))


def draft(path: Path, content: bytes) -> Draft:
    (item,) = read(path, content)
    assert isinstance(item, Draft), item
    return item


def reason(path: Path, content: bytes) -> str:
    (item,) = read(path, content)
    assert isinstance(item, Rejected), item
    return item.reason
