"""The density of two columns, exactly, over the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
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
    point_size,
    require_axes,
    robust_range,
    set_ranges,
    thinned,
    with_margin,
)
from varimix.plotting.density import Surface, margin, surface
from varimix.plotting.inputs import (
    Rows,
    Seed,
    generator,
    require_count,
    require_fraction,
    require_model,
    rows_of,
)
from varimix.plotting.theme import BLUE, DASHES, MUTED
from varimix.rows import AnyRows

Values = NDArray[np.float64]

PROBABILITIES = (0.5, 0.9, 0.99)
MOST_POINTS = 5000
"""Rows drawn as points."""
GRID_SIZE = 160
TRIANGLE = 7.0
REACH = 0.5
"""Widths of the largest region by which data may widen an axis."""
HALO = 1.5
"""Width of the white edges of a contour, points: it is seen on dark points as well."""
LARGEST_SEED = 2**63
LEAST_DRAWS = 100
ENOUGH_DRAWS = 10
"""Draws within a region, and outside of it, at least: fewer do not tell where its border is."""
WIDTHS = (2.0, 1.6, 1.6, 1.4, 1.4)


def margin_contours(
    model: MeanVarianceMixture,
    X: AnyRows,
    columns: Sequence[int | str] = (0, 1),
    ax: Axes | None = None,
    *,
    probabilities: Sequence[float] = PROBABILITIES,
    n_draws: int = 20_000,
    seed: Seed = None,
    label: str = "data",
) -> Axes:
    """Draw the density of two columns as regions of highest density, over the data.

    The margin is exact: any columns of X have a law of the same family, with the entries of mu,
    gamma and Sigma that are theirs. A contour bounds the smallest region that holds its
    probability; its level is a quantile of the log densities of ``n_draws`` draws, so that the
    region's probability p has a standard error of sqrt(p (1 - p) / n_draws).

    Parameters
    ----------
    model : a model of d >= 2 columns
    X : rows (n, d)
        NaN is a missing value. A row that shows one of the two columns is a tick at that axis; one
        that shows none is counted, under the axis.
    columns : two columns, by number or name
    ax : Axes, optional
        Where to draw; a new figure if left out.
    probabilities : one to five numbers > 0 and < 1
        At least ten draws must be expected inside and outside each region.
    n_draws : int >= 100
    seed : None, int or numpy.random.Generator
        None for fresh draws; the others give the same picture again.
    label : str
        Name of the data in the legend.

    Returns
    -------
    Axes
        At most 5000 rows are drawn, every k-th, which the label of the axis says. A row that is
        far off is a triangle at the edge.

    Raises
    ------
    ValueError
        For rows of another number of columns, none, or infinite; columns that are not two
        different ones; settings outside their domains.
    """
    require_axes(ax)
    require_model(model)
    rows = rows_of(X, model.d)
    i, j = pair_of(rows, columns)
    n_draws = require_count(n_draws, LEAST_DRAWS, "n_draws")
    chosen = probabilities_of(probabilities, n_draws)
    law = margin(model, (i, j))
    draws = draws_of(law, n_draws, seed)
    density = surface(law, draws, chosen, GRID_SIZE)
    values = rows.values[:, [i, j]]
    inside = density.log_density >= density.levels.min()
    x_range, y_range = (
        with_margin(
            robust_range(of_data, float(grid[inside].min()), float(grid[inside].max()), reach=REACH)
        )
        for of_data, grid in zip(values.T, (density.x, density.y), strict=True)
    )
    ax = axes_or_new(ax)
    set_ranges(ax, x_range, y_range, had_data=ax.has_data())
    notes = draw_points(ax, values, MOST_POINTS)
    draw_contours(ax, density)
    label_x(ax, rows.columns[i], *notes)
    label_y(ax, rows.columns[j])
    add_legend(ax, handles=legend_handles(chosen, label, type(model).__name__))
    return ax


def pair_of(rows: Rows, columns: Any) -> tuple[int, int]:
    """Return the numbers of two different columns."""
    if isinstance(columns, str) or not hasattr(columns, "__len__") or len(columns) != 2:
        raise ValueError(f"columns must be two columns, got {columns!r}")
    i, j = (rows.column(column, "columns") for column in columns)
    if i == j:
        raise ValueError(f"columns must be two different columns, got {columns!r}")
    return i, j


def probabilities_of(given: Any, n_draws: int) -> list[float]:
    """Return probabilities of regions, largest first; each has a dash of its own.

    Raises
    ------
    ValueError
        For none or too many, or such that fewer than ENOUGH_DRAWS are in or outside a region.
    """
    many = list(given) if hasattr(given, "__iter__") and not isinstance(given, str) else [given]
    chosen = sorted({require_fraction(p, "probabilities") for p in many}, reverse=True)
    if not 0 < len(chosen) <= len(DASHES):
        raise ValueError(f"probabilities must be one to {len(DASHES)} numbers, got {len(chosen)}")
    least = ENOUGH_DRAWS / n_draws
    for p in chosen:
        if not least <= p <= 1.0 - least:
            raise ValueError(
                f"probabilities must be >= {least:g} and <= {1.0 - least:g} with {n_draws} draws, "
                f"got {p:g}"
            )
    return chosen


def draws_of(law: MeanVarianceMixture, n: int, seed: Seed) -> Values:
    """Return n draws of a law by a seed of any kind."""
    return law.rvs(n, int(generator(seed).integers(LARGEST_SEED)))


def draw_points(ax: Axes, values: Values, most: int, scale: float = 1.0) -> list[str]:
    """Draw rows of two columns within the range of the axes; return what is to be said.

    ``scale`` is the size of the points, as a multiple of what is usual for their number.
    """
    shows = ~np.isnan(values)
    both = values[shows.all(axis=1)]
    kept = thinned(len(both), most)
    drawn = both[kept]
    size = scale * point_size(len(drawn))
    ax.plot(
        drawn[:, 0], drawn[:, 1], "o", color=MUTED, markersize=size, markeredgewidth=0.0,
        alpha=0.4, zorder=1.5, rasterized=True,
    )  # fmt: skip
    beyond = draw_beyond(ax, both[:, 0], both[:, 1], MUTED, TRIANGLE * scale)
    for k, transform in enumerate((ax.get_xaxis_transform(), ax.get_yaxis_transform())):
        alone = values[shows[:, k] & ~shows[:, 1 - k], k]
        alone = alone[thinned(len(alone), most)]
        at_edge = np.full(len(alone), 0.0)
        ticks = (alone, at_edge, "|") if k == 0 else (at_edge, alone, "_")
        ax.plot(*ticks, color=MUTED, markersize=12, transform=transform, alpha=0.7)
    farther = both[np.arange(len(both)), np.argmax(np.abs(both), axis=1)]
    half, none = int((shows.sum(axis=1) == 1).sum()), int((~shows.any(axis=1)).sum())
    return [
        f"{len(drawn)} of {len(both)} rows are drawn" if len(drawn) < len(both) else "",
        f"{count_of(half, 'row')} with one of the two values: ticks at the edge" if half else "",
        f"{count_of(none, 'row')} with neither" if none else "",
        beyond_note(farther, beyond, "row"),
    ]


def draw_contours(ax: Axes, density: Surface) -> None:
    """Draw the borders of the regions, the largest with the first dash."""
    levels, first = np.unique(density.levels, return_index=True)
    contours = ax.contour(
        density.x,
        density.y,
        density.log_density,
        levels=levels,
        colors=BLUE,
        linestyles=[DASHES[len(density.levels) - 1 - k] for k in first],
        linewidths=[WIDTHS[len(density.levels) - 1 - k] for k in first],
        zorder=3,
    )
    contours.set_path_effects([withStroke(linewidth=max(WIDTHS) + HALO, foreground="white")])


def legend_handles(probabilities: Sequence[float], label: str, family: str) -> list[Line2D]:
    """Return the legend of data and regions."""
    regions = [
        Line2D(
            [], [], color=BLUE, linestyle=DASHES[k], linewidth=WIDTHS[k],
            label=f"{100.0 * p:.4g} % of {family}",
        )
        for k, p in enumerate(reversed(probabilities))
    ]  # fmt: skip
    data = Line2D([], [], marker="o", linestyle="", color=MUTED, markersize=4, label=label)
    return [data, *regions]
