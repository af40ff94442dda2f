"""Compares the speed of K_nu(z) with its goals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from special_result import Result
from tables import number, ratio

FAMILIES = ("AVX2", "AVX3")  # the SIMD targets for which goals are set


@dataclass(frozen=True)
class Goal:
    """A number of ns that the slowest set of points must not exceed."""

    title: str
    unit: str
    most_ns: tuple[float, float]  # one for each of FAMILIES
    set_name: str | None = None  # None stands for every set

    def worst(self, results: Iterable[Result], target: str) -> tuple[float, str] | None:
        """Return the largest time, and its set."""
        chosen = (r for r in results if self.set_name in (None, r.points.name))
        times = [(r.ns(self.unit, target), r.points.name) for r in chosen]
        return max(((ns, name) for ns, name in times if ns is not None), default=None)


GOALS = (
    Goal("table, quadruple", "BesselTable", (2.5, 2.5)),
    Goal("array, quadruple, w < 30", "BesselArray", (100.0, 50.0), "w_below_30"),
    Goal("array, quadruple, w >= 40", "BesselArray", (20.0, 10.0), "w_from_40"),
    Goal("point, quadruple", "BesselPoint", (250.0, 250.0)),
    Goal("building a table, three decades of z", "BesselTableBuildThreeDecades", (1e5, 1e5)),
)


def row(title: str, name: str, ns: float, most: float) -> list[str]:
    """Return a row of the report."""
    met = "yes" if ns <= most else "**no**"
    return [title, name, number(ns), number(most), ratio(ns, most), met]


def against_one_kve(results: Sequence[Result], target: str) -> list[str] | None:
    """Return the row of the set at which quadruples do worst against single values of kve."""
    pairs = [(r.ns("BesselArray", target), r.ns("ScipyOne"), r.points.name) for r in results]
    shares = [(ns / one, ns, one, name) for ns, one, name in pairs if ns and one]
    if not shares:
        return None
    _, ns, one, name = max(shares)
    return row(f"array, quadruple, against one value of kve, {target}", name, ns, one)


def goal_rows(results: Sequence[Result], targets: Sequence[str]) -> Iterable[list[str]]:
    """Yield a row for each goal and target."""
    for goal in GOALS:
        for target in targets:
            family = target.split("_")[0]  # AVX3_DL counts as AVX3
            if family in FAMILIES and (worst := goal.worst(results, target)):
                ns, name = worst
                most = goal.most_ns[FAMILIES.index(family)]
                yield row(f"{goal.title}, {target}", name, ns, most)
    for target in targets:
        if target.split("_")[0] in FAMILIES and (found := against_one_kve(results, target)):
            yield found
