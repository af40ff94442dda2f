"""Formats numbers and tables for the reports."""

from collections.abc import Iterable, Sequence

NONE = "-"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with some digits, never in powers of ten."""
    if value is None:
        return NONE
    return f"{float(f'{value:.{digits}g}'):,.{max(0, digits - len(str(int(value))))}f}"


def ratio(value: float | None, unit: float | None) -> str:
    """Return the number of times that `value` is `unit`."""
    return NONE if value is None or not unit else number(value / unit)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table, in which the first column is text and the others are numbers."""
    rule = ["---", *("--:" for _ in heads[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows)] + [""]
