"""The model of a workspace: what another one would cost, changing to it, going back, and what was changed last."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.change import CANCELLED, Tools, Wish, change, cost, wanting
from services.change.source import Source
from services.change.switch import Parts, Unfinished
from services.domain.model_change import Begun, Cost, Generation, Outcome
from services.domain.model_digest import ModelIdentity, Stamp
from services.domain.reports import Rebuilt
from services.domain.settings import EmbedderSettings
from services.errors import EmbedderFailed, InvalidSettings, NotFound, StorageFailed
from services.ground.progress import Report, silent
from services.ports import Embedder
from services.vectors import recipe_of


class Models:
    """What can be done with the model of one workspace. ``make_embedder`` makes the one that settings choose."""

    def __init__(
        self, parts: Parts, make_embedder: Callable[[EmbedderSettings], Embedder], tools: Callable[[], Tools]
    ) -> None:
        self._parts = parts
        self._make = make_embedder
        self._tools = tools
        self.unfinished = Unfinished(parts, make_embedder)

    def cost(self, target: EmbedderSettings, *, everything: bool = False, timed: bool = True) -> Cost:
        """What embedding with it would take. Nothing is sent to a server. Raises as ``services.change.cost`` does."""
        return cost(self._parts, self._wish(target, everything=everything), timed=timed)

    def change(self, target: EmbedderSettings, report: Report, *, everything: bool = False) -> Rebuilt | None:
        """Embed with it and make it the workspace's; None where there was nothing to do.

        Raises as ``services.change.change`` does.
        """
        return self._change(self._wish(target, everything=everything), report)

    def go_back(self, report: Report) -> Rebuilt | None:
        """Change to the model before this one, with the vectors that the records had then.

        Raises:
            NotFound: there was no other one, or nobody remembers.
            Otherwise as ``services.change.change`` does.
        """
        return self._change(replace(self._wish(self.before()), going_back=True), report)

    def cost_of_going_back(self, *, timed: bool = True) -> Cost:
        """What that would take, where scripts came since or the cache was deleted. Raises as ``go_back`` does."""
        return cost(self._parts, self._wish(self.before()), timed=timed)

    def before(self) -> EmbedderSettings:
        """The settings of the model before this one. Raises ``NotFound`` where there was none, or nobody remembers."""
        last = self._parts.changes.last()
        if last is None:
            raise NotFound("There is no model to go back to.", "Choose one, and see what it costs.")
        return last.before

    def identity(self, settings: EmbedderSettings) -> ModelIdentity:
        """That of the embedder which these settings choose. Raises ``InvalidSettings``."""
        return self._make(settings).identity

    def maker(self, names: Sequence[str]) -> EmbedderSettings | None:
        """The embedder whose vectors all records carry, where questions are asked by another one; else None.

        Changing to it embeds nothing. Looked for among embedders of these names and those that changes remember.
        """
        stamps = {r.vectors.stamp if r.vectors else None for r in self._parts.store.catalogue().records.values()}
        own = self._parts.read().embedder
        if len(stamps) != 1 or None in stamps or self._stamp(own) in stamps:
            return None
        changes = self._parts.changes
        last, begun = changes.last(), changes.begun()
        known = (*((last.before, last.after) if last else ()), *((begun.target,) if begun else ()))
        # The bare name first: what a workspace says of a server means nothing to a model on this machine.
        wanted = (*(EmbedderSettings(name) for name in names), *known, *(own.of(name) for name in names))
        return next((one for one in wanted if self._stamp(one) in stamps), None)

    def _stamp(self, settings: EmbedderSettings) -> Stamp | None:
        try:
            return Stamp.of(recipe_of(self._make(settings)))
        except InvalidSettings:
            # Such as a server's model without its dimensions: no embedder, and so none that made a vector.
            return None

    def named(self, name: str) -> EmbedderSettings:
        """The settings of the embedder of this name: those of a change that was cut short, else the workspace's own."""
        own = self._parts.read().embedder
        try:
            begun = self._parts.changes.switching()
        except StorageFailed:
            begun = None
        return begun.target if begun and begun.target.name == name else own.of(name)

    def catch_up(self, target: EmbedderSettings) -> None:
        """Give scripts that were embedded by the model before, while it was being changed, vectors of this one.

        A model that cannot be reached leaves them as they are: they are left out of the index and named.
        """
        store, wish = self._parts.store, self._wish(target)
        stamp = Stamp.of(recipe_of(wish.embedder))
        todo = [r for r in wanting(store.catalogue(), stamp, wish) if r.vectors is not None]
        try:
            fresh = Source(wish.embedder, self._parts.cache, of_records=True).records(todo, silent)
        except EmbedderFailed:
            return
        with store.writing("storing vectors of the new model"):
            present = store.catalogue().records.values()
            store.put([fresh[record.digest] for record in present if record.digest in fresh])

    @property
    def generations(self) -> Sequence[Generation]:
        """The complete builds of the index that are kept, the newest first."""
        return self._tools().index.generations

    @property
    def problem(self) -> str:
        """Why a change that was cut short cannot be finished; empty where there is none, or it can."""
        return self.unfinished.problem

    @property
    def begun(self) -> Begun | None:
        """The change that was begun and has not come to its end."""
        return self._parts.changes.begun()

    @property
    def cancelled(self) -> bool:
        """Whether that change stopped because a person said so."""
        begun = self.begun
        return begun is not None and begun.stopped == CANCELLED

    @property
    def running(self) -> bool:
        """Whether a change is under way, in any process."""
        return self._parts.changes.is_running

    def forget(self) -> None:
        """Forget the change that was begun; what was paid for stays."""
        self._parts.changes.forget()

    @property
    def last(self) -> Outcome | None:
        """The last change that was finished."""
        return self._parts.changes.last()

    def _change(self, wish: Wish, report: Report) -> Rebuilt | None:
        parts = self._parts
        if not parts.changes.is_switching and wish.target == parts.read().embedder:
            stamp = Stamp.of(recipe_of(wish.embedder))
            if not wanting(parts.store.catalogue(), stamp, wish):
                return None
        return change(parts, self._tools(), wish, report)[0]

    def _wish(self, target: EmbedderSettings, *, everything: bool = False) -> Wish:
        return Wish(target, self._make(target), everything)
