"""The test of a Gaussian against every normal variance-mean mixture, of rows and of a stream."""

import copy
import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from varimix import IncrementalEMFitter, NormalInverseGaussian, OnlineEM, fit_stream
from varimix.inference import GaussianTest, GaussianTestStream, gaussian_test

Rows = NDArray[np.float64]
TOLERANCE = 1e-10
SELECTIONS = {
    "all rows": slice(None),
    "columns 2-6 (all five)": slice(1, 6),
    "columns AXP EK BA C KO": ["AXP", "EK", "BA", "C", "KO"],
}


def gaussian(n: int, d: int, seed: int = 0) -> Rows:
    return np.random.default_rng(seed).normal(size=(n, d))


def streamed(x: Rows, batch: int = 100) -> GaussianTestStream:
    stream = GaussianTestStream(x.shape[1])
    for first in range(0, len(x), batch):
        stream.update(x[first : first + batch])
    return stream


def chosen(frame: pd.DataFrame, selection: str) -> pd.DataFrame:
    which = SELECTIONS[selection]
    return frame[which] if isinstance(which, list) else frame.iloc[:, which]


def test_the_gold_values_are_met(shared: Path) -> None:
    gold = json.loads((shared / "reference" / "gold_inference.json").read_text())["tests"]
    assert len(gold) == 4
    for of in gold:
        frame = pd.read_csv(shared / "reference" / "data" / of["file"])
        test = gaussian_test(chosen(frame, of["selection"]))
        assert (test.status, test.n, test.d) == ("tested", of["n"], of["d"])
        for name, value in of["gauss_score"].items():
            assert getattr(test, name) == pytest.approx(value, rel=TOLERANCE, abs=0), of["file"]


def test_the_rows_at_hand_meet_their_gold_values(root: Path) -> None:
    x = np.loadtxt(root / "tests" / "data" / "nig_seed_2000.csv", delimiter=",", skiprows=1)
    test = gaussian_test(x)
    assert test.kurtosis_z == pytest.approx(46.539174602089794, rel=TOLERANCE)
    assert test.skewness_chi2 == pytest.approx(655.0891477663934, rel=TOLERANCE)
    assert test.statistic == pytest.approx(2820.9839204101927, rel=TOLERANCE)
    assert test.p_value == 0.0
    assert test.log_p_value == pytest.approx(-1407.4148090558637, rel=TOLERANCE)


@pytest.mark.parametrize("of", [gaussian_test, lambda x: streamed(x).gaussian_test])
def test_a_gaussian_is_kept_and_a_mixture_is_not(of: Any, rows: Rows) -> None:
    assert of(gaussian(2000, 2)).p_value > 0.05
    assert of(rows).log_p_value < -100


def test_one_dimension_is_rows_of_one_column() -> None:
    x = gaussian(300, 1)
    assert gaussian_test(x[:, 0]) == gaussian_test(x) == gaussian_test(pd.Series(x[:, 0]))


def test_a_result_is_a_value() -> None:
    test = gaussian_test(gaussian(200, 3))
    assert pickle.loads(pickle.dumps(test)) == copy.deepcopy(test) == test
    assert test != gaussian_test(gaussian(201, 3))
    with pytest.raises(AttributeError):
        test.p_value = 1.0  # type: ignore[misc]
    assert repr(test).startswith("GaussianTest(status='tested', statistic=")
    assert f"p_value={test.p_value!r}, log_p_value={test.log_p_value!r}" in repr(test)
    assert math.exp(test.log_p_value or 0.0) == pytest.approx(test.p_value)
    with pytest.raises(TypeError, match="unhashable"):
        hash(test)


def test_what_cannot_be_tested_says_why() -> None:
    x = gaussian(50, 3)
    few = gaussian_test(x[:3])
    assert (few.status, few.p_value, few.log_p_value, few.statistic) == (
        "too_few_rows", None, None, 0.0,
    )  # fmt: skip
    x[:, 1] = 7.0
    constant = gaussian_test(x)
    assert (constant.status, constant.columns) == ("constant_columns", (1,))
    assert repr(constant).endswith("n=0, d=3, columns=(1,))")
    x[:, 1] = x[:, 0] - x[:, 2]
    assert (gaussian_test(x).status, gaussian_test(x).columns) == ("collinear_columns", (2,))


def test_missing_values_are_refused_and_named() -> None:
    frame = pd.DataFrame(gaussian(60, 2), columns=["AAPL", "MSFT"])
    frame.iloc[4, 1] = np.nan
    message = r"in row 4 .*column 'MSFT'; the test has no law for rows with missing values"
    with pytest.raises(ValueError, match=message):
        gaussian_test(frame)
    with pytest.raises(ValueError, match=message):
        GaussianTestStream(2).update(frame)


def test_a_stream_is_a_mergeable_value(rows: Rows) -> None:
    stream = streamed(rows[:1500])
    assert (stream.d, stream.rows, stream.gaussian_test.n) == (2, 1500, 1440)
    assert repr(stream) == "GaussianTestStream(d=2, rows=1500, tested=1440)"
    back = pickle.loads(pickle.dumps(stream))
    assert back == stream
    back.update(rows[1500:])
    copied = copy.copy(stream)
    copied.update(rows[1500:])
    assert back == copied
    assert back != stream
    stream.merge(streamed(rows[1500:]))
    assert (stream.rows, stream.gaussian_test.n) == (2000, 1440 + 440)
    assert stream.gaussian_test.log_p_value < -100  # type: ignore[operator]


@pytest.mark.parametrize(
    ("d", "error", "message"),
    [
        (0, ValueError, "d must be >= 1, got 0"),
        (10**9, ValueError, "d must be from 1 to 100000, got 1000000000"),
        (1.5, TypeError, "incompatible"),
        ("2", TypeError, "incompatible"),
    ],
)
def test_a_stream_of_no_dimension_is_refused(d: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        GaussianTestStream(d)


def test_a_damaged_pickle_of_a_stream_is_refused(rows: Rows) -> None:
    name, parts, attributes = streamed(rows).__getstate__()
    assert isinstance(parts, tuple)
    GaussianTestStream.__new__(GaussianTestStream).__setstate__((name, parts, attributes))
    bad = {
        0: -1,
        3: 1000,
        4: np.zeros(3),
        5: np.ones((2, 2)),
        6: 2001,
        7: float("nan"),
        8: np.zeros(0),
    }
    for k, rubbish in bad.items():
        changed = (*parts[:k], rubbish, *parts[k + 1 :])
        stream = GaussianTestStream.__new__(GaussianTestStream)
        with pytest.raises((ValueError, TypeError)):
            stream.__setstate__((name, changed, attributes))


def test_a_merge_of_other_columns_is_refused(rows: Rows) -> None:
    stream = streamed(rows)
    before = copy.copy(stream)
    with pytest.raises(ValueError, match="other must be of dimension 2, got 3"):
        stream.merge(streamed(gaussian(100, 3)))
    with pytest.raises(TypeError):
        stream.merge(gaussian_test(rows))  # type: ignore[arg-type]
    assert stream == before


@pytest.fixture
def init(rows: Rows) -> NormalInverseGaussian:
    return NormalInverseGaussian.default_init(rows)


def test_a_state_reports_the_test_of_its_rows(init: NormalInverseGaussian, rows: Rows) -> None:
    state = OnlineEM(init, gaussian_test=True)
    assert state.gaussian_test is not None
    assert state.gaussian_test.status == "too_few_rows"
    fit_stream(state, rows, batch_size=100)
    assert state.gaussian_test == streamed(rows).gaussian_test
    assert isinstance(state.gaussian_test, GaussianTest)
    without = OnlineEM(init)
    fit_stream(without, rows, batch_size=100)
    assert without.gaussian_test is None
    assert state.model == without.model
    before = OnlineEM(init, gaussian_test=True)
    assert "against a Gaussian: log p = -" in state.describe(before)
    assert "against a Gaussian" not in without.describe(OnlineEM(init))


def test_a_state_with_a_test_goes_on_from_a_file_and_a_pickle(
    init: NormalInverseGaussian, rows: Rows, tmp_path: Path
) -> None:
    whole = OnlineEM(init, gaussian_test=True)
    fit_stream(whole, rows, batch_size=100)
    state = OnlineEM(init, gaussian_test=True)
    fit_stream(state, rows, batch_size=100, max_steps=7, checkpoint=tmp_path / "fit.state")
    loaded = OnlineEM.load(tmp_path / "fit.state")
    pickled = pickle.loads(pickle.dumps(state))
    assert loaded == pickled == state
    fit_stream(state, rows, batch_size=100, checkpoint=tmp_path / "fit.state")
    assert state == whole
    for copied in (loaded, pickled):
        for first in range(700, 2000, 100):
            copied.update(rows[first : first + 100])
        assert copied.gaussian_test == whole.gaussian_test


def test_forks_of_a_state_with_a_test_merge(init: NormalInverseGaussian, rows: Rows) -> None:
    state = OnlineEM(init, gaussian_test=True)
    state.update(rows[:500])
    fork = state.fork()
    state.update(rows[500:1000])
    fork.update(rows[1000:])
    state.merge(fork)
    assert state.gaussian_test is not None
    assert state.gaussian_test.n == 2000 - 60
    with pytest.raises(ValueError, match="other must be a state with the same options"):
        state.merge(OnlineEM(init))


def test_what_a_state_cannot_test_is_refused(init: NormalInverseGaussian, rows: Rows) -> None:
    with pytest.raises(ValueError, match="gaussian_test must be false with missing='exact'"):
        OnlineEM(init, missing="exact", gaussian_test=True)
    with pytest.raises(TypeError):
        OnlineEM(init, gaussian_test="yes")  # type: ignore[arg-type]
    state = OnlineEM(init, gaussian_test=True)
    with pytest.raises(ValueError, match="weights must be 0 or 1 with gaussian_test"):
        state.update(rows, weights=np.full(len(rows), 2.0))
    assert state.step == 0


def test_a_fit_of_drawn_batches_has_no_test(init: NormalInverseGaussian) -> None:
    """Its batches draw rows again and again: `gaussian_test` takes the rows that it has."""
    with pytest.raises(TypeError):
        IncrementalEMFitter(gaussian_test=True)  # type: ignore[call-arg]
