"""An earlier run in the names of today, and which of its judgements there are no more."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from services.domain.measures import Figures
from services.domain.runs import Answer, Found, Grades, Run
from services.ground import text

# What was called so, and is called so now.
Names = Mapping[str, str]
_MOST_NAMED = 5


def followed(before: Run, after: Run, scripts: Names) -> Run:
    """The run before as if its questionnaires and scripts had been called then as they are now.

    A questionnaire is followed to another id where it asks the same, word for word, and no other one of either run
    does; ``scripts`` are the new ids of scripts, each followed where no other one goes by it, in either. Nothing to
    follow: the very run.
    """
    names, scripts = _renamed(before, after), _one_each(before, scripts)
    if not names and not scripts:
        return before
    return replace(
        before,
        answers=tuple(_answer(answer, names, scripts) for answer in before.answers),
        grades=_grades(before.grades, names, scripts),
        figures=_figures(before.figures, names),
    )


@dataclass(frozen=True)
class Taken:
    """By questionnaire, the scripts whose judgements were taken away: that they fit, and that they do not."""

    fit: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unfit: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def between(
        cls, before: Run, after: Run, judged: Mapping[str, Collection[str]] | None, but: Collection[str] = ()
    ) -> "Taken":
        """What the run before was measured by and the run after is not, of the questionnaires that both have.

        ``judged`` are the scripts that somebody judges today, None where that is not known; ``but`` are questionnaires
        that nothing is told of.
        """
        both = [a.questionnaire for a in after.answers if a.questionnaire in before.grades]
        names = sorted(set(both) - set(but))
        fit = ((name, _no_more(before, after, name)) for name in names)
        unfit = (
            ((name, _risen(before, after, name, judged.get(name, ()))) for name in names) if judged is not None else ()
        )
        return cls({name: scripts for name, scripts in fit if scripts}, {name: up for name, up in unfit if up})

    @property
    def questionnaires(self) -> frozenset[str]:
        """Those that are measured by less, or by something else."""
        return frozenset({*self.fit, *self.unfit})

    def told(self) -> Iterator[str]:
        """In a sentence or two."""
        if self.fit:
            count = sum(map(len, self.fit.values()))
            which = "1 script that fits" if count == 1 else f"{count:,} scripts that fit"
            told = f"{which} in the baseline {'is' if count == 1 else 'are'} neither expected nor judged any more"
            yield f"{told}: {_listed(self.fit)}. One that does not fit is judged 0."
        if self.unfit:
            yield f"What the baseline judges not to fit is expected and not judged any more: {_listed(self.unfit)}."


def _listed(scripts: Mapping[str, Sequence[str]]) -> str:
    """By questionnaire, the first few."""
    named = [f"{name} ({text.named(those, _MOST_NAMED)})" for name, those in list(scripts.items())[:_MOST_NAMED]]
    more = f"; and {len(scripts) - _MOST_NAMED:,} more questionnaires" if len(scripts) > _MOST_NAMED else ""
    return "; ".join(named) + more


def _no_more(before: Run, after: Run, name: str) -> Sequence[str]:
    """What fits by the grades of the run before, and has no grade in the one after.

    Scripts that are named and that there are no more are another matter, and told as such.
    """
    named = {*_of(after.grades, name), *after.unknown.get(name, ())}
    return sorted(s for s, grade in _of(before.grades, name).items() if grade >= 1 and s not in named)


def _risen(before: Run, after: Run, name: str, judged: Collection[str]) -> Sequence[str]:
    """What did not fit and does, although nobody judges it now: only a judgement says 0, so it was taken away."""
    now = _of(after.grades, name)
    unfit = (script for script, grade in _of(before.grades, name).items() if not grade)
    return sorted(script for script in unfit if now.get(script, 0) >= 1 and script not in judged)


def _of(grades: Grades, questionnaire: str) -> Mapping[str, int]:
    """The grade of each script, whatever section it was in."""
    return {script: grade for graded in grades.get(questionnaire, {}).values() for script, grade in graded.items()}


def _renamed(before: Run, after: Run) -> Names:
    """The new names of the questionnaires that only the run before has."""
    old, new = ({answer.questionnaire for answer in run.answers} for run in (before, after))
    gone, come = _by_query(before.answers), _by_query(after.answers)
    pairs = ((gone[query], come[query]) for query in gone if query in come)
    return {was: now for was, now in pairs if was and now and was not in new and now not in old}


def _one_each(before: Run, scripts: Names) -> Names:
    """Those that are the only one of their new id: two that became one would be one that was taken away unseen."""
    count, known = Counter(scripts.values()), _among(before, frozenset(scripts.values())) if scripts else frozenset()
    return {was: now for was, now in scripts.items() if count[now] == 1 and now not in known}


def _among(run: Run, ids: frozenset[str]) -> frozenset[str]:
    """Which of these the run names, wherever it does."""
    rankings = (found for answer in run.answers for found in answer.sections.values())
    ranked = (name for found in rankings for name in (*found.scripts, *found.ranks))
    graded = (name for by_section in run.grades.values() for scripts in by_section.values() for name in scripts)
    gone = (name for names in run.unknown.values() for name in names)
    return ids.intersection(chain(ranked, graded, gone))


def _by_query(answers: Iterable[Answer]) -> Names:
    """The questionnaire that asks this; empty where several do."""
    found: dict[str, str] = {}
    for answer in answers:
        if answer.query:
            found[answer.query] = "" if answer.query in found else answer.questionnaire
    return found


def _answer(answer: Answer, names: Names, scripts: Names) -> Answer:
    sections = answer.sections
    if scripts:
        sections = {section: _found(found, scripts) for section, found in sections.items()}
    return replace(answer, questionnaire=names.get(answer.questionnaire, answer.questionnaire), sections=sections)


def _found(found: Found, scripts: Names) -> Found:
    return replace(
        found,
        scripts=tuple(scripts.get(script, script) for script in found.scripts),
        ranks={scripts.get(script, script): rank for script, rank in found.ranks.items()},
    )


def _grades(grades: Grades, names: Names, scripts: Names) -> Grades:
    return {
        names.get(name, name): {
            section: {scripts.get(script, script): grade for script, grade in graded.items()}
            for section, graded in by_section.items()
        }
        for name, by_section in grades.items()
    }


def _figures(figures: Figures, names: Names) -> Figures:
    return replace(figures, values={names.get(name, name): by_section for name, by_section in figures.values.items()})
