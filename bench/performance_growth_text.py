"""Writes how cost grows, for docs/performance.md."""

import statistics
from collections.abc import Iterable

from performance_growth import NS, ROW_DIMENSIONS, UPDATE_COLUMNS, US, Growth
from tables import number, table

E_STEP_ROWS = 100_000  # the E-step of so many is the rate that updates are compared with
UPDATES_AT = UPDATE_COLUMNS
BLOCK_ROWS = 256  # kBlockRows of the library

INTRODUCTION = """\
Of an NIG, from Python: `e_step` and `OnlineEM.update`. Times of one thread are CPU time,
the least of the repetitions."""

ROWS_TEXT = """\
An E-step of fewer than 512 rows evaluates its Bessel functions row by row. A larger one first
makes tables of them, which its rows share; with more rows the time of a row falls to that of its
kernels."""

COLUMNS_TEXT = """\
The two kernels whose work is d² a row, `distance` and `accumulate`, take over as d grows; before
that the time of a row is nearer to d. A block of {rows} rows is kept twice, about 4 KB for every
column; where it is larger than the second-level cache, the time grows faster than d²."""

THREADS_TEXT = """\
Wall time of one thread over that of two, in pairs one after the other."""

STEPS_TEXT = """\
One `OnlineEM.update` at d = {d}, on one thread. Overhead is its time less that of an E-step of as
many rows at the rate of {rows:,} rows, {ns} ns a row. Of it the scores, which `score=False` leaves
out, are a cost of every row: the watch on drift takes the rows one by one."""


def row_lines(growth: Growth) -> list[str]:
    """Return the table against rows."""
    counts = sorted({rows for times in growth.rows.values() for rows in times})
    cells = (
        [f"{rows:,}", *(number(growth.rows[d].get(rows)) for d in ROW_DIMENSIONS)]
        for rows in counts
    )
    heads = ("rows", *(f"d = {d}, ns a row" for d in ROW_DIMENSIONS))
    return ["### Rows", "", ROWS_TEXT, "", *table(heads, cells)]


def column_lines(growth: Growth) -> list[str]:
    """Return the table against d."""
    cells = ([str(d), number(ns), f"{ns / d**2:.3f}"] for d, ns in growth.columns.items())
    return [
        "### Columns",
        "",
        COLUMNS_TEXT.format(rows=BLOCK_ROWS),
        "",
        *table(("d", "ns a row", "ns a row / d²"), cells),
    ]


def thread_lines(growth: Growth) -> list[str]:
    """Return the table of pairs; nothing where there is one core."""
    if not growth.threads:
        return []
    cells = (
        [f"d = {d}", number(statistics.median(ratios)), f"{min(ratios):.2f} to {max(ratios):.2f}"]
        for d, ratios in growth.threads.items()
    )
    pairs = len(next(iter(growth.threads.values())))
    heads = ("E-step", f"median of {pairs} pairs", "range")
    return ["### Threads", "", THREADS_TEXT, "", *table(heads, cells)]


def step_cells(growth: Growth, e_step_ns: float) -> Iterable[list[str]]:
    """Yield a row for each size of a batch."""
    for rows in next(iter(growth.steps.values())):
        e_step_us = rows * e_step_ns * US / NS
        cells = [f"{rows:,}"]
        for times in growth.steps.values():
            step = times[rows]
            cells += [number(step), number(step - e_step_us)]
        yield cells


def step_lines(growth: Growth) -> list[str]:
    """Return the table against the rows of a batch."""
    e_step_ns = growth.rows[UPDATES_AT][E_STEP_ROWS]
    heads = ["rows of a batch"]
    for rule in growth.steps:
        heads += [f"{rule}, µs", "overhead, µs"]
    text = STEPS_TEXT.format(d=UPDATE_COLUMNS, rows=E_STEP_ROWS, ns=number(e_step_ns))
    return ["### Batches", "", text, "", *table(heads, step_cells(growth, e_step_ns))]


def growth_lines(growth: Growth) -> list[str]:
    """Return the section."""
    return [
        "## How cost grows",
        "",
        INTRODUCTION,
        "",
        "![Time of an E-step against rows and d, and of a step against the rows of its batch]"
        "(pictures/performance_growth.png)",
        "",
        *row_lines(growth),
        *column_lines(growth),
        *thread_lines(growth),
        *step_lines(growth),
    ]
