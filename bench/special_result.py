"""What was measured at one set of points, and how the report writes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from special_errors import Accuracy
from special_points import PointSet
from special_timing import Times

NONE = "-"


@dataclass(frozen=True)
class Result:
    """All about one set of points."""

    points: PointSet
    times: Times
    accuracies: dict[str, Accuracy]

    def ns(self, unit: str, target: str = "") -> float | None:
        """Time of a row, where it was measured."""
        return self.times.ns.get(f"{unit}/{target}" if target else unit)


def number(value: float | None, digits: int = 3) -> str:
    """A number with some digits, never in powers of ten."""
    if value is None:
        return NONE
    return f"{float(f'{value:.{digits}g}'):,.{max(0, digits - len(str(int(value))))}f}"


def ratio(value: float | None, unit: float | None) -> str:
    """How many times `unit`."""
    return NONE if value is None or not unit else number(value / unit)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are numbers."""
    rule = ["---", *("--:" for _ in heads[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows)] + [""]
