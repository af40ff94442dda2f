"""Every picture looks as it did: baselines are in pictures/.

To renew them after a change that was meant: pytest tests/python/test_pictures.py
--mpl-generate-path=tests/python/pictures, and look at each.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictures_of_tests import (
    FIT,
    FORECASTS,
    INFERENCES,
    MODEL,
    NAMED,
    RETURNS,
    RISK,
    SHRUNK,
    STREAMS,
    STRESSED,
    WIDE,
    X,
    ugly,
)

from varimix import plotting
from varimix.plotting import theme
from varimix.risk import frontier

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1.0
"""Root mean square of the differences of pixels, of 255; SMALL_CHANGE makes more of it."""
SMALL_CHANGE = 1.02
SIZE = (4.5, 2.7)  # inches
LARGEST_FILE = 20_000  # bytes

PICTURES: dict[str, Callable[[Axes], object]] = {
    "likelihood_trajectory": partial(plotting.likelihood_trajectory, FIT),
    "rule_comparison": partial(
        plotting.rule_comparison, {name: reports for name, (_, reports, _) in STREAMS.items()}
    ),
    "margin_contours": partial(plotting.margin_contours, MODEL, X[:120], (0, 1), seed=1),
    "margin_contours_ugly": partial(plotting.margin_contours, MODEL, ugly()[:70], (0, 1), seed=1),
    "qq": partial(plotting.qq, MODEL, X, w=[0.5, 0.5], seed=1),
    "qq_ugly": partial(plotting.qq, MODEL, ugly(), w="AAPL", seed=1),
    "pp": partial(plotting.pp, MODEL, X, w="AAPL", seed=1),
    "pit": partial(plotting.pit, MODEL, X, w="MSFT"),
    "tail": partial(plotting.tail, MODEL, X, w="AAPL"),
    "tail_of_three": partial(plotting.tail, MODEL, X[:3], w="AAPL"),
    "shape_through_time": partial(
        plotting.shape_through_time, {name: history for name, (_, _, history) in STREAMS.items()}
    ),
    "robust_weights": partial(plotting.robust_weights, MODEL, X),
    "shrinkage_path": partial(plotting.shrinkage_path, SHRUNK),
    "contributions": partial(plotting.contributions, RISK),
    "contributions_centered": partial(plotting.contributions, RISK, centered=True, most=2),
    "intervals": partial(plotting.intervals, INFERENCES, names=["sd_AAPL", "sd_MSFT", "VaR"]),
    "intervals_relative": partial(plotting.intervals, INFERENCES["robust"], relative=True),
    "backtest": partial(plotting.backtest, RETURNS, *FORECASTS),
    "cumulative_breaches": partial(plotting.cumulative_breaches, RETURNS, FORECASTS[0], alpha=0.05),
    "stress": partial(plotting.stress, STRESSED, w=[0.25, 0.25, 0.25, 0.25]),
    "stress_law": partial(plotting.stress, NAMED.conditional_law({"a": -3.0}), NAMED),
    "frontier": partial(plotting.frontier, frontier(NAMED, n=20)),
}


def compared(test: Callable[..., Figure]) -> Callable[..., Figure]:
    marked: Callable[..., Figure] = pytest.mark.mpl_image_compare(
        baseline_dir="pictures",
        tolerance=TOLERANCE,
        style="default",
        backend="agg",
        deterministic=True,
        savefig_kwargs={"dpi": 50, "pil_kwargs": {"optimize": True}},
    )(test)
    return marked


def drawn(draw: Callable[[Axes], object]) -> Figure:
    with theme():
        figure = Figure(figsize=SIZE, layout="constrained")
        draw(ax := figure.subplots())
    assert figure.axes == [ax]
    return figure


@pytest.mark.parametrize("name", PICTURES)
@compared
def test_picture(name: str) -> Figure:
    return drawn(lambda ax: PICTURES[name](ax=ax))


@compared
def test_picture_of_pairs() -> Figure:
    rows = WIDE.rvs(80, seed=3)
    with theme():
        figure = Figure(figsize=(4.2, 4.2), layout="constrained")
        plotting.pairs(WIDE, rows, figure, columns=[0, 1, 3], n_draws=2000, seed=1)
    return figure


def test_every_function_that_draws_has_a_picture() -> None:
    functions = {name for name in plotting.__all__ if name.islower()}
    helpers = {"png_bytes", "set_theme", "shade_span", "theme"}
    pictured = {name for name in functions for picture in PICTURES if picture.startswith(name)}
    assert functions - helpers == pictured | {"pairs"}


def test_baselines_are_small_and_all_of_pictures() -> None:
    files = sorted((ROOT / "tests/python/pictures").glob("*.png"))
    assert len(files) == len(PICTURES) + 1
    assert [file.name for file in files if file.stat().st_size > LARGEST_FILE] == []


CHANGED = """
import pytest
from matplotlib.figure import Figure
from varimix import NormalInverseGaussian
from varimix.plotting import likelihood_trajectory, tail, theme

MODEL = NormalInverseGaussian.from_classical(
    mu=[0.0, 0.0], gamma=[0.4, -0.3], sigma=[[1.0, 0.3], [0.3, 1.0]], mu_ig=1.0, lam=1.5
)

@pytest.mark.mpl_image_compare(baseline_dir={folder!r}, filename="test_picture_tail.png",
    tolerance={tolerance}, style="default", savefig_kwargs={{"dpi": 50}})
@pytest.mark.parametrize("factor", [1.0, {factor}])
def test_tail(factor):
    with theme():
        figure = Figure(figsize={size}, layout="constrained")
        ax = tail(MODEL, factor * MODEL.rvs(250, seed=1), figure.subplots(), w=0)
        ax.set_xlabel("AAPL")
    return figure
"""


def test_a_changed_picture_fails_in_a_plain_run(tmp_path: Path) -> None:
    """A change of scale by two percent is seen, without an option of the command line."""
    test = tmp_path / "test_changed.py"
    folder = str(ROOT / "tests/python/pictures")
    test.write_text(
        CHANGED.format(folder=folder, tolerance=TOLERANCE, size=SIZE, factor=SMALL_CHANGE)
    )
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(test)]
    result = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:hypothesispytest"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1, result.stdout
    assert "1 failed, 1 passed" in result.stdout
    assert "Error: Image files did not match." in result.stdout
