"""Forecasts of value at risk and expected shortfall through time, beside the returns that came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix.plotting.axes import (
    add_legend,
    axes_or_new,
    beyond_note,
    count_of,
    draw_beyond,
    label_x,
    label_y,
    missing_note,
    require_axes,
    robust_range,
    set_ranges,
    thinned,
    use_dates,
    with_margin,
)
from varimix.plotting.envelopes import binomial_interval
from varimix.plotting.inputs import require_fraction
from varimix.plotting.theme import BAND, BLUE, DASHES, INK, VERMILION
from varimix.rows import numbers_in_memory

Values = NDArray[np.float64]

RETURN_COLOR = "#A9AFB8"
MOST_POINTS = 3000
"""Days drawn one by one; of more, the range of each of as many groups."""
BAND_POINTS = 100
"""Days at which the band of a count is computed: each costs O(days)."""
USUAL = 0.1
"""Share of forecasts on either side that may leave the picture."""

LEGEND_ROOM = 0.2
"""Share of the axes above the returns, for the legend."""


@dataclass(frozen=True)
class _Days:
    """Days that have a return and a value at risk: places, returns, forecasts, and all days."""

    places: NDArray[Any]
    returns: Values
    value_at_risk: Values
    expected_shortfall: Values | None
    days: int

    @property
    def breaches(self) -> NDArray[np.bool_]:
        """The days whose loss exceeded the value at risk."""
        return np.asarray(self.returns < -self.value_at_risk)


def backtest(
    returns: Any,
    value_at_risk: Any,
    expected_shortfall: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw returns through time, the losses that were forecast for them, and the breaches.

    Minus the value at risk is a line, and minus the expected shortfall another one; a dot is a day
    whose return is below the first.

    Parameters
    ----------
    returns : array_like, shape (n,)
        In the order of time. A series of pandas whose index has dates stands at its dates, others
        at their numbers.
    value_at_risk, expected_shortfall : array_like, shape (n,), or a number for all days
        The forecasts of each day, positive where they are losses. An expected shortfall that is
        infinite is not drawn.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes
        A day without a return or value at risk (NaN) is left out, and counted in the label of the
        x axis. Of more than 3000 days the range of returns of every group is drawn, and all
        breaches. Returns far off are triangles at the edge.

    Raises
    ------
    ValueError
        For lengths that differ, infinite returns, no day with both.
    TypeError
        For what are no numbers.
    """
    require_axes(ax)
    days = _days_of(returns, value_at_risk, expected_shortfall)
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    x = _start(ax, days)
    _draw_returns(ax, days)
    kept = thinned(len(x), MOST_POINTS)
    forecasts = {"value at risk": days.value_at_risk}
    if days.expected_shortfall is not None:
        shortfall = days.expected_shortfall
        forecasts["expected shortfall"] = np.where(np.isfinite(shortfall), shortfall, np.nan)
    needed: list[float] = []
    for number, (name, losses) in enumerate(forecasts.items()):
        ax.step(
            days.places[kept], -losses[kept], where="post", color=BLUE if number == 0 else INK,
            linestyle=DASHES[number], linewidth=1.8, label=f"−{name}",
        )  # fmt: skip
        usual = losses[np.isfinite(losses)]
        needed += (
            [-float(q) for q in np.quantile(usual, (USUAL, 1.0 - USUAL))] if len(usual) else []
        )
    hits = days.breaches
    low, high = with_margin(robust_range(days.returns, *needed))
    y_range = low, high + LEGEND_ROOM * (high - low)
    set_ranges(ax, with_margin((x.min(), x.max())), y_range, had_data=had_data)
    ax.plot(
        days.places[hits], days.returns[hits], "o", color=VERMILION, markersize=4.5,
        label=count_of(int(hits.sum()), "breach") if hits.sum() == 1 else f"{hits.sum()} breaches",
    )  # fmt: skip
    beyond = draw_beyond(ax, days.places, days.returns, VERMILION)
    label_x(ax, _x_name(days), missing_note(len(x), days.days), beyond_note(days.returns, beyond))
    label_y(ax, "return")
    add_legend(ax, loc="upper left", ncols=2)
    return ax


def cumulative_breaches(
    returns: Any,
    value_at_risk: Any,
    ax: Axes | None = None,
    *,
    alpha: float,
    level: float = 0.95,
    label: str = "breaches",
) -> Axes:
    """Draw the number of breaches of a value at risk up to each day, beside what is expected.

    After k days ``alpha k`` breaches are expected; the band holds the count of independent breaches
    of probability alpha with probability ``level``, at each day. A step in the line is a cluster.

    Parameters
    ----------
    returns, value_at_risk
        As of `backtest`.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    alpha : float
        Probability of a breach, in (0, 1), as 0.01.
    level : float
        Probability of the band, pointwise.
    label : str
        Name of the line in the legend.

    Returns
    -------
    Axes
        A day without a return or value at risk is left out, and counted in the label of the x axis.

    Raises
    ------
    ValueError
        As `backtest`; alpha or level outside (0, 1).
    """
    require_axes(ax)
    probability = require_fraction(alpha, "alpha")
    held = require_fraction(level, "level")
    days = _days_of(returns, value_at_risk, None)
    n = len(days.returns)
    counts = np.cumsum(days.breaches)
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    x = _start(ax, days)
    at = np.unique(np.linspace(0, n - 1, min(n, BAND_POINTS)).astype(int))
    band = np.array([binomial_interval(k + 1, probability, held) for k in at])
    ax.fill_between(
        days.places[at], band[:, 0], band[:, 1], color=BAND, edgecolor=INK, linewidth=0.5,
        label=f"a right law, {100.0 * held:g}% of the time",
    )  # fmt: skip
    ax.plot(
        days.places[at], probability * (at + 1), color=INK, linestyle=DASHES[1], linewidth=1.2,
        label="expected",
    )  # fmt: skip
    kept = np.unique(np.append(thinned(n, MOST_POINTS), n - 1))
    ax.step(
        days.places[kept], counts[kept], where="post", color=VERMILION, linewidth=1.8, label=label
    )
    top = float(max(counts[-1], band[:, 1].max(), 1))
    set_ranges(ax, with_margin((x.min(), x.max())), with_margin((0.0, top)), had_data=had_data)
    label_x(ax, _x_name(days), missing_note(n, days.days))
    label_y(ax, f"breaches of the value at risk at {probability:g}")
    add_legend(ax, loc="upper left")
    return ax


def _days_of(returns: Any, value_at_risk: Any, expected_shortfall: Any) -> _Days:
    gains = _line(returns, "returns")
    if np.isinf(gains).any():
        day = int(np.flatnonzero(np.isinf(gains))[0])
        raise ValueError(f"returns must be finite or NaN, got {gains[day]} on day {day}")
    losses = _forecasts(value_at_risk, len(gains), "value_at_risk")
    tails = None
    if expected_shortfall is not None:
        tails = _forecasts(expected_shortfall, len(gains), "expected_shortfall")
    there = ~np.isnan(gains) & np.isfinite(losses)
    if not there.any():
        raise ValueError(
            f"returns must have a day with a return and a value at risk, got none in {len(gains)}"
        )
    return _Days(
        _places(returns, len(gains))[there], gains[there], losses[there],
        None if tails is None else tails[there], len(gains),
    )  # fmt: skip


def _line(data: Any, name: str) -> Values:
    """Return numbers of one dimension, also of a frame or matrix of one column."""
    values = np.asarray(numbers_in_memory(data, name), dtype=np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"{name} must be a number a day, got shape {values.shape}")
    return values


def _forecasts(data: Any, days: int, name: str) -> Values:
    """Return a forecast of each day; a number is that of all."""
    if np.ndim(data) == 0 and not hasattr(data, "__arrow_c_stream__"):
        return np.full(days, float(numbers_in_memory(data, name)))
    values = _line(data, name)
    if len(values) != days:
        raise ValueError(f"{name} must be {days} numbers, as there are returns, got {len(values)}")
    return values


def _places(returns: Any, days: int) -> NDArray[Any]:
    index = getattr(returns, "index", None)
    if getattr(getattr(index, "dtype", None), "kind", "") == "M":
        dates = np.asarray(index, dtype="datetime64[us]")
        if not np.isnat(dates).any():
            return dates
    return np.arange(days)


def _start(ax: Axes, days: _Days) -> Values:
    """Make the x axis one of dates where days have some; return the places as it has them."""
    if days.places.dtype.kind == "M":
        use_dates(ax)
    return np.asarray(ax.convert_xunits(days.places), dtype=float)


def _x_name(days: _Days) -> str:
    return "date" if days.places.dtype.kind == "M" else "day"


def _draw_returns(ax: Axes, days: _Days) -> None:
    if len(days.returns) <= MOST_POINTS:
        ax.vlines(days.places, 0.0, days.returns, color=RETURN_COLOR, linewidth=0.8)
        return
    starts = np.linspace(0, len(days.returns), MOST_POINTS, endpoint=False).astype(int)
    low = np.minimum.reduceat(days.returns, starts)
    high = np.maximum.reduceat(days.returns, starts)
    ax.vlines(
        days.places[starts], np.minimum(low, 0.0), np.maximum(high, 0.0), color=RETURN_COLOR,
        linewidth=0.8,
    )  # fmt: skip
