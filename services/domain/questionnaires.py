"""A questionnaire: what a person says, and optionally which scripts a practitioner expects for it."""

from dataclasses import dataclass
from string import Formatter
from typing import Any

from services.errors import InvalidQuestionnaire, InvalidSettings
from services.ground import text

FIELDS = ("focus_area", "challenge_context", "desired_feeling")
MAX_GRADE = 3
MAX_ANSWER = 20_000


@dataclass(frozen=True)
class Expected:
    """A script that a practitioner expects, by id, graded from 1 (would do) to 3 (just right)."""

    script: str
    grade: int


@dataclass(frozen=True)
class Questionnaire:
    """The answers of one person. ``query``, where given, is asked as it stands instead of the template."""

    id: str = ""
    title: str = ""
    focus_area: str = ""
    challenge_context: str = ""
    desired_feeling: str = ""
    query: str = ""
    expected: tuple[Expected, ...] = ()
    source_id: str = ""

    def query_text(self, template: str) -> str:
        """The text that is embedded.

        Raises:
            InvalidQuestionnaire: nothing was answered that the template asks for: all such questions would be one.
        """
        if self.query:
            return self.query
        answers = {name: getattr(self, name) for name in FIELDS}
        asked = [name for name in FIELDS if f"{{{name}}}" in template]
        if not any(answers[name] for name in asked):
            named = " or the ".join(name.replace("_", " ") for name in asked)
            raise InvalidQuestionnaire("Nothing has been asked yet.", f"Fill in the {named}.")
        return template.format(**answers).strip()

    def words_text(self, template: str) -> str:
        """The text whose words are compared: the answers that the template asks for, without a sentence around them."""
        if self.query:
            return self.query
        asked = [getattr(self, name) for name in FIELDS if f"{{{name}}}" in template]
        return " ".join(filter(None, asked))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was answered."""
        return not (self.query or any(getattr(self, name) for name in FIELDS))

    def as_json(self) -> dict[str, Any]:
        """Every field under its name, as JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            **{name: getattr(self, name) for name in FIELDS},
            "query": self.query,
            "expected": [{"script": e.script, "grade": e.grade} for e in self.expected],
            "source_id": self.source_id,
        }


def make_questionnaire(  # noqa: PLR0913  one argument a field
    *,
    id: str = "",  # noqa: A002  the field's name
    title: str = "",
    focus_area: str = "",
    challenge_context: str = "",
    desired_feeling: str = "",
    query: str = "",
    expected: tuple[Expected, ...] = (),
    source_id: str = "",
) -> Questionnaire:
    """Normalise and check. An unsaved questionnaire has an empty id.

    Raises:
        InvalidQuestionnaire: an id that is no slug, a grade outside 1 to 3, a script expected twice, an endless answer.
    """
    if id and not text.is_slug(id):
        raise InvalidQuestionnaire(f"'{id[:80]}' cannot be an id.", "Use lower-case letters, digits and hyphens.")
    focus, challenge, feeling, raw = map(text.one_line, (focus_area, challenge_context, desired_feeling, query))
    if any(len(answer) > MAX_ANSWER for answer in (focus, challenge, feeling, raw)):
        raise InvalidQuestionnaire("An answer is too long.", f"Keep it under {MAX_ANSWER:,} characters.")
    _check_expected(expected)
    return Questionnaire(id, text.one_line(title), focus, challenge, feeling, raw, expected, text.one_line(source_id))


def _check_expected(expected: tuple[Expected, ...]) -> None:
    seen: set[str] = set()
    for script in (e.script for e in expected):
        if not text.is_slug(script):
            raise InvalidQuestionnaire(f"The expected script '{script[:80]}' is not an id.", "Name it by its id.")
        if script in seen:
            raise InvalidQuestionnaire(f"'{script}' is expected twice.", "Keep one of the two.")
        seen.add(script)
    for e in expected:
        if not 1 <= e.grade <= MAX_GRADE:
            raise InvalidQuestionnaire(f"'{e.script}' has the grade {e.grade}.", f"Grades go from 1 to {MAX_GRADE}.")


def check_template(template: str) -> str:
    """The template, if it names nothing but the fields of a questionnaire.

    Raises:
        InvalidSettings: an unknown field, a conversion, a format, braces that do not pair, or no field at all.
    """
    usable = f"Use only {', '.join('{' + name + '}' for name in FIELDS)}."
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise InvalidSettings(f"The query template cannot be filled in ({error}).", usable) from None
    named = [(field, form, conversion) for _, field, form, conversion in parts if field is not None]
    for field, form, conversion in named:
        if field not in FIELDS or form or conversion:
            raise InvalidSettings(f"The query template cannot fill in '{{{field[:40]}}}' as it is written.", usable)
    if not named:
        raise InvalidSettings("The query template names no answer.", "Use {focus_area} in it.")
    return template
