"""Moments as the person who looks at them would write them down: in their own time zone, to the second."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def exact(time: str) -> str:
    """The time of day, with the day where it is not today; in UTC, and saying so, where nobody knows the zone."""
    zone = _zone()
    moment, now = datetime.fromisoformat(time).astimezone(zone), datetime.now(zone)
    clock = f"{moment:%H:%M:%S}" if zone is not UTC else f"{moment:%H:%M:%S} UTC"
    return clock if moment.date() == now.date() else f"{moment.day} {moment:%b %Y}, {clock}"


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
