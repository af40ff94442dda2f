"""The look of varimix's pictures: a matplotlib theme, styles of lines, and small helpers."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
"""Okabe and Ito's colours (2008): they differ under every common form of colour blindness."""

INK = "#222222"
MUTED = "#5F6670"
GRID = "#E3E6EA"
BAND = "#EFEAE0"

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.5)),
    (0, (7, 2, 1.5, 2)),
    (0, (3, 1.5, 1, 1.5, 1, 1.5)),
)
"""Dashes of lines, in the order of their use."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Markers of lines. Seven of them and five dashes make 35 pairs before one comes again."""
MARKED = 12
"""Markers along a line, about."""

THEME: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.figsize": (8.0, 4.5),
    "font.size": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.fontsize": 10.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "patch.edgecolor": "white",
    "savefig.dpi": 160,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 10.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 10.5,
}
"""Settings of ``matplotlib.rcParams``; the fonts are matplotlib's own, the same everywhere."""


def set_theme() -> None:
    """Give all pictures made from here on varimix's look.

    Changes ``matplotlib.rcParams``; ``matplotlib.rcdefaults()`` undoes it.
    """
    matplotlib.rcParams.update(THEME)


@contextmanager
def theme() -> Iterator[None]:
    """Varimix's look within a ``with`` block; the caller's settings return after it."""
    with matplotlib.rc_context(THEME):
        yield


def line_style(number: int, points: int) -> dict[str, Any]:
    """Return keyword arguments of ``Axes.plot`` for line ``number`` = 0, 1, ... of a picture.

    Lines differ by dash and marker as well as by colour, which a grey print does not show. A line
    of many ``points`` has a marker at some of them, not at the same ones as its neighbours.
    """
    every = max(1, points // MARKED)
    return {
        "color": PALETTE[number % len(PALETTE)],
        "linestyle": DASHES[number % len(DASHES)],
        "linewidth": 1.6,
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 5,
        "markevery": (number * every // 3 % every, every),
    }


def png_bytes(figure: Figure, *, dpi: float) -> bytes:
    """Draw ``figure`` at ``dpi`` dots per inch as a PNG that depends on nothing but the figure."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def shade_span(ax: Axes, start: Any, stop: Any, label: str | None = None) -> None:
    """Shade ``ax`` from ``start`` to ``stop``, behind the data, with a label above the axes.

    Parameters
    ----------
    ax : Axes
    start, stop
        Ends of the span, in the unit of the x axis: dates if that shows dates.
    label : str, optional
        Text above the middle of the span.
    """
    ax.axvspan(start, stop, facecolor=BAND, edgecolor=BAND, linewidth=1.0, zorder=0)
    if label is not None:
        ax.annotate(
            label,
            xy=(start + (stop - start) / 2, 1.0),
            xycoords=ax.get_xaxis_transform(),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=MUTED,
            fontsize=10,
        )
