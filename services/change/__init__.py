"""Changing the model: what it costs, embedding through the cache, proving a new generation, and only then switching."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.change.comparison import Ask, answers, compare
from services.change.source import BATCH_SENT, Source, carry
from services.change.switch import Parts, replace_all
from services.domain import words
from services.domain.model_change import Begun, Comparison, Cost, Outcome
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.reports import Rebuilt
from services.domain.results import Retrieval
from services.domain.scripts import Record
from services.domain.settings import EmbedderSettings
from services.errors import Cancelled, ScriptoriumError, StorageFailed
from services.ground import digests
from services.ground.clock import now
from services.ground.progress import Report, deaf
from services.live_index import LiveIndex
from services.ports import Catalogue, Embedder
from services.vectors import DEFAULT_POLICY, embed_canaries, prepare, recipe_of

# A server answers a request of 128 passages in about this time; the canaries take one request and one a question.
_SECONDS_A_REQUEST = 1.0
_CANARY_REQUESTS = 6
# Passages embedded to tell how long the rest takes, where that costs nothing but time.
_TIMED = 8
# Why a change stopped, where a person said so.
CANCELLED = "It was cancelled."


@dataclass(frozen=True)
class Wish:
    """What somebody wants the workspace to embed with. ``everything``: also what this model has embedded before."""

    target: EmbedderSettings
    embedder: Embedder
    everything: bool = False
    # Back to a model that the records had: what they carried then is taken as it was.
    going_back: bool = False


@dataclass(frozen=True)
class Tools:
    """What carries it out, beside the parts of the switch: the index, records as bytes, and a way to ask questions."""

    index: LiveIndex
    encode: Callable[[Record], bytes]
    ask: Ask
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)


def cost(parts: Parts, wish: Wish, *, timed: bool = True) -> Cost:
    """What it would take, counted here: nothing is sent to a server. ``timed``: a local model embeds a few passages.

    Raises:
        EmbedderFailed: the model's tokenizer or weights are missing.
        StorageFailed: the cache cannot be read.
    """
    embedder = wish.embedder
    stamp = Stamp.of(recipe_of(embedder))
    todo = wanting(parts.store.catalogue(), stamp, wish)
    texts = [text for record in todo for text in prepare(record.script, embedder).texts]
    missing = _unknown(parts, stamp, texts, wish)
    seconds_each = _seconds_a_token(parts, embedder, missing) if timed and embedder.local and missing else None
    # What was embedded to measure the time is kept, and so not to be embedded any more.
    missing = missing if seconds_each is None else _unknown(parts, stamp, texts, wish)
    unknown = set(missing)
    tokens = sum(embedder.count_tokens(texts))
    to_send = sum(embedder.count_tokens(missing))
    requests = 0 if embedder.local or not missing else -(-len(missing) // BATCH_SENT) + _CANARY_REQUESTS
    price = embedder.price
    return Cost(
        stamp=stamp,
        window=embedder.window,
        local=embedder.local,
        scripts=len(todo),
        passages=len(texts),
        tokens=tokens,
        cached=sum(text not in unknown for text in texts),
        to_embed=len(missing),
        tokens_to_embed=to_send,
        requests=requests,
        dollars=_dollars(embedder, to_send),
        priced=price.as_of if price else "",
        seconds=_seconds(embedder, to_send, requests, seconds_each),
    )


def _unknown(parts: Parts, stamp: Stamp, texts: Sequence[str], wish: Wish) -> list[str]:
    """Those of the texts that the model has to be asked for, each once."""
    known = parts.cache.known(stamp.model_digest, texts, of_records=not wish.everything)
    return list(dict.fromkeys(text for text in texts if text not in known))


def _dollars(embedder: Embedder, tokens: int) -> float | None:
    if embedder.local:
        return 0.0
    return None if embedder.price is None else embedder.price.dollars_per_million_tokens * tokens / 1e6


def _seconds(embedder: Embedder, tokens: int, requests: int, seconds_each: float | None) -> float | None:
    if not embedder.local:
        return requests * _SECONDS_A_REQUEST
    if not tokens:
        return 0.0
    return None if seconds_each is None else seconds_each * tokens


def _seconds_a_token(parts: Parts, embedder: Embedder, missing: Sequence[str]) -> float:
    """Measured on a few passages, which are kept where something can be kept."""
    canaries = embed_canaries(embedder, now())  # loads the weights too, whose time is not that of a passage
    sample = list(missing)[:: max(1, len(missing) // _TIMED)][:_TIMED]
    started = time.perf_counter()
    vectors = embedder.embed_documents(sample)
    took = time.perf_counter() - started
    if parts.store.writable:
        parts.cache.space(canaries).put(sample, vectors)
    return took / max(1, sum(embedder.count_tokens(sample)))


def wanting(catalogue: Catalogue, stamp: Stamp, wish: Wish) -> list[Record]:
    """The records that need vectors of this stamp."""
    records = catalogue.records.values()
    return [r for r in records if wish.everything or r.vectors is None or r.vectors.stamp != stamp]


def change(parts: Parts, tools: Tools, wish: Wish, report: Report) -> tuple[Rebuilt, Outcome | None]:
    """Embed what wants it, prove a new generation, then switch records, settings, canaries and index at once.

    The outcome is there where the scripts have another embedder than before.

    Raises:
        Cancelled, EmbedderFailed, IndexFailed, WorkspaceBusy, StorageFailed: before the switch nothing has changed, and
            what was embedded is kept for the next try; a switch that was cut short is finished by whoever comes next.
    """
    source = _source(parts, wish)
    begun = Begun(wish.target, source.stamp, wish.everything, now(), before=parts.read().embedder)
    with contextlib.ExitStack() as stack:
        with parts.store.writing("beginning a change of the model"):
            stack.enter_context(parts.changes.running())
            parts.changes.begin(begun)
        try:
            return _carried_out(parts, tools, wish, source, begun, report)
        except ScriptoriumError as error:
            why = CANCELLED if isinstance(error, Cancelled) else str(error)
            with contextlib.suppress(StorageFailed):
                parts.changes.begin(replace(begun, stopped=why))
            raise


def _source(parts: Parts, wish: Wish) -> Source:
    stamp, records = Stamp.of(recipe_of(wish.embedder)), parts.store.catalogue().records.values()
    same = [r for r in records if r.vectors is not None and r.vectors.stamp.model_digest == stamp.model_digest]
    return Source(
        wish.embedder,
        parts.cache,
        of_records=not wish.everything,
        believed=wish.going_back,
        doubted=wish.everything,
        recorded=parts.canaries.all()[0].get(stamp.model_digest),
        stays=not wish.everything and any(r.vectors and r.vectors.stamp == stamp for r in same),
    )


def _carried_out(  # noqa: PLR0913, PLR0917  one step after the other over the same things
    parts: Parts, tools: Tools, wish: Wish, source: Source, begun: Begun, report: Report
) -> tuple[Rebuilt, Outcome | None]:
    started = time.perf_counter()
    settings = parts.read()
    fresh = _embedded(parts, tools, wish, source, report)
    # Where the records carry this model already, only who asks them is set right: no answer was there to be moved.
    moves = wish.target != settings.embedder and bool(fresh)
    blank = Comparison(_named(parts.store.catalogue()), words.model(wish.embedder.identity), settings.top_k)
    asked, why_not = answers(tools.ask, tools.questionnaires.values(), report) if moves else ({}, "")
    present = parts.store.catalogue()
    other = [
        r for r in present.records.values() if r.vectors and r.vectors.stamp.model_digest != begun.stamp.model_digest
    ]
    carry(other, parts.cache, DEFAULT_POLICY.card)
    changed = replace(settings, embedder=wish.target)
    switch = tools.index.prepare(_candidates(present, fresh), changed, source.stamp, report)
    with parts.store.writing("changing the model"):
        # Who came or was edited since: few, and nobody can come any more.
        fresh |= _missing(parts, tools, wish, source, fresh, report)
        report("Switching", 0, 0)
        records = [fresh[r.digest] for r in parts.store.catalogue().records.values() if r.digest in fresh]
        space = source.space
        parts.changes.switch(replace(begun, space=space.name if space else "", of_records=source.of_records))
        # From here on there is no way back, and nobody is listened to.
        replace_all(parts, begun, records, space.canaries if space else None, deaf(report))
        rebuilt = switch(parts.changes.switched)
    parts.changes.forget()
    rebuilt = replace(rebuilt, embedded=source.embedded, seconds=time.perf_counter() - started)
    if not moves:
        return rebuilt, None
    compared = _compared(tools, asked, why_not, blank, deaf(report))
    outcome = Outcome(settings.embedder, wish.target, now(), rebuilt, compared)
    with contextlib.suppress(StorageFailed):  # the change is done; only its story is not kept
        parts.changes.finish(outcome)
    return rebuilt, outcome


def _embedded(parts: Parts, tools: Tools, wish: Wish, source: Source, report: Report) -> dict[str, Record]:
    """New records by the digest of the present ones, until nobody wants any: people save while it embeds."""
    fresh: dict[str, Record] = {}
    while found := _missing(parts, tools, wish, source, fresh, report):
        fresh |= found
    return fresh


def _missing(  # noqa: PLR0913, PLR0917  as above
    parts: Parts, tools: Tools, wish: Wish, source: Source, fresh: Mapping[str, Record], report: Report
) -> dict[str, Record]:
    todo = [r for r in wanting(parts.store.catalogue(), source.stamp, wish) if r.digest not in fresh]
    found = source.records(todo, report)
    return {then: replace(r, digest=digests.of_bytes(tools.encode(r))) for then, r in found.items()}


def _candidates(present: Catalogue, fresh: Mapping[str, Record]) -> Catalogue:
    records = {script: fresh.get(record.digest, record) for script, record in present.records.items()}
    return Catalogue(records, present.broken)


def _compared(
    tools: Tools, before: Mapping[str, Retrieval], why_not: str, blank: Comparison, report: Report
) -> Comparison:
    if why_not:
        return replace(blank, problem=f"The model before could not be asked. {why_not}")
    after, why_not = answers(tools.ask, [tools.questionnaires[name] for name in before], report)
    if why_not:
        return replace(blank, problem=f"The new model could not be asked. {why_not}")
    return compare(before, after, blank)


def _named(catalogue: Catalogue) -> str:
    """The models that the records carry, by name."""
    return ", ".join(sorted({r.vectors.stamp.model_name for r in catalogue.records.values() if r.vectors}))
