"""Compare two runs: the same questionnaires before and after an edit, with two models, or by two methods."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from services.domain.comparison import Comparison, Shift, Test, rounded
from services.domain.distinctions import distinctions
from services.domain.measures import Figures, measures
from services.domain.overlap import overlap
from services.domain.runs import Answer, Found, Grades, Outcome, Run
from services.domain.statistics import Values, bootstrap, holm, least_p, randomisation
from services.measuring import measure

_ASKED = (Outcome.ANSWERED, Outcome.NOTHING_FOUND)
_NOTHING = Found((), (), (), 0)
# By questionnaire.
_Answers = Mapping[str, Answer]


def compare(before: Run, after: Run, grades: Grades | None = None, *, seed: int = 0) -> Comparison:
    """Both runs by the same judgements: ``grades``, else those of both runs, where the later one has the last word.

    Only what both were asked counts: questionnaires that failed or were not run in one of them, and sections that one
    of them does not have, are left out and named. As many scripts are the first ones as the run after shows.
    """
    old, new = ({answer.questionnaire: answer for answer in run.answers} for run in (before, after))
    common = [name for name in new if name in old and {old[name].outcome, new[name].outcome} <= set(_ASKED)]
    sections, other_sections = _sections(before, after)
    old_asked, new_asked = (_restricted(answers, common, sections) for answers in (old, new))
    known = _judged(merged(before, after) if grades is None else grades, common, sections)
    top_k = after.setup.top_k
    figures = [measure(list(answers.values()), known, top_k, seed=seed) for answers in (old_asked, new_asked)]
    return Comparison(
        before=before.id,
        after=after.id,
        top_k=top_k,
        tests=_tests(figures[0], figures[1], top_k, seed),
        figures_before=figures[0],
        figures_after=figures[1],
        shifts=tuple(_shifts(old_asked, new_asked, sections, top_k)),
        distinctions=tuple(distinctions(before, after)),
        only_before=tuple(name for name in old if name not in new),
        only_after=tuple(name for name in new if name not in old),
        left_out=tuple(name for name in new if name in old and name not in old_asked),
        left_out_sections=tuple(other_sections),
        reworded=tuple(name for name in common if old[name].query != new[name].query),
    )


def merged(before: Run, after: Run) -> Grades:
    """The judgements of both runs, script by script; where both have one, that of the run that was made later."""
    earlier, later = sorted((before, after), key=lambda run: run.time)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for run in (earlier, later):
        for questionnaire, by_section in run.grades.items():
            for section, by_script in by_section.items():
                found.setdefault(questionnaire, {}).setdefault(section, {}).update(by_script)
    return found


def _sections(before: Run, after: Run) -> tuple[list[str], list[str]]:
    """The sections that both were asked for, and those of only one of them."""
    asked = [before.asked, after.asked]
    every = list(dict.fromkeys([*after.asked, *before.asked]))
    common = [section for section in every if section in asked[0] and section in asked[1]]
    return common, [section for section in every if section not in common]


def _restricted(answers: _Answers, names: Iterable[str], sections: Sequence[str]) -> _Answers:
    """These questionnaires and sections, in one order for both runs."""
    return {
        name: replace(
            answers[name], sections={s: answers[name].sections[s] for s in sections if s in answers[name].sections}
        )
        for name in names
    }


def _judged(grades: Grades, names: Iterable[str], sections: Sequence[str]) -> Grades:
    return {name: {s: grades[name][s] for s in sections if s in grades[name]} for name in names if name in grades}


def _tests(before: Figures, after: Figures, top_k: int, seed: int) -> Mapping[str, Test]:
    """Every measure, over the questionnaires that are judged."""
    names = [one.name for one in measures(top_k)]
    differences = np.array(
        [[rounded(_mean(after, q, name) - _mean(before, q, name)) for name in names] for q in after.values], np.float64
    ).reshape(-1, len(names))
    intervals = bootstrap(differences, seed=seed)
    ps = randomisation(differences, seed=seed)
    least = [least_p(int(changed)) for changed in (differences != 0).sum(axis=0)]
    corrected, least_corrected = holm(ps), holm(least)
    return {
        name: Test(
            measure=name,
            before=before.overall[name],
            after=after.overall[name],
            difference=intervals[i],
            p=ps[i],
            corrected_p=corrected[i],
            corrected_for=len(names),
            **_counts(differences[:, i]),
            least_p=least[i],
            least_corrected_p=least_corrected[i],
        )
        for i, name in enumerate(names)
    }


def _mean(figures: Figures, questionnaire: str, name: str) -> float:
    found = [by_measure[name] for by_measure in figures.values[questionnaire].values()]
    return sum(found) / len(found)


def _counts(differences: Values) -> dict[str, int]:
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    return {"improved": better, "worsened": worse, "unchanged": len(differences) - better - worse}


def _shifts(before: _Answers, after: _Answers, sections: Sequence[str], top_k: int) -> Iterable[Shift]:
    """What became of every ranking, except where neither run found anything."""
    for name in after:
        for section in sections:
            old, new = (answers[name].sections.get(section, _NOTHING).scripts for answers in (before, after))
            if old or new:
                was, now = old[:top_k], new[:top_k]
                entered = tuple(script for script in now if script not in was)
                left = tuple(script for script in was if script not in now)
                yield Shift(name, section, entered, left, overlap(old, new))
