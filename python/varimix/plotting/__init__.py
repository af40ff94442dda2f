"""Pictures of fits: a function for each, which draws on matplotlib axes and returns them.

Needs matplotlib, which ``pip install 'varimix[plot]'`` brings.

Every function takes ``ax`` (None makes a figure in varimix's look), arrays, frames of pandas and
polars and whatever else ``fit_stream`` takes; columns of frames name the axes. NaN in data is a
missing value: each function says what it draws of a row that has one, and the picture says how
many there are. Values so far off that they would rule the axes are drawn as triangles at the edge,
and counted. Lines differ by dash and marker as well as by colour, so that a grey print tells them
apart.

``seed`` is None for fresh randomness; an integer, or a ``numpy.random.Generator`` in the same
state, gives the same picture again.
"""

# ruff: noqa: E402  (without matplotlib nothing below can be imported)
from varimix.extras import require_extra

require_extra("matplotlib", "plot", "varimix.plotting")

from varimix.plotting.backtests import backtest, cumulative_breaches
from varimix.plotting.calibration import pit, pp, qq
from varimix.plotting.contributions import contributions
from varimix.plotting.frontiers import frontier
from varimix.plotting.intervals import intervals
from varimix.plotting.margins import margin_contours
from varimix.plotting.pair_panels import pairs
from varimix.plotting.paths import shape_through_time, shrinkage_path
from varimix.plotting.stresses import stress
from varimix.plotting.tails import tail
from varimix.plotting.theme import (
    BAND,
    BLUE,
    GREEN,
    GRID,
    INK,
    MUTED,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    THEME,
    VERMILION,
    png_bytes,
    set_theme,
    shade_span,
    theme,
)
from varimix.plotting.trajectories import likelihood_trajectory, rule_comparison
from varimix.plotting.weights import robust_weights

__all__ = [
    "BAND",
    "BLUE",
    "GREEN",
    "GRID",
    "INK",
    "MUTED",
    "ORANGE",
    "PALETTE",
    "PURPLE",
    "SKY",
    "THEME",
    "VERMILION",
    "backtest",
    "contributions",
    "cumulative_breaches",
    "frontier",
    "intervals",
    "likelihood_trajectory",
    "margin_contours",
    "pairs",
    "pit",
    "png_bytes",
    "pp",
    "qq",
    "robust_weights",
    "rule_comparison",
    "set_theme",
    "shade_span",
    "shape_through_time",
    "shrinkage_path",
    "stress",
    "tail",
    "theme",
]
