"""PDF files: their pages put together, what stands on every page left out, and what cannot be read refused."""

import pytest

from tests.office import draft, pdf, reason


def test_a_pdf_is_its_pages_with_paragraphs_put_together(tmp_path):
    first = [
        "Breathe in slowly and let the shoulders sink down to",
        "where they want to be. Now rest.",
        "",
        "Out.",
        "Page 1 of 2",
    ]
    made = draft(tmp_path / "evening-rest.pdf", pdf([first, ["And wake.", "Page 2 of 2"]], title="The lake"))
    assert made.title == "The lake"
    assert made.text == (
        "Breathe in slowly and let the shoulders sink down to where they want to be. Now rest.\n\nOut.\n\nAnd wake."
    )


def test_what_stands_on_every_page_is_left_out_and_told(tmp_path):
    pages = [
        ["Scripts of the house", "The lake", "", "Breathe in slowly and let the", "page 1 of 3"],
        ["Scripts of the house", "shoulders sink down as far as", "they like to sink.", "", "Out.", "page 2 of 3"],
        ["Scripts of the house", "And wake.", "11/21/26, 10:27 AM The lake", "https://house.example/lake 3/3"],
    ]
    made = draft(tmp_path / "x.pdf", pdf(pages, title="The lake"))
    assert made.text == (
        "Breathe in slowly and let the shoulders sink down as far as they like to sink.\n\nOut.\n\nAnd wake."
    )
    assert made.notes == (
        (
            "Taken for headers, footers or page numbers and left out: Scripts of the house; page 1 of 3; page 2 of 3; "
            "11/21/26, 10:27 AM The lake; https://house.example/lake 3/3"
        ),
    )


@pytest.mark.parametrize(
    "pages",
    [
        [["Sink.", "10", "9", "8", "7"], ["6", "5", "4", "3", "2", "1", "Deeply relaxed now."]],
        [["Count with me.", "3", "2", "1"]],
        [["Day 1", "Rest.", "3"], ["Day 2", "Rest more.", "2"], ["Day 3", "Wake.", "1"]],
        [["Breathe.", "You are safe."], ["Rest.", "You are safe."]],
    ],
    ids=["a countdown over two pages", "on one page", "headings that count", "a refrain"],
)
def test_what_counts_or_returns_is_text(tmp_path, pages):
    made = draft(tmp_path / "x.pdf", pdf(pages))
    assert made.text.split() == " ".join(line for page in pages for line in page).split()
    assert made.notes == ()


@pytest.mark.parametrize("numbers", [["1", "2"], ["- 7 -", "- 8 -", "- 9 -"]])
def test_numbers_that_follow_the_pages_are_left_out_and_told(tmp_path, numbers):
    made = draft(tmp_path / "x.pdf", pdf([[f"Rest {word}.", n] for word, n in zip("abc", numbers, strict=False)]))
    assert made.text.split("\n\n") == [f"Rest {word}." for word, _ in zip("abc", numbers, strict=False)]
    assert made.notes == (f"Taken for headers, footers or page numbers and left out: {'; '.join(numbers)}",)


def test_a_narrow_column_is_joined_and_a_verse_is_not(tmp_path):
    column = ["Breathe in slowly", "and let the whole", "of you sink down,", "to where it likes", "to be. Now rest."]
    assert draft(tmp_path / "x.pdf", pdf([column])).text == " ".join(column)
    verse = ["Breathe in.", "And out, as long as you like.", "Rest.", "The lake is still.", "So are you."]
    assert draft(tmp_path / "x.pdf", pdf([verse])).text == "\n".join(verse)


def test_short_paragraphs_stay_apart(tmp_path):
    lines = ["Rest.", "", "Let it all go, as far as", "it goes.", "", "Wake.", "", "Up."]
    made = draft(tmp_path / "x.pdf", pdf([lines, ["Out."]], title="https://house.example/"))
    assert made.text == "Rest.\n\nLet it all go, as far as it goes.\n\nWake.\n\nUp.\n\nOut."
    assert made.title == ""


def test_a_word_split_at_a_line_end_is_joined_only_where_the_text_has_it(tmp_path):
    lines = ["Relax your body. You re-", "lax and find self-", "esteem, a well-", "spring of calm. Relax. Self-esteem."]
    made = draft(tmp_path / "x.pdf", pdf([lines]))
    assert made.text == "Relax your body. You relax and find self-esteem, a well-\nspring of calm. Relax. Self-esteem."
    assert made.notes == ("Words may still be split at line ends (1); look for hyphens there.",)


def test_a_page_without_text_is_named(tmp_path):
    assert draft(tmp_path / "x.pdf", pdf([["Rest."], []])).notes == (
        "No text was found on page 2: pictures cannot be read.",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (pdf([[], []]), "its pages are pictures, as of a scan. Let a program recognise the text (OCR)"),
        (pdf([["x"]], password="secret"), "protected by a password. Open it, print it to a PDF without one"),
        (
            pdf([["x"]]).replace(
                b"<< /Size",
                b"<< /Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /O <%s> /U <%s> /OE <%s> /UE <%s> "
                b"/Perms <%s> /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF >> /ID [<00> <00>] /Size"
                % (*(b"0" * digits for digits in (96, 96, 64, 64, 32)),),
            ),
            "protected by a password",
        ),
        (b"", "cannot be read as a PDF: it is damaged, cut short or none at all. Open it, copy its words"),
        (b"%PDF-1.4\n" + b"\0" * 500, "cannot be read as a PDF"),
    ],
    ids=["scan", "password", "AES", "empty", "damaged"],
)
def test_a_pdf_that_cannot_be_used_is_refused_with_the_next_step(tmp_path, content, told):
    assert told in reason(tmp_path / "x.pdf", content)
