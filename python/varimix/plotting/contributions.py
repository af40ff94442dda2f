"""What each column adds to the tail risk of a portfolio."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix.plotting.axes import (
    add_legend_above,
    axes_or_new,
    count_of,
    label_x,
    require_axes,
    set_ranges,
    with_margin,
)
from varimix.plotting.inputs import require_count, shown_names
from varimix.plotting.theme import BLUE, INK, MUTED
from varimix.risk.portfolio import PortfolioRisk

Values = NDArray[np.float64]

RISKS = {"expected_shortfall": "expected shortfall", "value_at_risk": "value at risk"}
BAR_HEIGHT = 0.62
"""Of a bar, where columns stand 1 apart."""


def contributions(
    risk: PortfolioRisk,
    ax: Axes | None = None,
    *,
    of: str = "expected_shortfall",
    centered: bool = False,
    most: int = 20,
) -> Axes:
    """Draw the part of each column in the tail risk of a portfolio, beside its weight.

    Bars are the Euler contributions, which sum to the risk; the largest stands at the top. A
    diamond is what the column would add if risk went by weight alone, ``|w_j| / sum |w|`` of the
    sum of all bars, with the sign of ``w_j``: a bar beyond it is a column that adds more than its
    weight, one below 0 a hedge.

    Parameters
    ----------
    risk : PortfolioRisk
        What ``varimix.risk.portfolio`` returned.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    of : str
        ``"expected_shortfall"`` or ``"value_at_risk"``.
    centered : bool
        True draws the parts of the risk beyond the mean loss, ``w_j`` times the gradient plus
        ``w_j E[X_j]``: for columns that are no returns, whose place on their scale is no risk.
    most : int
        >= 1: columns that have a bar, those of the largest parts.

    Returns
    -------
    Axes
        Columns of weight 0 have no bar. The label of the axis counts them, and those that are not
        drawn, with their share.

    Raises
    ------
    TypeError
        If ``risk`` is no PortfolioRisk.
    ValueError
        If its contributions do not exist, or with ``centered`` a mean; for another ``of``.
    """
    require_axes(ax)
    parts = contribution_parts(risk, of, centered=centered)
    most = require_count(most, 1, "most")
    held = np.flatnonzero(risk.w)
    order = held[np.argsort(-np.abs(parts[held]), kind="stable")]
    shown, others = order[:most], order[most:]
    by_weight = parts.sum() * risk.w / np.abs(risk.w).sum()
    columns = shown_names(risk.columns, len(risk.w))
    names = [columns[j] for j in shown]
    bars, diamonds = parts[shown], by_weight[shown]
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    _draw(ax, names, bars, diamonds)
    ends = np.concatenate([bars, diamonds, [0.0]])
    set_ranges(
        ax, with_margin((float(ends.min()), float(ends.max()))), (len(names) - 0.4, -0.6),
        had_data=had_data,
    )  # fmt: skip
    beyond = " beyond the mean" if centered else ""
    none = len(risk.w) - len(held)
    label_x(
        ax,
        f"part of the {RISKS[of]} at {risk.alpha:g}{beyond}",
        _hidden(parts, others),
        f"left out: {count_of(none, 'column')} of weight 0" if none else "",
    )
    add_legend_above(ax)
    return ax


def contribution_parts(risk: PortfolioRisk, of: str, *, centered: bool) -> Values:
    """Return what each column adds (d); with ``centered`` to the risk beyond the mean loss.

    Raises
    ------
    TypeError
        If ``risk`` is no PortfolioRisk.
    ValueError
        For another ``of`` than those of RISKS, and where a part does not exist.
    """
    if not isinstance(risk, PortfolioRisk):
        raise TypeError(f"risk must be a PortfolioRisk, got {type(risk).__name__}")
    if not isinstance(of, str) or of not in RISKS:
        raise ValueError(f"of must be one of {', '.join(map(repr, RISKS))}, got {of!r}")
    parts: Values | None = getattr(risk, f"{of}_contributions")
    if parts is None:
        raise ValueError(f"risk must have contributions, got none: {risk.status}")
    if not centered:
        return parts
    needed = risk.w != 0.0
    means = np.asarray(risk.model.mean())[needed]
    if not np.isfinite(means).all():
        raise ValueError(f"risk must be of columns that have means, got {means.tolist()}")
    beyond = parts.copy()
    beyond[needed] += risk.w[needed] * means
    return beyond


def _hidden(parts: Values, others: NDArray[np.intp]) -> str:
    """Return what the picture says of columns that have no bar for want of room, or ""."""
    if len(others) == 0:
        return ""
    whole = float(parts.sum())
    share = f", {100.0 * parts[others].sum() / whole:.0f}% of the whole" if whole > 0.0 else ""
    return f"not drawn: {count_of(len(others), 'column')}{share}"


def _draw(ax: Axes, names: list[str], bars: Values, diamonds: Values) -> None:
    places = np.arange(len(names))
    ax.barh(places, bars, height=BAR_HEIGHT, color=BLUE, edgecolor="white", label="contribution")
    ax.plot(
        diamonds, places, "D", color="white", markeredgecolor=INK, markersize=6,
        label="by weight alone", zorder=4,
    )  # fmt: skip
    ax.axvline(0.0, color=MUTED, linewidth=0.8)
    ax.set_yticks(places, names)
    ax.grid(visible=False, axis="y")
