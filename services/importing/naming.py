"""Who is meant by the topics and documents of somebody's file; and what is said of names that nobody has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from services.domain.questionnaires import Questionnaire
from services.domain.reports import Rejected
from services.domain.runs import Grades
from services.domain.topics import Documents, Topic, Topics, fitting
from services.domain.words import count
from services.ports import Catalogue

_SHOWN, _LONGEST, _MOST = 5, 60, 10_000


@dataclass
class Names:
    """Names of a file that stand for nothing here, and in how many lines they stand."""

    # In the order of the file, so many at most: a file may have nothing else, and be of any length.
    known: dict[str, None] = field(default_factory=dict)
    lines: int = 0
    # Whether there are more than are known.
    more: bool = False

    def add(self, name: str) -> None:
        """One more line with this name."""
        self.lines += 1
        if len(self.known) < _MOST:
            self.known[name] = None
        elif name not in self.known:
            self.more = True


@dataclass
class Unknown:
    """Names of a file that stand for nothing here."""

    topics: Names = field(default_factory=Names)
    documents: Names = field(default_factory=Names)
    # Documents that are scripts of several sections, under topics that name no section.
    ambiguous: Names = field(default_factory=Names)

    def told(self, source: str, *, kept: bool = False) -> list[Rejected]:
        """One sentence on each kind. ``kept``: unknown documents hold their places in the rankings."""
        held = " They keep their ranks, as scripts that nobody has judged." if kept else ""
        kinds = (
            (
                self.topics,
                "topic",
                "stands for no questionnaire",
                "stand for no questionnaires",
                " Import the queries first; a topic is a questionnaire's id, or the one at its source.",
            ),
            (
                self.documents,
                "document",
                "stands for no script",
                "stand for no scripts",
                f"{held} Import the documents first; a document is a script's id, or the one at its source.",
            ),
            (
                self.ambiguous,
                "document",
                "stands for scripts of several sections",
                "stand for scripts of several sections",
                " Name the section in the topic: 'TOPIC.SECTION'.",
            ),
        )
        return [Rejected(source, _sentence(names, *words)) for names, *words in kinds if names.lines]


def _sentence(names: Names, noun: str, one: str, many: str, step: str) -> str:
    found, least = len(names.known), "more than " if names.more else ""
    shown = ", ".join(f"'{name[:_LONGEST]}'" for name in islice(names.known, _SHOWN))
    more = f" and {least}{found - _SHOWN:,} more" if found > _SHOWN else ""
    said = f"{least}{count(found, noun)}"
    says = one if found == 1 else many
    return f"{said[:1].upper()}{said[1:]} in {count(names.lines, 'line')} {says} here: {shown}{more}.{step}"


class Naming:
    """The names of a workspace as it is now. ``grades`` says in which sections questionnaires are judged."""

    def __init__(
        self,
        catalogue: Catalogue,
        questionnaires: Mapping[str, Questionnaire],
        sections: tuple[str, ...],
        grades: Grades,
    ) -> None:
        self.documents = Documents(record.script for record in catalogue.records.values())
        self.topics = Topics(questionnaires.values(), sections)
        self._grades = grades
        self._homes: dict[Topic, str] = {}

    def home(self, topic: Topic) -> str:
        """The section whose scripts a topic is about: the one it names, else the only one that has a fitting script."""
        if topic not in self._homes:
            measured = fitting(self._grades.get(topic.questionnaire, {}))
            self._homes[topic] = topic.section or (measured[0] if len(measured) == 1 else "")
        return self._homes[topic]

    def scripts(self, topic: Topic, document: str) -> list[str]:
        """The scripts that may be meant; one where it is known which."""
        home = self.home(topic)
        found = self.documents.find(document, home)
        if not found and not topic.section:
            found = self.documents.find(document)
        return list(found)
