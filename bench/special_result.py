"""Holds the results of one set of points."""

from dataclasses import dataclass

from special_errors import Accuracy
from special_points import PointSet
from special_timing import Times


@dataclass(frozen=True)
class Result:
    """The results of one set of points."""

    points: PointSet
    times: Times
    accuracies: dict[str, Accuracy]

    def ns(self, unit: str, target: str = "") -> float | None:
        """Return the time of a row, or None if it was not measured."""
        return self.times.ns.get(f"{unit}/{target}" if target else unit)
