"""Evaluations as JSON files: ``runs/<id>.json``, one a run; ``runs/baseline.yaml`` names the one to compare with.

The first line of a file is its summary, so that a list of runs reads no rankings.
"""

import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.domain.runs import Run
from services.domain.scripts import BrokenRecord
from services.errors import InvalidInput, NotFound
from services.ground import files, text, yaml_text
from services.ports import RunSummary
from services.records import run_format

BASELINE_FORMAT = "scriptorium-baseline/1"
SUFFIX = ".json"
MAX_NAME = 80
_BASELINE = "baseline.yaml"
# Runs kept in memory: two are compared, and one is looked at beside them.
_KEPT = 3
_CHOOSE = "Choose the baseline once more on the page Evaluate."


class JsonRunStore:
    """The runs of one workspace. Fulfils ``ports.RunStore``. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._heads: dict[Path, tuple[files.Mark, RunSummary | BrokenRecord]] = {}
        self._runs: OrderedDict[Path, tuple[files.Mark, Run]] = OrderedDict()

    def summaries(self) -> tuple[Sequence[RunSummary], tuple[BrokenRecord, ...]]:
        """All runs, the newest first, and the files that are none. Reads the first lines of what changed."""
        with self._lock:
            paths, unlisted = self._list()
            self._heads = {path: item for path in paths if (item := self._head(path)) is not None}
            items = [item for _, item in self._heads.values()]
        found = [item for item in items if isinstance(item, RunSummary)]
        broken = (*(item for item in items if isinstance(item, BrokenRecord)), *unlisted, *self._lost_baseline())
        return sorted(found, key=lambda one: (one.time, one.id), reverse=True), broken

    def get(self, run_id: str) -> Run:
        """One of them. Raises ``NotFound``, ``InvalidInput``."""
        path = self._path(run_id)
        with self._lock:
            mark = files.mark_of(path)
            if mark is None:
                raise _gone(run_id)
            known = self._runs.get(path)
            if known is None or known[0] != mark:
                known = mark, run_format.decode(_whole(path), source=_source(path), run_id=run_id)
            self._runs[path] = known
            self._runs.move_to_end(path)
            while len(self._runs) > _KEPT:
                self._runs.popitem(last=False)
            return known[1]

    def put(self, run: Run) -> None:
        """Keep one. Raises ``StorageFailed``."""
        files.write_atomically(self._path(run.id), run_format.encode(run))

    def rename(self, run_id: str, name: str) -> None:
        """Call one otherwise; what it found stays byte for byte. Raises ``NotFound``, ``InvalidInput``."""
        path = self._path(run_id)
        called = text.one_line(name)[:MAX_NAME].strip()
        files.write_atomically(path, run_format.renamed(_whole(path), called, source=_source(path), run_id=run_id))

    def delete(self, run_id: str) -> None:
        """Delete one; it is the baseline no longer. Raises ``NotFound``, ``StorageFailed``."""
        path = self._path(run_id)
        if self._named()[0] == run_id and path.is_file():
            # First: a kill in between leaves a run too many, and no baseline that is not there.
            self._forget_baseline()
        with files.storage_errors(path):
            try:
                path.unlink()
            except FileNotFoundError:
                raise _gone(run_id) from None
            files.fsync_folder(path.parent)

    @property
    def baseline(self) -> str:
        """The id of the run that others are compared with; empty where there is none, or it cannot be had."""
        named, _ = self._named()
        return named if named and self._path(named).is_file() else ""

    def set_baseline(self, run_id: str) -> None:
        """Compare with this run from now on. Raises ``NotFound``, ``InvalidInput``, ``StorageFailed``."""
        if not run_id:
            self._forget_baseline()
            return
        self.get(run_id)
        stated = yaml_text.dump({"format": BASELINE_FORMAT, "run": run_id})
        files.write_atomically(self._folder / _BASELINE, stated)

    def _forget_baseline(self) -> None:
        path = self._folder / _BASELINE
        with files.storage_errors(path):
            if path.is_symlink() or path.exists():
                path.unlink()
                files.fsync_folder(path.parent)

    def _named(self) -> tuple[str, BrokenRecord | None]:
        """The run that the file names, empty where there is no file; and the file where it names none."""
        source = f"runs/{_BASELINE}"
        try:
            value = yaml_text.load(_bytes(self._folder / _BASELINE), source=source)
        except FileNotFoundError:
            return "", None
        except OSError as error:
            return "", BrokenRecord(source, f"{source} cannot be read ({error.strerror}).", "Check its permissions.")
        except InvalidInput as error:
            return "", BrokenRecord(source, error.cause, _CHOOSE)
        known = isinstance(value, dict) and set(value) == {"format", "run"} and value["format"] == BASELINE_FORMAT
        if not known or not isinstance(value["run"], str) or not text.is_slug(value["run"]):
            return "", BrokenRecord(source, f"{source} is no {BASELINE_FORMAT}.", _CHOOSE)
        return value["run"], None

    def _lost_baseline(self) -> Iterator[BrokenRecord]:
        named, broken = self._named()
        if broken is not None:
            yield broken
        elif named and not self._path(named).is_file():
            source = f"runs/{_BASELINE}"
            yield BrokenRecord(source, f"{source} names the run {named}, which is not there.", _CHOOSE)

    def _list(self) -> tuple[list[Path], tuple[BrokenRecord, ...]]:
        """The files, and the folder where it cannot be listed."""
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return [], ()
        except OSError as error:
            cause = f"The folder runs cannot be read ({error.strerror})."
            return [], (BrokenRecord("runs", cause, "Check its permissions."),)
        return [self._folder / name for name in names if name.endswith(SUFFIX) and not name.startswith(".")], ()

    def _head(self, path: Path) -> tuple[files.Mark, RunSummary | BrokenRecord] | None:
        """The summary of a file as it is now; None where it was deleted since the folder was listed."""
        mark = files.mark_of(path)
        if mark is None and not path.is_symlink():
            return None
        known = self._heads.get(path)
        if known is not None and mark is not None and known[0] == mark:
            return known
        return mark or files.NO_MARK, _summary(path)

    def _path(self, run_id: str) -> Path:
        if not text.is_slug(run_id):
            raise NotFound(f"'{run_id[:80]}' is no run's id.", "Choose a run from the list.")
        return self._folder / f"{run_id}{SUFFIX}"


def _summary(path: Path) -> RunSummary | BrokenRecord:
    source = _source(path)
    try:
        _check_file(path)
        with path.open("rb") as file:
            head = file.readline(run_format.MOST_HEAD)
            file.seek(-min(len(run_format.END), os.fstat(file.fileno()).st_size), os.SEEK_END)
            return run_format.summary(head, file.read(), source=source, run_id=path.stem)
    except InvalidInput as error:
        return BrokenRecord(source, error.cause, error.next_step)
    except OSError as error:
        return BrokenRecord(source, f"{source} cannot be read ({error.strerror}).", "Check its permissions.")


def _whole(path: Path) -> bytes:
    """The bytes of a run's file. Raises ``NotFound``, ``InvalidInput``."""
    try:
        return _bytes(path)
    except FileNotFoundError:
        raise _gone(path.stem) from None
    except OSError as error:
        cause = f"{_source(path)} cannot be read ({error.strerror})."
        raise InvalidInput(cause, "Check its permissions.") from error


def _bytes(path: Path) -> bytes:
    """Raises ``OSError``, and ``InvalidInput`` where it is no file."""
    _check_file(path)
    return path.read_bytes()


def _check_file(path: Path) -> None:
    # A pipe would never end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise InvalidInput(f"runs/{path.name} is no file.", "Take it out of the folder runs.")


def _source(path: Path) -> str:
    return f"runs/{path.name}"


def _gone(run_id: str) -> NotFound:
    return NotFound(f"There is no run '{run_id[:80]}'.", "It may have been deleted; choose another one.")
