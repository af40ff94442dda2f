"""The Markdown of the benchmark of K_nu(z): targets, error beside speed, break-even."""

from collections.abc import Callable, Iterable, Sequence
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


@dataclass(frozen=True)
class Goal:
    """A number of ns that the worst of some sets has to stay below, by width of the registers."""

    title: str
    unit: str
    sets: Callable[[PointSet], bool]
    most_ns: dict[str, float]  # by family of targets

    def most(self, target: str) -> float | None:
        """The goal on this target: AVX3_DL counts as AVX3."""
        return self.most_ns.get(target.split("_")[0])

    def worst(self, results: Iterable[Result], target: str) -> tuple[float, str] | None:
        """The largest time, and its set."""
        times = [(r.ns(self.unit, target), r.points.name) for r in results if self.sets(r.points)]
        return max(((ns, name) for ns, name in times if ns is not None), default=None)


def any_set(_: PointSet) -> bool:
    """Every set."""
    return True


def named(name: str) -> Callable[[PointSet], bool]:
    """The set of that name."""
    return lambda points: points.name == name


GOALS = (
    Goal("table, quadruple", "BesselTable", any_set, {"AVX2": 2.5, "AVX3": 2.5}),
    Goal(
        "array, quadruple, w < 30",
        "BesselArray",
        named("w_below_30"),
        {"AVX2": 100.0, "AVX3": 50.0},
    ),
    Goal(
        "array, quadruple, w >= 40", "BesselArray", named("w_from_40"), {"AVX2": 20.0, "AVX3": 10.0}
    ),
    Goal("point, quadruple", "BesselPoint", any_set, {"AVX2": 250.0, "AVX3": 250.0}),
    Goal(
        "building a table, three decades of z",
        "BesselTableBuildThreeDecades",
        any_set,
        {"AVX2": 1e5, "AVX3": 1e5},
    ),
)


def number(value: float | None, digits: int = 3) -> str:
    """A number with some digits, never in powers of ten."""
    if value is None:
        return NONE
    return f"{float(f'{value:.{digits}g}'):,.{max(0, digits - len(str(int(value))))}f}"


def ratio(value: float | None, unit: float | None) -> str:
    """How many times `unit`."""
    return NONE if value is None or not unit else number(value / unit, 2)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are numbers."""
    rule = ["---", *("--:" for _ in heads[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows)] + [""]


def goal_rows(results: Sequence[Result], targets: Sequence[str]) -> Iterable[list[str]]:
    """A row a goal and target."""
    for goal in GOALS:
        for target in targets:
            most, worst = goal.most(target), goal.worst(results, target)
            if most is None or worst is None:
                continue
            ns, name = worst
            met = "yes" if ns <= most else "**no**"
            yield [f"{goal.title}, {target}", name, number(ns), number(most), ratio(ns, most), met]
    for target in targets:
        pairs = [(r.ns("BesselArray", target), r.ns("ScipyOne"), r.points.name) for r in results]
        shares = [(ns / one, ns, one, name) for ns, one, name in pairs if ns and one]
        if shares:
            share, ns, one, name = max(shares)
            met = "yes" if share <= 1.0 else "**no**"
            title = f"array, quadruple, against one value of kve, {target}"
            yield [title, name, number(ns), number(one), number(share, 2), met]


def error_cells(accuracy: Accuracy | None) -> list[str]:
    """The four errors, and failures of points."""
    if accuracy is None:
        return [NONE] * 5
    cells = [f"{error:.1e}" if error == error else NONE for error in accuracy.errors]
    return [*cells, f"{accuracy.failures} of {accuracy.points}"]


def worst_accuracy(result: Result, unit: str) -> Accuracy | None:
    """The largest errors of a method, over its targets."""
    found = [a for key, a in result.accuracies.items() if key.split("/")[0] == unit]
    if not found:
        return None
    log_k, minus, plus, slope = (
        max(errors) for errors in zip(*(a.errors for a in found), strict=True)
    )
    failures = max(a.failures for a in found)
    return Accuracy((log_k, minus, plus, slope), failures, found[0].points)


def method_rows(result: Result, best: str) -> Iterable[list[str]]:
    """A row a method: one value, the quadruple, errors."""
    methods = (
        ("BesselTable", "", "BesselTable", best),
        ("gig_moments", "", "GigMoments", best),
        ("bessel_k, array", "", "BesselArray", best),
        ("bessel_k, point", "LogBesselK", "BesselPoint", best),
        ("bessel_k_second_order", "", "BesselSecondOrder", best),
        ("SciPy kve", "ScipyOne", "ScipyQuadruple", ""),
        ("Boost.Math", "BoostOne", "BoostQuadruple", ""),
        ("GSL", "GslOne", "GslQuadruple", ""),
    )
    for title, one, quadruple, target in methods:
        ns, found = result.ns(quadruple, target), worst_accuracy(result, quadruple)
        if ns is None and found is None:
            continue
        scipy = result.ns("ScipyQuadruple")
        speedup = ratio(scipy, ns) if scipy else NONE
        yield [title, number(result.ns(one, target)), number(ns), speedup, *error_cells(found)]


def target_rows(results: Sequence[Result], targets: Sequence[str]) -> Iterable[list[str]]:
    """A row a set and method: its time on every target."""
    for result in results:
        for title, unit in (
            ("BesselTable", "BesselTable"),
            ("array", "BesselArray"),
            ("point", "BesselPoint"),
        ):
            times = [result.ns(unit, target) for target in targets]
            if any(times):
                yield [f"{result.points.name}, {title}", *map(number, times)]


def table_rows(results: Sequence[Result], targets: Sequence[str]) -> Iterable[list[str]]:
    """A row a set and target: what a table costs, and from how many rows it pays."""
    for result in results:
        for target in targets:
            direct, from_table = result.ns("GigMoments", target), result.ns("BesselTable", target)
            build = result.ns("BesselTableBuild", target)
            wide = result.ns("BesselTableBuildThreeDecades", target)
            octaves = result.times.octaves.get(f"BesselTableBuild/{target}")
            if direct is None or from_table is None or build is None or wide is None:
                continue
            rows = build / (direct - from_table) if direct > from_table else None
            yield [
                f"{result.points.name}, {target}",
                number(octaves),
                number(build / 1e3),
                number(wide / 1e3),
                number(direct),
                number(from_table),
                number(rows),
            ]


def report(head: Sequence[str], results: Sequence[Result], targets: Sequence[str]) -> str:
    """All of it."""
    lines = ["# K_nu(z): error and speed, measured in one run", "", *head, ""]
    lines += [
        "## Goals",
        "",
        "The slowest set of points counts; ns a row, of the table ns a table.",
        "",
    ]
    lines += table(["goal", "set", "ns", "at most", "ratio", "met"], goal_rows(results, targets))
    lines += ["## Tables against arrays", ""]
    lines += [
        "GIG moments from u = z^2, all four: directly, and from a table over the range of the set. The table pays",
        "from the number of rows at which building it is as long as what it saves.",
        "",
    ]
    heads = [
        "set",
        "octaves",
        "build, us",
        "build 3 decades, us",
        "direct, ns",
        "table, ns",
        "break-even, rows",
    ]
    lines += table(heads, table_rows(results, targets))
    lines += ["## SIMD targets", "", "ns a row, the quadruple.", ""]
    lines += table(["set, method", *targets], target_rows(results, targets))
    lines += [f"## Error beside speed, {targets[0]}", ""]
    lines += [
        "Largest errors at some of the points: of the ratios (of the table and of gig_moments: of E[1/Y] and E[Y]) relative, of log K",
        "and d/dnu log K (there: E[log Y]) relative to max(1, |value|). A point fails if a value is NaN, inf",
        "or 0 where the exact one is a normal double; errors are those of the other points. SciPy, Boost.Math and",
        "GSL take five values of K or log K for the quadruple, the derivative by a central difference. The errors",
        "of varimix are the largest over the SIMD targets.",
        "",
    ]
    heads = [
        "method",
        "ns, one",
        "ns, quadruple",
        "SciPy / this",
        "log K",
        "R-",
        "R+",
        "d/dnu",
        "failures",
    ]
    for result in results:
        lines += [f"### {result.points.name}. {result.points.title}", ""]
        lines += table(heads, method_rows(result, targets[0]))
    return "\n".join(lines)
