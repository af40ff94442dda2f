"""Both tails of data and laws, where a linear scale shows nothing."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from varimix import MeanVarianceMixture
from varimix.plotting.axes import (
    add_legend,
    axes_or_new,
    beyond_note,
    draw_beyond,
    label_x,
    label_y,
    log_ticks,
    missing_note,
    point_size,
    require_axes,
    robust_range,
    set_ranges,
    with_margin,
)
from varimix.plotting.envelopes import ranks_to_draw
from varimix.plotting.inputs import line_of
from varimix.plotting.theme import BLUE, DASHES, INK, VERMILION
from varimix.rows import AnyRows

Values = NDArray[np.float64]

MOST_POINTS = 1000
CURVE_POINTS = 400
ROOM_BELOW = 0.2
"""The axis ends at this share of 1/n, the least tail that n values can show being 1/(2n)."""
REACH = 1.0
"""Widths of the law's range by which data may widen the axis."""
TOP = 0.8
"""The axis begins above 1/2, the largest that min(F, 1 - F) can be."""

_erfc = np.vectorize(math.erfc, otypes=[float])


def tail(
    model: MeanVarianceMixture,
    X: AnyRows,
    ax: Axes | None = None,
    *,
    w: ArrayLike | str | int | None = None,
    label: str = "data",
) -> Axes:
    """Draw both tails of data, model and fitted Gaussian on a log scale.

    Left of a law's median the picture shows P(X <= x), right of it P(X > x). The k-th smallest of n
    values stands at the smaller of (k - 1/2)/n and 1 - (k - 1/2)/n. The Gaussian has the mean and
    the standard deviation of the values; its tails fall as a parabola, those of the model as a
    straight line or slower.

    Parameters
    ----------
    model : a model of d columns
    X : rows (n, d); where d = 1 also n numbers
        NaN is a missing value. A row that lacks a value that ``w`` needs is left out, which the
        label of the axis says.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    w : a column, by number or name, or d numbers
        The data are w'x and the law is that of w'X. May be left out where d = 1.
    label : str
        Name of the data in the legend.

    Returns
    -------
    Axes
        Of more than 1000 values the 100 smallest and largest are drawn, and others by rank, wider
        apart towards the median, 1000 at most; the label of the axis says so. A value that
        is far off is a triangle at the edge.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, or infinite; no row with a value.
    """
    require_axes(ax)
    line = line_of(model, X, w)
    n = len(line.values)
    ranks = ranks_to_draw(n, MOST_POINTS)
    found = np.sort(line.values)[ranks - 1]
    folded = np.minimum(ranks - 0.5, n - ranks + 0.5) / n
    bottom = ROOM_BELOW / n
    ends = float(line.law.ppf(bottom)), float(line.law.isf(bottom))
    x = np.linspace(*robust_range(found, *ends, reach=REACH), CURVE_POINTS)
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    ax.set_yscale("log")
    set_ranges(ax, with_margin((x[0], x[-1])), (bottom, TOP), had_data=had_data)
    log_ticks(ax)
    ax.plot(
        found,
        folded,
        "o",
        color=INK,
        markersize=point_size(len(found)),
        markeredgewidth=0.0,
        alpha=0.7,
        label=label,
    )
    law = np.minimum(line.law.cdf(x), line.law.sf(x))
    ax.plot(x, law, color=BLUE, linestyle=DASHES[0], linewidth=1.8, label=type(model).__name__)
    mean, deviation = _moments(line.values)
    if deviation > 0.0:
        normal = 0.5 * _erfc(np.abs(x - mean) / (deviation * math.sqrt(2.0)))
        ax.plot(x, normal, color=VERMILION, linestyle=DASHES[1], linewidth=1.8, label="Gaussian")
    beyond = draw_beyond(ax, found, folded, INK)
    thin = f"{len(ranks)} of {n} values are drawn, by rank" if len(ranks) < n else ""
    one = "" if deviation > 0.0 else "no Gaussian: the values do not vary"
    label_x(ax, line.name, missing_note(n, line.n_rows), thin, one, beyond_note(found, beyond))
    label_y(ax, "P(X ≤ x), P(X > x) right of the median")
    add_legend(ax)
    return ax


def _moments(values: Values) -> tuple[float, float]:
    """Return mean and standard deviation; in units of the largest, whose square may overflow."""
    unit = float(np.abs(values).max()) or 1.0
    return unit * float((values / unit).mean()), unit * float((values / unit).std())
