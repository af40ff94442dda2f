"""Exit codes, the mistakes that lead to them, and what is said on standard error."""

from __future__ import annotations

import sys

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
