"""Where things lie in a workspace."""

from dataclasses import dataclass
from pathlib import Path


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
    def judgements(self) -> Path:  # noqa: D102
        return self.root / "judgements"

    @property
    def runs(self) -> Path:  # noqa: D102
        return self.root / "runs"

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
    def maps(self) -> Path:  # noqa: D102
        return self.derived / "map"

    @property
    def uploads(self) -> Path:  # noqa: D102
        return self.root / "uploads"

    @property
    def lock(self) -> Path:  # noqa: D102
        return self.root / ".writer.lock"
