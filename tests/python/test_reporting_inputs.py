"""varimix.report takes whatever users hold, and names what it cannot take."""

import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from reports import LAW, NAMES, measurements, returns

from varimix import NaturalGradientUpdate, NormalInverseGaussian, report
from varimix.reporting.findings import default_weights, levels_of
from varimix.reporting.inputs import data_of, weights_of
from varimix.reporting.words import words_of
from varimix.reporting.write import _alpha


def test_names_come_from_frames_and_arrays_get_numbers() -> None:
    frame = returns()
    assert data_of(frame, 3).columns == tuple(NAMES)
    assert data_of(pl.from_pandas(frame), 3).columns == tuple(NAMES)
    array = frame.to_numpy()
    assert data_of(array, 3).columns == ("column 0", "column 1", "column 2")
    assert data_of(array, 3, ["x", "y", "z"]).columns == ("x", "y", "z")
    parts = (part for part in np.array_split(array, 4))
    assert data_of(parts, 3, ["x", "y", "z"]).columns == ("x", "y", "z")
    two = data_of(frame.assign(text="a"), 2, [NAMES[2], NAMES[0]])
    np.testing.assert_array_equal(two.values, array[:, [2, 0]])
    np.testing.assert_array_equal(data_of(array, 2, [2, 0]).values, array[:, [2, 0]])
    assert data_of(array[:, 0], 1).values.shape == (600, 1)


def test_labels_come_from_the_index_or_from_dates() -> None:
    frame = returns()
    array = frame.to_numpy()
    assert data_of(array, 3).labels is None
    assert data_of(frame.reset_index(drop=True), 3).labels is None
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(k) for k in range(600)]
    for dates in (days, [str(day) for day in days], np.array(days), pd.Series(days)):
        data = data_of(array, 3, dates=dates)
        assert data.has_dates
        assert words_of(data, is_returns=True).label(data, 1) == "2020-01-02"
    for names in (list("ab") * 300, [*range(2000, 2600)], [pd.NaT, *frame.index[1:]]):
        assert not data_of(array, 3, dates=names).has_dates
    assert data_of(frame.tz_localize("US/Eastern"), 3).has_dates


def test_weights_are_taken_by_name_or_by_place() -> None:
    data = data_of(returns(), 3)
    expected = [0.75, 0.0, 0.25]
    for weights in (
        {NAMES[0]: 0.75, NAMES[2]: 0.25},
        pd.Series({NAMES[2]: 0.25, NAMES[0]: 0.75}),
        np.array(expected),
        pl.Series(expected),
        pd.Series(expected),
    ):
        np.testing.assert_array_equal(weights_of(weights, data), expected)
    numbered = data_of(returns().to_numpy(), 3)
    for by_number in ({0: 0.75, 2: 0.25}, {"column 0": 0.75, "2": 0.25}):
        np.testing.assert_array_equal(weights_of(by_number, numbered), expected)


def test_equal_weights_of_rows_take_units_away() -> None:
    frame = measurements()
    scaled = frame * [1000.0, 0.01]
    model = NormalInverseGaussian.default_init(frame)
    other = NormalInverseGaussian.default_init(scaled)
    one, two = (
        default_weights(m, words_of(data_of(x, 2), is_returns=False)) * x.std()
        for m, x in ((model, frame), (other, scaled))
    )
    np.testing.assert_allclose(one, two, rtol=1e-6)


BAD: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "of": (TypeError, "of must be a model", {"of": "model"}),
    "columns of X": (ValueError, "X must be rows of 3 columns", {"X": np.zeros((5, 2))}),
    "no rows": (ValueError, "X must have at least one row", {"X": np.zeros((0, 3))}),
    "infinite": (ValueError, "X must be finite", {"X": np.full((5, 3), np.inf)}),
    "nothing": (ValueError, "X must show some value", {"X": np.full((5, 3), np.nan)}),
    "text": (ValueError, "X must be an array of real numbers", {"X": np.array([["a", "b", "c"]])}),
    "no X": (ValueError, "X must be an array, a frame", {"X": None}),
    "no file": (ValueError, "X: there is no file", {"X": "nowhere.parquet"}),
    "path": (TypeError, "path must be the path of a file, got 3", {"path": 3}),
    "empty path": (ValueError, "path must be the path of a file, got ''", {"path": ""}),
    "weights": (ValueError, "weights must be 3 numbers", {"weights": [0.5, 0.5]}),
    "zero": (ValueError, "weights must be finite and not all zero", {"weights": np.zeros(3)}),
    "nan": (ValueError, "weights must be finite", {"weights": [1.0, np.nan, 0.0]}),
    "name": (ValueError, "weights must be of the columns of X", {"weights": {"GONE": 1.0}}),
    "no number": (ValueError, "weights must be numbers, got 'x'", {"weights": {NAMES[0]: "x"}}),
    "kind": (ValueError, "kind must be one of 'returns', 'rows'", {"kind": "prices"}),
    "alpha": (ValueError, "alpha must be > 0 and <= 0.25, got 0.5", {"alpha": 0.5}),
    "alpha nan": (ValueError, "alpha must be > 0", {"alpha": np.nan}),
    "alpha text": (TypeError, "alpha must be a number", {"alpha": "1%"}),
    "title": (TypeError, "title must be a text, got int", {"title": 1}),
    "columns": (ValueError, "columns of X: .*'GONE'", {"columns": ["GONE", *NAMES[:2]]}),
    "one text": (TypeError, "columns must be a sequence of names", {"columns": "abc"}),
    "twice": (ValueError, "columns must be names, each its own", {"columns": ["a", "a", "b"]}),
    "dates": (ValueError, "dates must be 600 labels", {"dates": ["2020-01-01"]}),
    "one date": (TypeError, "dates must be a label for each row", {"dates": "2020-01-01"}),
    "families": (ValueError, "families must be 'NormalInverseGaussian'", {"families": ["t"]}),
    "one family": (TypeError, "families must be a sequence", {"families": "VarianceGamma"}),
    "backtest": (ValueError, "backtest must be one of", {"backtest": "honest"}),
    "few rows": (
        ValueError, "backtest must be 'in_sample' or 'auto' for 499 rows of 3",
        {"backtest": "prequential", "X": np.zeros((499, 3))},
    ),
    "rule": (TypeError, "rule must be an update rule", {"rule": 3}),
    "times": (ValueError, "rule must have a half-life in rows", {
        "rule": NaturalGradientUpdate(half_life=datetime.timedelta(days=1))}),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "message", "given"), BAD.values(), ids=BAD)
def test_a_bad_argument_is_named_and_nothing_is_written(
    tmp_path: Path, kind: type[Exception], message: str, given: dict[str, Any]
) -> None:
    arguments = {"of": LAW, "X": returns(), "path": tmp_path / "report.html", **given}
    of, X, path = (arguments.pop(name) for name in ("of", "X", "path"))
    with pytest.raises(kind, match=message):
        report(of, X, path, **arguments)
    assert not list(tmp_path.iterdir())


def test_a_level_of_lower_precision_is_no_other_level() -> None:
    assert _alpha(np.float32(0.05)) == 0.05
    assert _alpha(0.0123) == 0.0123
    assert levels_of(0.02, both_sides=True) == (0.01, 0.02, 0.05, 0.95, 0.98, 0.99)


def test_a_failed_report_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(ValueError, match="kind"):
        report(LAW, returns(), path, kind="x")
    assert path.read_text() == "old"
    with pytest.raises(FileNotFoundError):
        report(LAW.project([1.0, 0.0, 0.0]), np.zeros((3, 1)), tmp_path / "no" / "r.html")


def test_importing_varimix_imports_neither_matplotlib_nor_the_parts_of_reports() -> None:
    program = (
        "import sys, varimix; varimix.report; "
        "print([m for m in sys.modules if m.startswith(('matplotlib', 'varimix.plotting')) "
        "or m == 'varimix.reporting.page'])"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_without_matplotlib_the_error_names_the_extra(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None; import varimix, numpy as np; "
        "model = varimix.NormalInverseGaussian.from_classical([0.0], [0.0], [[1.0]], 1.0, 1.5); "
        "varimix.report(model, np.zeros((3, 1)), 'report.html')"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    message = "varimix.plotting needs the package matplotlib: pip install 'varimix[plot]'"
    assert f"ImportError: {message}" in out.stderr
    assert not list(tmp_path.iterdir())
