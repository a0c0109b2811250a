"""The time, as it is written down."""

from datetime import UTC, datetime, timedelta


def now(later: timedelta = timedelta(0)) -> str:
    """In UTC, as ISO 8601 to the millisecond: two things that happen one after the other rarely share it."""
    return (datetime.now(UTC) + later).isoformat(timespec="milliseconds").replace("+00:00", "Z")
