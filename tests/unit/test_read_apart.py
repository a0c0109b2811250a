"""The process apart that reads files: one for many, ended where a file takes too long or too much."""

import os

import pytest

from services.errors import InvalidInput
from services.readers.child import Apart
from tests.office import docx, paragraph


@pytest.fixture
def apart():
    made = Apart(seconds=2)
    yield made
    made.close()


@pytest.fixture
def lake(tmp_path):
    path = tmp_path / "lake.docx"
    path.write_bytes(docx(paragraph("Sink.")))
    return path


def test_one_process_reads_many_files(apart, lake):
    assert apart.process_id == 0
    said = [apart.ask("word", lake, "lake.docx")["paragraphs"] for _ in range(3)]
    first = apart.process_id
    assert said == [["Sink."]] * 3
    assert first not in (0, os.getpid())
    apart.close()
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    assert apart.process_id != first


def test_a_file_that_never_ends_costs_the_process_apart_and_the_next_one_is_read(apart, lake, tmp_path):
    apart.ask("word", lake, "lake.docx")
    first = apart.process_id
    os.mkfifo(tmp_path / "endless.rtf")

    with pytest.raises(InvalidInput, match=r"endless\.rtf could not be read within 2 seconds\. It may be damaged"):
        apart.ask("rtf", tmp_path / "endless.rtf", "endless.rtf")

    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    assert apart.process_id != first


def test_a_process_that_dies_of_a_file_is_replaced(apart, lake, tmp_path):
    apart.ask("word", lake, "lake.docx")
    os.kill(apart.process_id, 9)
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]


def test_memory_is_limited(lake, tmp_path):
    apart = Apart(seconds=20, memory=150 * 2**20)
    path = tmp_path / "long.rtf"
    path.write_bytes(b"{\\rtf1 " + b"a" * 50_000_000)
    with pytest.raises(InvalidInput, match=r"long\.rtf needs more memory than a file may\."):
        apart.ask("rtf", path, "long.rtf")
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    apart.close()
