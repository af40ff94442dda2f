"""Exit codes, the mistakes that lead to them, and what is said on standard error."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable

from varimix.command_line import INTERRUPTED as INTERRUPTED

FAILED = 1
WRONG_USE = 2
BAD_DATA = 3
DEGENERATE = 4

DEGENERATE_STATUSES = (
    "constant_column",
    "collinear_columns",
    "dispersion_floor",
    "mode_trap",
    "scale_overflow",
    "too_few_rows",
)
"""Outcomes after which a fit is "not to be used" (docs/when_a_fit_fails.md)."""


class WrongUseError(Exception):
    """An option or an argument is wrong, whatever the data are."""


class BadDataError(ValueError):
    """A file or a row is not what it should be."""


class MissingExtraError(Exception):
    """A package that a command needs is not installed."""


def say(text: str) -> None:
    """Print a line for people on standard error, which is never mixed with results."""
    print(f"varimix: {text}", file=sys.stderr)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the word of ``known`` that is like ``word``, or ""."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""
