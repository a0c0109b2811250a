"""What scripts and questionnaires are called in TREC files and BEIR folders, and who is meant by such a name.

A script or questionnaire is called as in the collection that it came from, where that name is one word and only its
own; else by its id. The topics of TREC are one for each section of a questionnaire: its name, a full stop and the
section. Where one section is all that it is about, as in a public collection, the topic is the plain name (``Homes``).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.domain.scripts import Script


def unique_names(sources: Mapping[str, str], taken: Collection[str] = ()) -> dict[str, str]:
    """A name by id: the ``source_id`` given for it where it can be one, else the id. No two are equal.

    ``taken``: further ids that are names, such as those of scripts that are deleted.

    >>> unique_names({"med-10": "MED-10", "a": "1", "b": "1", "c": "two words", "d": ""})
    {'med-10': 'MED-10', 'a': 'a', 'b': 'b', 'c': 'c', 'd': 'd'}
    """
    times, ids = Counter(sources.values()), {*sources, *taken}
    return {
        id_: source if _is_word(source) and times[source] == 1 and (source == id_ or source not in ids) else id_
        for id_, source in sources.items()
    }


def _is_word(name: str) -> bool:
    return bool(name) and not any(character.isspace() for character in name)


class Documents:
    """The names of scripts, unique within each section: one collection may have been imported into several.

    ``taken``: ids of scripts that are gone, and that some file will name.
    """

    def __init__(self, scripts: Iterable[Script], taken: Collection[str] = ()) -> None:
        by_section: dict[str, dict[str, str]] = {}
        for script in scripts:
            by_section.setdefault(script.section, {})[script.id] = script.source_id
        self._names: dict[str, str] = {}
        self._found: dict[str, dict[str, str]] = {}
        self.section_of: dict[str, str] = {}
        for section, sources in by_section.items():
            names = unique_names(sources, taken)
            self._names |= names
            self.section_of |= dict.fromkeys(names, section)
            # An id means its script, whatever another one is called.
            self._found[section] = {**{name: id_ for id_, name in names.items()}, **{id_: id_ for id_ in names}}

    def name(self, script_id: str) -> str:
        """What a script is called; one that is gone by its id."""
        return self._names.get(script_id, script_id)

    def find(self, name: str, section: str = "") -> Sequence[str]:
        """The ids of the scripts that are called so: of the section one at most, else of every section."""
        chosen = [self._found.get(section, {})] if section else self._found.values()
        return [found[name] for found in chosen if name in found]


@dataclass(frozen=True)
class Topic:
    """Who is meant by a topic. Empty ``section``: it names none."""

    questionnaire: str
    section: str = ""


class Topics:
    """The topics of questionnaires. ``taken``: ids of questionnaires that are gone."""

    def __init__(
        self, questionnaires: Iterable[Questionnaire], sections: Collection[str], taken: Collection[str] = ()
    ) -> None:
        self._sections = tuple(sections)
        given = {q.id: q.source_id for q in questionnaires}
        # A name that ends like that of a section could be the topic of another questionnaire.
        self._names = unique_names({id_: "" if self._split(name) else name for id_, name in given.items()}, taken)
        self._found = {**{name: id_ for id_, name in self._names.items()}, **{id_: id_ for id_ in self._names}}
        self._last = {name: id_ for id_, name in unique_names(given, taken).items()}

    def name(self, questionnaire_id: str, section: str = "") -> str:
        """The topic of a questionnaire, or of one section of it."""
        name = self._names.get(questionnaire_id, questionnaire_id)
        return f"{name}.{section}" if section else name

    def find(self, name: str) -> Topic | None:
        """Whose topic it is; None where it is nobody's."""
        if name in self._found:
            return Topic(self._found[name])
        base, section = self._split(name) or ("", "")
        if base in self._found:
            return Topic(self._found[base], section)
        return Topic(self._last[name]) if name in self._last else None

    def _split(self, name: str) -> tuple[str, str] | None:
        base, dot, section = name.rpartition(".")
        return (base, section) if dot and section in self._sections else None


class Homes:
    """The sections that plain topics are about.

    Where whatever fits any questionnaire is in one section (nothing judged: where all scripts are), that is the one of
    all questionnaires. Else a questionnaire that came from a collection has the section of all that fits it, and no
    other one has any. So judging cannot rename the topics of a workspace that is judged in several sections.

    ``grades``: of now, for all that is exported together; ``filled``: the sections that have scripts.
    """

    def __init__(self, questionnaires: Iterable[Questionnaire], grades: Grades, filled: Collection[str]) -> None:
        fits = {name: fitting(of_q) for name, of_q in grades.items()}
        of_all = {section for found in fits.values() for section in found} or set(filled)
        self._of_all = next(iter(of_all)) if len(of_all) == 1 else ""
        brought = {q.id for q in questionnaires if q.source_id}
        self._of_one = {name: found[0] for name, found in fits.items() if len(found) == 1 and name in brought}

    def of(self, questionnaire_id: str) -> str:
        """The section of a questionnaire's plain topic; empty where it has none."""
        return self._of_all or self._of_one.get(questionnaire_id, "")


def fitting(graded: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The sections that have a script graded 1 or more: those that a questionnaire is measured in."""
    return [section for section, grades in graded.items() if any(grade >= 1 for grade in grades.values())]
