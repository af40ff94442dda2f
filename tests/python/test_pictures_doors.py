"""Pictures take rows in every form, name what they refuse, and can be told apart in grey."""

import datetime
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pictures_of_tests import FIT, INIT, LINE, MODEL, ROWS, SHRUNK, STREAMS, WIDE, X, said

from varimix import (
    EMResult,
    GeneralizedHyperbolic,
    IncrementalEMFitter,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
    plotting,
)
from varimix.plotting.theme import DASHES, MARKERS, line_style

OF_ROWS: dict[str, Callable[..., Any]] = {
    "margin_contours": partial(plotting.margin_contours, n_draws=1000, seed=1),
    "pairs": partial(plotting.pairs, n_draws=1000, seed=1),
    "robust_weights": plotting.robust_weights,
    "qq": partial(plotting.qq, w=0, n_simulations=99, seed=1),
    "pp": partial(plotting.pp, w=0, n_simulations=99, seed=1),
    "pit": partial(plotting.pit, w=0),
    "tail": partial(plotting.tail, w=0),
}


@pytest.fixture(autouse=True)
def _figures_closed() -> object:
    yield
    plt.close("all")


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


history = STREAMS["EWMA"][2]
a, b = (STREAMS[name][0] for name in ("EWMA", "default"))
silent = IncrementalEMFitter(batch_size=64, max_steps=2).fit(INIT, X, key=0)
Refused = tuple[Callable[[], object], type[Exception], str]
REFUSED: dict[str, Refused] = {
    "w missing": (lambda: plotting.qq(MODEL, X), ValueError, "w must be a column, or 2 numbers"),
    "w unknown": (lambda: plotting.qq(MODEL, X, w="IBM"), ValueError, "'AAPL', 'MSFT'.*got 'IBM'"),
    "w zero": (
        lambda: plotting.qq(MODEL, X, w=[0, 0]),
        ValueError,
        "w must be finite and not zero",
    ),
    "w long": (lambda: plotting.pp(MODEL, X, w=[1, 1, 1]), ValueError, "w must be 2 numbers"),
    "w of no column": (
        lambda: plotting.pit(MODEL, X, w=2),
        ValueError,
        "w must be >= 0 and below 2",
    ),
    "w a flag": (
        lambda: plotting.tail(MODEL, X, w=True),
        TypeError,
        "w must be the name or number",
    ),
    "all missing": (lambda: plotting.tail(LINE, [np.nan]), ValueError, "NaN in all of 1"),
    "level": (
        lambda: plotting.qq(LINE, [1.0], level=1),
        ValueError,
        "level must be > 0 and < 1, got 1",
    ),
    "level text": (
        lambda: plotting.pit(LINE, [1.0], level="x"),
        TypeError,
        "level must be a number",
    ),
    "simulations": (
        lambda: plotting.qq(LINE, [1.0], n_simulations=38),
        ValueError,
        "n_simulations must be >= 39 for level 0.95, got 38",
    ),
    "bins": (lambda: plotting.pit(LINE, [1.0], bins=1), ValueError, "bins must be >= 2, got 1"),
    "seed": (lambda: plotting.qq(LINE, [1.0], seed=-1), ValueError, "seed must be >= 0, got -1"),
    "seed kind": (
        lambda: plotting.qq(LINE, [1.0], seed=1.5),
        TypeError,
        "seed must be an integer, a numpy.random.Generator, or None",
    ),
    "too wide": (
        lambda: plotting.qq(LINE, [1e308, -1e308] * 9),
        ValueError,
        "must span less than 1e",
    ),
    "scores too wide": (
        lambda: plotting.rule_comparison({"a": [1e308, 0.0], "b": [0.0, 1e307]}),
        ValueError,
        "must span less than 1e",
    ),
    "pairs too wide": (
        lambda: plotting.pairs(MODEL, [[1e308, 1.0], [-1e308, 2.0]]),
        ValueError,
        "must span less than 1e",
    ),
    "columns": (lambda: plotting.margin_contours(MODEL, X, (0, 0)), ValueError, "two different"),
    "column": (
        lambda: plotting.margin_contours(MODEL, X, ("AAPL", "IBM")),
        ValueError,
        "got 'IBM'",
    ),
    "regions": (
        lambda: plotting.margin_contours(MODEL, X, probabilities=[]),
        ValueError,
        "one to 5",
    ),
    "region": (
        lambda: plotting.margin_contours(MODEL, X, probabilities=[0.9999], n_draws=1000),
        ValueError,
        "probabilities must be >= 0.01 and <= 0.99 with 1000 draws, got 0.9999",
    ),
    "draws": (
        lambda: plotting.margin_contours(MODEL, X, n_draws=9),
        ValueError,
        "n_draws must be >=",
    ),
    "one of pairs": (lambda: plotting.pairs(MODEL, X, columns=["AAPL"]), ValueError, "2 to 16"),
    "empty column": (
        lambda: plotting.pairs(MODEL, X.assign(MSFT=np.nan)),
        ValueError,
        "X must show a value of MSFT",
    ),
    "axes": (
        lambda: plotting.pairs(MODEL, X, Figure().subplots(3, 3)),
        ValueError,
        r"array \(2, 2\)",
    ),
    "lowest": (
        lambda: plotting.robust_weights(MODEL, X, lowest=21),
        ValueError,
        "lowest must be <= 20",
    ),
    "no fits": (lambda: plotting.likelihood_trajectory([]), ValueError, "at least one fit"),
    "no fit": (
        lambda: plotting.likelihood_trajectory({"a": MODEL}),
        TypeError,
        "must be EMResults",
    ),
    "silent": (lambda: plotting.likelihood_trajectory(silent), ValueError, "verbose=1"),
    "labels": (lambda: plotting.likelihood_trajectory([a, b], label=["x"]), ValueError, "2 names"),
    "steps": (
        lambda: plotting.likelihood_trajectory(a, steps=[1.0]),
        ValueError,
        "32 finite numbers",
    ),
    "one rule": (
        lambda: plotting.rule_comparison({"a": a}),
        ValueError,
        "two rules at least, got 1",
    ),
    "rules listed": (lambda: plotting.rule_comparison([a, b]), TypeError, "must be a mapping"),
    "reference": (
        lambda: plotting.rule_comparison({"a": a, "b": b}, reference="c"),
        ValueError,
        "reference must be one of a, b, got 'c'",
    ),
    "streams": (
        lambda: plotting.rule_comparison({"a": a, "b": [1.0, 2.0]}),
        ValueError,
        "32 of a and 2",
    ),
    "scores": (
        lambda: plotting.rule_comparison({"a": [np.nan], "b": [1.0]}),
        ValueError,
        "nan for batch 0",
    ),
    "weights": (
        lambda: plotting.rule_comparison({"a": a, "b": b}, weights=np.zeros(32)),
        ValueError,
        "weights must be finite and > 0",
    ),
    "no history": (lambda: plotting.shape_through_time([]), ValueError, "at least one model"),
    "reports": (
        lambda: plotting.shape_through_time(STREAMS["EWMA"][1]),
        TypeError,
        "pairs of a place",
    ),
    "time falls": (
        lambda: plotting.shape_through_time([(2, MODEL), (1, MODEL)]),
        ValueError,
        "1 after 2",
    ),
    "other law": (
        lambda: plotting.shape_through_time([(1, MODEL), (2, WIDE)]),
        ValueError,
        "one family",
    ),
    "quantity": (
        lambda: plotting.shape_through_time(history, quantity="nu"),
        ValueError,
        "got 'nu'",
    ),
    "names": (
        lambda: plotting.shape_through_time(history, names=["x"]),
        ValueError,
        "names must be 2",
    ),
    "tau": (
        lambda: plotting.shrinkage_path({-1.0: a}),
        ValueError,
        "tau must be a finite number >= 0",
    ),
    "tau huge": (
        lambda: plotting.shrinkage_path({1e200: a, 1.0: b}),
        ValueError,
        "tau must be 0, or from 1e-100 to 1e",
    ),
    "tau twice": (
        lambda: plotting.shrinkage_path([(1, a), (1, b)]),
        ValueError,
        "tau must be there once",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_its_name_and_leaves_no_figure(name: str) -> None:
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        call()
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


# ---- In grey ----


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


# ---- Without matplotlib ----


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
