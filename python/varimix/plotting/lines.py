"""Lines over places, which tell themselves apart and say what is not drawn as it is."""

from __future__ import annotations

from collections.abc import Mapping
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
    robust_range,
    set_ranges,
    thinned,
    use_dates,
    with_margin,
)
from varimix.plotting.theme import line_style

Line = tuple[NDArray[Any], NDArray[np.float64]]
"""Places along the x axis, numbers or dates, and the values there."""

MOST_POINTS = 1000
"""Points drawn of one line."""
MOST_NAMED = 12
"""Lines that a legend names; more lines have none."""


def draw_lines(ax: Axes | None, lines: Mapping[str, Line], x_label: str, *notes: str) -> Axes:
    """Draw lines by name, with a legend unless the one line there is has the name "".

    A value that is far off or infinite is a triangle at the edge, NaN is left out; the label of the
    x axis says so, after ``notes``.
    """
    every = np.concatenate([values for _, values in lines.values()])
    y_range = with_margin(robust_range(every)) if np.isfinite(every).any() else None
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    if any(places.dtype.kind == "M" for places, _ in lines.values()):
        use_dates(ax)
    longest = max(len(values) for _, values in lines.values())
    styles = []
    for number, (name, (places, values)) in enumerate(lines.items()):
        kept = thinned(len(values), MOST_POINTS)
        styles.append(line_style(number, len(kept)))
        ax.plot(places[kept], values[kept], label=name or "_", **styles[-1])
    set_ranges(ax, _span(ax, lines), y_range, had_data=had_data)
    beyond = [
        draw_beyond(ax, places, values, style["color"])
        for (places, values), style in zip(lines.values(), styles, strict=True)
    ]
    absent = int(np.isnan(every).sum())
    label_x(
        ax,
        x_label,
        f"one value in {-(-longest // MOST_POINTS)} is drawn" if longest > MOST_POINTS else "",
        f"left out: {count_of(absent, 'value')} that do not exist" if absent else "",
        beyond_note(every, np.concatenate(beyond)),
        f"{len(lines)} lines, too many to name" if len(lines) > MOST_NAMED else "",
        *notes,
    )
    if len(lines) <= MOST_NAMED and any(lines):
        add_legend(ax)
    return ax


def _span(ax: Axes, lines: Mapping[str, Line]) -> tuple[float, float]:
    ends = [
        ax.convert_xunits(end) for places, _ in lines.values() for end in (min(places), max(places))
    ]
    return with_margin((float(min(ends)), float(max(ends))))
