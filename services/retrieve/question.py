"""A question, what it leaves open, and all that it is put to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.methods import Method, Mode
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Script, Status, Vectors
from services.domain.trust import Trust
from services.ports import Catalogue, VectorIndex
from services.ranking import Lexicons


@dataclass(frozen=True)
class Options:
    """What a question leaves open. Empty ``sections`` and ``focus_areas`` mean all."""

    top_k: int = 5
    sections: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = (Status.APPROVED,)
    focus_areas: tuple[str, ...] = ()
    # Ask a collection of another model all the same. Its hits mean nothing; they are marked by their state.
    allow_mismatch: bool = False
    # False: the hits only, by the index's own search, where the method is to take the nearest passages.
    whole_section: bool = True
    # Another method than the workspace's, such as that of a run; and another mode than the method has.
    method: Method | None = None
    mode: Mode | None = None
    # Another template than the workspace's; empty: its own.
    query_template: str = ""

    def admits(self, script: Script) -> bool:
        """Whether a script may be retrieved."""
        focus = not self.focus_areas or any(area in script.focus_areas for area in self.focus_areas)
        return focus and (not self.statuses or script.status in self.statuses)


@dataclass(frozen=True, eq=False)
class Asked:
    """A question with its vector, ``float32[d]``, and all that it is put to."""

    questionnaire: Questionnaire
    # None where only words are compared because it could not be embedded; ``unembedded`` says why.
    vector: Vectors | None
    # Which embedder made it, and which space it lives in.
    embedder: str
    stamp: Stamp
    options: Options
    catalogue: Catalogue
    index: VectorIndex
    # What is known of the sections besides what is recorded with them.
    known: Mapping[str, Trust] = field(default_factory=dict)
    # The text whose words are compared, and how scripts are ranked.
    words: str = ""
    method: Method = field(default_factory=Method)
    lexicons: Lexicons = field(default_factory=Lexicons)
    unembedded: str = ""
