"""Columns before a condition, and given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from varimix import MeanVarianceMixture
from varimix.arguments import MODELS
from varimix.names import weights_in_order
from varimix.plotting.axes import (
    add_legend_above,
    axes_or_new,
    count_of,
    draw_beyond,
    label_x,
    require_axes,
    robust_range,
    set_ranges,
    with_margin,
)
from varimix.plotting.inputs import require_fraction, shown_names
from varimix.plotting.theme import DASHES, MUTED, VERMILION
from varimix.risk.scenarios import Scenarios
from varimix.sources.real_numbers import real_array

Values = NDArray[np.float64]

MOST_LINES = 40
"""Columns that find room one under the other; of more, the first are drawn."""
APART = 0.17
"""A column's two bars stand this far above and below its place; columns stand 1 apart."""
PORTFOLIO = "portfolio w'x"


@dataclass(frozen=True)
class _Bars:
    """Means (k), NaN where there is none, and quantiles (k, 2), of columns by name."""

    names: tuple[str, ...]
    means: Values
    ends: Values


def stress(
    given: Scenarios | MeanVarianceMixture,
    before: MeanVarianceMixture | None = None,
    ax: Axes | None = None,
    *,
    w: ArrayLike | None = None,
    level: float = 0.9,
) -> Axes:
    """Draw mean and central range of every column, before a condition and given it.

    A bar goes from the quantile (1 - level)/2 to (1 + level)/2, a mark on it is the mean.

    Parameters
    ----------
    given : Scenarios or model
        The law given the condition: what ``varimix.risk.scenarios`` drew, with its weights, or a
        law as ``model.conditional_law({"SPY": -0.05})`` returns, of the columns that are left.
    before : model
        The law without the condition; may be left out for Scenarios, which know it.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    w : weights, optional
        An array, list, Series or dict by names: a line of the portfolio w'x stands at the top.
        Not with a law of fewer columns than ``before``.
    level : float
        Probability of the central range, in (0, 1).

    Returns
    -------
    Axes
        Columns stand in the order of ``given``. Of more than 40 the first 40 are drawn. Means that
        are infinite are left out; the label of the axis counts both.

    Raises
    ------
    TypeError
        If ``given`` or ``before`` is neither.
    ValueError
        If ``before`` is missing, or has not the columns of ``given``; for weights of another
        dimension, of other names, or not finite; and for a level outside (0, 1).
    """
    require_axes(ax)
    share = require_fraction(level, "level")
    law = _before(given, before)
    places = _columns(given, law)
    levels = np.array([0.5 * (1.0 - share), 0.5 * (1.0 + share)])
    bars = [_bars(law, places, levels), _bars(given, np.arange(len(places)), levels)]
    if w is not None:
        weights = _weights(given, law, w)
        of_law = np.empty(len(weights))
        of_law[places] = weights
        lines = _portfolio(law, of_law, levels), _portfolio(given, weights, levels)
        bars = [_joined(line, one) for line, one in zip(lines, bars, strict=True)]
    hidden = max(len(bars[0].names) - MOST_LINES, 0)
    bars = [_Bars(one.names[:MOST_LINES], one.means[:MOST_LINES], one.ends[:MOST_LINES])
            for one in bars]  # fmt: skip
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    span = robust_range(np.concatenate([one.ends.ravel() for one in bars]))
    set_ranges(ax, with_margin(span), (len(bars[0].names) - 0.4, -0.6), had_data=had_data)
    beyond = _draw(ax, bars[0], -APART, MUTED, DASHES[1], "s", "before")
    beyond += _draw(ax, bars[1], APART, VERMILION, DASHES[0], "o", "given the condition")
    ax.set_yticks(range(len(bars[0].names)), bars[0].names)
    ax.grid(visible=False, axis="y")
    without = int(sum(np.isnan(one.means).sum() for one in bars))
    label_x(
        ax,
        f"mean and central {100.0 * share:g}%",
        f"left out: {count_of(without, 'mean')} that do not exist" if without else "",
        f"{count_of(hidden, 'column')} not drawn" if hidden else "",
        f"beyond the axes (triangles): {count_of(beyond, 'number')}" if beyond else "",
    )
    add_legend_above(ax)
    return ax


def _before(given: object, before: object) -> Any:
    if not isinstance(given, (Scenarios, *MODELS)):
        raise TypeError(f"given must be Scenarios or a model, got {type(given).__name__}")
    if before is None:
        if isinstance(given, Scenarios):
            return given.model
        raise ValueError("before must be the law without the condition, got None")
    if not isinstance(before, MODELS):
        raise TypeError(f"before must be a model, got {type(before).__name__}")
    return before


def _columns(given: Any, law: Any) -> NDArray[np.intp]:
    """Return the places in ``law`` of the columns that ``given`` has, in its order."""
    d = given.x.shape[1] if isinstance(given, Scenarios) else given.d
    if given.columns is not None and law.columns is not None:
        unknown = [name for name in given.columns if name not in law.columns]
        if unknown:
            raise ValueError(
                f"before must have the columns of given, got none named {unknown[0]!r}"
            )
        return np.array([law.columns.index(name) for name in given.columns])
    if d != law.d:
        raise ValueError(
            f"before must have the {d} columns of given, or names of columns as given has, got a "
            f"law of {law.d}"
        )
    return np.arange(d)


def _bars(of: Any, places: NDArray[np.intp], levels: Values) -> _Bars:
    """Return means and quantiles of columns of a law, or of the rows of Scenarios."""
    names = shown_names(of.columns, int(places.max()) + 1 if of.columns is None else 0)
    named = tuple(names[j] for j in places)
    means = np.asarray(of.mean(), dtype=float)[places]
    if isinstance(of, Scenarios):
        return _Bars(named, means, of.quantile(levels).T[places])
    ends = np.array([of.project(np.eye(of.d)[j]).ppf(levels) for j in places])
    return _Bars(named, np.where(np.isfinite(means), means, np.nan), ends)


def _weights(given: Any, law: Any, w: ArrayLike) -> Values:
    """Return the weights of the columns of ``given``, in its order."""
    d = given.x.shape[1] if isinstance(given, Scenarios) else given.d
    if d != law.d:
        raise ValueError(
            f"w must be None for a law of {d} of {law.d} columns, which lacks the values of the "
            "others: draw Scenarios"
        )
    weights = real_array(weights_in_order(w, given.columns), "w").astype(float)
    if weights.shape != (d,) or not np.isfinite(weights).all() or not weights.any():
        raise ValueError(f"w must be {d} finite numbers, not all 0, got {weights.tolist()}")
    return weights


def _portfolio(of: Any, weights: Values, levels: Values) -> _Bars:
    if isinstance(of, Scenarios):
        quantiles = [[-of.value_at_risk(weights, level) for level in levels]]
        return _Bars((PORTFOLIO,), np.array([of.mean() @ weights]), np.array(quantiles))
    line = of.project(weights)
    mean = np.asarray(line.mean(), dtype=float)
    return _Bars(
        (PORTFOLIO,), np.where(np.isfinite(mean), mean, np.nan), line.ppf(levels)[np.newaxis]
    )


def _joined(one: _Bars, other: _Bars) -> _Bars:
    return _Bars(
        one.names + other.names, np.concatenate([one.means, other.means]),
        np.concatenate([one.ends, other.ends]),
    )  # fmt: skip


def _draw(
    ax: Axes, bars: _Bars, offset: float, color: str, dash: Any, marker: str, label: str
) -> int:
    """Draw bars and means, and return how many numbers lie beyond the axes."""
    y = np.arange(len(bars.names)) + offset
    left, right = ax.get_xlim()
    for place, ends in zip(y, bars.ends, strict=True):
        ax.plot(
            np.clip(ends, left, right), [place, place], color=color, linestyle=dash,
            linewidth=3.0, solid_capstyle="butt", label="_range",
        )  # fmt: skip
    beyond = sum(int(draw_beyond(ax, ends, y, color).sum()) for ends in bars.ends.T)
    ax.plot(
        bars.means, y, linestyle="none", marker=marker, color=color, markeredgecolor="white",
        markersize=7.0, label=label, zorder=4,
    )  # fmt: skip
    return beyond
