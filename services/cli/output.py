"""What a command prints: one answer to standard output, everything else to standard error."""

import json
import shlex
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

# What shells give to a program that Ctrl-C has ended.
INTERRUPTED = 130
_COMMAND = "python -m services"
_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_UPDATES = 0.1


class Output:
    """Where a verb says what it found: as JSON for programs, as text for people."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        # The workspace that was named: advice is about this one, too.
        self.workspace = ""
        self._stage = ""
        self._last = time.monotonic()
        self._width = 0

    def answer(self, value: dict[str, Any], lines: Iterable[str]) -> None:
        """The answer in both forms; the one that was asked for is printed."""
        self.end_progress()
        if self.as_json:
            # In ASCII, which every terminal, pipe and locale carries unharmed.
            print(json.dumps(self._advised(value), indent=2, allow_nan=False))
        else:
            print("\n".join(self.told(line) for line in lines))

    def note(self, text: str) -> None:
        """Something to know besides the answer."""
        self.end_progress()
        if text:
            print(self.told(text), file=sys.stderr)

    def told(self, text: str) -> str:
        """The text as a terminal may have it: one that came from elsewhere cannot steer it, nor forge a line.

        Commands in it name the workspace that was named.
        """
        shown = "".join(c if c.isprintable() else "\ufffd" for c in text)
        return str(self._advised(shown))

    def _advised(self, value: Any) -> Any:
        if not self.workspace:
            return value
        if isinstance(value, str):
            named = f"{_COMMAND} --workspace {shlex.quote(self.workspace)} "
            return value if f"{_COMMAND} --workspace" in value else value.replace(f"{_COMMAND} ", named)
        if isinstance(value, dict):
            return {key: self._advised(item) for key, item in value.items()}
        return [self._advised(item) for item in value] if isinstance(value, list) else value

    def progress(self, stage: str, done: int, total: int) -> None:
        """How far a stage is: one line that changes on a terminal, else a line every few seconds."""
        if self.as_json:
            return
        terminal, now = sys.stderr.isatty(), time.monotonic()
        finished = total > 0 and done == total
        pause = _SECONDS_BETWEEN_UPDATES if terminal else _SECONDS_BETWEEN_LINES
        if now - self._last < pause and not (terminal and (finished or stage != self._stage)):
            return
        self._stage, self._last = stage, now
        line = f"{stage} {done:,} of {total:,}" if total else f"{stage}…"
        if terminal:
            print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(line)
        else:
            print(line, file=sys.stderr, flush=True)

    def end_progress(self) -> None:
        """Leave the line of progress, if there is one."""
        if self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
            self._width = 0


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    """Aligned columns with two spaces between; ``right`` are the columns of numbers."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numbers = set(right)
    return [
        "  ".join(
            cell.rjust(widths[column]) if column in numbers else cell.ljust(widths[column])
            for column, cell in enumerate(row)
        ).rstrip()
        for row in cells
    ]


def shorten(text: str, width: int) -> str:
    """The text, cut to a width."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
