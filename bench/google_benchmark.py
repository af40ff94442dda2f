"""Runs the programs of bench/ that are written with Google Benchmark."""

import argparse
import json
import statistics
import subprocess
from dataclasses import dataclass

from machine import ROOT, commit, processor

PROGRAMS = ROOT / "build" / "bench" / "bench"
NS = 1e9
KIB = 1024


@dataclass(frozen=True)
class Runs:
    """The ns of an item in every repetition, by the name of the benchmark."""

    context: dict[str, str]  # what the program says of itself
    caches: str  # of the machine
    ns: dict[str, list[float]]

    def medians(self) -> dict[str, float]:
        """Return the median over the repetitions."""
        return {name: statistics.median(times) for name, times in self.ns.items()}

    def least(self) -> dict[str, float]:
        """Return the least of the repetitions: what else the machine does can only add."""
        return {name: min(times) for name, times in self.ns.items()}

    def disturbance(self) -> float:
        """Return how many times the least the median is, in the middle of all."""
        least = self.least()
        return statistics.median(median / least[name] for name, median in self.medians().items())


def run(program: str, repetitions: int, seconds: float | None = None) -> Runs:
    """Run all cases interleaved; each repetition takes `seconds` at least."""
    command = [
        str(PROGRAMS / program),
        f"--benchmark_repetitions={repetitions}",
        "--benchmark_enable_random_interleaving=true",
        "--benchmark_format=json",
    ]
    if seconds is not None:
        command.append(f"--benchmark_min_time={seconds}")
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(ran.stdout)
    ns: dict[str, list[float]] = {}
    for case in found["benchmarks"]:
        if case["run_type"] == "iteration":
            ns.setdefault(case["run_name"], []).append(NS / case["items_per_second"])
    sizes = [
        f"{cache['type'].lower()} L{cache['level']} {cache['size'] // KIB:,} KiB"
        for cache in found["context"].get("caches", [])
    ]
    context = {name: value for name, value in found["context"].items() if isinstance(value, str)}
    return Runs(context, ", ".join(sizes), ns)


def nanoseconds_a_row(program: str, repetitions: int) -> dict[str, float]:
    """Return the median over the repetitions, by the name of the benchmark."""
    return run(program, repetitions).medians()


def medians_as_asked(program: str, description: str | None, repetitions: int) -> dict[str, float]:
    """Return the medians for the command line's --repetitions, and print what is measured."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repetitions", type=int, default=repetitions, help="at least 2")
    medians = nanoseconds_a_row(program, parser.parse_args().repetitions)
    print(f"varimix at {commit()}, {processor()}, one thread")
    return medians
