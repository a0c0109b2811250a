"""Why a questionnaire of a run was answered as it was: the parts that match as the run asked, and what has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from pages.ui import resources, words
from services.domain.between import Differing
from services.domain.history import What
from services.domain.methods import Mode
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.results import Hit
from services.domain.runs import DEPTH, Answer, Run
from services.domain.scripts import Status
from services.errors import InvalidQuestionnaire, ScriptoriumError
from services.ports import Catalogue
from services.retrieve import Options
from services.workbench import Workbench

_LAST = "evaluate_explained"
_AS_NOW = "Scripts that have changed since the run are quoted as they are today."
_SINCE = {What.EDITED: "changed since the run", What.CREATED: "added since the run", What.DELETED: "deleted since"}


@dataclass(frozen=True)
class Why:
    """What an answer is explained by: the passages that match, by section and script, and the words that were compared.

    ``notes`` say what may not be as it was in the run, or why there are no passages.
    """

    words: str
    hits: Mapping[str, Mapping[str, Hit]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    # The scripts that say something else since, or are somewhere else, by id.
    changed: Mapping[str, Differing] = field(default_factory=dict)


def explained(workbench: Workbench, run: Run, answer: Answer, saved: Mapping[str, Questionnaire]) -> Why:
    """Looked up once while it is open and nothing is saved."""
    asked = _as_asked(run, answer, saved)
    key, catalogue = (run.id, asked), workbench.catalogue
    last = cast("tuple[tuple[str, Questionnaire], Catalogue, Why] | None", st.session_state.get(_LAST))
    if last is not None and last[0] == key and last[1] is catalogue:
        return last[2]
    with st.spinner("Looking up what matched…"):
        why = _looked_up(workbench, run, asked, answer)
    st.session_state[_LAST] = (key, catalogue, why)
    return why


def _as_asked(run: Run, answer: Answer, saved: Mapping[str, Questionnaire]) -> Questionnaire:
    """The questionnaire, where it would still ask the same; else no more than what was asked, as it stands."""
    there = saved.get(answer.questionnaire)
    try:
        same = there is not None and there.query_text(run.setup.query_template) == answer.query
    except InvalidQuestionnaire:
        same = False
    return there if there is not None and same else make_questionnaire(query=answer.query)


def _looked_up(workbench: Workbench, run: Run, asked: Questionnaire, answer: Answer) -> Why:
    compared = asked.words_text(run.setup.query_template)
    since = resources.comparisons().since(workbench, run)
    changed = {one.id: one for one in since.reworded}
    untold = f"{_known(run)} changed since the run cannot be told. {since.problem}" if since.problem else ""
    if _begins(run):
        note = "The run looked at the beginning of each script as a whole, so no part of it matched more than another."
        return Why(compared, notes=_there(note, untold), changed=changed)
    try:
        found = workbench.retrieve(asked, _options(run))
    except ScriptoriumError as error:
        note = f"The parts that matched cannot be shown just now. {error}"
        return Why(compared, notes=_there(note, untold), changed=changed)
    hits = {section: {hit.script.id: hit for hit in ranking.hits} for section, ranking in found.sections.items()}
    came = {script for ranking in answer.sections.values() for script in ranking.scripts[: run.setup.top_k]}
    as_now = _AS_NOW if any(changed[script].what is What.EDITED for script in came & changed.keys()) else ""
    return Why(compared, hits, _there(_of_today(workbench, run), as_now, untold), changed)


def _known(run: Run) -> str:
    """What is not told: where the run says which scripts it was made on, only which of them are others now."""
    return "Which scripts have" if run.provenance.corpus else "Whether scripts have"


def _begins(run: Run) -> bool:
    """Whether it looked at vectors of passages that no index holds."""
    return not run.setup.method.stored and run.setup.method.mode is not Mode.LEXICAL


def _options(run: Run) -> Options:
    """As the run asked: its method, its template, and the statuses that could be found."""
    setup = run.setup
    statuses = tuple(Status(name) for name in setup.statuses)
    return Options(top_k=DEPTH, statuses=statuses, method=setup.method, query_template=setup.query_template)


def _of_today(workbench: Workbench, run: Run) -> str:
    """Why the parts that match today may not be those of the run."""
    setup = run.setup
    if setup.method.mode is Mode.LEXICAL or setup.model_digest == workbench.embedder().identity.digest:
        return ""
    asked = f"The run asked {setup.model_name or 'another model'}"
    return f"{asked}. The order is the run's; the parts that are quoted are those that match by this workspace's model."


def _there(*notes: str) -> tuple[str, ...]:
    return tuple(filter(None, notes))


def since_then(change: Differing | None) -> str:
    """What has become of a script since the run, in a few words; empty where nothing has."""
    if change is None:
        return ""
    if change.what is What.MOVED:
        return f"moved to {words.plain(words.section(change.section))} since"
    return _SINCE[change.what]
