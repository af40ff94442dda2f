"""Runs every benchmark of speed and writes the results as JSON and as a Markdown table.

    ./scripts/bench all [--repetitions N] [--output build/bench/results.json]

The JSON file names machine, compiler, flags and commit; ./scripts/bench compare takes two of them.
"""

import argparse
import json
import os
import platform
from pathlib import Path

from google_benchmark import nanoseconds_a_row
from jobs import median_seconds
from machine import ROOT, commit, processor

PROGRAMS = ("e_step", "update", "missing")


def configured(name: str) -> str:
    """Return what CMake was configured with for the programs."""
    cache = (ROOT / "build" / "bench" / "CMakeCache.txt").read_text().splitlines()
    values = [line.partition("=")[2] for line in cache if line.startswith(f"{name}:")]
    return values[0] if values else "unknown"


def measured(repetitions: int) -> dict[str, object]:
    """Return the results of all benchmarks, with where they were measured."""
    times = {f"{name}, ns a row": nanoseconds_a_row(name, repetitions) for name in PROGRAMS}
    jobs = {name: 1e3 * seconds for name, seconds in median_seconds(repetitions).items()}
    return {
        "commit": commit(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "compiler": configured("CMAKE_CXX_COMPILER"),
        "flags": configured("CMAKE_CXX_FLAGS_RELEASE"),
        "python": platform.python_version(),
        "repetitions": repetitions,
        "results": {**times, "whole jobs from Python, ms": jobs},
    }


def markdown(results: dict[str, object]) -> str:
    """Return the results as tables."""
    lines = ["# Results", ""]
    groups = results["results"]
    assert isinstance(groups, dict)
    lines += [f"* {name}: {value}" for name, value in results.items() if name != "results"]
    for title, cases in groups.items():
        lines += ["", f"| {title} | median |", "|---|---|"]
        lines += [f"| {case} | {value:.4g} |" for case, value in cases.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5, help="at least 2")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench" / "results.json")
    arguments = parser.parse_args()
    results = measured(arguments.repetitions)
    table = markdown(results)
    arguments.output.write_text(json.dumps(results, indent=2) + "\n")
    arguments.output.with_suffix(".md").write_text(table)
    print(table, end="")


if __name__ == "__main__":
    main()
