"""How fast K_nu(z) is to be, and whether it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from special_result import Result, number, ratio

FAMILIES = ("AVX2", "AVX3")  # the SIMD targets that goals are set for


@dataclass(frozen=True)
class Goal:
    """A number of ns that the slowest set of points is to stay below."""

    title: str
    unit: str
    most_ns: tuple[float, float]  # for FAMILIES
    set_name: str | None = None  # None: every set

    def worst(self, results: Iterable[Result], target: str) -> tuple[float, str] | None:
        """The largest time, and its set."""
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
    """A row of the report."""
    met = "yes" if ns <= most else "**no**"
    return [title, name, number(ns), number(most), ratio(ns, most), met]


def against_one_kve(results: Sequence[Result], target: str) -> list[str] | None:
    """The set at which an array of quadruples does worst against an array of single kve."""
    pairs = [(r.ns("BesselArray", target), r.ns("ScipyOne"), r.points.name) for r in results]
    shares = [(ns / one, ns, one, name) for ns, one, name in pairs if ns and one]
    if not shares:
        return None
    _, ns, one, name = max(shares)
    return row(f"array, quadruple, against one value of kve, {target}", name, ns, one)


def goal_rows(results: Sequence[Result], targets: Sequence[str]) -> Iterable[list[str]]:
    """A row a goal and target."""
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
