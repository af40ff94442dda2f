"""Measures error and speed of K_nu(z) in varimix, SciPy, Boost.Math and GSL, in one run.

    ./scripts/bench special [--sets nig_2 vg_1] [--repetitions 3] [--seconds 0.02] [--check 100]

Writes build/bench/special.md, and prints it. With BENCHMARK_FILTER=BesselArray in the environment
only the methods of special.cpp that match are timed. Ends with an error if a value of varimix is
less accurate than its header says.
"""

import argparse
import datetime
import os
import platform
import sys
from pathlib import Path

import mpmath  # type: ignore[import-untyped]
import numpy as np
import scipy  # type: ignore[import-untyped]
from machine import ROOT, commit, processor
from special_errors import (
    ARRAY_PROMISE,
    MOMENTS,
    SCALED,
    TABLE_PROMISE,
    UNSCALED,
    Accuracy,
    accuracy,
)
from special_points import RECIPES, ROWS, PointSet, point_set
from special_report import report
from special_result import Result
from special_timing import (
    Effort,
    add_scipy,
    program_values,
    run_program,
    scipy_quadruple,
)
from special_truth import DIGITS, truth

FOLDER = ROOT / "build" / "bench"
PROMISES = {
    "BesselArray": ARRAY_PROMISE,
    "BesselPoint": ARRAY_PROMISE,
    "GigMoments": ARRAY_PROMISE,
    "BesselTable": TABLE_PROMISE,
}


def accuracies(program: Path, points: PointSet, folder: Path) -> dict[str, Accuracy]:
    """Return the errors of every method at these points."""
    values = program_values(program, points, folder)
    values["ScipyQuadruple"] = scipy_quadruple(points.nu, points.z)
    exact = truth(points.nu, points.z)
    found = {}
    for key, rows in values.items():
        if key.startswith(("BesselTable", "GigMoments")):
            if points.has_tables:
                found[key] = accuracy(rows, MOMENTS, exact)
        else:
            unscaled = key in ("BoostQuadruple", "GslQuadruple")
            found[key] = accuracy(rows, UNSCALED if unscaled else SCALED, exact)
    return found


def measure(program: Path, points: PointSet, effort: Effort, check: int) -> Result:
    """Return times and errors of one set; `check` of its points are checked."""
    print(f"special: {points.title}", file=sys.stderr)
    folder = FOLDER / "points"
    check_folder = FOLDER / "check"
    folder.mkdir(parents=True, exist_ok=True)
    check_folder.mkdir(parents=True, exist_ok=True)
    times = run_program(program, points.write(folder), effort)
    add_scipy(times, points, effort)
    return Result(points, times, accuracies(program, points.some(check), check_folder))


def head(results: list[Result], effort: Effort, check: int) -> list[str]:
    """Return lines that say where, when and of what the results are."""
    context = results[0].times.context
    spreads = [spread for result in results for spread in result.times.spread.values()]
    gsl = f"GSL {context['Gsl']}" if "Gsl" in context else "no GSL: it was not found"
    chosen = os.environ.get("BENCHMARK_FILTER")
    now = datetime.datetime.now(datetime.UTC)
    cores = f"{os.cpu_count()} processors, {platform.system()}"
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return [
        f"* {now:%Y-%m-%d %H:%M} UTC, commit {commit()}",
        f"* {processor()}, {cores}; one thread; load {load}",
        f"* {context['compiler']}: `{context['flags']}`",
        f"* SIMD targets, Highway {context['Highway']}: {context['targets']}",
        f"* SciPy {scipy.__version__}, NumPy {np.__version__}, Boost {context['Boost']}, {gsl}",
        f"* CPU time, median of {effort.repetitions} repetitions of {effort.seconds} s or more;"
        f" standard deviation {np.median(spreads):.1%} in the median, {max(spreads):.1%} at most",
        f"* {ROWS} points a set; blocks of 256 of them in turn, SciPy all in one array",
        f"* errors at {check} of the points, against {DIGITS} digits, mpmath {mpmath.__version__}",
        *([f"* only what matches BENCHMARK_FILTER={chosen} was timed"] if chosen else []),
    ]


def broken_promises(results: list[Result]) -> list[str]:
    """Return a line for each method of varimix that is less accurate than its header says."""
    return [
        f"{result.points.name}: {key}: {found}"
        for result in results
        for key, found in result.accuracies.items()
        if (promise := PROMISES.get(key.split("/")[0])) and not found.keeps(promise)
    ]


def main() -> int:
    """Measure, write and print the report; return 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench special", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--sets", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.05, help="of a repetition, at least")
    parser.add_argument(
        "--check", type=int, default=400, help="points of a set whose errors are taken"
    )
    parser.add_argument("--program", type=Path, default=FOLDER / "bench" / "special")
    options = parser.parse_args()
    effort = Effort(options.repetitions, options.seconds)
    results = [
        measure(options.program, point_set(name), effort, options.check) for name in options.sets
    ]
    targets = results[0].times.context["targets"].split()
    text = report(head(results, effort, options.check), results, targets)
    output = FOLDER / "special.md"
    output.write_text(text, encoding="utf-8")
    print(text)
    print(f"written to {output.relative_to(ROOT)}", file=sys.stderr)
    broken = broken_promises(results)
    for line in broken:
        print(f"less accurate than promised: {line}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
