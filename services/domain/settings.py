"""What ``workspace.yaml`` says, and where things lie in a workspace."""

import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from services.domain.questionnaires import check_template
from services.errors import InvalidSettings, InvalidYaml, NotFound
from services.ground import text, yaml_text

FORMAT = "scriptorium-workspace/1"
DEFAULT_TEMPLATE = "A script that helps with {focus_area}, the context is {challenge_context}"
DEFAULT_SECTIONS = ("induction", "affirmations", "awakening")
MAX_TOP_K = 50
WORDS_A_MINUTE = 130
_KEYS = (
    "format",
    "name",
    "sections",
    "query_template",
    "embedder",
    "top_k",
    "opens_with",
    "thresholds",
    "words_a_minute",
)
_EMBEDDER_KEYS = ("name", "model", "dimensions", "base_url", "same_as")
# The embedder whose models have tags of somebody's choosing.
_DECLARABLE = "openai"
_THRESHOLD_KEYS = ("cosine_attention", "cosine_broken", "centroid_shift")


@dataclass(frozen=True)
class EmbedderSettings:
    """Which embedder a workspace asks with. All but ``name`` is for ``openai`` and may be empty.

    ``same_as`` declares that ``model`` is another tag of that model: requests name ``model``, the identity ``same_as``.
    """

    name: str = "minilm"
    model: str = ""
    dimensions: int = 0
    base_url: str = ""
    same_as: str = ""

    def of(self, name: str) -> "EmbedderSettings":
        """These settings for the embedder of another name; a declaration that cannot hold for it is left out."""
        return replace(self, name=name, same_as=self.same_as if name == _DECLARABLE else "")


@dataclass(frozen=True)
class Thresholds:
    """From where on a difference between stored vectors and those that the model makes today counts.

    Cosines of the same text embedded then and now: below ``cosine_attention`` the vectors have moved, below
    ``cosine_broken`` they live in another space. Providers answer the same text with cosines of about 0.9999 from call
    to call. ``centroid_shift``: how far a section's mean may move, as a share of its length.
    """

    cosine_attention: float = 0.999
    cosine_broken: float = 0.95
    centroid_shift: float = 0.05


@dataclass(frozen=True)
class Settings:
    """A workspace's settings."""

    name: str = "Scripts"
    sections: tuple[str, ...] = DEFAULT_SECTIONS
    query_template: str = DEFAULT_TEMPLATE
    embedder: EmbedderSettings = field(default_factory=EmbedderSettings)
    top_k: int = 5
    # The id of the questionnaire that the workbench shows first; empty: the first by title.
    opens_with: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)
    # How fast scripts are read aloud.
    words_a_minute: int = WORDS_A_MINUTE

    def minutes(self, words: int) -> float:
        """Minutes that so many words take when they are read aloud, to a tenth."""
        return round(words / self.words_a_minute, 1)

    def check_section(self, section: str) -> str:
        """The section, if the workspace has it.

        Raises:
            NotFound: it has not.
        """
        if section not in self.sections:
            raise NotFound(f"There is no section '{section[:80]}'.", f"Use one of: {', '.join(self.sections)}.")
        return section


@dataclass(frozen=True)
class Paths:
    """Where things lie in a workspace."""

    root: Path

    @property
    def settings(self) -> Path:  # noqa: D102  each says what its name says
        return self.root / "workspace.yaml"

    @property
    def records(self) -> Path:  # noqa: D102
        return self.root / "records"

    @property
    def questionnaires(self) -> Path:  # noqa: D102
        return self.root / "questionnaires"

    @property
    def settled(self) -> Path:  # noqa: D102
        return self.root / "settled.yaml"

    @property
    def manifest(self) -> Path:  # noqa: D102
        return self.root / "manifest.yaml"

    @property
    def bin(self) -> Path:  # noqa: D102
        return self.root / "bin"

    @property
    def derived(self) -> Path:  # noqa: D102
        return self.root / "derived"

    @property
    def index(self) -> Path:  # noqa: D102
        return self.derived / "index"

    @property
    def canaries(self) -> Path:  # noqa: D102
        return self.root / "canaries"

    @property
    def checks(self) -> Path:  # noqa: D102
        return self.root / "checks"

    @property
    def changing(self) -> Path:  # noqa: D102
        return self.root / "changing.json"

    @property
    def change(self) -> Path:  # noqa: D102
        return self.derived / "change"

    @property
    def editing(self) -> Path:  # noqa: D102
        return self.root / "editing"

    @property
    def embeddings(self) -> Path:  # noqa: D102
        return self.derived / "embeddings"

    @property
    def uploads(self) -> Path:  # noqa: D102
        return self.root / "uploads"

    @property
    def lock(self) -> Path:  # noqa: D102
        return self.root / ".writer.lock"


def read_settings(paths: Paths) -> Settings:
    """Read and check ``workspace.yaml``.

    Raises:
        NotFound: the folder is no workspace.
        InvalidSettings: a key that is unknown or a value that cannot be followed.
    """
    try:
        data = paths.settings.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            f"{paths.root} is not a workspace: it has no workspace.yaml.",
            f"Make one there: python -m services init {paths.root}",
        ) from None
    except OSError as error:
        raise InvalidSettings(f"{paths.settings} cannot be read ({error.strerror}).", "Check the folder.") from None
    try:
        return parse_settings(yaml_text.load(data, source="workspace.yaml"))
    except InvalidYaml as error:
        raise InvalidSettings(error.cause, error.next_step) from error


def parse_settings(value: Any) -> Settings:
    """Settings from the mapping in ``workspace.yaml``; what it does not name has its default."""
    given = _mapping(value, "workspace.yaml", _KEYS)
    if given.get("format") != FORMAT:
        raise InvalidSettings(f"workspace.yaml does not begin with 'format: {FORMAT}'.", "Add that line.")
    return Settings(
        name=text.one_line(_text(given, "name")) or "Scripts",
        sections=_sections(given.get("sections", list(DEFAULT_SECTIONS))),
        query_template=check_template(_text(given, "query_template") or DEFAULT_TEMPLATE),
        embedder=_embedder(given.get("embedder", {"name": "minilm"})),
        top_k=_number(given, "top_k", default=5, low=1, high=MAX_TOP_K),
        opens_with=text.one_line(_text(given, "opens_with")),
        thresholds=_thresholds(given.get("thresholds", {})),
        words_a_minute=_number(given, "words_a_minute", default=WORDS_A_MINUTE, low=20, high=1000),
    )


def settings_as_yaml(settings: Settings) -> bytes:
    """The bytes of ``workspace.yaml``."""
    embedder = {key: getattr(settings.embedder, key) for key in _EMBEDDER_KEYS}
    return yaml_text.dump(
        {
            "format": FORMAT,
            "name": settings.name,
            "sections": list(settings.sections),
            "query_template": settings.query_template,
            "embedder": {key: value for key, value in embedder.items() if value},
            "top_k": settings.top_k,
            **({"opens_with": settings.opens_with} if settings.opens_with else {}),
            **({"thresholds": asdict(settings.thresholds)} if settings.thresholds != Thresholds() else {}),
            **({"words_a_minute": settings.words_a_minute} if settings.words_a_minute != WORDS_A_MINUTE else {}),
        }
    )


def _mapping(value: Any, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidSettings(f"{where} is not a mapping of keys to values.", "See docs/formats.md.")
    for key in value:
        if key not in keys:
            raise InvalidSettings(f"{where} has the unknown key '{key[:80]}'.", f"Known: {', '.join(keys)}.")
    return value


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise InvalidSettings(f"'{key}' in workspace.yaml is not text.", "Write it on one line.")
    return value


def _sections(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InvalidSettings("'sections' in workspace.yaml is not a list of names.", "List at least one.")
    for name in value:
        if not isinstance(name, str) or not text.is_slug(name):
            raise InvalidSettings(
                f"The section '{str(name)[:80]}' is no slug.", "Use lower-case letters, digits and hyphens."
            )
    if len(set(value)) != len(value):
        raise InvalidSettings("A section is listed twice in workspace.yaml.", "Keep one of the two.")
    return tuple(value)


def _embedder(value: Any) -> EmbedderSettings:
    given = _mapping(value, "'embedder' in workspace.yaml", _EMBEDDER_KEYS)
    made = EmbedderSettings(
        name=_text(given, "name"),
        model=_text(given, "model"),
        dimensions=_number(given, "dimensions", default=0, low=1, high=100_000),
        base_url=_text(given, "base_url"),
        same_as=_text(given, "same_as"),
    )
    if made.same_as and made.name != _DECLARABLE:
        raise InvalidSettings(
            f"'same_as' in workspace.yaml is for a model behind a server, and '{made.name[:40]}' is none.",
            "Leave it out, or set the embedder's name to openai.",
        )
    if made.same_as and not made.model:
        raise InvalidSettings("'same_as' in workspace.yaml has no 'model' beside it.", "Name the model to ask for.")
    return made


def _thresholds(value: Any) -> Thresholds:
    given = _mapping(value, "'thresholds' in workspace.yaml", _THRESHOLD_KEYS)
    made = Thresholds(**{key: _share(given, key, getattr(Thresholds(), key)) for key in _THRESHOLD_KEYS})
    if made.cosine_broken > made.cosine_attention:
        raise InvalidSettings(
            "'cosine_broken' in workspace.yaml is above 'cosine_attention'.", "Vectors are in another space only below."
        )
    return made


def _share(given: dict[str, Any], key: str, default: float) -> float:
    try:
        number = float(given.get(key, default))
    except (TypeError, ValueError):
        number = math.nan
    # NaN is between nothing.
    if not 0 < number < 1:
        raise InvalidSettings(f"'{key}' in workspace.yaml is no number between 0 and 1.", f"The default is {default}.")
    return number


def _number(given: dict[str, Any], key: str, *, default: int, low: int, high: int) -> int:
    if key not in given:
        return default
    try:
        number = int(given[key])
    except (TypeError, ValueError):
        raise InvalidSettings(f"'{key}' in workspace.yaml is not a whole number.", "Write digits only.") from None
    if not low <= number <= high:
        raise InvalidSettings(f"'{key}' in workspace.yaml is {number}.", f"It goes from {low} to {high}.")
    return number
