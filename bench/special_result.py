"""Holds the results of one set of points, and formats numbers and tables for the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from special_errors import Accuracy
from special_points import PointSet
from special_timing import Times

NONE = "-"


@dataclass(frozen=True)
class Result:
    """The results of one set of points."""

    points: PointSet
    times: Times
    accuracies: dict[str, Accuracy]

    def ns(self, unit: str, target: str = "") -> float | None:
        """Return the time of a row, or None if it was not measured."""
        return self.times.ns.get(f"{unit}/{target}" if target else unit)


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
