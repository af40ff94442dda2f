"""The frontier of mean return and expected shortfall."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix.plotting.axes import (
    add_legend,
    axes_or_new,
    count_of,
    label_x,
    label_y,
    require_axes,
    set_ranges,
    with_margin,
)
from varimix.plotting.theme import BLUE, INK, MUTED, VERMILION
from varimix.risk.frontier import Frontier
from varimix.risk.portfolio import portfolio

Values = NDArray[np.float64]

MOST_NAMED = 20
"""Columns that find room for their names; of more, the points are drawn alone."""
NAME_SIZE = 8.0
NAME_OFFSET = (4, 3)
"""Of a name from its point, points of print."""


def frontier(
    frontier: Frontier,
    ax: Axes | None = None,
    *,
    columns: bool = True,
    label: str = "frontier",
) -> Axes:
    """Draw the mean return of each portfolio over its expected shortfall.

    Parameters
    ----------
    frontier : Frontier
        What ``varimix.risk.frontier`` returned.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    columns : bool
        Whether to draw each column alone, as a portfolio of weight 1, with its name where there are
        at most 20.
    label : str
        Name of the line in the legend.

    Returns
    -------
    Axes
        Portfolios and columns without a finite expected shortfall are left out, and counted in the
        label of the x axis.

    Raises
    ------
    TypeError
        If ``frontier`` is none.
    ValueError
        If no portfolio of it has an expected shortfall.
    """
    require_axes(ax)
    if not isinstance(frontier, Frontier):
        raise TypeError(f"frontier must be a Frontier, got {type(frontier).__name__}")
    shortfall, mean = frontier.expected_shortfall, np.array(frontier.targets)
    there = np.isfinite(shortfall)
    if not there.any():
        raise ValueError("frontier must have a portfolio with an expected shortfall, got none")
    alone = _columns(frontier) if columns else np.empty((0, 2))
    seen = np.isfinite(alone).all(axis=1)
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    ax.plot(shortfall[there], mean[there], "-", color=BLUE, label=label)
    least = int(np.argmin(shortfall))
    ax.plot(
        shortfall[least], mean[least], "D", color=VERMILION, markeredgecolor=INK,
        markersize=7, label="least expected shortfall", zorder=4,
    )  # fmt: skip
    if seen.any():
        ax.plot(alone[seen, 0], alone[seen, 1], "o", color=MUTED, markersize=5, label="one column")
    _name(ax, frontier, alone)
    x = np.concatenate([shortfall[there], alone[seen, 0]])
    y = np.concatenate([mean[there], alone[seen, 1]])
    set_ranges(ax, _range(x), _range(y), had_data=had_data)
    label_x(
        ax,
        f"expected shortfall at {frontier.alpha:g}",
        f"left out: {count_of(int((~there).sum()), 'mean')} that cannot be met"
        if not there.all()
        else "",
        f"left out: {count_of(int((~seen).sum()), 'column')} without one" if not seen.all() else "",
    )
    label_y(ax, "mean return")
    add_legend(ax, loc="lower right")
    return ax


def _columns(frontier: Frontier) -> Values:
    """Return expected shortfall and mean of each column (d, 2) for the frontier's budget."""
    model: Any = frontier.model
    unit = np.eye(model.d)
    shortfall = [portfolio(model, w, frontier.alpha).expected_shortfall for w in unit]
    return np.column_stack([shortfall, model.mean()])


def _name(ax: Axes, frontier: Frontier, alone: Values) -> None:
    if frontier.columns is None or len(alone) > MOST_NAMED:
        return
    for name, (x, y) in zip(frontier.columns, alone, strict=False):
        if np.isfinite(x):
            ax.annotate(
                name, (x, y), xytext=NAME_OFFSET, textcoords="offset points",
                fontsize=NAME_SIZE, color=INK,
            )  # fmt: skip


def _range(values: Values) -> tuple[float, float]:
    return with_margin((float(values.min()), float(values.max())))
