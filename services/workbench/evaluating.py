"""How well the workspace retrieves: runs, trials beside it, and the method that it asks with."""

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from services import health as health_check
from services import honesty as index_honesty
from services import wiring, workspaces
from services.compare import compare
from services.domain.between import Between
from services.domain.comparison import Comparison
from services.domain.methods import MAX_NAME, Method
from services.domain.model_digest import Stamp
from services.domain.questionnaires import check_template
from services.domain.runs import Run
from services.domain.settings import MAX_TOP_K, Paths, Settings
from services.domain.trust import Trust
from services.errors import InvalidSettings, StorageFailed
from services.evaluate import Subject, corpus_digest, evaluate
from services.ground import text
from services.ground.progress import Report, deaf, silent
from services.ports import Catalogue, EmbeddingCache
from services.vectors import recipe_of
from services.workbench.gating import Gating

_NOT_YET = "They were changed outside, and the history did not have that yet when one of the two was run."
_NOT_NOW = "They were changed outside, and the history does not have that yet, or did not when this was run."


class Evaluating(Gating):
    """What is measured about an open workspace's retrieval, and kept."""

    _scratch: tempfile.TemporaryDirectory[str] | None = None
    _digested: tuple[Catalogue, str] | None = None

    def evaluate(self, report: Report | None = None, *, name: str = "") -> Run:
        """Ask all questionnaires as the workspace would, measure and keep the run. Raises as ``try_out`` does.

        A run in which nothing could be asked is not kept.
        """
        told = report or silent
        run = self.try_out(told, name=name)
        if run.any_asked:
            self.keep(run, told)
        return run

    def try_out(
        self, report: Report | None = None, *, trial: Settings | None = None, embedder: str = "", name: str = ""
    ) -> Run:
        """Ask all questionnaires with other settings, or another model, and keep nothing but embeddings.

        Raises:
            InvalidSettings: an unknown embedder, or a number of scripts that are not shown.
            WorkspaceBusy: somebody else is writing, so what was judged cannot be told to the history.
            Otherwise as ``services.evaluate.evaluate`` does.
        """
        _check_top_k((trial or self.settings).top_k)
        if self.writable and self.commit:
            # The run names the last commit, which is to have what it is measured by.
            self.commit_judgements()
        catalogue, known = self._ask(
            lambda index, catalogue: (catalogue, health_check.trusts(self._facts(index, catalogue)))
        )
        return evaluate(self._subject_of(catalogue, known, trial, embedder, name), report or silent)

    def keep(self, run: Run, report: Report | None = None) -> None:
        """Keep a run among the others. Raises ``WorkspaceBusy``, ``StorageFailed``."""
        deaf(report or silent)("Keeping the run", 0, 0)
        with self.records.writing("keeping a run"):
            self.runs.put(run)

    def compare(self, before: Run, after: Run) -> Comparison:
        """What differs between two runs, both measured by what is judged now."""
        return compare(before, after, self.grades())

    def changed_between(self, before: Run, after: Run) -> Between:
        """Which scripts are not in one run what they were in the other, as the history has them; else why not told."""
        old, new = before.provenance, after.provenance
        if old.corpus == new.corpus:
            return Between()
        found = self.past.between(old.commit, new.commit)
        return found if found.problem or found.reworded else Between(problem=_NOT_YET)

    def changed_since(self, run: Run) -> Between:
        """Which scripts are not what they were in a run, as the history has them; else why that is not told."""
        then = run.provenance
        if then.corpus == self.corpus:
            return Between()
        found = self.past.between(then.commit, self.commit)
        # Of a run that was made elsewhere it is not known what it was run on.
        return found if found.problem or found.reworded or not then.corpus else Between(problem=_NOT_NOW)

    @property
    def corpus(self) -> str:
        """The digest of all scripts as they are now, as a run has it. Calculated once for a catalogue."""
        catalogue, kept = self.catalogue, self._digested
        if kept is None or kept[0] is not catalogue:
            kept = self._digested = catalogue, corpus_digest(catalogue)
        return kept[1]

    def honesty(self, report: Report | None = None) -> index_honesty.Measured:
        """How much of the exact ranking the index's own search brings back. Raises as ``services.honesty.honesty``."""
        return self._ask(
            lambda index, catalogue: index_honesty.honesty(
                index_honesty.Asking(
                    self.settings,
                    catalogue,
                    index,
                    self._asking(),
                    self.all_questionnaires,
                    health_check.trusts(self._facts(index, catalogue)),
                ),
                report or silent,
            )
        )

    def use(self, method: Method, *, query_template: str = "", top_k: int = 0) -> None:
        """Make this the way the workspace is asked. What is left out stays as it is.

        Raises:
            InvalidSettings: no index holds what the method looks at, the template cannot be filled in, or so many
                scripts are not shown.
            WorkspaceBusy, StorageFailed: nothing has changed.
        """
        if not method.stored:
            raise InvalidSettings(
                "The index does not hold the beginnings of scripts as passages of their own.",
                "Choose passages that it holds: the card, the body, or both.",
            )
        _check_top_k(top_k or self.settings.top_k)
        with self.records.writing(f"asking by '{method.name}'"):
            self._settled()
            now = self.settings
            template = check_template(query_template or now.query_template)
            changed = replace(now, method=method, query_template=template, top_k=top_k or now.top_k)
            workspaces.write_settings(self.paths, changed)
        self._reread_settings()

    def _subject_of(
        self, catalogue: Catalogue, known: Mapping[str, Trust], trial: Settings | None, embedder: str, name: str
    ) -> Subject:
        asked = self.embedder(embedder)
        other = Stamp.of(recipe_of(asked)) != self._stamp()
        return Subject(
            settings=trial or self.settings,
            catalogue=catalogue,
            questionnaires=self.all_questionnaires,
            judgements=self.judgements.all()[0],
            grades=self.grades(),
            embedder=asked,
            cache=self._cache,
            unknown={q: tuple(ids) for q, ids in self.unknown_judged().items()},
            known={} if other else known,
            anew=other,
            by=self.past.signer,
            name=text.one_line(name)[:MAX_NAME].strip(),
            commit=self.commit,
        )

    @property
    def _cache(self) -> EmbeddingCache:
        """Where a trial keeps what it embeds: beside a workspace that may not be written, for as long as it is open."""
        if self.writable:
            return self.embeddings
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="scriptorium-")
        return wiring.embedding_cache(Paths(Path(self._scratch.name)))

    @property
    def commit(self) -> str:
        """The last commit of the workspace; empty where there is none, or the history cannot be read."""
        # A history that cannot be read is told wherever it is looked at, and costs nobody an evaluation.
        with contextlib.suppress(StorageFailed):
            return self.past.commit
        return ""


def _check_top_k(top_k: int) -> None:
    """Raises ``InvalidSettings`` where a workspace cannot be asked for so many: no run of it could be read again."""
    if not 1 <= top_k <= MAX_TOP_K:
        raise InvalidSettings(f"{top_k} scripts cannot be shown.", f"Show 1 to {MAX_TOP_K}.")
