"""10,000 uploads, most of them broken, some made to do harm.

Each ends in scripts or in a reason, and nothing else moves.

Seeded: the same files every time. A failure names the number of its file, and the file stays in the folder of the test.
"""

import io
import json
import random
import zipfile

import pytest

from services import wiring
from services.domain.drafts import Draft, QuestionDraft
from services.domain.reports import Rejected
from services.readers import child
from services.records import record_format
from tests import doubles
from tests.office import docx, paragraph, pdf, rtf, xlsx, zipped

SEED = 20_261_121
UPLOADS = 10_000
SAMPLE = 100
WORDS = "Sink into the warm sand. Größe \u201cnow\u201d \u202e \U0001f642 "


def _seeds():
    record = record_format.encode(doubles.record(doubles.script("seed", "affirmations")))
    body = "".join(map(paragraph, [WORDS, "", "Rise."]))
    return {
        "txt": f"title: Lake\nsection: induction\n---\n{WORDS}\r\n{WORDS}".encode(),
        "md": ("# Lake\n\n" + WORDS).encode("utf-16"),
        "csv": f'title;text;focus_areas\nLake;"{WORDS}\n";"a; b"\n{WORDS};x;\n'.encode("cp1252", "replace"),
        "jsonl": "\n".join(json.dumps({"id": f"s{n}", "text": WORDS, "focus_areas": ["a"]}) for n in range(3)).encode(),
        "yaml": record,
        "zip": zipped({"induction/a.txt": WORDS, "records/affirmations/s.yaml": record, "b.csv": "text\nx\n"}),
        "docx": docx(body + "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"),
        "xlsx": xlsx({"S": [["text", "title"], [WORDS, "Lake"], [1.5, None]]}),
        "pdf": pdf(
            [["Sink into the warm sand, and let the shoulders be as heavy-", "as they are."], ["2"]], title="Lake"
        ),
        "rtf": rtf(WORDS).replace(b"\\uc1", rb"\uc1{\fonttbl{\f0\fcharset204 A;}}{\info{\title Lake}}\f0 \'cf"),
    }


# How often each kind is tried: those that cost a process of their own less.
SHARES = {"txt": 12, "md": 10, "csv": 12, "jsonl": 12, "yaml": 14, "zip": 16, "docx": 8, "xlsx": 4, "pdf": 4, "rtf": 8}
PIECES = [
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\x85",
        b'"',
        b"---\n",
        b"[" * 300,
        b"{" * 300,
        b"&a *a",
        b"<<: *a\n",
    ),
    *(b"!!python/object:x ", b"<!DOCTYPE a>", b"&#0;", b"\\bin999999 ", b"\\u-99999 ", b"\\'", b"\\ansicpg99999", b"}"),
    *(b"PK\x03\x04", b"PK\x05\x06", b"../", b"%PDF-", b"endobj", b"/Kids [1 0 R]", b"stream\n", b"\xed\xa0\x80"),
    *(b"9" * 400, b"id: keeper\n", b'{"id": "x", "text": null}', b"\xe2\x80\xae", b"a" * 5_000),
]


def mutated(rng, data):
    made = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 5, 20))):
        at, to = sorted((rng.randrange(len(made) + 1), rng.randrange(len(made) + 1)))
        to = min(to, at + rng.choice((1, 4, 200)))
        match rng.randrange(6):
            case 0:
                made[at:to] = rng.randbytes(to - at)
            case 1:
                del made[at:to]
            case 2:
                made[at:at] = rng.choice(PIECES)
            case 3:
                made[at:at] = made[at:to] * rng.choice((1, 3, 20))
            case 4:
                del made[max(1, at) :]
            case 5 if at < len(made):
                made[at] ^= 1 << rng.randrange(8)
    return bytes(made)


def hostile(rng, kind):
    depth = rng.choice((3, 40, 3_000))
    if kind == "zip":
        return _hostile_zip(rng)
    if kind == "docx":
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 9))
        bomb = f'<!DOCTYPE d [<!ENTITY e0 "lol">{entities}]><w>&e8;</w>'
        inside = rng.choice(("<w:p>", "<w:tbl><w:tr><w:tc>", "<w:sdt><w:sdtContent>")) * depth
        return rng.choice((zipped({"word/document.xml": bomb}), docx(inside), docx(paragraph("x"), word_styles=bomb)))
    if kind == "xlsx":
        sheet = f'<worksheet><sheetData><row r="{10**depth}"><c r="{"Z" * depth}9"/></row></sheetData></worksheet>'
        package = zipped({"xl/workbook.xml": sheet, "[Content_Types].xml": "<!DOCTYPE x>"})
        return rng.choice((package, xlsx({"=x": [["="]]})))
    if kind == "pdf":
        return pdf([["x"]]).replace(b"/Kids [4 0 R]", rng.choice((b"/Kids [2 0 R]", b"/Kids 2 0 R", b"[" * depth)))
    openings = {
        "rtf": (b"{\\rtf1" + b"{\\*\\x" * depth, b"{\\rtf1\\bin-5 " + b"\\'zz\\u999999999 " * depth),
        "yaml": (b"[" * depth * 30, b"a: &a [*a, *a]\n" * depth, b"a: 1\n" * depth, b"? " * depth),
        "jsonl": (b"[" * depth * 30, b'{"text": ' + b"9" * 5_000 + b"}", b'{"text": "\\ud800"}', b'{"a":' * depth),
        "csv": (b'text\n"' + b"x\n" * depth, b"text" + b"," * depth + b"\n1", b"text\n" + b"'=1+1,,,\n" * 30),
    }
    return rng.choice(openings.get(kind, (rng.randbytes(depth), b"\xff" * depth, b"title: x\n" * depth + b"---\n")))


def _hostile_zip(rng):
    names = ["../a.txt", "/a.txt", "C:\\a.txt", "a.txt", "A.TXT", "a\x01.txt", "b.zip", "x.docx"]
    names += ["e\u0301.md", "\u00e9.md"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", rng.choice((0, 8))) as made:
        for name in rng.sample(names, 4):
            info = zipfile.ZipInfo(name)
            info.external_attr = rng.choice((0, 0o120777, 0o060666, 0o100644)) << 16
            info.compress_type = rng.choice((0, 8, 14))
            made.writestr(info, rng.choice((WORDS.encode(), b"0" * 2_000_000, b"PK\x05\x06")))
    data = buffer.getvalue()
    return mutated(rng, data) if rng.random() < 0.5 else data


@pytest.fixture
def process(monkeypatch):
    """The process apart with less patience, so that one file cannot hold up the rest."""
    made = child.Apart(seconds=5)
    monkeypatch.setattr(child, "ask", made.ask)
    yield made
    made.close()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_ten_thousand_uploads(process, tmp_path):
    rng = random.Random(SEED)
    seeds = _seeds()
    kinds = rng.choices(list(SHARES), weights=list(SHARES.values()), k=UPLOADS)
    sample = tmp_path / "sample" / "induction"
    sample.mkdir(parents=True)
    became = dict.fromkeys((Draft, QuestionDraft, Rejected), 0)
    for number, kind in enumerate(kinds):
        data = hostile(rng, kind) if rng.random() < 0.1 else mutated(rng, seeds[kind])
        path = (sample if number % (UPLOADS // SAMPLE) == 0 else tmp_path) / f"{number}.{kind}"
        path.write_bytes(data)
        for item in wiring.read_all([path], wiring.AUTO, wiring.READERS):
            became[type(item)] += 1
            assert not isinstance(item, Rejected) or item.reason.endswith((".", "}", ">")), item
        if path.parent == tmp_path:
            path.unlink()
    # Neither is everything refused nor is everything taken.
    assert became[Draft] > UPLOADS // 5
    assert became[Rejected] > UPLOADS // 5

    keepers = [doubles.script("keeper", "affirmations"), doubles.script("other-keeper")]
    with doubles.TinyWorkbench(doubles.make_workspace(tmp_path / "workspace", keepers)) as workbench:
        before = {name: record.digest for name, record in workbench.catalogue.records.items()}
        done = workbench.import_paths([tmp_path / "sample"])
        after = {name: record.digest for name, record in workbench.catalogue.records.items()}
    assert done.created
    assert {name: after[name] for name in before if name not in done.updated} == before
    assert set(done.updated) <= {"keeper"}, "only a file that names this very script may change it"


def test_a_line_of_50_mb(tmp_path):
    (tmp_path / "x.txt").write_bytes(b"word " * 10_000_000)
    (tmp_path / "x.jsonl").write_bytes(b'{"text": "' + b"word " * 10_000_000 + b'"}')
    (tmp_path / "x.csv").write_bytes(b"text\n" + b"word " * 10_000_000)
    with doubles.TinyWorkbench(doubles.make_workspace(tmp_path / "w")) as workbench:
        done = workbench.import_paths([tmp_path / f"x.{kind}" for kind in ("txt", "jsonl", "csv")], section="induction")
    assert not done.created
    assert [rejected.reason.split(".")[0] for rejected in done.rejected] == [
        "It has 50,000,000 characters",
        "Line 1 is longer than 32 MB",
        "It cannot be read: a quotation mark is missing or one too many, or a cell has more than 10,000,000 characters",
    ]
