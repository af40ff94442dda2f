"""Times rows with a fifth of their values missing beside complete ones.

    ./scripts/bench missing [--repetitions N]

Times are medians over the repetitions of bench/missing.cpp, with all cases interleaved in one run.
"""

import argparse
import json
import subprocess

from machine import ROOT, commit, processor

PROGRAM = ROOT / "build" / "bench" / "bench" / "missing"
NS = 1e9


def measured(repetitions: int) -> dict[str, float]:
    """Return nanoseconds a row by the name of the benchmark."""
    ran = subprocess.run(
        [
            PROGRAM,
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


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    ns = measured(parser.parse_args().repetitions)
    print(f"varimix at {commit()}, {processor()}, one thread")
    print(f"{'unit':>18} {'d':>3} {'rows':>7} {'complete':>9} {'gaps':>9}  ratio (ns a row)")
    for name, complete in ns.items():
        unit, kind, d, rows = name.split("/")
        if kind != "complete":
            continue
        gaps = ns["/".join((unit, "gaps", d, rows))]
        print(
            f"{unit.removeprefix('BM_'):>18} {d:>3} {rows:>7} {complete:9.1f} {gaps:9.1f}"
            f"  {gaps / complete:.2f}"
        )


if __name__ == "__main__":
    main()
