"""Draws the pictures of docs/performance.md: the roofline, and how cost grows.

Lines differ in colour, marker and dashes, and have their names beside them or in a legend, so that
the pictures can be read in grey and with any colour blindness.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from kernel_costs import Cost, Machine
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from performance_growth import NS, US, Growth

from varimix.plotting import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    png_bytes,
    theme,
)

DPI = 110
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "marker": "o", "linestyle": "-"},
    {"color": VERMILION, "marker": "s", "linestyle": "--"},
    {"color": GREEN, "marker": "^", "linestyle": ":"},
    {"color": PURPLE, "marker": "D", "linestyle": "-."},
    {"color": ORANGE, "marker": "v", "linestyle": "-"},
    {"color": INK, "marker": "P", "linestyle": "--"},
    {"color": SKY, "marker": "X", "linestyle": ":"},
)
GUIDE: dict[str, Any] = {"color": MUTED, "linestyle": (0, (1, 2)), "linewidth": 1.2, "zorder": 1}


def label(axes: Axes, title: str, x: str, y: str) -> None:
    """Give the axes a title, and labels with units."""
    axes.set(xscale="log", yscale="log", title=title, xlabel=x, ylabel=y)


def draw_roofline(
    machine: Machine,
    costs: dict[tuple[str, int], Cost],
    ns: dict[tuple[str, int], float],
    file: Path,
) -> None:
    """Write the picture of the rate of every kernel below what the core can do."""
    peak, bandwidth = 1.0 / machine.operation, 1.0 / machine.byte
    intensity = {case: cost.operations / cost.bytes for case, cost in costs.items()}
    with theme():
        figure = Figure(figsize=(8.0, 5.0), layout="constrained")
        axes = figure.subplots()
        span = np.geomspace(min(intensity.values()) / 2, 2 * max(intensity.values()), 200)
        axes.plot(
            span, np.minimum(peak, bandwidth * span), color=INK, label="arithmetic and L1 of a core"
        )
        kernels = list(dict.fromkeys(name for name, _ in costs))
        for look, kernel in zip(LOOKS[: len(kernels)], kernels, strict=True):
            cases = [case for case in costs if case[0] == kernel]
            x = [intensity[case] for case in cases]
            y = [costs[case].operations / ns[case] for case in cases]
            axes.plot(x, y, **{**look, "linestyle": "none"}, markersize=7, label=kernel)
            if len(set(x)) > 1:  # else all d are at one place
                for case, at_x, at_y in zip(cases, x, y, strict=True):
                    axes.annotate(
                        f"{case[1]}", (at_x, at_y), (6, -4), textcoords="offset points", fontsize=9
                    )
        label(
            axes,
            "Kernels below the roof (numbers: d)",
            "operations a byte loaded or stored",
            "rate, GFLOP/s",
        )
        axes.legend(loc="lower right")
        file.write_bytes(png_bytes(figure, dpi=DPI))


def draw_rows(axes: Axes, growth: Growth) -> None:
    """Draw ns a row against rows."""
    for look, (d, times) in zip(LOOKS, growth.rows.items(), strict=False):
        axes.plot(list(times), list(times.values()), **look, label=f"d = {d}")
    label(axes, "Rows", "rows", "E-step, ns a row")
    least = min(min(times.values()) for times in growth.rows.values())
    axes.set_ylim(bottom=least / 2)
    axes.legend()


def draw_columns(axes: Axes, growth: Growth) -> None:
    """Draw ns a row against d, beside a line that grows as d^2."""
    d = np.array(list(growth.columns), dtype=float)
    ns = np.array(list(growth.columns.values()))
    axes.plot(d, ns, **LOOKS[0], label="measured")
    last = ns[-1] * (d / d[-1]) ** 2
    axes.plot(d, last, **GUIDE, label="as d², through the last")
    label(axes, "Columns", "d", "E-step, ns a row")
    axes.set_ylim(bottom=ns[0] / 2)
    axes.legend()


def draw_steps(axes: Axes, growth: Growth, e_step_ns: float) -> None:
    """Draw us a step against the rows of a batch, beside the E-step of as many rows."""
    for look, (rule, times) in zip(LOOKS, growth.steps.items(), strict=False):
        axes.plot(list(times), list(times.values()), **look, label=rule)
    rows = np.array(list(next(iter(growth.steps.values()))))
    axes.plot(rows, rows * e_step_ns * US / NS, **GUIDE, label="E-step alone")
    label(axes, "One step", "rows of a batch", "step, µs")
    axes.legend()


def draw_overheads(axes: Axes, growth: Growth, e_step_ns: float) -> None:
    """Draw the time of a step over that of the E-step of as many rows."""
    for look, (rule, times) in zip(LOOKS, growth.steps.items(), strict=False):
        over = [step * NS / US / (rows * e_step_ns) for rows, step in times.items()]
        axes.plot(list(times), over, **look, label=rule)
    axes.axhline(1.0, **GUIDE)
    label(axes, "One step over its E-step", "rows of a batch", "times the E-step")
    axes.legend()


def draw_growth(growth: Growth, e_step_ns: float, file: Path) -> None:
    """Write the picture of how cost grows."""
    with theme():
        figure = Figure(figsize=(9.6, 7.4), layout="constrained")
        (rows, columns), (steps, overheads) = panels(figure)
        draw_rows(rows, growth)
        draw_columns(columns, growth)
        draw_steps(steps, growth, e_step_ns)
        draw_overheads(overheads, growth, e_step_ns)
        file.write_bytes(png_bytes(figure, dpi=DPI))


def panels(figure: Figure) -> Sequence[Sequence[Axes]]:
    """Return two rows of two axes."""
    found: Sequence[Sequence[Axes]] = figure.subplots(2, 2)
    return found
