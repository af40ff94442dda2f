"""Writes docs/performance.md: passes beside targets, kernels beside the machine, growth of cost.

    ./scripts/bench performance [--quick | --large] [--repetitions N]

All that it holds is measured in the run. --quick takes a minute and writes into
build/bench/performance/, so that docs/ keeps the careful numbers; --large adds 100 million rows
(1.6 GB) and d = 2000. One core is measured, but for the pairs of threads: the machine
should do nothing else.
"""

import argparse
import datetime
import os
import platform
from pathlib import Path

from google_benchmark import Runs, run
from kernel_costs import NUMBER, Machine
from machine import ROOT, commit, processor
from performance_growth import NUMBERS, Effort, growth
from performance_growth_text import BLOCK_ROWS, E_STEP_ROWS, UPDATES_AT, growth_lines
from performance_passes import PASSES_TEXT, pass_table, targets_met
from performance_pictures import draw_growth, draw_roofline
from performance_roofline import (
    KERNELS_TEXT,
    far_from_bound,
    kernel_table,
    kernel_times,
    machine_of,
)

MEGA = 1e6
MEGABYTES = round(NUMBER * NUMBERS / MEGA)
QUICK = Effort(repetitions=2, seconds=0.01, most_rows=10**5, most_columns=100)
LEAST_SECONDS = 0.05  # of a repetition from Python; of the programs twice that
PROGRAM_SECONDS = 0.1


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench performance", description=__doc__.split("\n")[0]
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="short, into build/bench/performance")
    size.add_argument("--large", action="store_true", help="1e8 rows and d = 2000 too")
    parser.add_argument("--repetitions", type=int, default=15)
    return parser.parse_args()


def effort_of(chosen: argparse.Namespace) -> Effort:
    """Return how long to measure."""
    if chosen.quick:
        return QUICK
    return Effort(
        chosen.repetitions, LEAST_SECONDS, most_rows=10**7, most_columns=1000, large=chosen.large
    )


def machine_lines(measured: str, kernels: Runs, machine: Machine) -> list[str]:
    """Return where, when and at which commit was measured, and what one core can do."""
    now = datetime.datetime.now(datetime.UTC)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    peak, first, memory = 1 / machine.operation, 1 / machine.byte, 1 / machine.memory_byte
    return [
        f"* {now:%Y-%m-%d %H:%M} UTC, commit {measured}",
        f"* {processor()}, {os.cpu_count()} cores, {platform.system()}; load {load}",
        f"* caches: {kernels.caches}",
        f"* {kernels.context['compiler']}: `{' '.join(kernels.context['flags'].split())}`",
        f"* vector unit: {kernels.context['target']}, {machine.lanes} doubles",
        f"* multiply-adds of one core: {peak:.1f} GFLOP/s",
        f"* reads of one core: {first:.0f} GB/s from the first-level cache, {memory:.1f} GB/s from"
        f" {MEGABYTES} MB",
        "",
    ]


def kernel_lines(kernels: Runs, machine: Machine, pictures: Path) -> list[str]:
    """Return the section of the kernels, and draw its picture."""
    times = kernel_times(kernels, machine)
    draw_roofline(
        machine,
        {(time.kernel, time.d): time.cost for time in times},
        {(time.kernel, time.d): time.ns for time in times},
        pictures / "performance_roofline.png",
    )
    far = far_from_bound(times)
    return [
        "## Kernels",
        "",
        KERNELS_TEXT.format(rows=BLOCK_ROWS, megabytes=MEGABYTES),
        "",
        *kernel_table(times),
        "![The rate of each kernel against its operations a byte, below the bound of a core]"
        "(pictures/performance_roofline.png)",
        "",
        *(["Below half of the bound:", "", *far, ""] if far else []),
    ]


def document(chosen: argparse.Namespace, pictures: Path) -> str:
    """Measure, draw, and return the document."""
    measured = commit()  # before pictures change the tree
    effort = effort_of(chosen)
    seconds = QUICK.seconds if chosen.quick else PROGRAM_SECONDS
    kernels = run("kernels", effort.repetitions, seconds)
    machine = machine_of(kernels)
    passes = run("e_step", effort.repetitions, seconds)
    grown = growth(effort)
    draw_growth(grown, grown.rows[UPDATES_AT][E_STEP_ROWS], pictures / "performance_growth.png")
    lines = [
        "# Performance",
        "",
        "`./scripts/bench performance` measured all numbers of this page but the targets in one"
        " run, and wrote it.",
        "",
        *machine_lines(measured, kernels, machine),
        "## Passes over rows",
        "",
        PASSES_TEXT.format(
            megabytes=MEGABYTES,
            repetitions=effort.repetitions,
            disturbance=passes.disturbance(),
        ),
        targets_met(passes),
        "",
        *pass_table(passes),
        *kernel_lines(kernels, machine, pictures),
        *growth_lines(grown),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    """Write the document and its pictures, and print it."""
    chosen = options()
    folder = ROOT / "build" / "bench" / "performance" if chosen.quick else ROOT / "docs"
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    text = document(chosen, folder / "pictures")
    (folder / "performance.md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
