"""The process that parses files of others: limited in memory and time, and replaced when it dies.

Each line of standard input is a question, ``{"kind", "path", "source", "seconds", …}``; its answer is one line of
standard output, with what the file holds or with why it is refused. It ends with its input.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import IO, Any

from services.errors import InvalidInput

_MAX_ANSWER = 256 * 2**20
_MOST_SAID = 120
# Each in the module ``services.readers.parsers.<kind>``, with what such a file is called and how it is made anew.
_KINDS = {
    "word": ("a Word file", "Open it in Word, save it again as .docx and import that."),
    "sheet": ("an Excel workbook", "Open it in Excel, save it again as .xlsx and import that."),
    "pdf": ("a PDF", "Open it, copy its words into a text file and import that."),
    "rtf": ("an RTF file", "Open it, save it again as .rtf or .docx and import that."),
}


def main(memory: int) -> None:
    """Answer the questions on standard input until it ends, within so many bytes of addresses."""
    answers = os.fdopen(os.dup(1), "wb")
    # A parser that prints would garble the answers.
    os.dup2(2, 1)
    _limit_memory(memory)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        _limit_time(question["seconds"])
        told = _told(question)
        _limit_time(0)
        _send(answers, told, question["source"])


def _send(answers: IO[bytes], told: Mapping[str, Any], source: str) -> None:
    try:
        line = json.dumps(told).encode("ascii")
    except MemoryError:
        line = b""
    if not line or len(line) > _MAX_ANSWER:
        cause = f"{source} holds more text than a script can have."
        line = json.dumps({"cause": cause, "next_step": "Split it into several files."}).encode("ascii")
    answers.write(line + b"\n")
    answers.flush()


def _told(question: Mapping[str, Any]) -> Mapping[str, Any]:
    what, again = _KINDS[question["kind"]]
    try:
        extract: Callable[[Mapping[str, Any]], Mapping[str, Any]]
        extract = import_module(f"services.readers.parsers.{question['kind']}").extract
        return extract(question)
    except InvalidInput as error:
        return {"cause": error.cause, "next_step": error.next_step}
    except MemoryError:
        return {"cause": f"{question['source']} needs more memory than a file may.", "next_step": "Split it."}
    except Exception as error:  # noqa: BLE001  parsers raise whatever a damaged file leads them to
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:_MOST_SAID]}"
        cause = f"{question['source']} cannot be read as {what}: it is damaged, cut short or none at all."
        return {"cause": cause, "next_step": again, "said": said}


def _limit_memory(memory: int) -> None:
    """Where the platform can."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  it is not there on Windows

    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _limit_time(seconds: float) -> None:
    """Die of a file that takes longer, even if nobody is left to end this process; 0 is no limit."""
    if sys.platform == "win32":
        return
    import signal  # noqa: PLC0415  it can do this on POSIX only

    signal.alarm(int(seconds) + 5 if seconds else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
