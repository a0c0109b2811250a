"""The address of somebody else's store: what it names, and how it is shown without its password."""

import re

HIDDEN = "•••"
# Also spellings that are none, such as ``postgresql+driver://``: what may hold a password is never taken for a path.
_SCHEME = re.compile(r"\s*postgres(ql)?(\+\w+)?:/", re.IGNORECASE)
# libpq's other spelling: ``host=localhost dbname=corpus``.
_SETTINGS = re.compile(r"\s*(host|hostaddr|port|dbname|user|password|service|ssl\w+|options|connect_timeout)\s*=")
# A value may be quoted, and whoever forgets the closing quote has typed a password all the same.
_SECRET = re.compile(r"\b((?:ssl)?password|passfile)(\s*=\s*)('(?:\\.|[^'\\])*'?|[^\s&]+)", re.IGNORECASE)


def is_postgres(target: str) -> bool:
    """Whether this names a PostgreSQL database, and no folder."""
    return _SCHEME.match(target) is not None or _SETTINGS.match(target) is not None


def masked(target: str) -> str:
    """The address as it may be shown, logged and kept: a password in it is hidden."""
    shown = _SECRET.sub(rf"\1\g<2>{HIDDEN}", target.strip())
    scheme, found, rest = shown.partition(":/")
    # Up to the last "@": a password may hold one itself, and is hidden too much sooner than too little.
    login, at, host = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    if not (found and at and colon):
        return shown
    return f"{scheme}:/{user}:{HIDDEN}@{host}"
