"""What all pictures need of their axes: new ones, ranges, edges, thinning, notes."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from varimix.plotting.theme import theme

Values = NDArray[np.float64]
Range = tuple[float, float]

TRIMMED = 0.05
"""Share of values on either side that may not widen an axis beyond REACH."""
REACH = 3.0
"""Values are shown as far beyond the core of them as this many times its width."""
LARGEST = 1e300
"""Axes are less wide than this, for matplotlib multiplies their ends."""
MARGIN = 0.04
"""Share of an axis that is left free at either end."""
MANY_DECADES = 300.0
"""Ratio of the ends of a logarithmic axis from which on powers of ten are enough."""
POINT_SIZES = ((30, 6.0), (300, 4.5), (float("inf"), 3.5))
"""Sizes of markers, points, by the greatest number of them that is drawn so."""
POINTS_PER_INCH = 72.0
CHARACTER_WIDTH = 0.56
"""Mean width of a character of a label, as a multiple of the size of its font."""
FEWEST_CHARACTERS = 24
MOST_ABOVE = 4
"""Entries of a legend that stand beside each other above the axes."""
SLACK = 5
"""Characters by which a line may be longer than all of them in the mean."""


def axes_or_new(ax: Axes | None) -> Axes:
    """Return ``ax``, or the axes of a new figure in varimix's look."""
    if ax is None:
        import matplotlib.pyplot as plt

        with theme():
            return plt.subplots(layout="constrained")[1]
    require_axes(ax)
    return ax


def require_axes(ax: object) -> None:
    """Raise unless ``ax`` is None or matplotlib's Axes, of two straight axes."""
    if ax is None:
        return
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be matplotlib's Axes, or None, got {type(ax).__name__}")
    if ax.name != "rectilinear":
        raise ValueError(f"ax must be of the projection 'rectilinear', got {ax.name!r}")


def robust_range(values: Values, *needed: float, reach: float = REACH) -> Range:
    """Return a range that shows all ``needed``, and the values that are not far off.

    The core spans ``needed`` and the values without TRIMMED of them on either side. Values within
    ``reach`` widths of it are shown. Values that are not finite are left out. ValueError
    for a range that matplotlib cannot draw.
    """
    there = np.sort(values[np.isfinite(values)])
    marks = [x for x in needed if np.isfinite(x)]
    if len(there):
        core = np.quantile(there, (TRIMMED, 1.0 - TRIMMED), method="nearest")
        start, end = min(core[0], *marks, core[1]), max(core[1], *marks, core[0])
        with np.errstate(over="ignore"):
            far = reach * (np.float64(end) - start)
            near = there[(there >= start - far) & (there <= end + far)]
        marks += [float(near[0]), float(near[-1])]
    if not max(marks) - min(marks) < LARGEST:
        raise ValueError(
            f"values must span less than {LARGEST:g} to be drawn, got {min(marks):g} to "
            f"{max(marks):g}"
        )
    return min(marks), max(marks)


def with_margin(span: Range) -> Range:
    """Return a range with MARGIN at either end; one of no width gets one around its value."""
    low, high = span
    width = (high - low) or max(abs(low), 1.0)
    return low - MARGIN * width, high + MARGIN * width


def set_ranges(ax: Axes, x: Range | None, y: Range | None, *, had_data: bool) -> None:
    """Set the limits of the axes; where there was a picture, they come to hold that as well."""
    if x is not None:
        old = ax.get_xlim()
        ax.set_xlim((min(x[0], *old), max(x[1], *old)) if had_data else x)
    if y is not None:
        old = ax.get_ylim()
        ax.set_ylim((min(y[0], *old), max(y[1], *old)) if had_data else y)


def draw_beyond(ax: Axes, x: Any, y: Any, color: str, size: float = 7.0) -> NDArray[np.bool_]:
    """Draw triangles at the edge for the points that lie beyond the limits of ``ax``.

    Returns which points those are. A point beyond in x and y is drawn at the edge in x. ``size`` is
    that of a triangle, points.
    """
    x, y = (np.asarray(ax.convert_xunits(x), float), np.asarray(ax.convert_yunits(y), float))
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    inside_x, inside_y = np.clip(x, left, right), np.clip(y, low, high)
    with np.errstate(invalid="ignore"):
        sides = {"<": x < left, ">": x > right, "v": y < low, "^": y > high}
    drawn = np.zeros(x.shape, dtype=bool)
    for marker, side in sides.items():
        new = side & ~drawn & ~np.isnan(x) & ~np.isnan(y)
        if new.any():
            ax.plot(
                inside_x[new], inside_y[new], marker, color=color, markersize=size,
                clip_on=False, zorder=5, label="_beyond",
            )  # fmt: skip
        drawn |= new
    return drawn


def beyond_note(
    values: Values, beyond: NDArray[np.bool_], what: str = "value", *, is_log: bool = False
) -> str:
    """Return what a picture says of values that lie beyond its axes, or ""."""
    count = int(beyond.sum())
    if count == 0:
        return ""
    with np.errstate(divide="ignore"):
        along = np.log(values) if is_log else values
    middle = np.median(along[np.isfinite(along)]) if np.isfinite(along).any() else 0.0
    farthest = values[beyond][np.argmax(np.abs(along[beyond] - middle))]
    return f"beyond the axes (triangles): {count_of(count, what)}, the farthest at {farthest:.4g}"


def count_of(count: int, what: str) -> str:
    """Return a number of things in words: "1 row", "2 rows"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def missing_note(there: int, rows: int) -> str:
    """Return what a picture says of rows without a value, or ""."""
    if there == rows:
        return ""
    return f"left out: {rows - there} of {count_of(rows, 'row')}, without a value"


def label_x(ax: Axes, label: str, *notes: str) -> None:
    """Label the x axis, with the notes that are not empty in lines of their own."""
    said = "; ".join(note for note in notes if note)
    width = _characters(ax.get_window_extent().width, ax)
    ax.set_xlabel("\n".join([*textwrap.wrap(label, width), *textwrap.wrap(said, width)]))


def label_y(ax: Axes, label: str) -> None:
    """Label the y axis, in lines of about the same length that it has room for."""
    width = _characters(ax.get_window_extent().height, ax)
    lines = len(textwrap.wrap(label, width))
    even = min(width, len(label) // max(lines, 1) + SLACK)
    ax.set_ylabel("\n".join(textwrap.wrap(label, even)))


def _characters(pixels: float, ax: Axes) -> int:
    """Return the characters of a label that find room along a length."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    size = float(ax.xaxis.label.get_fontsize())
    points = pixels / figure.dpi * POINTS_PER_INCH
    return max(FEWEST_CHARACTERS, int(points / (CHARACTER_WIDTH * size)))


def add_legend(ax: Axes, **options: Any) -> None:
    """Add a legend that can be read over what is drawn."""
    ax.legend(frameon=True, framealpha=0.85, edgecolor="none", **options)


def add_legend_above(ax: Axes) -> None:
    """Add a legend of one line above the axes, where nothing is drawn that it could hide."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=MOST_ABOVE, frameon=False,
        borderaxespad=0.2, handletextpad=0.5, columnspacing=1.2,
    )  # fmt: skip


def log_ticks(ax: Axes) -> None:
    """Give a logarithmic y axis plain numbers, three in a decade where there are few decades."""
    low, high = ax.get_ylim()
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > MANY_DECADES else (1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def point_size(count: int) -> float:
    """Return the size of a point's marker where there are ``count`` of them."""
    return next(size for most, size in POINT_SIZES if count <= most)


def use_dates(ax: Axes) -> None:
    """Make the x axis one of dates, with labels that find room."""
    locator = AutoDateLocator()
    ax.xaxis_date()
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def thinned(n: int, most: int) -> NDArray[np.intp]:
    """Return every k-th of n numbers, with the least k that leaves ``most`` of them."""
    return np.arange(0, n, max(1, -(-n // most)))
