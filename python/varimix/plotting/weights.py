"""How much each row counts: the robust weights of the E-step."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from varimix import MeanVarianceMixture
from varimix.plotting.axes import (
    add_legend,
    axes_or_new,
    beyond_note,
    count_of,
    draw_beyond,
    label_x,
    label_y,
    log_ticks,
    point_size,
    require_axes,
    robust_range,
    set_ranges,
    thinned,
    use_dates,
    with_margin,
)
from varimix.plotting.inputs import Rows, require_count, require_model, rows_of
from varimix.plotting.theme import INK, MUTED, SKY, VERMILION
from varimix.rows import AnyRows

Values = NDArray[np.float64]

MOST_POINTS = 4000
MOST_MARKED = 20
"""Rows whose names find room under the points."""
NAME_SIZE = 9.0
LONGEST_NAME = 28
"""Characters of a row's name that are shown, at most."""
CHARACTER = 0.0125
"""Width of a character of a name, as a share of axes of the usual width."""
ROW_OF_NAMES = 0.055
"""Height of a line of names, as a share of the axes."""
NAMES_BEGIN = 0.8
"""Middle of the lowest line of names, in lines: above the triangles at the edge."""
ROOM = 1.3
"""The axis ends at this multiple of the largest weight and, above the names, of the least."""
LEGEND_ROOM = 0.12
"""Share of the axes above the points, for the legend."""


def robust_weights(
    model: MeanVarianceMixture,
    X: AnyRows,
    ax: Axes | None = None,
    *,
    lowest: int = 5,
    label: str = "row",
) -> Axes:
    """Draw the weight E[1/Y | x] of every row, and name the rows of the lowest.

    The M-step weighs row x by E[1/Y | x]: an outlier's is small. It is in the model's gauge: the
    dashed line is E[1/Y], the mean of the weights under the model, and only their ratios matter.

    Parameters
    ----------
    model : a model of d columns
    X : rows (n, d)
        NaN is a missing value. A row has the weight that what it shows gives it; a row that shows
        nothing has E[1/Y], and the label of the axis counts such rows.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    lowest : int
        0 to 20: the rows to mark and name, by the index of a pandas frame, else by number.
    label : str
        Name of the rows in the legend.

    Returns
    -------
    Axes
        Rows stand at the dates of a pandas frame's index if it is of dates (UTC), else at their
        numbers.
        Of more than 4000 rows every k-th is drawn, and those marked. A weight of 0 or inf is a
        triangle at the edge, as is one that is far off.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, or infinite; lowest outside its domain.
    """
    require_axes(ax)
    require_model(model)
    if require_count(lowest, 0, "lowest") > MOST_MARKED:
        raise ValueError(f"lowest must be <= {MOST_MARKED}, got {lowest}")
    rows = rows_of(X, model.d)
    weights = np.asarray(model.posterior(rows.values, missing="exact").E_inv_Y)
    shown = ~np.isnan(rows.values).all(axis=1)
    marked = np.argsort(np.where(shown, weights, np.inf), kind="stable")[: min(lowest, shown.sum())]
    places = _places(rows)
    marked = marked[np.lexsort((marked, places[marked]))]
    ax = axes_or_new(ax)
    names = [_name(rows, int(k)) for k in marked]
    lines = _draw(ax, places, weights, marked, names, label)
    beyond = draw_beyond(ax, places, weights, MUTED)
    mean = model.subordinator().E_inv_Y()
    if np.isfinite(mean):
        ax.axhline(mean, color=INK, linewidth=1.0, linestyle=(0, (5, 2)), label="E[1/Y]")
    _name_marked(ax, places[marked], weights[marked], names, lines)
    none = int((~shown).sum())
    kept = len(thinned(len(weights), MOST_POINTS))
    label_x(
        ax,
        "row" if places.dtype.kind != "M" else "date",
        f"{kept} of {len(weights)} rows are drawn, and those marked" if kept < len(weights) else "",
        f"{count_of(none, 'row')} of no values, at E[1/Y]" if none else "",
        beyond_note(weights, beyond, "row", is_log=True),
    )
    label_y(ax, "weight E[1/Y | x]")
    add_legend(ax, loc="upper right", ncols=3)
    return ax


def _places(rows: Rows) -> NDArray[Any]:
    kind = getattr(getattr(rows.index, "dtype", None), "kind", "")
    if kind == "M" and not np.isnat(np.asarray(rows.index, dtype="datetime64[us]")).any():
        return np.asarray(rows.index, dtype="datetime64[us]")
    return np.arange(len(rows.values))


def _name(rows: Rows, row: int) -> str:
    if rows.index is None:
        return str(row)
    return shorten(str(rows.index[row]).removesuffix(" 00:00:00"), LONGEST_NAME, placeholder="…")


def _draw(
    ax: Axes,
    places: NDArray[Any],
    weights: Values,
    marked: NDArray[np.intp],
    names: list[str],
    label: str,
) -> list[int]:
    """Draw the points; leave room for the names under them; return the line of each name."""
    had_data = ax.has_data()
    if places.dtype.kind == "M":
        use_dates(ax)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_yscale("log")
    kept = thinned(len(weights), MOST_POINTS)
    rest = np.setdiff1d(kept, marked)
    ax.plot(
        places[rest],
        weights[rest],
        "o",
        color=SKY,
        markersize=point_size(len(rest)),
        markeredgewidth=0.0,
        label=label,
    )
    if len(marked):
        ax.plot(
            places[marked], weights[marked], "D", color=VERMILION, markeredgecolor=INK,
            markersize=6, label=f"the {len(marked)} lowest" if len(marked) > 1 else "the lowest",
            zorder=4,
        )  # fmt: skip
    positions = np.asarray(ax.convert_xunits(places), dtype=float)
    span = with_margin((float(positions.min()), float(positions.max())))
    at = (positions[marked] - span[0]) / (span[1] - span[0])
    lines = _lines_of_names(at, names)
    usual = weights[np.isfinite(weights) & (weights > 0.0)]
    ends = np.exp(robust_range(np.log(usual))) if len(usual) else np.ones(2)
    low, high = ends[0] / ROOM, ends[1] * ROOM
    below = ROW_OF_NAMES * (NAMES_BEGIN + 0.5 + max(lines)) if lines else 0.0
    share = np.log(high / low) / (1.0 - below - LEGEND_ROOM)
    bottom, top = low * np.exp(-below * share), high * np.exp(LEGEND_ROOM * share)
    set_ranges(ax, span, (float(bottom), float(top)), had_data=had_data)
    log_ticks(ax)
    return lines


def _lines_of_names(at: Values, names: list[str]) -> list[int]:
    """Return for each name, from left to right, the lowest line in which it has room."""
    ends: list[float] = []
    lines = []
    for place, name in zip(at, names, strict=True):
        half = 0.5 * CHARACTER * (len(name) + 1)
        left = min(max(place, half), 1.0 - half) - half
        line = next((k for k, end in enumerate(ends) if end <= left), len(ends))
        ends[line:] = [left + 2.0 * half, *ends[line + 1 :]]
        lines.append(line)
    return lines


def _name_marked(
    ax: Axes, places: NDArray[Any], weights: Values, names: list[str], lines: list[int]
) -> None:
    positions = np.asarray(ax.convert_xunits(places), dtype=float)
    left, right = ax.get_xlim()
    for place, weight, name, line in zip(positions, weights, names, lines, strict=True):
        half = 0.5 * CHARACTER * (len(name) + 1)
        at = min(max((place - left) / (right - left), half), 1.0 - half)
        ax.annotate(
            name,
            xy=(place, max(weight, ax.get_ylim()[0])),
            xytext=(at, ROW_OF_NAMES * (line + NAMES_BEGIN)),
            textcoords="axes fraction",
            ha="center",
            va="center",
            fontsize=NAME_SIZE,
            color=INK,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.7},
        )
