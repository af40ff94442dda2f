"""Writes the Markdown of the benchmark of K_nu(z): goals, break-even, error beside speed."""

from collections.abc import Iterable, Sequence

from special_errors import Accuracy
from special_goals import goal_rows
from special_result import Result
from tables import NONE, number, ratio, table

GOALS_TEXT = """\
The slowest set of points counts; ns a row, where a table is built ns a table."""
GOALS_HEADS = ("goal", "set", "ns", "at most", "ratio", "met")

TABLES_TEXT = """\
GIG moments from u = z^2, all four: directly, and from a table over the range of the set. A table
pays from the number of rows at which building it takes what it then saves."""
TABLES_HEADS = (
    "set, target",
    "octaves",
    "build, us",
    "3 decades, us",
    "direct, ns",
    "table, ns",
    "break-even, rows",
)

TARGETS_TEXT = "ns a row, the quadruple."

ERRORS_TEXT = """\
Largest errors at some of the points: of the ratios relative, of log K and d/dnu log K relative to
max(1, |value|); of BesselTable and gig_moments those of E[1/Y], E[Y] and E[log Y] in their place.
A point fails if a value is NaN, inf or 0 where the exact one is a normal double; the errors are
those of the other points, of varimix the largest over the SIMD targets. SciPy, Boost.Math and GSL
take five values of K or log K for the quadruple: K_nu once, and a central difference for the
derivative."""
ERRORS_HEADS = (
    "method",
    "ns, one",
    "ns, quadruple",
    "SciPy / this",
    "log K",
    "R-",
    "R+",
    "d/dnu",
    "failures",
)


def error_cells(accuracy: Accuracy | None) -> list[str]:
    """Return cells with the four errors and the number of points that failed."""
    if accuracy is None:
        return [NONE] * 5
    cells = [f"{error:.1e}" if error == error else NONE for error in accuracy.errors]
    return [*cells, f"{accuracy.failures} of {accuracy.points}"]


def worst_accuracy(result: Result, unit: str) -> Accuracy | None:
    """Return the largest errors of a method, over its targets."""
    found = [a for key, a in result.accuracies.items() if key.split("/")[0] == unit]
    if not found:
        return None
    log_k, minus, plus, slope = (
        max(errors) for errors in zip(*(a.errors for a in found), strict=True)
    )
    failures = max(a.failures for a in found)
    return Accuracy((log_k, minus, plus, slope), failures, found[0].points)


def method_rows(result: Result, best: str) -> Iterable[list[str]]:
    """Yield a row for each method: time of one value, time of the quadruple, errors."""
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
    """Yield a row for each set and method, with its time on every target."""
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
    """Yield a row for each set and target: the cost of a table, and from how many rows it pays."""
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
    """Return the whole report."""
    lines = ["# K_nu(z): error and speed, measured in one run", "", *head, ""]
    lines += ["## Goals", "", GOALS_TEXT, ""]
    lines += table(GOALS_HEADS, goal_rows(results, targets))
    lines += ["## Tables against direct evaluation", "", TABLES_TEXT, ""]
    lines += table(TABLES_HEADS, table_rows(results, targets))
    lines += ["## SIMD targets", "", TARGETS_TEXT, ""]
    lines += table(["set, method", *targets], target_rows(results, targets))
    lines += [f"## Error beside speed, {targets[0]}", "", ERRORS_TEXT, ""]
    for result in results:
        lines += [f"### {result.points.name}. {result.points.title}", ""]
        lines += table(ERRORS_HEADS, method_rows(result, targets[0]))
    return "\n".join(lines)
