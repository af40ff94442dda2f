"""Pictures take rows in every form and axes that are given, and name the rows that they refuse."""

import datetime
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictures_of_tests import (
    FIT,
    LINE,
    MODEL,
    ROWS,
    SHRUNK,
    X,
    a,
    b,
    figures_closed,
    history,
    said,
)

from varimix import (
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
    plotting,
)

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

OF_ROWS: dict[str, Callable[..., Any]] = {
    "margin_contours": partial(plotting.margin_contours, n_draws=1000, seed=1),
    "pairs": partial(plotting.pairs, n_draws=1000, seed=1),
    "robust_weights": plotting.robust_weights,
    "qq": partial(plotting.qq, w=0, n_simulations=99, seed=1),
    "pp": partial(plotting.pp, w=0, n_simulations=99, seed=1),
    "pit": partial(plotting.pit, w=0),
    "tail": partial(plotting.tail, w=0),
}


def numbers_in(drawn: Any) -> list[Any]:
    """Return all that is drawn of lines, to compare."""
    axes = drawn.flat if isinstance(drawn, np.ndarray) else [drawn]
    return [np.asarray(line.get_xydata(), float) for ax in axes for line in ax.lines]


FORMS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "array": lambda x: x.to_numpy(),
    "list": lambda x: x.to_numpy().tolist(),
    "fortran": lambda x: np.asfortranarray(x.to_numpy()),
    "polars": pl.from_pandas,
    "arrow": pa.Table.from_pandas,
    "objects": lambda x: x.astype(object),
    "nullable": lambda x: x.convert_dtypes(),
    "frame by date": lambda x: x.set_index(pd.RangeIndex(len(x))),
    "parts": lambda x: [x[:100], x[100:]],
}


@pytest.mark.parametrize("door", OF_ROWS)
def test_every_form_of_the_same_rows_gives_the_same_picture(door: str) -> None:
    expected = numbers_in(OF_ROWS[door](MODEL, X))
    for name, form in FORMS.items():
        for one, other in zip(numbers_in(OF_ROWS[door](MODEL, form(X))), expected, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)
        plt.close("all")


@pytest.mark.parametrize("door", OF_ROWS)
def test_columns_of_a_frame_name_the_axes(door: str) -> None:
    for form in (X, pl.from_pandas(X)):
        drawn = OF_ROWS[door](MODEL, form)
        axes = drawn.flat if isinstance(drawn, np.ndarray) else [drawn]
        labels = " ".join(said(ax) + ax.get_ylabel() for ax in axes)
        assert "AAPL" in labels or door == "robust_weights"


def test_a_line_of_numbers_is_taken_where_the_law_has_one_dimension() -> None:
    expected = numbers_in(plotting.tail(LINE, ROWS[:, [0]]))
    for form in (ROWS[:, 0], ROWS[:, 0].tolist(), X["AAPL"], pl.Series("AAPL", ROWS[:, 0])):
        for one, other in zip(numbers_in(plotting.tail(LINE, form)), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert said(plotting.tail(LINE, X["AAPL"])) == "AAPL"


@pytest.mark.parametrize("door", OF_ROWS)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_few_rows_are_drawn(door: str, rows: int) -> None:
    OF_ROWS[door](MODEL, X[:rows])


@pytest.mark.parametrize("model", [
    VarianceGamma.from_classical([0, 0], [0.1, 0], np.eye(2), 0.3, 0.3),
    NormalInverseGamma.from_classical([0, 0], [0, 0], np.eye(2), 0.3, 1.0),
    GeneralizedHyperbolic.from_classical([0, 0], [3, 1], 0.1 * np.eye(2), 1.0, 1.0, 1.0),
    NormalInverseGaussian.from_classical([1e8, 0], [0, 0], [[1e-9, 0], [0, 1e9]], 1.0, 1e9),
], ids=["infinite density", "no moments", "thin and skewed", "far and Gaussian"])  # fmt: skip
def test_laws_at_their_borders_are_drawn(model: Any) -> None:
    rows = np.vstack([model.mu, model.rvs(60, seed=1)])
    for draw in OF_ROWS.values():
        draw(model, rows)
        plt.close("all")


BAD_ROWS: dict[str, tuple[Any, str]] = {
    "no rows": (ROWS[:0], "X must have at least one row"),
    "one column": (ROWS[:, :1], r"X must be rows of 2 columns, as the model, got shape \(250, 1\)"),
    "infinity": (
        np.where(np.arange(250)[:, None] == 3, np.inf, ROWS),
        "got inf in row 3, column 0",
    ),
    "strings": (ROWS.astype(str), "X must be an array of real numbers"),
    "no file": ("no-such-file.csv", "X: there is no file"),
    "nothing": (None, "X must be an array, a frame"),
    "a number": (3.0, "X must be rows of 2 columns"),
}


@pytest.mark.parametrize("door", OF_ROWS)
def test_bad_rows_and_models_are_named_and_leave_no_figure(door: str) -> None:
    for rows, message in BAD_ROWS.values():
        with pytest.raises((ValueError, TypeError), match=message):
            OF_ROWS[door](MODEL, rows)
    with pytest.raises(TypeError, match="model must be a model, got EMResult"):
        OF_ROWS[door](FIT, X)
    if door != "pairs":
        with pytest.raises(TypeError, match="ax must be matplotlib's Axes, or None, got Figure"):
            OF_ROWS[door](MODEL, X, ax=Figure())
        polar = Figure().add_subplot(projection="polar")
        with pytest.raises(
            ValueError, match="ax must be of the projection 'rectilinear', got 'pol"
        ):
            OF_ROWS[door](MODEL, X, ax=polar)
    assert plt.get_fignums() == []


def test_times_may_be_dates_of_any_kind() -> None:
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=k) for k in range(len(history))]
    utc = pd.Timestamp(0, tz="UTC").tz
    for kind in (
        days,
        [pd.Timestamp(day) for day in days],
        [np.datetime64(day) for day in days],
        [pd.Timestamp(day, tz=utc) for day in days],
    ):
        models = [model for _, model in history]
        ax = plotting.shape_through_time(zip(kind, models, strict=True))
        assert said(ax) == "date"
        first = np.asarray(ax.lines[0].get_xdata())[0]
        assert np.datetime64(first, "D") == np.datetime64(days[0])


def test_an_axes_that_is_given_is_drawn_on_and_returned() -> None:
    draws: list[Callable[[Axes], Axes]] = [
        *(
            lambda ax, d=draw: d(MODEL, X, ax=ax)
            for name, draw in OF_ROWS.items()
            if name != "pairs"
        ),
        lambda ax: plotting.likelihood_trajectory(a, ax),
        lambda ax: plotting.rule_comparison({"a": a, "b": b}, ax),
        lambda ax: plotting.shape_through_time(history, ax),
        lambda ax: plotting.shrinkage_path(SHRUNK, ax),
    ]
    for draw in draws:
        ax = Figure().subplots()
        assert draw(ax) is ax
        assert ax.has_data()
    panels = Figure().subplots(2, 2)
    assert (plotting.pairs(MODEL, X, panels, n_draws=1000) == panels).all()


def test_what_was_drawn_before_stays_in_sight() -> None:
    ax = plotting.tail(MODEL, X, w="AAPL")
    before = ax.get_xlim()
    plotting.tail(MODEL, X + 100.0, ax, w="AAPL")
    assert ax.get_xlim()[0] <= before[0]
    assert ax.get_xlim()[1] > 100.0


def test_without_matplotlib_the_error_names_the_extra() -> None:
    program = "import sys; sys.modules['matplotlib'] = None; import varimix.plotting"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert (
        "ImportError: varimix.plotting needs the package matplotlib: pip install 'varimix[plot]'"
        in (result.stderr)
    )
