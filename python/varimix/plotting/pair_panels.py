"""All pairs of columns, with the exact law of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from varimix import MeanVarianceMixture
from varimix.plotting.axes import MARGIN, Range, count_of, robust_range, with_margin
from varimix.plotting.density import margin, surface
from varimix.plotting.inputs import Rows, Seed, require_count, require_model, rows_of
from varimix.plotting.margins import (
    LEAST_DRAWS,
    PROBABILITIES,
    draw_contours,
    draw_points,
    draws_of,
    legend_handles,
    probabilities_of,
)
from varimix.plotting.theme import BLUE, MUTED, theme
from varimix.rows import AnyRows

Values = NDArray[np.float64]
AxesArray = NDArray[np.object_]

MOST_COLUMNS = 16
"""Columns of one picture: more panels cannot be read."""
MOST_POINTS = 1000
"""Rows drawn as points in one panel."""
POINTS = 0.6
"""Size of points as a multiple of that in a picture of its own."""
REACH = 0.1
"""Widths of a column's range under its law by which data may widen an axis."""
GRID_SIZE = 60
CURVE_POINTS = 200
BINS = 30
SHOWN_TAIL = 0.001
"""Probability of a column's law beyond either end of its axis, at most."""
PEAK = 0.98
"""A peak higher than this share of a density's values may leave the panel: it may be infinite."""
FEW = 6
"""Up to so many columns, labels have the larger size and axes more ticks."""
SIZES = 9.0, 7.0
TICKS = 3, 2
PANEL = 1.9, 1.05
"""Width of a panel, inches: the first for few columns, the second at MOST_COLUMNS."""
SMALLEST_FIGURE = 5.0


def pairs(
    model: MeanVarianceMixture,
    X: AnyRows,
    axes: Any = None,
    *,
    columns: Sequence[int | str] | None = None,
    probabilities: Sequence[float] = PROBABILITIES,
    n_draws: int = 5000,
    seed: Seed = None,
    label: str = "data",
) -> AxesArray:
    """Draw every pair of columns as `margin_contours` does, and every column as a histogram.

    A panel on the diagonal has the data's histogram and the exact density of that column; one
    below it the data of two columns and the regions of highest density of their exact law. Above
    the diagonal there are no panels; the legend is there.

    Parameters
    ----------
    model : a model of d >= 2 columns
    X : rows (n, d)
        NaN is a missing value. A panel shows the rows by what they show of its columns: one of the
        two values is a tick at that axis. The legend counts the rows that miss something.
    axes : array of Axes (k, k), a Figure, or None
        Where to draw the k columns; a new figure if left out.
    columns : two to sixteen columns, by number or name, optional
        All columns if left out.
    probabilities, n_draws, seed, label
        As in `margin_contours`; all panels share the draws.

    Returns
    -------
    array of Axes (k, k)
        An array, where other pictures return their one Axes. In each panel at most 1000 rows are
        drawn, every k-th; a row that is far off is a triangle at the edge.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, or infinite; a number of columns that is not
        two to sixteen; axes of another shape; settings outside their domains.
    """
    require_model(model)
    rows = rows_of(X, model.d)
    chosen = _columns_of(rows, columns)
    n_draws = require_count(n_draws, LEAST_DRAWS, "n_draws")
    regions = probabilities_of(probabilities, n_draws)
    draws = draws_of(model, n_draws, seed)
    notes: set[str] = set()
    ranges = [_range_of(margin(model, (i,)), rows.values[:, i]) for i in chosen]
    panels = _panels(axes, len(chosen))
    for a, i in enumerate(chosen):
        _draw_column(panels[a, a], margin(model, (i,)), rows.values[:, i], ranges[a])
        for b, j in enumerate(chosen[:a]):
            ax = panels[a, b]
            ax.set(xlim=with_margin(ranges[b]), ylim=with_margin(ranges[a]))
            said = draw_points(ax, rows.values[:, [j, i]], MOST_POINTS, scale=POINTS)
            draw_contours(ax, surface(margin(model, (j, i)), draws[:, [j, i]], regions, GRID_SIZE))
            notes |= {"far rows are triangles"} if said[-1] else set()
    _dress(panels, [rows.columns[i] for i in chosen])
    n = len(rows.values)
    if n > MOST_POINTS:
        notes.add(f"1 row in {-(-n // MOST_POINTS)} is a point")
    missing = int(np.isnan(rows.values[:, chosen]).any(axis=1).sum())
    if missing:
        notes.add(f"{count_of(missing, 'row')} of {n} with gaps:\nticks at the edge")
    handles = legend_handles(regions, label, type(model).__name__)
    title = "\n".join(sorted(notes))
    legend = panels[0, -1].legend(
        handles=handles, loc="upper right", title=title or None, borderaxespad=0.0,
        fontsize="small", title_fontsize="small",
    )  # fmt: skip
    legend.set_in_layout(False)
    return panels


def _columns_of(rows: Rows, columns: Any) -> list[int]:
    if isinstance(columns, str) or not (columns is None or hasattr(columns, "__iter__")):
        raise TypeError(f"columns must be a sequence of columns, got {columns!r}")
    d = len(rows.columns)
    chosen = [rows.column(c, "columns") for c in (range(d) if columns is None else columns)]
    if len(set(chosen)) != len(chosen) or not 2 <= len(chosen) <= MOST_COLUMNS:
        raise ValueError(
            f"columns must be 2 to {MOST_COLUMNS} different columns, got {len(set(chosen))} of "
            f"{count_of(len(chosen), 'column')}"
        )
    for i in chosen:
        if np.isnan(rows.values[:, i]).all():
            raise ValueError(
                f"X must show a value of {rows.columns[i]} in some row, got NaN in all"
            )
    return chosen


def _panels(axes: Any, k: int) -> AxesArray:
    if axes is None:
        import matplotlib.pyplot as plt

        share = (k - 2) / (MOST_COLUMNS - 2)
        side = max(SMALLEST_FIGURE, k * (PANEL[0] + share * (PANEL[1] - PANEL[0])))
        with theme():
            figure = plt.figure(figsize=(side, side), layout="constrained")
            return np.asarray(figure.subplots(k, k, squeeze=False))
    if isinstance(axes, FigureBase):
        return np.asarray(axes.subplots(k, k, squeeze=False))
    panels = np.asarray(axes, dtype=object)
    if panels.shape != (k, k) or not all(isinstance(ax, Axes) for ax in panels.flat):
        raise ValueError(
            f"axes must be a Figure, or an array ({k}, {k}) of Axes, got {type(axes).__name__} of "
            f"shape {panels.shape}"
        )
    return panels


def _range_of(law: MeanVarianceMixture, values: Values) -> Range:
    ends = law.ppf(np.array([SHOWN_TAIL, 1.0 - SHOWN_TAIL]))
    return robust_range(values, float(ends[0]), float(ends[1]), reach=REACH)


def _draw_column(ax: Axes, law: MeanVarianceMixture, values: Values, span: Range) -> None:
    """Draw the histogram of a column, a share of all its values, and the law's density."""
    there = values[~np.isnan(values)]
    edges = np.linspace(*span, BINS + 1)
    counts, _ = np.histogram(there, edges)
    heights = counts / (len(there) * np.diff(edges))
    ax.stairs(heights, edges, fill=True, color=MUTED, alpha=0.45)
    x = np.linspace(*span, CURVE_POINTS)
    density = law.pdf(x[:, np.newaxis])
    ax.plot(x, density, color=BLUE, linewidth=1.4)
    top = max(float(heights.max()), float(np.quantile(density, PEAK, method="lower")))
    ax.set(xlim=with_margin(span), ylim=(0.0, (1.0 + MARGIN) * top))


def _dress(panels: AxesArray, names: Sequence[str]) -> None:
    """Give ranges, ticks and names to the outer panels alone, and take away the upper ones."""
    k = len(names)
    size, ticks = SIZES[k > FEW], TICKS[k > FEW]
    for a in range(k):
        for b in range(k):
            ax = panels[a, b]
            if b > a:
                ax.axis("off")
                continue
            ax.xaxis.set_major_locator(MaxNLocator(ticks))
            ax.yaxis.set_major_locator(MaxNLocator(ticks))
            ax.tick_params(labelsize=size, labelbottom=a == k - 1, labelleft=b == 0 and a > 0)
            if a == k - 1:
                ax.set_xlabel(names[b], fontsize=size)
            if b == 0 and a > 0:
                ax.set_ylabel(names[a], fontsize=size)
    for b in range(k):
        panels[b, b].set_yticks([])
