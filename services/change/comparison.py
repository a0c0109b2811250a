"""How the answers to the saved questionnaires move with the model: who is still in front, where the expected came."""

from collections.abc import Callable, Iterable, Mapping
from statistics import fmean

from services.domain.model_change import Comparison, Moved
from services.domain.questionnaires import Questionnaire
from services.domain.results import Ranking, Retrieval
from services.errors import EmbedderFailed, IndexFailed
from services.ground.progress import Report

Ask = Callable[[Questionnaire], Retrieval]
# Enough to see how answers move; each is one question to either model.
_AT_MOST = 200


def answers(ask: Ask, questionnaires: Iterable[Questionnaire], report: Report) -> tuple[dict[str, Retrieval], str]:
    """The answer to each questionnaire by id, and why there are none, where the model cannot be asked."""
    asked = [q for q in questionnaires if not q.is_empty][:_AT_MOST]
    found: dict[str, Retrieval] = {}
    for number, questionnaire in enumerate(asked):
        report("Asking the questionnaires", number, len(asked))
        try:
            found[questionnaire.id] = ask(questionnaire)
        except (EmbedderFailed, IndexFailed) as error:
            return {}, str(error)
    refused = next((r.refusal for a in found.values() if a.refused for r in a.sections.values() if r.refusal), "")
    return ({}, refused) if refused else (found, "")


def compare(before: Mapping[str, Retrieval], after: Mapping[str, Retrieval], blank: Comparison) -> Comparison:
    """``blank`` with what moved, over the questionnaires that both models answered.

    The overlap of two rankings is the number of scripts that are among the first ``top_k`` of both, over the length of
    the longer one; of a section, the mean over the questionnaires.
    """
    both = [name for name in before if name in after]
    shares: dict[str, list[float]] = {}
    moved: list[Moved] = []
    for name in both:
        for section, then in before[name].sections.items():
            now = after[name].sections.get(section)
            if now is None or not (then.answered and now.answered):
                continue
            shares.setdefault(section, []).extend(_overlap(then, now))
            moved += _moved(name, section, then, now)
    return Comparison(
        blank.before,
        blank.after,
        blank.top_k,
        len(both),
        {section: fmean(values) for section, values in shares.items() if values},
        tuple(moved),
    )


def _overlap(then: Ranking, now: Ranking) -> list[float]:
    one, other = ({hit.script.id for hit in ranking.hits} for ranking in (then, now))
    longer = max(len(one), len(other))
    return [len(one & other) / longer] if longer else []


def _moved(questionnaire: str, section: str, then: Ranking, now: Ranking) -> list[Moved]:
    was = {e.script: e.rank for e in then.expected}
    return [Moved(questionnaire, section, e.script, was.get(e.script), e.rank) for e in now.expected]
