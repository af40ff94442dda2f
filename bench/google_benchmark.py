"""Runs the programs of bench/ that are written with Google Benchmark."""

import argparse
import json
import subprocess

from machine import ROOT, commit, processor

PROGRAMS = ROOT / "build" / "bench" / "bench"
NS = 1e9


def nanoseconds_a_row(program: str, repetitions: int) -> dict[str, float]:
    """Return the median over the repetitions, at least 2, by the name of the benchmark.

    All cases are interleaved in one run.
    """
    ran = subprocess.run(
        [
            PROGRAMS / program,
            f"--benchmark_repetitions={repetitions}",
            "--benchmark_enable_random_interleaving=true",
            "--benchmark_report_aggregates_only=true",
            "--benchmark_format=json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        run["run_name"]: NS / run["items_per_second"]
        for run in json.loads(ran.stdout)["benchmarks"]
        if run["aggregate_name"] == "median"
    }


def medians_as_asked(program: str, description: str | None, repetitions: int) -> dict[str, float]:
    """Return the medians for the command line's --repetitions, and print what is measured."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repetitions", type=int, default=repetitions, help="at least 2")
    medians = nanoseconds_a_row(program, parser.parse_args().repetitions)
    print(f"varimix at {commit()}, {processor()}, one thread")
    return medians
