"""An open workspace: what it is made of, kept in step with the disk. its siblings have what it does."""

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from services import wiring, workspaces
from services.attention import Remembered
from services.change import Tools
from services.change.models import Models
from services.change.switch import Parts
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.reports import SyncReport
from services.domain.scripts import BrokenRecord, Script
from services.domain.settings import EmbedderSettings, Paths, read_settings
from services.domain.settled import both_meant
from services.errors import IndexBroken, StorageFailed, WorkspaceBusy
from services.ground import files
from services.ground.progress import Progress, Report, silent
from services.health.checkups import Checkups
from services.live_index import Followed
from services.nearness import Nearness
from services.ports import Catalogue, Embedder, VectorIndex
from services.ranking import Lexicons
from services.restore import settle
from services.shelf import Shelf, Shelves
from services.vectors import recipe_of

_Answer = TypeVar("_Answer")

# How often a question is put again while the model changes under it.
_TRIES = 20


class _SwitchBegan(Exception):  # noqa: N818  no error: it is looked at again
    """Settings or records were replaced while they were read."""


class Opened(ABC):
    """An open workspace. Safe to use from several threads; one process owns the stored index, others answer in memory.

    ``secrets`` holds keys by name, such as Streamlit's; the environment is asked where it has none.
    """

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self.paths = Paths(root)
        settle(root)
        # Taken before reading: a change in between is then read once more, and never missed.
        self._settings_mark = self._mark()
        self.settings = read_settings(self.paths)
        self.secrets: Mapping[str, str] = dict(secrets or {})
        self._embedders: dict[tuple[EmbedderSettings, str], Embedder] = {}
        self._remembering: dict[int, Embedder] = {}
        self._lock = threading.RLock()
        # Who writes here where nobody has signed (``services.domain.history.signed``); empty: whom git names.
        self.author = ""
        self.past = wiring.history(self.paths, lambda: self.author)
        self._shelves = Shelves()
        self._nearness: tuple[Catalogue, str, Nearness] | None = None
        self._remembered = Remembered()
        self._lexicons = Lexicons()
        self._open_stores()
        self._index = wiring.live_index(self.paths, writable=self.writable)

    def __enter__(self) -> Self:
        """The workspace itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the index and its lock."""
        self._index.close()

    @property
    def writable(self) -> bool:
        """Whether scripts can be changed here."""
        return self.records.writable

    @property
    def catalogue(self) -> Catalogue:
        """The records as they were at the last refresh, and as they are now where there was none."""
        return self._index.catalogue or self.records.catalogue()

    @property
    def shelf(self) -> Shelf:
        """The records of the present catalogue as a list to search; prepared once."""
        return self._shelves.of(self.catalogue, self.settings.sections)

    @property
    def all_questionnaires(self) -> Mapping[str, Questionnaire]:
        """The questionnaires by id, as they are now."""
        return self.questionnaires.all()[0]

    @property
    def broken(self) -> tuple[BrokenRecord, ...]:
        """Files that cannot be used, with cause and next step."""
        kept = (self.questionnaires.all()[1], self.settled.all()[1], self.judgements.all()[1], self.runs.summaries()[1])
        return (*self.catalogue.broken, *(broken for some in kept for broken in some))

    @property
    def note(self) -> str:
        """What a person should know about how the index is kept just now; empty if nothing."""
        return self._index.note

    def nearness(self) -> Nearness:
        """How near the scripts of the present catalogue are to one another; made anew when the catalogue changes."""
        catalogue, model_digest = self.catalogue, self._stamp().model_digest
        with self._lock:
            if self._nearness is None or self._nearness[0] is not catalogue or self._nearness[1] != model_digest:
                before = self._nearness[2] if self._nearness else None
                made = Nearness(catalogue, model_digest, both_meant=self._both_meant, before=before)
                self._nearness = (catalogue, model_digest, made)
            return self._nearness[2]

    def embedder(self, name: str = "") -> Embedder:
        """The workspace's embedder, or the named one. Made once; weights and servers wait for the first text.

        Raises:
            InvalidSettings: an unknown name.
        """
        chosen = self.settings.embedder
        if name and name != chosen.name:
            chosen = chosen.of(name)
        return self._embedder_of(chosen)

    def _embedder_of(self, chosen: EmbedderSettings) -> Embedder:
        # A key that is set later makes another embedder.
        key = (chosen, wiring.key(self.secrets))
        if key not in self._embedders:
            self._embedders[key] = self._make_embedder(chosen)
        return self._embedders[key]

    @property
    def report(self) -> SyncReport:
        """What the last refresh did and could not do, without looking at the disk again."""
        return last.report if (last := self._index.last) else self.refresh()

    @property
    def is_open(self) -> bool:
        """Whether the records were read and the index was opened once: from then on, looking again is cheap."""
        return self._index.catalogue is not None

    def refresh(self, report: Report = silent) -> SyncReport:
        """Bring settings, records and index up to date with the disk. Cheap when nothing changed.

        Raises:
            InvalidSettings: ``workspace.yaml`` cannot be followed any more.
            StorageFailed: it cannot be read.
        """
        return self._follow(report).report

    def _both_meant(self, one: Script, other: Script) -> bool:
        return both_meant(self.settled.all()[0], one, other)

    # How it is kept in step

    def _ask(self, ask: Callable[[VectorIndex, Catalogue], _Answer]) -> _Answer:
        """Ask the index as it is now; the new one, where another thread closes it or changes the model meanwhile."""
        for _ in range(_TRIES):
            followed = self._follow()
            try:
                answer = ask(followed.index, followed.catalogue)
            except IndexBroken:
                if followed.index is self._follow().index:
                    raise
                continue
            if followed.preferred == self._stamp():
                return answer
        raise WorkspaceBusy(
            self.models.problem or "The model of this workspace is being changed over and over.",
            "See: python -m services health",
        )

    def _follow(self, report: Report = silent) -> Followed:
        """The index in step with the records; as it was, while all records are being replaced."""
        while True:
            last = self._index.last
            settled = self.models.unfinished.settle(wait=last is None)
            if not settled and (last := self._index.last):
                return last
            self._reread_settings()
            with contextlib.suppress(_SwitchBegan):
                read = partial(self._whole, settled, lambda done, total: report("Reading the scripts", done, total))
                return self._index.follow(read, self.settings, self._stamp(), report)

    def _whole(self, settled: bool, progress: Progress) -> Catalogue:  # noqa: FBT001  it is a function's own answer
        """The records, read while nobody was replacing them: else some would be of the old model, some of the new."""
        catalogue = self.records.catalogue(progress)
        if (settled and self.models.unfinished.there) or self._mark() != self._settings_mark:
            raise _SwitchBegan
        return catalogue

    def _asking(self, name: str = "") -> Embedder:
        """The embedder for questions of people: with a short memory, so that a page drawn again does not pay again."""
        bare = self.embedder(name)
        # Embedders are kept for good, so that no other one ever has this one's id.
        return self._remembering.setdefault(id(bare), wiring.remembering(bare))

    def _settled(self) -> None:
        """Before something is written: no change of the model is half done, and the settings are as they are now."""
        self.models.unfinished.check()
        self._reread_settings()

    def _open_stores(self) -> None:
        self.records = wiring.record_store(self.paths, self.settings.sections, self.past)
        canaries, log = wiring.canary_store(self.paths), wiring.check_log(self.paths)
        self.checkups = Checkups(self.records, canaries, log)
        self.embeddings = wiring.embedding_cache(self.paths)
        parts = Parts(
            self.records,
            canaries,
            self.embeddings,
            wiring.change_store(self.paths),
            partial(read_settings, self.paths),
            partial(workspaces.write_settings, self.paths),
        )
        self.models = Models(parts, self._embedder_of, self._tools)
        self.questionnaires = wiring.questionnaire_store(self.paths)
        self.uploads = wiring.upload_store(self.paths)
        self.settled = wiring.settled_store(self.paths)
        self.judgements = wiring.judgement_store(self.paths)
        self.runs = wiring.run_store(self.paths)
        self.unsaved = wiring.unsaved_store(self.paths)

    @abstractmethod
    def _tools(self) -> Tools:
        """What a change of the model needs of the workbench."""

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        return wiring.embedder(chosen, self.secrets)

    def _stamp(self, embedder: str = "") -> Stamp:
        return Stamp.of(recipe_of(self.embedder(embedder)))

    def _reread_settings(self) -> None:
        with self._lock:
            mark = self._mark()
            if mark == self._settings_mark:
                return
            if mark is None:
                raise StorageFailed(f"{self.paths.settings} is gone.", "Bring the workspace back and reload.")
            settings = read_settings(self.paths)
            moved = settings.sections != self.settings.sections
            self.settings, self._settings_mark = settings, mark
            if moved:
                self._open_stores()

    def _mark(self) -> files.Mark | None:
        """Tells one version of ``workspace.yaml`` from another; None where it is not there."""
        return files.mark_of(self.paths.settings)
