"""Times the program bench/special.cpp and SciPy at one set of points."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import kve  # type: ignore[import-untyped]
from special_points import Floats, PointSet

ORDER_STEP = float(np.cbrt(np.finfo(float).eps))  # kOrderStep of special_competitors.hpp
NS = 1e9


@dataclass
class Times:
    """CPU time in ns of a row, or of a table if the unit builds one; keys are UNIT[/TARGET]."""

    ns: dict[str, float] = field(default_factory=dict)
    spread: dict[str, float] = field(default_factory=dict)  # standard deviation / mean
    octaves: dict[str, float] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Effort:
    """The length of a measurement: the median of `repetitions` of at least `seconds` each."""

    repetitions: int
    seconds: float


def run_program(program: Path, points: Path, effort: Effort) -> Times:
    """Return the times of special.cpp at these points; BENCHMARK_FILTER (environment) chooses."""
    output = points.with_suffix(".json")
    output.unlink(missing_ok=True)
    ran = subprocess.run(
        [
            program,
            f"--benchmark_repetitions={effort.repetitions}",
            f"--benchmark_min_time={effort.seconds}",
            "--benchmark_enable_random_interleaving=true",
            "--benchmark_report_aggregates_only=true",
            f"--benchmark_out={output}",
            "--benchmark_out_format=json",
            points,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise SystemExit(ran.stderr)
    if not output.stat().st_size:
        raise SystemExit(f"special: BENCHMARK_FILTER matches nothing at {points.stem}")
    return read_times(json.loads(output.read_text()), points.stem)


def read_times(report: dict[str, object], set_name: str) -> Times:
    """Return the times of Google Benchmark's report: the medians of BM_UNIT/SET[/TARGET]."""
    context, benchmarks = report["context"], report["benchmarks"]
    assert isinstance(context, dict)
    assert isinstance(benchmarks, list)
    times = Times(context={key: str(value) for key, value in context.items()})
    for entry in benchmarks:
        key = entry["run_name"].removeprefix("BM_").replace(f"/{set_name}", "", 1)
        if entry["aggregate_name"] == "median":
            times.ns[key] = NS / entry["items_per_second"]
            if "octaves" in entry:
                times.octaves[key] = entry["octaves"]
        elif entry["aggregate_name"] == "cv":
            times.spread[key] = entry["items_per_second"]
    return times


def scipy_quadruple(nu: Floats, z: Floats) -> Floats:
    """Return log(e^z K), R-, R+ and d/dnu log K, computed in the usual way, with K_nu just once."""
    with np.errstate(all="ignore"):
        k = kve(nu, z)
        above, below = kve(nu + ORDER_STEP, z), kve(nu - ORDER_STEP, z)
        slope = (np.log(above) - np.log(below)) / (2.0 * ORDER_STEP)
        return np.stack([np.log(k), kve(nu - 1.0, z) / k, kve(nu + 1.0, z) / k, slope], axis=1)


def time_of(
    function: Callable[[Floats, Floats], Floats], points: PointSet, effort: Effort
) -> float:
    """Return the time of a row in ns, with the points in one array."""
    rounds, seconds = 0, 0.0
    while seconds < effort.seconds:
        start = time.process_time()
        function(points.nu, points.z)
        seconds += time.process_time() - start
        rounds += 1
    times = []
    for _ in range(effort.repetitions):
        start = time.process_time()
        for _ in range(rounds):
            function(points.nu, points.z)
        times.append((time.process_time() - start) / rounds)
    return NS * statistics.median(times) / len(points.z)


def add_scipy(times: Times, points: PointSet, effort: Effort) -> None:
    """Add the times of SciPy at these points."""
    times.ns["ScipyOne"] = time_of(kve, points, effort)
    times.ns["ScipyQuadruple"] = time_of(scipy_quadruple, points, effort)


def program_values(program: Path, points: PointSet, folder: Path) -> dict[str, Floats]:
    """Return the values of special.cpp's methods, a row a point, by the keys of their times."""
    output = folder / f"{points.name}.values"
    command: list[str | Path] = [program, "--values", points.write(folder), output]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    values = np.fromfile(output).reshape(len(listed), len(points.z), 4)
    return dict(zip(listed, values, strict=True))
