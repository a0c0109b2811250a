"""Open a Chroma folder in a process of its own: a damaged one can take the process that opens it with it.

Run as ``python -m services.indexes.probe FOLDER``; exit code 0 says that every collection answers.
"""

import subprocess
import sys
from pathlib import Path

_PATIENCE_SECONDS = 120
_DATABASE = "chroma.sqlite3"


def survives(folder: Path) -> bool:
    """Whether a child process could open the folder and read and query every collection in it."""
    command = [sys.executable, "-m", "services.indexes.probe", str(folder.resolve())]
    # The child runs where it finds this package; a relative path would name another folder there.
    root = Path(__file__).parent.parent.parent
    try:
        child = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=_PATIENCE_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return child.returncode == 0


def _probe(folder: str) -> None:
    if not (Path(folder) / _DATABASE).is_file():
        # Opened all the same, Chroma would make an empty database here, of which every question is answered.
        sys.exit(f"{folder} has no {_DATABASE}.")
    import chromadb  # noqa: PLC0415  the parent imports this module without needing Chroma
    from chromadb.config import Settings  # noqa: PLC0415

    client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
    for collection in client.list_collections():
        collection = client.get_collection(collection.name, embedding_function=None)  # noqa: PLW2901
        some = collection.get(limit=3, include=["embeddings"])
        if len(some["ids"]):
            collection.query(query_embeddings=some["embeddings"], n_results=1, include=["distances"])


if __name__ == "__main__":
    _probe(sys.argv[1])
