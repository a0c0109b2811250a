"""The ranks of one script as it is kept and as it is typed, by any method: the whole section is ranked with each."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.methods import Method
from services.domain.scripts import Record, Script, Status, Vectors, VectorSet
from services.ports import Catalogue
from services.ranking.ground import Ground
from services.ranking.lexical import Lexicons
from services.ranking.weighing import needs_words


@dataclass(frozen=True, eq=False)
class Edited:
    """The sections that a script is retrieved from now and after the edit; None where it is from none."""

    script: str
    before: Ground | None
    after: Ground | None

    @classmethod
    def of(
        cls, script: Script, vectors: VectorSet, catalogue: Catalogue, method: Method, lexicons: Lexicons
    ) -> "Edited":
        """Among the approved scripts. Where words count, those of the section are read once more with this script's."""
        digest, present = vectors.stamp.model_digest, catalogue.records.get(script.id)
        before = after = None
        if present is not None and present.script.status is Status.APPROVED:
            section = present.script.section
            before = _ground(section, _approved(catalogue, section), digest)
            if needs_words(method):
                before.lexicon_of(lexicons.of(catalogue, section, (Status.APPROVED,)))
        if script.status is Status.APPROVED:
            others = [r for r in _approved(catalogue, script.section) if r.script.id != script.id]
            after = _ground(script.section, [*others, Record(script, vectors)], digest)
        return cls(script.id, before, after)

    def ranks(
        self, questions: Sequence[str], vectors: Vectors, method: Method, cut_off: float | None
    ) -> list[tuple[int | None, int | None]]:
        """Rank now and after the edit by question; ``vectors`` is ``float32[q, d]``. None where it is not ranked."""
        grounds = (self.before, self.after)
        found = [self._of(ground, questions, vectors, method, cut_off) for ground in grounds]
        return list(zip(*found, strict=True))

    def _of(
        self, ground: Ground | None, questions: Sequence[str], vectors: Vectors, method: Method, cut_off: float | None
    ) -> list[int | None]:
        if ground is None:
            return [None] * len(questions)
        wanted = [(self.script,)] * len(questions)
        ranked = ground.ranked(questions, vectors, method, cut_off=cut_off, wanted=wanted, depth=0)
        return [found.ranks.get(self.script) for found in ranked]


def _approved(catalogue: Catalogue, section: str) -> list[Record]:
    return [record for record in catalogue.section(section) if record.script.status is Status.APPROVED]


def _ground(section: str, records: Sequence[Record], digest: str) -> Ground:
    """Of the vectors those that are in this space."""
    held = {r.script.id: r.vectors for r in records if r.vectors and r.vectors.stamp.model_digest == digest}
    return Ground.of(section, records, {i: v for i, v in held.items() if v is not None})
