"""The pictures of a report; each function draws one figure."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray

from varimix import plotting
from varimix._varimix import MeanVarianceMixture
from varimix.plotting import INK, MUTED, png_bytes, theme
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


def names_in_picture(columns: tuple[str, ...]) -> list[str]:
    """Return names that matplotlib can draw, each its own: numbers where short ones are not."""
    names = [name_in_picture(name, j) for j, name in enumerate(columns)]
    return names if len(set(names)) == len(names) else [f"column {j}" for j in range(len(names))]


def are_renamed(columns: tuple[str, ...]) -> bool:
    """Return whether a picture shows the numbers of some columns in place of their names."""
    return any(not set(map(ord, name)) <= _glyphs() for name in columns)


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
    names = names_in_picture(data.columns)
    table = pa.table({name: data.values[:, j] for j, name in enumerate(names)})
    with theme():
        plotting.pairs(model.with_columns(names), table, figure, seed=seed)
    return figure
