"""Figures as they are written: three decimals, their interval, what they are over, and what they mean."""

from services.domain.measures import Interval, Measure


def name(measure: str) -> str:
    """A measure's name as it is read."""
    return measure.replace("_", " ")


def about(measure: Measure) -> str:
    """How it is defined, and by whom."""
    return f"{measure.definition} {measure.source}"


def value(interval: Interval | None) -> str:
    """The figure; a dash where there is none."""
    return "\u2013" if interval is None or interval.value is None else f"{interval.value:.3f}"


def between(interval: Interval | None) -> str:
    """Its interval: '0.790 to 0.921'; empty where there is none."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    return f"{interval.low:.3f} to {interval.high:.3f}"


def signed(number: float) -> str:
    """A difference with its sign, the true minus, and none where nothing differs."""
    told = f"{abs(number):.3f}"
    if told == "0.000":
        return told
    return f"+{told}" if number > 0 else f"\u2212{told}"


def signed_between(interval: Interval) -> str:
    """The interval of a difference: '\u22120.021 to +0.104'; empty where there is none."""
    if interval.low is None or interval.high is None:
        return ""
    return f"{signed(interval.low)} to {signed(interval.high)}"


def is_whole(share: float) -> bool:
    """Whether a share is 1, but for the rounding of sums."""
    return share >= 1 - 1e-9


def percent(share: float) -> str:
    """A share; all of it only where it is all."""
    return "100%" if is_whole(share) else f"{min(share, 0.99):.0%}"
