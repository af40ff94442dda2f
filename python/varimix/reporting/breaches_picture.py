"""The picture of a backtest: what came, what was predicted, and how breaches cluster."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from varimix.plotting import BLUE, INK, VERMILION, theme
from varimix.plotting.axes import (
    count_of,
    draw_beyond,
    robust_range,
    thinned,
    use_dates,
    with_margin,
)
from varimix.plotting.envelopes import binomial_interval
from varimix.reporting.backtest import MODEL, Backtest, rare
from varimix.reporting.inputs import Data
from varimix.reporting.pictures import PERCENT, new_figure
from varimix.reporting.words import Words

LINE_COLOR = "#A9AFB8"
LEVEL = 0.95
"""Probability of the band of a count."""
MOST_STICKS = 3000
"""Rows drawn one by one; of more, the range in each of as many groups."""
USUAL = 0.1
"""Share of predicted quantiles on either side that may leave the picture."""
REACH = 6.0
"""Widths of the core of the rows by which others may widen the axis."""
MOST_BLOCKS = 30
EXPECTED_IN_BLOCK = 2.0
"""Breaches to be expected in a block, at least, or its count would say nothing."""
FEWEST_BLOCKS = 3


def breaches(backtest: Backtest, level: float, data: Data, words: Words) -> Figure:
    """Draw w'x of every row, its predicted quantile, and where breaches came together."""
    block = block_rows(backtest, level)
    figure = new_figure(6.6 if block else 4.2)
    with theme():
        panels = figure.subplots(2, 1, height_ratios=(1.6, 1), sharex=True) if block else None
        top = panels[0] if panels is not None else figure.subplots()
        places = _places(data, backtest.rows)
        _draw_line(top, backtest, level, places, words)
        if panels is not None:
            _draw_blocks(panels[1], backtest, level, places, block, words)
        bottom = panels[1] if panels is not None else top
        bottom.set_xlabel("date" if data.has_dates else f"{words.row} of the data")
    return figure


def _places(data: Data, rows: NDArray[np.intp]) -> NDArray[Any]:
    if data.has_dates and data.labels is not None:
        return np.asarray(data.labels[rows])
    return rows


def _draw_line(
    ax: Axes, backtest: Backtest, level: float, places: NDArray[Any], words: Words
) -> None:
    unit = PERCENT if words.is_returns else 1.0
    values = unit * backtest.values
    quantile = unit * backtest.quantiles[MODEL][:, backtest.levels.index(level)]
    hits = backtest.breaches(MODEL, level)
    if places.dtype.kind == "M":
        use_dates(ax)
    middle = 0.0 if words.is_returns else float(np.median(values))
    if len(values) <= MOST_STICKS:
        ax.vlines(places, middle, values, color=LINE_COLOR, linewidth=0.8)
    else:
        starts = np.linspace(0, len(values), MOST_STICKS, endpoint=False).astype(int)
        ends = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        ax.vlines(places[starts], *ends, color=LINE_COLOR, linewidth=0.8)
    kept = thinned(len(values), MOST_STICKS)
    share = f"{PERCENT * rare(level):g} %"
    ax.step(
        places[kept], quantile[kept], where="post", color=BLUE, linewidth=1.8,
        label=f"predicted quantile, {share}",
    )  # fmt: skip
    beyond = backtest.means_beyond
    if beyond is not None and backtest.has_means_beyond:
        ax.step(
            places[kept], unit * beyond[kept], where="post", color=INK, linestyle=(0, (5, 2)),
            linewidth=1.2, label="predicted mean beyond it",
        )  # fmt: skip
    label = f"{count_of(int(hits.sum()), words.row)} beyond the quantile"
    usual = [float(q) for q in np.quantile(quantile, (USUAL, 1.0 - USUAL))]
    span = with_margin(robust_range(values, *usual, reach=REACH))
    ax.set_ylim(*span)
    ax.plot(places[hits], values[hits], "o", color=VERMILION, markersize=4.5, label=label)
    draw_beyond(ax, places, values, VERMILION)
    ax.set_ylabel(f"{words.line}{' return (%)' if words.is_returns else ''}")
    ax.legend(loc="upper left", ncols=3)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.15 * (high - low))


def block_rows(backtest: Backtest, level: float) -> int:
    """Return the rows of a block in which breaches are counted; 0 where blocks would be few."""
    n = len(backtest.rows)
    block = max(ceil(n / MOST_BLOCKS), ceil(EXPECTED_IN_BLOCK / rare(level)))
    return block if n >= FEWEST_BLOCKS * block else 0


def block_counts(backtest: Backtest, level: float, block: int) -> NDArray[np.int64]:
    """Return the breaches in each whole block of rows."""
    hits = backtest.breaches(MODEL, level)
    blocks = len(hits) // block
    return np.asarray(hits[: blocks * block].reshape(blocks, block).sum(axis=1))


def _draw_blocks(
    ax: Axes, backtest: Backtest, level: float, places: NDArray[Any], block: int, words: Words
) -> None:
    """Draw the number of breaches in each block of rows, beside what chance allows."""
    counts = block_counts(backtest, level, block)
    starts = block * np.arange(len(counts))
    ends = np.minimum(starts + block, len(places) - 1)
    low, high = binomial_interval(block, rare(level), LEVEL)
    x = np.asarray(ax.convert_xunits(places), dtype=float)
    ax.bar(
        x[starts], counts, x[ends] - x[starts], align="edge", color=VERMILION, edgecolor="white",
        label=f"breaches in {count_of(block, words.row)}",
    )  # fmt: skip
    ax.axhspan(
        low, high, facecolor="none", edgecolor=INK, hatch="///", linewidth=1.0, alpha=0.45,
        label=f"a right law, {PERCENT * LEVEL:g} % of the time",
    )  # fmt: skip
    ax.set_ylim(0.0, 1.35 * max(high, int(counts.max())))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("breaches")
    ax.legend(loc="upper left", ncols=2)
