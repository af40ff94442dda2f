"""The pictures of a report; each function draws one figure."""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from varimix import plotting
from varimix._varimix import MeanVarianceMixture
from varimix.plotting import BLUE, INK, MUTED, VERMILION, png_bytes, theme
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
from varimix.reporting.words import Words, label_of

Values = NDArray[np.float64]

WIDTH = 9.2
"""Inches; shown up to 920 pixels wide."""
DPI = 200
"""Twice the dots at which a picture is shown, to be crisp on screens and paper."""
MANY_DPI = 130
"""Dots per inch of a picture of many panels."""
PERCENT = 100.0
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
MOST_NAMED = 60
"""Columns whose names find room beside a heat map."""
MOST_NUMBERED = 14
"""Columns up to which the cells of a heat map hold numbers."""
LONGEST_NAME = 16
PALE = 0.55
"""Correlations beyond this in size are on dark colours, where numbers are white."""
MOST_PAIRS = 5
FEWEST_VALUES = 10
"""Values below which a picture of tails shows nothing."""


def draw(figure: Figure, dpi: float = DPI) -> bytes:
    """Return the figure as a PNG."""
    with theme():
        return png_bytes(figure, dpi=dpi)


def new_figure(height: float, width: float = WIDTH, layout: Any = "constrained") -> Figure:
    """Return an empty figure in varimix's look, which no window knows."""
    with theme():
        return Figure(figsize=(width, height), layout=layout)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def name_in_picture(name: str, number: int) -> str:
    """Return a name that matplotlib can draw: short, of glyphs that its font has, no formula."""
    if not name.strip() or are_renamed((name,)):
        return f"column {number}"
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return short.replace("$", r"\$")


def are_renamed(columns: tuple[str, ...]) -> bool:
    """Return whether a picture shows the numbers of some columns in place of their names."""
    return any(not set(map(ord, name)) <= _glyphs() for name in columns)


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
    label = f"{count_of(int(hits.sum()), words.row)} beyond it"
    usual = [float(q) for q in np.quantile(quantile, (USUAL, 1.0 - USUAL))]
    span = with_margin(robust_range(values, *usual, reach=REACH))
    ax.set_ylim(*span)
    ax.plot(places[hits], values[hits], "o", color=VERMILION, markersize=4.5, label=label)
    draw_beyond(ax, places, values, VERMILION)
    ax.set_ylabel(f"{words.line}{' return (%)' if words.is_returns else ''}")
    ax.legend(loc="upper left", ncols=2)
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


def tails(law: Any, values: Values, words: Words) -> Figure:
    """Draw both tails of w'x, of its law, and of a Gaussian."""
    name = words.line
    if words.is_returns:
        law, values, name = law.project([PERCENT]), PERCENT * values, f"{name} return (%)"
    figure = new_figure(4.6)
    with theme():
        ax = figure.subplots()
        plotting.tail(law, pa.table({name: values}), ax, label=f"{words.row}s")
    return figure


class _Labelled(np.ndarray):
    """Rows with an index, as a pandas frame has one."""

    index: Any


def outlying(model: MeanVarianceMixture, data: Data, words: Words) -> Figure:
    """Draw the weight of every row, and name the rows of the lowest."""
    rows = data.values.view(_Labelled)
    if data.has_dates and data.labels is not None:
        rows.index = data.labels.astype("datetime64[s]")
        if (data.labels.astype("datetime64[D]") == data.labels).all():
            rows.index = data.labels.astype("datetime64[D]")
    elif data.labels is not None:
        rows.index = np.array(
            [name_in_picture(label_of(x), k) for k, x in enumerate(data.labels)], dtype=object
        )
    figure = new_figure(4.6)
    with theme():
        ax = figure.subplots()
        plotting.robust_weights(model, rows, ax, lowest=5, label=f"{words.row}s")
    return figure


def correlations(matrix: Values, columns: tuple[str, ...]) -> Figure:
    """Draw correlations as a heat map."""
    d = len(columns)
    side = min(WIDTH, 3.4 + 0.32 * d)
    figure = new_figure(0.86 * side, side, "compressed")
    size = max(4.5, min(10.5, 400.0 / (8 + 1.2 * d)))
    with theme():
        ax = figure.subplots()
        image = ax.imshow(matrix, cmap="RdBu_r", vmin=-1.0, vmax=1.0, interpolation="nearest")
        ax.grid(visible=False)
        if d <= MOST_NAMED:
            names = [name_in_picture(name, j) for j, name in enumerate(columns)]
            ax.set_xticks(range(d), names, rotation=90, fontsize=size)
            ax.set_yticks(range(d), names, fontsize=size)
        else:
            ax.set_xlabel("column of the data, from 0")
            ax.set_ylabel("column of the data, from 0")
        if d <= MOST_NUMBERED:
            for i, j in np.ndindex(d, d):
                color = "white" if abs(matrix[i, j]) > PALE else INK
                ax.text(
                    j, i, f"{matrix[i, j]:.2f}".replace("-", "−"), ha="center", va="center",
                    color=color, fontsize=0.85 * size,
                )  # fmt: skip
        bar = figure.colorbar(image, ax=ax, shrink=0.8)
        bar.set_label("correlation")
        bar.outline.set_edgecolor(MUTED)
    return figure


def pairs(model: MeanVarianceMixture, data: Data, seed: int) -> Figure:
    """Draw all pairs of columns with their exact law."""
    d = len(data.columns)
    side = min(WIDTH, 3.0 + 1.4 * d)
    figure = new_figure(side, side)
    names = [name_in_picture(name, j) for j, name in enumerate(data.columns)]
    if len(set(names)) < d:
        names = [f"column {j}" for j in range(d)]
    table = pa.table({name: data.values[:, j] for j, name in enumerate(names)})
    with theme():
        plotting.pairs(model.with_columns(names), table, figure, seed=seed)
    return figure
