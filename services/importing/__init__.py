"""From what readers found to records: plan, embed all that is new in one go, then write.

Nothing is written before every vector is there: a model that fails leaves the workspace as it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.domain import suspicious
from services.domain.drafts import Draft, Item, QuestionDraft, refused
from services.domain.judgements import Judgement
from services.domain.model_digest import Stamp
from services.domain.reports import Imported, Rejected
from services.domain.scripts import Record, Vectors
from services.domain.settings import Settings
from services.domain.words import count
from services.errors import InvalidInput
from services.ground.progress import Report
from services.importing import judging, proving
from services.importing.plan import Plan, Planned, Planner
from services.importing.questions import PlannedQuestion, QuestionPlanner, damaged
from services.ports import Embedder, JudgementStore, QuestionnaireStore, RecordStore
from services.vectors import embed, prepare, recipe_of

_SHOWN, _LONGEST = 5, 60


def import_items(  # noqa: PLR0913  an import touches all of these
    items: Iterable[Item],
    *,
    section: str,
    settings: Settings,
    store: RecordStore,
    questionnaires: QuestionnaireStore,
    judgements: JudgementStore,
    embedder: Embedder,
    report: Report,
    dry_run: bool = False,
) -> Imported:
    """Bring drafts into the workspace, each wholly or not at all; ``dry_run`` only says what would happen.

    Raises:
        NotFound: ``section`` is none of the workspace's.
        InvalidInput: documents of a test collection and no section for them.
        EmbedderFailed: nothing was written.
        WorkspaceBusy, StorageFailed: what was stored before is unharmed.
    """
    if section:
        settings.check_section(section)
    report("Reading", 0, 0)
    drafts, questions, rejected = _sorted_out(items, section)
    plan = Planner(store.catalogue(), settings, section, Stamp.of(recipe_of(embedder))).plan(drafts, questions)
    plan.rejected[:0] = rejected
    plan.notes += [*_noticed(drafts, plan), *_absent(plan)]
    plan.questions, unasked = QuestionPlanner(questionnaires, plan.documents).plan(questions)
    plan.rejected += unasked
    if dry_run:
        plan.notes += _unproved(plan)
    else:
        _prove(plan, embedder, settings.thresholds.cosine_attention, report)
        stores = _Stores(store, questionnaires, judgements)
        _write(plan, stores, embedder, report)
    return Imported(
        created=tuple(p.script.id for p in plan.writes if p.stored is None),
        updated=tuple(p.script.id for p in plan.writes if p.stored is not None),
        unchanged=tuple(plan.unchanged),
        rejected=tuple(plan.rejected),
        questionnaires=len(plan.questions),
        judgements=sum(len(planned.judged) for planned in plan.questions),
        dry_run=dry_run,
        notes=tuple(plan.notes),
    )


@dataclass(frozen=True)
class _Stores:
    """What an import writes to."""

    records: RecordStore
    questionnaires: QuestionnaireStore
    judgements: JudgementStore


def _absent(plan: Plan) -> list[str]:
    """What is judged and is not there."""
    if not plan.absent:
        return []
    shown = ", ".join(f"'{document[:_LONGEST]}'" for document in plan.absent[:_SHOWN])
    more = f" and {len(plan.absent) - _SHOWN:,} more" if len(plan.absent) > _SHOWN else ""
    number = count(len(plan.absent), "judged document")
    return [f"{number} not in the corpus: {shown}{more}. Evaluations name and leave out what is not there."]


def _noticed(drafts: Sequence[Draft], plan: Plan) -> list[str]:
    """What reading had to guess, and characters of new texts that nobody sees; each once, with where it was."""
    where: dict[str, list[str]] = {}
    for draft in drafts:
        for note in draft.notes:
            where.setdefault(note, []).append(draft.source)
        for note in draft.table_notes:
            # Once for the whole table.
            if draft.table not in (told := where.setdefault(note, [])):
                told.append(draft.table)
    for planned in plan.writes:
        if planned.note:
            where.setdefault(planned.note, []).append(planned.source)
        for note in suspicious.sentences(planned.script.text):
            where.setdefault(note, []).append(planned.source)
    more = {note: f" and {len(sources) - 1:,} more" if len(sources) > 1 else "" for note, sources in where.items()}
    return [f"{sources[0]}{more[note]}: {note}" for note, sources in where.items()]


def _sorted_out(items: Iterable[Item], section: str) -> tuple[list[Draft], list[QuestionDraft], list[Rejected]]:
    drafts: list[Draft] = []
    questions: list[QuestionDraft] = []
    rejected: list[Rejected] = []
    for item in items:
        if isinstance(item, Rejected):
            rejected.append(item)
        elif item.corpus and not section:
            raise InvalidInput(
                f"{item.source}: documents of a BEIR corpus name no section.", "Name one with --section."
            )
        elif isinstance(item, Draft):
            drafts.append(item)
        else:
            questions.append(item)
    return drafts, questions, rejected


def _unproved(plan: Plan) -> list[str]:
    number = sum(planned.brought for planned in plan.writes)
    scripts = count(number, "script")
    told = (
        f"{scripts} with vectors that came along: as far as can be told, those fit. The import itself asks the model."
    )
    return [told] if number else []


def _prove(plan: Plan, embedder: Embedder, attention: float, report: Report) -> None:
    """Take only vectors that the model makes too; what has others is embedded like everything new."""
    brought = {p.script.id: p for p in plan.writes if p.brought}
    parts = {name: _by_text(p, embedder) for name, p in brought.items()}
    _, wrong = proving.disproved(parts, embedder, attention, report)
    wrong |= {name for name, vectors in parts.items() if not vectors}
    plan.notes += [f"{p.source}: {proving.ANEW}" for p in plan.writes if p.script.id in wrong]
    plan.writes[:] = [replace(p, vectors=None) if p.script.id in wrong else p for p in plan.writes]


def _by_text(planned: Planned, embedder: Embedder) -> dict[str, Vectors]:
    """The vector of each passage's text; none where the passages are not those that are cut today."""
    made = prepare(planned.script, embedder)
    if planned.vectors is None or planned.vectors.passages != made.passages:
        return {}
    return dict(zip(made.texts, planned.vectors.values, strict=True))


def _write(plan: Plan, stores: _Stores, embedder: Embedder, report: Report) -> None:
    records = _embedded(plan.writes, embedder, report)
    with stores.records.writing("importing"):
        unmoved = _unmoved(plan, stores.records)
        stores.records.put(
            [records[planned.script.id] for planned in unmoved], lambda done, total: report("Storing", done, total)
        )
        asked, earlier = _unmoved_questions(plan, stores.questionnaires), stores.judgements.all()[0]
        for done, (planned, changed) in enumerate(asked, start=1):
            if changed:
                stores.questionnaires.put(planned.questionnaire)
            _judge(planned, earlier.get(planned.questionnaire.id, ()), stores, plan)
            report("Storing questionnaires", done, len(asked))


def _judge(planned: PlannedQuestion, earlier: Iterable[Judgement], stores: _Stores, plan: Plan) -> None:
    """Keep which scripts do not fit."""
    try:
        judging.keep(planned.questionnaire.id, planned.judged, earlier, stores.judgements)
    except InvalidInput as error:
        plan.rejected.append(refused(planned.source, error))


def _embedded(writes: Sequence[Planned], embedder: Embedder, report: Report) -> dict[str, Record]:
    todo = [p.script for p in writes if p.vectors is None]
    made = {}
    if todo:
        report("Embedding", 0, len(todo))
        sets = embed(todo, embedder, lambda done, total: report("Embedding passages", done, total))
        made = {script.id: vectors for script, vectors in zip(todo, sets, strict=True)}
    return {p.script.id: Record(p.script, p.vectors or made[p.script.id]) for p in writes}


def _unmoved(plan: Plan, store: RecordStore) -> list[Planned]:
    """The writes whose scripts nobody has touched since the plan: embedding took its time."""
    now = store.catalogue().records
    unmoved = []
    for planned in plan.writes:
        present, then = now.get(planned.script.id), planned.stored
        if (present.digest if present else "") == (then.digest if then else ""):
            unmoved.append(planned)
        else:
            reason = f"'{planned.script.id}' was changed by somebody else during the import. Import it again."
            plan.rejected.append(Rejected(planned.source, reason))
    plan.writes[:] = unmoved
    return unmoved


def _unmoved_questions(plan: Plan, questionnaires: QuestionnaireStore) -> list[tuple[PlannedQuestion, bool]]:
    """The questionnaires that are untouched since the plan, and whether they differ from what is stored."""
    known, broken = questionnaires.all()
    unreadable = damaged(broken)
    unmoved: list[PlannedQuestion] = []
    for planned in plan.questions:
        name = planned.questionnaire.id
        if known.get(name) in (planned.stored, planned.questionnaire) and name not in unreadable:
            unmoved.append(planned)
        else:
            reason = f"The questionnaire '{name}' was changed by somebody else during the import. Import it again."
            plan.rejected.append(Rejected(planned.source, reason))
    plan.questions[:] = unmoved
    return [(planned, known.get(planned.questionnaire.id) != planned.questionnaire) for planned in unmoved]
