"""Numbers of fits with their intervals, one line a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix.inference import Inference
from varimix.plotting.axes import (
    add_legend_above,
    axes_or_new,
    count_of,
    draw_beyond,
    label_x,
    require_axes,
    robust_range,
    set_ranges,
    with_margin,
)
from varimix.plotting.inputs import require_fraction
from varimix.plotting.theme import DASHES, MARKERS, MUTED, PALETTE

Values = NDArray[np.float64]

MOST_LINES = 40
"""Numbers that find room one under the other; of more, the first are drawn."""
SPREAD = 0.55
"""Height that the intervals of one number share, where numbers stand 1 apart."""
END = 5.0
"""Size of the mark at the end of an interval, points."""


def intervals(
    inferences: Inference | Mapping[str, Inference],
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    alpha: float = 0.05,
    relative: bool = False,
) -> Axes:
    """Draw estimates with their intervals, by name, one line each.

    Parameters
    ----------
    inferences : Inference, or mapping of labels to Inferences
        What ``varimix.inference.inference`` returned. Several are drawn beside each other, as
        ``{"independent rows": robust, "dependent rows": hac}``.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    names : sequence of str, optional
        The numbers to draw, in this order; all of them if left out.
    alpha : float
        Intervals cover with probability 1 - alpha.
    relative : bool
        True divides every line by the estimate of the first Inference that has it, so that numbers
        of different sizes stand on one axis, and 1 is the estimate.

    Returns
    -------
    Axes
        The first number stands at the top. An Inference without standard errors has points alone,
        and the label of the axis says so. Of more than 40 numbers the first 40 are drawn.

    Raises
    ------
    TypeError
        For anything but Inferences, and names that are no texts.
    ValueError
        For no Inference, a name that none of them has, alpha outside (0, 1), and with ``relative``
        an estimate of 0.
    """
    require_axes(ax)
    found = _by_label(inferences)
    chosen = _names(found, names)
    level = require_fraction(alpha, "alpha")
    shown = chosen[:MOST_LINES]
    units = {name: _unit(found, name) if relative else 1.0 for name in shown}
    ends = {label: one.conf_int(level) if one.bse else {} for label, one in found.items()}
    every = [
        x / units[name]
        for label, one in found.items()
        for name in shown
        if name in one.params
        for x in (one.params[name], *ends[label].get(name, ()))
    ]
    ax = axes_or_new(ax)
    had_data = ax.has_data()
    estimates = [
        one.params[n] / units[n] for one in found.values() for n in shown if n in one.params
    ]
    span = with_margin(robust_range(np.array(every), *estimates))
    set_ranges(ax, span, (len(shown) - 0.4, -0.6), had_data=had_data)
    beyond = sum(
        _draw(ax, number, len(found), label, one, ends[label], units)
        for number, (label, one) in enumerate(found.items())
    )
    ax.set_yticks(range(len(shown)), shown)
    ax.grid(visible=False, axis="y")
    _label(ax, found, len(chosen) - len(shown), beyond, level, relative=relative)
    if len(found) > 1:
        add_legend_above(ax)
    return ax


def _by_label(inferences: object) -> dict[str, Inference]:
    if isinstance(inferences, Inference):
        return {"": inferences}
    if not isinstance(inferences, Mapping):
        raise TypeError(
            "inferences must be an Inference, or a mapping of labels to some, got "
            f"{type(inferences).__name__}"
        )
    if not inferences:
        raise ValueError("inferences must hold at least one Inference, got none")
    for label, one in inferences.items():
        if not isinstance(one, Inference):
            raise TypeError(f"inferences[{label!r}] must be an Inference, got {type(one).__name__}")
    return {str(label): one for label, one in inferences.items()}


def _names(found: Mapping[str, Inference], names: Sequence[str] | None) -> list[str]:
    """Return the numbers to draw: those asked for, or all in order of their first occurrence."""
    known = list(dict.fromkeys(name for one in found.values() for name in one.params))
    if names is None:
        return known
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"names must be a sequence of texts, got {names!r}")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be texts, got {name!r}")
        if name not in known:
            raise ValueError(f"names must be of the numbers {', '.join(known)}, got {name!r}")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"names must be at least one, each once, got {list(names)}")
    return list(names)


def _unit(found: Mapping[str, Inference], name: str) -> float:
    unit = next(one.params[name] for one in found.values() if name in one.params)
    if unit == 0.0:
        raise ValueError(f"relative must be False where an estimate is 0, as that of {name!r} is")
    return unit


def _draw(
    ax: Axes,
    number: int,
    of: int,
    label: str,
    one: Inference,
    ends: Mapping[str, tuple[float, float]],
    units: Mapping[str, float],
) -> int:
    """Draw the numbers of one Inference, each a little below those of the ones before.

    Returns how many ends lie beyond the axes.
    """
    color, dash = PALETTE[number % len(PALETTE)], DASHES[number % len(DASHES)]
    offset = SPREAD * (number - 0.5 * (of - 1)) / of
    there = [(k, name) for k, name in enumerate(units) if name in one.params]
    left, right = ax.get_xlim()
    beyond = 0
    for k, name in there:
        if name not in ends:
            continue
        x, y = np.array(ends[name]) / units[name], np.full(2, k + offset)
        inside = (x >= left) & (x <= right)
        ax.plot(np.clip(x, left, right), y, color=color, linestyle=dash, linewidth=1.8)
        ax.plot(
            x[inside], y[inside], "|", color=color, markersize=2 * END, markeredgewidth=1.8,
            label="_end",
        )  # fmt: skip
        beyond += int(draw_beyond(ax, x, y, color).sum())
    ax.plot(
        [one.params[name] / units[name] for _, name in there], [k + offset for k, _ in there],
        linestyle="none", color=color, marker=MARKERS[number % len(MARKERS)], markersize=6.5,
        label=label or "_estimate", zorder=4,
    )  # fmt: skip
    return beyond


def _label(
    ax: Axes, found: Mapping[str, Inference], hidden: int, beyond: int, level: float, *,
    relative: bool,
) -> None:  # fmt: skip
    said = f"estimates with {100.0 * (1.0 - level):g}% intervals"
    if relative:
        said += ", as multiples of the estimate"
        ax.axvline(1.0, color=MUTED, linewidth=0.8)
    without = [
        f"{label}: no intervals ({', '.join(word for word, _, _ in one.notes)})".removeprefix(": ")
        for label, one in found.items()
        if not one.bse
    ]
    label_x(
        ax,
        said,
        *without,
        f"{count_of(hidden, 'number')} not drawn" if hidden else "",
        f"beyond the axes (triangles): {count_of(beyond, 'end')}" if beyond else "",
    )
