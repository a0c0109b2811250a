"""What ``workspace.yaml`` says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from services.domain import given
from services.domain.methods import Method, make_method
from services.domain.paths import Paths
from services.domain.questionnaires import check_template
from services.errors import InvalidSettings, InvalidYaml, NotFound
from services.ground import text, yaml_text

__all__ = [
    "DEFAULT_SECTIONS",
    "DEFAULT_TEMPLATE",
    "FORMAT",
    "MAX_TOP_K",
    "WORDS_A_MINUTE",
    "EmbedderSettings",
    "Gate",
    "Paths",
    "Settings",
    "Thresholds",
    "parse_settings",
    "read_settings",
    "settings_as_yaml",
]

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
    "retrieval",
    "guidelines",
    "gate",
)
_EMBEDDER_KEYS = ("name", "model", "dimensions", "base_url", "same_as")
# The embedder whose models have tags of somebody's choosing.
_DECLARABLE = "openai"
_THRESHOLD_KEYS = ("cosine_attention", "cosine_broken", "centroid_shift")
_GATE_KEYS = ("recall_at_5", "fall")


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
class Gate:
    """What an evaluation must reach: recall@5 itself, and how far it may fall, as a share of the baseline's."""

    recall_at_5: float = 0.90
    fall: float = 0.05


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
    # How questionnaires find scripts.
    method: Method = field(default_factory=Method)
    # What people who judge go by, by section.
    guidelines: Mapping[str, str] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)

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
    said = given.mapping(value, "workspace.yaml", _KEYS)
    if said.get("format") != FORMAT:
        raise InvalidSettings(f"workspace.yaml does not begin with 'format: {FORMAT}'.", "Add that line.")
    sections = _sections(said.get("sections", list(DEFAULT_SECTIONS)))
    return Settings(
        name=text.one_line(given.text(said, "name")) or "Scripts",
        sections=sections,
        query_template=check_template(given.text(said, "query_template") or DEFAULT_TEMPLATE),
        embedder=_embedder(said.get("embedder", {"name": "minilm"})),
        top_k=given.number(said, "top_k", default=5, low=1, high=MAX_TOP_K),
        opens_with=text.one_line(given.text(said, "opens_with")),
        thresholds=_thresholds(said.get("thresholds", {})),
        words_a_minute=given.number(said, "words_a_minute", default=WORDS_A_MINUTE, low=20, high=1000),
        method=_method(said.get("retrieval", {})),
        guidelines=given.guidelines(said.get("guidelines", {}), sections),
        gate=_gate(said.get("gate", {})),
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
            **({"retrieval": _changed(settings.method)} if settings.method != Method() else {}),
            **({"guidelines": dict(settings.guidelines)} if settings.guidelines else {}),
            **({"gate": asdict(settings.gate)} if settings.gate != Gate() else {}),
        }
    )


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
    said = given.mapping(value, "'embedder' in workspace.yaml", _EMBEDDER_KEYS)
    made = EmbedderSettings(
        name=given.text(said, "name"),
        model=given.text(said, "model"),
        dimensions=given.number(said, "dimensions", default=0, low=1, high=100_000),
        base_url=given.text(said, "base_url"),
        same_as=given.text(said, "same_as"),
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
    said = given.mapping(value, "'thresholds' in workspace.yaml", _THRESHOLD_KEYS)
    made = Thresholds(**{key: given.share(said, key, getattr(Thresholds(), key)) for key in _THRESHOLD_KEYS})
    if made.cosine_broken > made.cosine_attention:
        raise InvalidSettings(
            "'cosine_broken' in workspace.yaml is above 'cosine_attention'.", "Vectors are in another space only below."
        )
    return made


def _method(value: Any) -> Method:
    made = make_method(given.mapping(value, "'retrieval' in workspace.yaml", tuple(Method().as_json())))
    if not made.stored:
        raise InvalidSettings(
            f"'retrieval' in workspace.yaml looks at the passages '{made.passages}', which no index holds.",
            "Choose both, card or body. The laboratory can try it.",
        )
    return made


def _changed(method: Method) -> dict[str, Any]:
    """What is not as in a new workspace; the name in any case, by which people know it."""
    usual = Method().as_json()
    return {key: value for key, value in method.as_json().items() if key == "name" or value != usual[key]}


def _gate(value: Any) -> Gate:
    said = given.mapping(value, "'gate' in workspace.yaml", _GATE_KEYS)
    return Gate(**{key: given.share(said, key, getattr(Gate(), key), ends=True) for key in _GATE_KEYS})
