"""Functions that write numbers as text."""

import numpy as np

MINUS = "\u2212"
PERCENT = 100.0
RATE_DIGITS = 2  # a rate timed over milliseconds is not known to more


def signed(value: float, digits: int) -> str:
    """Write a fixed number of decimals, thousands separated, with a true minus sign.

    A value that rounds to zero has no sign.
    """
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", MINUS)


def more_or_less(value: float, digits: int, unit: str) -> str:
    """Write a difference in words: '2.38 nats more', '0.10 nats less'."""
    return f"{abs(value):,.{digits}f} {unit} {'less' if value < 0.0 else 'more'}"


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return f"{signed(PERCENT * share, digits)}%"


def level_name(probability: float) -> str:
    """Write a round probability as a percentage without needless zeros: 1%, 0.1%."""
    return f"{PERCENT * probability:g}%"


def count_of(count: int, what: str, plural: str | None = None) -> str:
    """Write a count of things, thousands separated: '1 day', '8,056 days'."""
    return f"{count:,} {what if count == 1 else plural or f'{what}s'}"


def rate(value: float) -> str:
    """Write a rate to its RATE_DIGITS significant digits."""
    return f"{float(f'{value:.{RATE_DIGITS}g}'):,.0f}"


def duration(seconds: float) -> str:
    """Write a duration to two digits: '0.012 s'."""
    return f"{seconds:.{RATE_DIGITS}g} s"


def date(day: np.datetime64) -> str:
    """Write an ISO date."""
    return str(day.astype("datetime64[D]"))
