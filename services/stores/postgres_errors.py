"""PostgreSQL's errors in the workbench's words: what happened, what to do, and never a password."""

import contextlib
import re
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from services.errors import StoreUnreadable
from services.ground.addresses import HIDDEN

_SAID = 300
# Tables that the user may not read are left out.
_WITHOUT = "To see the others, ask as a user who may not read it."
# What a refused connection says, in libpq's English; its refusals carry no codes.
_REFUSALS = (
    (
        "authentication failed|no password supplied",
        "The server refuses this user and password.",
        "Check both; in an address, special characters of a password are written as %40 for @ or %2F for /.",
    ),
    (
        'database ".*" does not exist',
        "The server answers, but has no database of this name.",
        "Check the database's name: it is the last part of the address.",
    ),
    (
        'role ".*" does not exist',
        "The server answers, but knows no user of this name.",
        "Check the user: it stands in front of the @.",
    ),
    ("no pg_hba.conf entry", "The server lets nobody in from here.", "Ask its owner to let this machine in."),
    (
        "timeout expired|timed out",
        "The server does not answer within 5 seconds.",
        "Check host and port, and whether a firewall or a VPN lies in between.",
    ),
    (
        "connection refused",
        "Nothing answers at this host and port.",
        "Check both, and that the server runs and listens there.",
    ),
    (
        "translate host name|resolve host|name or service not known",
        "There is no host of this name.",
        "Check the spelling of the host in the address.",
    ),
    (
        "no such file or directory",
        "No server listens at this place on this machine.",
        "Name a host in the address: postgresql://user@host:5432/database.",
    ),
)


@contextlib.contextmanager
def told(dsn: str, table: str = "") -> Iterator[None]:
    """Say what the server refuses as ``StoreUnreadable``; ``table`` is what it was asked for."""
    what = table or "the catalogue"
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise StoreUnreadable(
            f"This user may not read all that {what} is made of ({_said(error, dsn)}).",
            f"{_WITHOUT} Or ask its owner for the right to read it.",
        ) from None
    except errors.QueryCanceled:
        raise StoreUnreadable(
            f"The server took longer than two minutes to read {what}, and was stopped.",
            f"Try again when it is less busy. {_WITHOUT}",
        ) from None
    except psycopg.OperationalError as error:
        raise _connecting(error, dsn) from None
    except psycopg.Error as error:
        raise StoreUnreadable(
            f"The server could not read {what} ({_said(error, dsn)}).",
            f"Try again. {_WITHOUT}",
        ) from None
    except RecursionError:
        raise StoreUnreadable(f"A JSON column of {what} nests deeper than can be read.", _WITHOUT) from None
    except UnicodeDecodeError:
        raise StoreUnreadable(
            f"In {what} there is text that is in no known encoding.",
            "Its owner can say SHOW server_encoding; a database in UTF8 can be read.",
        ) from None


def _connecting(error: psycopg.OperationalError, dsn: str) -> StoreUnreadable:
    said = _said(error, dsn)
    for pattern, cause, step in _REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            return StoreUnreadable(cause, step)
    return StoreUnreadable(
        f"The server cannot be asked ({said}).", "Check the address, and that the server runs; then try again."
    )


def _said(error: psycopg.Error, dsn: str) -> str:
    """The server's own words on one line, without the password should they repeat it."""
    said = " ".join((error.diag.message_primary or str(error)).split())
    for secret in _secrets(dsn):
        said = said.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
    return said[:_SAID].rstrip(".")


def _secrets(dsn: str) -> list[str]:
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error:
        return []
    return [str(value) for key, value in parts.items() if "password" in key and value]
