"""Lines, bands and contours of pictures can be told apart in a grey print."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from pictures_of_tests import MODEL, SHRUNK, X, a, figures_closed

from varimix import EMResult, plotting
from varimix.plotting.theme import DASHES, MARKERS, line_style

_figures_closed = pytest.fixture(autouse=True)(figures_closed)


def luminance(color: Any) -> float:
    return float(np.dot(to_rgb(color), (0.299, 0.587, 0.114)))


def test_thirty_five_lines_have_a_dash_and_marker_of_their_own() -> None:
    looks = {(str(s["linestyle"]), s["marker"]) for s in (line_style(k, 50) for k in range(35))}
    assert len(looks) == len(DASHES) * len(MARKERS) == 35


def in_print(line: Line2D) -> tuple[Any, ...]:
    """Return what a grey print shows of a line: dash, marker, a shade of eight."""
    dashes = line.get_linestyle(), str(getattr(line, "_unscaled_dash_pattern", ""))
    return *dashes, line.get_marker(), round(7 * luminance(line.get_color()))


def test_lines_of_a_picture_differ_in_a_grey_print() -> None:
    many: dict[str, EMResult[Any]] = {f"fit {k}": a for k in range(12)}
    drawn = [
        plotting.likelihood_trajectory(many),
        plotting.shrinkage_path(SHRUNK),
        plotting.tail(MODEL, X, w=0),
        plotting.robust_weights(MODEL, X),
        plotting.qq(MODEL, X, w=0, seed=1),
    ]
    for ax in drawn:
        looks = [in_print(line) for line in ax.lines]
        for one, other in combinations(looks, 2):
            assert one != other
        dashes_and_markers = {look[:3] for look in looks}
        assert len(dashes_and_markers) == len(looks)


def test_a_band_is_lighter_than_what_lies_on_it() -> None:
    ax = plotting.qq(MODEL, X, w=0, seed=1)
    (band,) = ax.collections
    points = next(line for line in ax.lines if line.get_label() == "data")
    assert luminance(band.get_facecolor()[0][:3]) - luminance(points.get_color()) > 0.3


def test_contours_differ_by_dash() -> None:
    ax = plotting.margin_contours(MODEL, X, probabilities=[0.1, 0.3, 0.5, 0.7, 0.9], seed=1)
    legend = ax.get_legend()
    assert legend is not None
    dashes = {str(line.get_linestyle()) + str(line._unscaled_dash_pattern)
              for line in legend.get_lines() if line.get_marker() != "o"}  # fmt: skip
    assert len(dashes) == 5
