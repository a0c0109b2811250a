"""From drafts to a review: sections and focus areas suggested, vectors made once, everything odd noticed.

A row becomes what an import of the same draft would make of it: the same planner decides.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from services.domain.drafts import Draft, Item, QuestionDraft
from services.domain.model_digest import Stamp
from services.domain.reports import Rejected
from services.domain.scripts import Script
from services.ground.progress import Report
from services.importing import proving
from services.importing.plan import Plan, Planned
from services.ports import Embedder
from services.upload import carried, noticing
from services.upload.planning import Plans
from services.upload.review import Edit, Fate, Review, Row
from services.upload.suggesting import Corpus, Suggester, bodies_of
from services.upload.vectors import fetch
from services.vectors import prepare, recipe_of

Noticed = Callable[[str], Sequence[str]]


def review(items: Iterable[Item], corpus: Corpus, embedder: Embedder, noticed: Noticed, report: Report) -> Review:
    """What adding these drafts would do. Stores nothing; embeds what is new, once.

    ``noticed`` names the suspicious characters of a text.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
        Whatever ``report`` raises to stop.
    """
    drafts, refused = _sorted_out(items)
    bodies = bodies_of(drafts, embedder)
    known, wrong = carried.proved(
        drafts,
        bodies,
        carried.stored(drafts, corpus.catalogue, Stamp.of(recipe_of(embedder))),
        embedder,
        corpus.settings.thresholds.cosine_attention,
        report,
    )
    drafts |= {number: replace(drafts[number], notes=(*drafts[number].notes, proving.ANEW)) for number in wrong}
    known = fetch({n: list(texts.values()) for n, texts in bodies.items()}, embedder, known, report)
    plans = Plans()
    planner = plans.of(corpus, embedder)
    suggester = Suggester(corpus, embedder, known, bodies, planner.stored)
    completed = {number: suggester.completed(number, draft) for number, draft in drafts.items()}
    plan = planner.plan(list(completed.values()), [])
    rows = tuple(_rows(completed, plan, suggester))
    fresh = {row.number: row.script for row in rows if row.fate in (Fate.CREATED, Fate.UPDATED)}
    # Bodies are known by now: what is asked for are the cards, with the focus areas in them.
    known = fetch(_texts(fresh, embedder), embedder, known, report, "Preparing the titles")
    left = [rejected for rejected in plan.rejected if rejected.source not in {row.source for row in rows}]
    stamp = Stamp.of(recipe_of(embedder))
    notes = (*_of_tables(drafts.values()), *plan.notes)
    result = Review(rows, (*refused, *left), notes, _pinned(rows, completed), known, stamp, plans)
    return noticing.looked_at(result, suggester, corpus=corpus, embedder=embedder, noticed=noticed, report=report)


def revise(reviewed: Review, edits: Mapping[int, Edit], corpus: Corpus, embedder: Embedder) -> Review:
    """The review with a person's edits, compared with what is stored now. Embeds nothing.

    ``reviewed`` is the review as it came, and ``edits`` are all that were made since.
    """
    edited = dict(reviewed.drafts)
    for number in edits.keys() & edited.keys():
        edited[number] = _edited(edited[number], edits[number])
    plan = reviewed.plans.of(corpus, embedder).plan(list(edited.values()), [])
    places = _by_source(plan)
    rejected = {r.source: r.reason for r in plan.rejected}
    rows = tuple(
        _moved(_chosen(row, edits.get(row.number)), places.get(row.source), rejected.get(row.source, ""))
        for row in reviewed.rows
    )
    return replace(reviewed, rows=rows)


def _sorted_out(items: Iterable[Item]) -> tuple[dict[int, Draft], list[Rejected]]:
    """Drafts by row number, each with a source that no other one has; and what is none."""
    drafts: dict[int, Draft] = {}
    refused: list[Rejected] = []
    named: Counter[str] = Counter()
    taken: set[str] = set()
    for item in items:
        if isinstance(item, Rejected):
            refused.append(item)
        elif isinstance(item, QuestionDraft):
            refused.append(Rejected(item.source, "It is a question, not a script. Import it on the command line."))
        else:
            source = _free(item.source, named, taken)
            drafts[len(drafts)] = item if source == item.source else replace(item, source=source)
    return drafts, refused


def _free(source: str, named: Counter[str], taken: set[str]) -> str:
    """The source, numbered past what another draft is called. ``named``: how far each was numbered."""
    shown = source
    while shown in taken or not named[source]:
        named[source] += 1
        shown = f"{source} ({named[source]})" if named[source] > 1 else source
    taken.add(shown)
    return shown


def _of_tables(drafts: Iterable[Draft]) -> list[str]:
    """What reading whole tables had to guess, once for each."""
    return list(dict.fromkeys(f"{draft.table}: {note}" for draft in drafts for note in draft.table_notes))


def _texts(scripts: Mapping[int, Script], embedder: Embedder) -> dict[int, Sequence[str]]:
    return {number: prepare(script, embedder).texts for number, script in scripts.items()}


def _by_source(plan: Plan) -> dict[str, tuple[Planned, Fate]]:
    found = {p.source: (p, Fate.UPDATED if p.stored else Fate.CREATED) for p in plan.writes}
    return found | {p.source: (p, Fate.UNCHANGED) for p in plan.present}


def _rows(drafts: Mapping[int, Draft], plan: Plan, suggester: Suggester) -> Iterator[Row]:
    places = _by_source(plan)
    for number, draft in drafts.items():
        if draft.source in places:
            planned, fate = places[draft.source]
            yield Row(
                number,
                draft.source,
                planned.script,
                planned.stored,
                fate,
                section_sureness=suggester.sureness.get(number),
                focus_suggested=suggester.areas.get(number, ()),
                namesake=planned.note,
            )


def _pinned(rows: Iterable[Row], drafts: Mapping[int, Draft]) -> dict[int, Draft]:
    """The drafts of the rows; one with the words of a stored script stays that script, whatever is edited.

    One that is known by its title alone becomes another script with another title.
    """
    found = {}
    for row in rows:
        draft = drafts[row.number]
        same = row.stored is not None and row.stored.script.text == row.script.text
        found[row.number] = replace(draft, id=row.script.id) if same and not draft.corpus else draft
    return found


def _edited(draft: Draft, edit: Edit) -> Draft:
    stated = dict(draft.stated)
    if edit.focus_areas is not None:
        stated["focus_areas"] = edit.focus_areas
    if edit.status is not None:
        stated["status"] = edit.status
    title = draft.title if edit.title is None else edit.title
    return replace(draft, title=title, section=edit.section or draft.section, stated=stated)


def _chosen(row: Row, edit: Edit | None) -> Row:
    """The row without doubts about its section, where a person has chosen it."""
    return replace(row, section_sureness=None, doubts=()) if edit is not None and edit.section else row


def _moved(row: Row, place: tuple[Planned, Fate] | None, reason: str) -> Row:
    """The row as it would be stored now."""
    if place is None:
        told = reason or "The same script is in this upload already. Leave one of the two out."
        return replace(row, fate=Fate.REFUSED, problem=told)
    planned, fate = place
    others = (suspicion for suspicion in row.suspicions if suspicion != row.namesake)
    return replace(
        row,
        script=planned.script,
        stored=planned.stored,
        fate=fate,
        problem="",
        namesake=planned.note,
        suspicions=(planned.note, *others) if planned.note else tuple(others),
    )
