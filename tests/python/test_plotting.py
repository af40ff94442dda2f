"""The theme of varimix.plotting can be set and left, and its colours can be told apart."""

from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from varimix import plotting

# This maps linear RGB to what is seen with deuteranopia (Machado, Oliveira and Fernandes 2009,
# severity 1).
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
SMALLEST_DISTANCE = 0.1  # between two colours of the palette, in linear RGB
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def a_figure() -> Figure:
    figure = Figure(figsize=(4.0, 3.0))
    ax = figure.subplots()
    ax.plot([0.0, 1.0], [0.0, 1.0])
    plotting.shade_span(ax, 0.25, 0.5, "marked")
    return figure


@pytest.fixture
def _settings_restored() -> object:
    with matplotlib.rc_context():
        yield


@pytest.mark.usefixtures("_settings_restored")
def test_set_theme_stays() -> None:
    plotting.set_theme()
    assert matplotlib.rcParams["axes.spines.top"] is False
    assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"] == list(plotting.PALETTE)


def test_theme_leaves_the_callers_settings() -> None:
    before = dict(matplotlib.rcParams)
    with plotting.theme():
        assert matplotlib.rcParams["axes.titleweight"] == "bold"
    assert dict(matplotlib.rcParams) == before


def linear(color: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("seen", [np.eye(3), DEUTERANOPIA], ids=["all colours", "deuteranopia"])
def test_colours_of_the_palette_are_told_apart(
    seen: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> None:
    for one, other in combinations(plotting.PALETTE, 2):
        distance = np.linalg.norm(seen @ (linear(one) - linear(other)))
        assert distance > SMALLEST_DISTANCE, (one, other)


def test_a_picture_is_a_png_of_the_size_asked_for_and_always_the_same() -> None:
    with plotting.theme():
        png, again = (plotting.png_bytes(a_figure(), dpi=50.0) for _ in range(2))
    assert png.startswith(PNG_MAGIC)
    assert int.from_bytes(png[16:20]) == 200
    assert int.from_bytes(png[20:24]) == 150
    assert png == again


def test_a_shaded_span_lies_where_it_should_and_behind_the_data() -> None:
    ax = a_figure().axes[0]
    (span,) = ax.patches
    low, high = span.get_extents().transformed(ax.transData.inverted()).intervalx
    assert (low, high) == pytest.approx((0.25, 0.5), abs=0.01)
    assert span.get_zorder() < ax.lines[0].get_zorder()
    (label,) = ax.texts
    assert label.get_text() == "marked"
