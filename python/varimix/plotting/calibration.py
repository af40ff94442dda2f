"""Does a law fit one-dimensional data? QQ, PP and PIT, with what chance would do."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from varimix import MeanVarianceMixture
from varimix.plotting.axes import (
    add_legend,
    axes_or_new,
    beyond_note,
    draw_beyond,
    label_x,
    label_y,
    missing_note,
    point_size,
    require_axes,
    robust_range,
    set_ranges,
    with_margin,
)
from varimix.plotting.envelopes import (
    binomial_interval,
    outer_rank,
    ranks_to_draw,
    uniform_envelope,
)
from varimix.plotting.inputs import Line, Seed, generator, line_of, require_count, require_fraction
from varimix.plotting.theme import BLUE, INK, MUTED
from varimix.rows import AnyRows

Values = NDArray[np.float64]

MOST_POINTS = 1000
"""Order statistics drawn as points."""
ENVELOPE = "#C9CED6"
REACH = 1.0
"""Widths of the law's range by which data may widen the axis."""
LEGEND_ROOM = 0.3
"""Share of a histogram's height that is left free above it, for the legend."""


def qq(
    model: MeanVarianceMixture,
    X: AnyRows,
    ax: Axes | None = None,
    *,
    w: ArrayLike | str | int | None = None,
    level: float = 0.95,
    n_simulations: int = 999,
    seed: Seed = None,
    label: str = "data",
) -> Axes:
    """Draw the quantiles of data against those of a law, with a simulated envelope.

    The k-th smallest of n values stands over the law's quantile at (k - 1/2)/n. The envelope is
    pointwise, of order statistics of ``n_simulations`` samples of n values of the law: one more
    sample leaves it at a given k with probability 1 - level at most. It is that of a law known
    beforehand; values to which the law was fitted lie closer to the line.

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
    level : float
        > 0 and < 1.
    n_simulations : int
        >= 2 / (1 - level) - 1.
    seed : None, int or numpy.random.Generator
        None for fresh simulations; the others give the same picture again.
    label : str
        Name of the data in the legend.

    Returns
    -------
    Axes
        Of more than 1000 values the 100 smallest and largest are drawn, and others by rank, wider
        apart towards the median, 1000 at most; the label of the axis says so. A value that
        is far off is a triangle at the edge.
        Cost: O(n log n), and n_simulations for each point.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, or infinite; no row with a value; settings
        outside their domains.
    """
    require_axes(ax)
    line = line_of(model, X, w)
    low, high, ranks = _envelope(line, level, n_simulations, seed)
    expected = _quantiles(line.law, (ranks - 0.5) / len(line.values))
    ends = _quantiles(line.law, np.concatenate([low, high])).reshape(2, -1)
    found = np.sort(line.values)[ranks - 1]
    y_range = robust_range(found, float(expected[0]), float(expected[-1]), reach=REACH)
    ax = axes_or_new(ax)
    span = (float(expected[0]), float(expected[-1]))
    set_ranges(ax, with_margin(span), with_margin(y_range), had_data=ax.has_data())
    _draw(ax, expected, found, ends, level, n_simulations, label)
    beyond = draw_beyond(ax, expected, found, BLUE)
    label_x(
        ax, f"{line.name}: quantiles of {type(model).__name__}", *_notes(line, ranks),
        beyond_note(found, beyond),
    )  # fmt: skip
    label_y(ax, f"{line.name}: quantiles of {label}")
    return ax


def pp(
    model: MeanVarianceMixture,
    X: AnyRows,
    ax: Axes | None = None,
    *,
    w: ArrayLike | str | int | None = None,
    level: float = 0.95,
    n_simulations: int = 999,
    seed: Seed = None,
    label: str = "data",
) -> Axes:
    """Draw the probabilities that a law gives to data against those expected, with an envelope.

    The k-th smallest of n values has the law's probability F(x_k), over (k - 1/2)/n. The envelope
    is as in `qq`, of order statistics of uniform numbers.

    Parameters
    ----------
    model, X, ax, w, level, n_simulations, seed, label
        As in `qq`; so is what is done with NaN.

    Returns
    -------
    Axes
        Points are chosen as in `qq`.

    Raises
    ------
    ValueError
        As `qq`.
    """
    require_axes(ax)
    line = line_of(model, X, w)
    low, high, ranks = _envelope(line, level, n_simulations, seed)
    found = line.law.cdf(np.sort(line.values)[ranks - 1])
    ax = axes_or_new(ax)
    whole = with_margin((0.0, 1.0))
    set_ranges(ax, whole, whole, had_data=ax.has_data())
    expected = (ranks - 0.5) / len(line.values)
    _draw(ax, expected, found, np.stack([low, high]), level, n_simulations, label)
    label_x(ax, f"{line.name}: probability expected", *_notes(line, ranks))
    label_y(ax, f"probability by {type(model).__name__}")
    return ax


def pit(
    model: MeanVarianceMixture,
    X: AnyRows,
    ax: Axes | None = None,
    *,
    w: ArrayLike | str | int | None = None,
    bins: int = 20,
    level: float = 0.95,
    label: str = "data",
) -> Axes:
    """Draw the histogram of the probability integral transform F(x): uniform if F is right.

    The band is that of a bin's count, which is binomial (n, 1/bins) if the law is right: it holds
    a given bin with probability >= level. Bars that rise at both ends tell of tails that are too
    light, bars that rise in the middle of tails that are too heavy.

    Parameters
    ----------
    model, X, ax, w, label
        As in `qq`; so is what is done with NaN.
    bins : int
        >= 2; of equal width.
    level : float
        > 0 and < 1.

    Returns
    -------
    Axes
        With all values, however many: the bars sum up to their number.

    Raises
    ------
    ValueError
        As `qq`.
    """
    require_axes(ax)
    bins = require_count(bins, 2, "bins")
    level = require_fraction(level, "level")
    line = line_of(model, X, w)
    counts, edges = np.histogram(line.law.cdf(line.values), bins=bins, range=(0.0, 1.0))
    n = len(line.values)
    low, high = binomial_interval(n, 1.0 / bins, level)
    ax = axes_or_new(ax)
    top = (1.0 + LEGEND_ROOM) * max(int(counts.max()), high)
    set_ranges(ax, (0.0, 1.0), (0.0, top), had_data=ax.has_data())
    ax.bar(edges[:-1], counts, 1.0 / bins, align="edge", color=BLUE, edgecolor="white", label=label)
    ax.axhspan(
        low, high, facecolor="none", edgecolor=INK, hatch="///", linewidth=1.0, alpha=0.45,
        label=f"a right law, {100.0 * level:.4g} % of the time",
    )  # fmt: skip
    ax.axhline(n / bins, color=INK, linewidth=1.2, linestyle=(0, (5, 2)))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    label_x(ax, f"{line.name}: probability by {type(model).__name__} (PIT)", *_notes(line, None))
    label_y(ax, f"values in each of {bins} bins")
    add_legend(ax, loc="upper center", ncols=2)
    return ax


def _envelope(
    line: Line, level: float, n_simulations: int, seed: Seed
) -> tuple[Values, Values, NDArray[np.int64]]:
    level = require_fraction(level, "level")
    n_simulations = require_count(n_simulations, 1, "n_simulations")
    outer_rank(level, n_simulations)
    ranks = ranks_to_draw(len(line.values), MOST_POINTS)
    low, high = uniform_envelope(len(line.values), ranks, level, n_simulations, generator(seed))
    return low, high, ranks


def _quantiles(law: MeanVarianceMixture, p: Values) -> Values:
    """Return quantiles at p; above 1/2 by the upper tail."""
    upper = p > 0.5
    values = np.empty(p.shape)
    values[~upper] = law.ppf(p[~upper])
    values[upper] = law.isf(1.0 - p[upper])
    return values


def _draw(
    ax: Axes, expected: Values, found: Values, ends: Values, level: float, n_simulations: int,
    label: str,
) -> None:  # fmt: skip
    ax.fill_between(
        expected, ends[0], ends[1], color=ENVELOPE, linewidth=0,
        label=f"{100.0 * level:.4g} % pointwise, {n_simulations} simulations",
    )  # fmt: skip
    ax.axline((expected[0], expected[0]), slope=1.0, color=MUTED, linewidth=1.0)
    ax.plot(
        expected, found, "o", color=BLUE, markersize=point_size(len(found)), markeredgewidth=0.0,
        label=label, rasterized=len(expected) >= MOST_POINTS,
    )  # fmt: skip
    add_legend(ax, loc="upper left")


def _notes(line: Line, ranks: NDArray[np.int64] | None) -> list[str]:
    n = len(line.values)
    thin = ranks is not None and len(ranks) < n
    return [
        missing_note(n, line.n_rows),
        f"{len(ranks)} of {n} values are drawn, by rank" if thin and ranks is not None else "",
    ]
