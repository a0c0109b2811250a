"""Files of judgements and of runs, line by line: what is odd in them, and what is hostile."""

import tracemalloc

import pytest

from services.errors import InvalidInput, NotFound
from services.readers.trec import read_qrels, read_run


def test_judgements_in_any_white_space(written):
    lines = list(read_qrels(written(b"\xef\xbb\xbfq1 0 D-1 2\r\nq1\t0\t\tD-2\t-2 \r\n\r\n  q2 Q0 z\xc3\xbc 1.0"), "f"))
    assert [(line.topic, line.document, line.grade) for line in lines] == [
        ("q1", "D-1", 2),
        ("q1", "D-2", 0),
        ("q2", "zü", 1),
    ]
    assert [line.source for line in lines] == ["f line 1", "f line 2", "f line 4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("q d 1", "It has 3 columns and not 4. Write: topic 0 document grade"),
        ("q 0 d 1 more", "It has 5 columns and not 4. Write: topic 0 document grade"),
        ("q 0 d much", "'much' is no grade. Write a whole number."),
        ("q 0 d 1.5", "'1.5' is no grade. Write a whole number."),
        ("q 0 d nan", "'nan' is no grade. Write a whole number."),
        ("q 0 d inf", "'inf' is no grade. Write a whole number."),
        ("q 0 d 1_0", "'1_0' is no grade. Write a whole number."),
        (
            "q 0 d 4",
            "It has the grade 4. Grades go from 0 to 3: bring the whole file onto that scale and import it again.",
        ),
        (
            "q 0 d " + " " * 65_600 + "1",
            "It is longer than 65,536 bytes. Check that it is the right file. A line is: topic 0 document grade",
        ),
        (b"q 0 \xff 1", "It is no UTF-8 text. Save the file as UTF-8."),
    ],
)
def test_a_line_that_is_no_judgement_is_named_and_the_others_are_read(written, line, reason):
    line = line if isinstance(line, bytes) else line.encode()
    first, wrong, last = read_qrels(written(b"good 0 d 1\n" + line + b"\nlast 0 d 0\n"), "f")
    assert (first.topic, last.topic, wrong.source, wrong.reason) == ("good", "last", "f line 2", reason)


def test_a_file_of_another_kind_is_not_named_line_by_line(written):
    found = list(read_qrels(written("one\n" * 1000), "f"))
    assert len(found) == 21
    assert found[-1].reason == "980 further lines are no judgements either. Check that it is a file of judgements."


@pytest.mark.parametrize("read", [read_qrels, read_run])
def test_files_with_nothing_in_them(written, tmp_path, read):
    with pytest.raises(InvalidInput, match="f is empty"):
        list(read(written("\n \r\n"), "f"))
    with pytest.raises(NotFound):
        list(read(tmp_path / "nowhere", "f"))
    with pytest.raises(NotFound):
        list(read(tmp_path, "f"))


def test_of_an_endless_line_no_more_is_read_than_is_looked_at(written):
    path = written(b"q Q0 d 1 1.0 t\n" + b"x" * 20_000_000 + b"\nq Q0 e 2 0.5 t")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="f line 2 is longer than 65,536 bytes"):
            list(read_run(path, "f"))
        wrong = list(read_qrels(path, "f"))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert [line.source for line in wrong] == ["f line 1", "f line 2", "f line 3"]


def test_a_line_of_as_many_bytes_as_may_be_is_read(written):
    longest = b"q 0 " + b"d" * (65_536 - 7) + b" 1\n"
    first, wrong, last = read_qrels(written(longest + b"x" + longest + b"q 0 e 2"), "f")
    assert (len(longest), first.grade, wrong.source, last.document) == (65_536, 1, "f line 2", "e")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("q Q0 d2 1 nan t", "f line 2: the score 'nan' cannot be ordered"),
        ("q Q0 d2 1 -inf t", "cannot be ordered"),
        ("q Q0 d2 1 1e39 t", "cannot be ordered"),
        ("q Q0 d2 1 high t", "f line 2: 'high' is no score"),
        ("q Q0 d2 1 1.0", "f line 2 has 5 columns and not 6"),
    ],
)
def test_one_wrong_line_refuses_a_run(written, line, reason):
    with pytest.raises(InvalidInput, match=reason):
        list(read_run(written(f"q Q0 d 1 1.0 t\n{line}\n"), "f"))


def test_a_large_file_in_two_bytes_a_letter_is_refused_before_it_is_read(written):
    path = written("\ufeff".encode("utf-16-le"))
    with path.open("r+b") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(InvalidInput, match="larger than 64 MB, and in UTF-16"):
        next(read_run(path, "f"))
