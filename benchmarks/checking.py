"""The health check of the demo workspace with MiniLM, against bare embedding of the texts that it embeds."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.table import Row, limited, paired
from benchmarks.timing import interleave
from services import workspaces
from services.domain.scripts import Vectors
from services.embedders.minilm import MiniLM
from services.ground.progress import Progress
from services.workbench import Workbench

_DEMO = Path(__file__).parents[1] / "data" / "demo"
_LIMIT_MILLISECONDS = 2_000


class _Noting(MiniLM):
    """MiniLM that takes note of what it is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked: list[list[str]] = []

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.asked.append(list(texts))
        return super().embed_documents(texts, progress)


class _Noted(Workbench):
    """The real workbench, around the model that takes note."""

    noting: _Noting

    def _make_embedder(self, chosen: object) -> _Noting:  # noqa: ARG002  there is one
        return self.noting


def rows(*, quick: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        workspaces.copy(_DEMO, root)
        _Noted.noting = _Noting(Path(folder))
        with _Noted(root) as workbench:
            workbench.refresh()
            workbench.warm()
            _Noted.noting.asked.clear()
            assert workbench.check().trusted
            asked = list(_Noted.noting.asked)
            model = MiniLM(Path(folder))

            def bare(_: int) -> None:
                for texts in asked:
                    model.embed_documents(texts)

            pairs = interleave(lambda _: workbench.check(), bare, 2 if quick else 9)
    passages = sum(map(len, asked))
    row = paired(
        "health check of the demo workspace",
        f"Everything that `health` does with MiniLM in an open workspace, {passages} texts embedded, against MiniLM "
        "embedding these texts in the same calls. The limit is on our own time.",
        pairs,
    )
    yield limited(row, _LIMIT_MILLISECONDS, pairs.ours)
