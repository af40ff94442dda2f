"""Statuses, reports and warnings speak of columns by name where the columns have names."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

from varimix import (
    BatchEMFitter,
    BatchReport,
    DegenerateDataWarning,
    EMResult,
    EWMAUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    fit_best,
    fit_stream,
)

NAMES = ["AAPL", "MSFT, Inc.", "it's 3", "4"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return rows of which the second and the last column do not vary."""
    x = np.random.default_rng(0).standard_t(5, size=(300, 4))
    x[:, [1, 3]] = 2.0
    return pd.DataFrame(x, columns=NAMES)


CONSTANT = "columns 'MSFT, Inc.', '4'"


def init_of(rows: object) -> NormalInverseGaussian:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        return NormalInverseGaussian.default_init(rows)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result(frame: pd.DataFrame) -> EMResult[NormalInverseGaussian]:
    return BatchEMFitter(max_iter=20).fit(init_of(frame), frame)


def test_a_warning_names_the_columns(frame: pd.DataFrame) -> None:
    with pytest.warns(DegenerateDataWarning) as caught:
        NormalInverseGaussian.default_init(frame)
    assert CONSTANT in str(caught[0].message)


def test_words_after_the_columns_stay(frame: pd.DataFrame) -> None:
    collinear = frame.assign(**{"4": frame["AAPL"] * 2.0, "MSFT, Inc.": frame["it's 3"] + 1.0})
    with pytest.warns(DegenerateDataWarning, match="column.* '4' given those before"):
        NormalInverseGaussian.default_init(collinear)


def test_a_result_names_the_columns_wherever_it_shows_its_status(
    result: EMResult[NormalInverseGaussian],
) -> None:
    details = {entry.code: entry.detail for entry in result.status.entries}
    assert details["constant_column"] == CONSTANT
    for text in (str(result.status), result.summary(), repr(result)):
        assert CONSTANT in text
        assert "columns 1, 3" not in text


def test_a_best_fit_names_the_columns(frame: pd.DataFrame) -> None:
    best = fit_best(frame, [NormalInverseGaussian, VarianceGamma], n_starts=1)
    assert CONSTANT in str(best.status)
    assert all(CONSTANT in str(fit.status) and CONSTANT in repr(fit) for fit in best.table)
    assert str(best).count(CONSTANT) >= 2
    assert "columns 1, 3" not in str(best)


def test_a_copy_of_a_result_keeps_the_names(result: EMResult[NormalInverseGaussian]) -> None:
    for same in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert same == result
        assert same.status == result.status


def test_a_state_names_the_columns_of_its_first_rows(frame: pd.DataFrame) -> None:
    missing = frame.copy()
    missing["it's 3"] = np.nan
    law = NormalInverseGaussian.from_classical(np.zeros(4), np.zeros(4), np.eye(4), 1.0, 1.0)
    state = OnlineEM(law, missing="exact")
    report = state.update(missing)
    assert "column 2" not in str(state.status) + str(report.status)
    assert "(column 'it's 3')" in str(state.status)


def test_reports_to_a_callback_name_the_columns(frame: pd.DataFrame) -> None:
    seen: list[BatchReport] = []
    collinear = frame.assign(**{"4": frame["AAPL"]})
    init, rule = init_of(collinear), EWMAUpdate(w=0.9)
    fit_stream(OnlineEM(init, rule), collinear, batch_size=50, passes=5, callback=seen.append)
    fitter = IncrementalEMFitter(batch_size=50, max_steps=30, eta_update=rule)
    fitter.fit(init, collinear, key=0, callback=seen.append)
    state = OnlineEM(init, rule)
    seen += [state.update(collinear[first : first + 50]) for first in range(0, 300, 50)] * 5
    details = [entry.detail for report in seen for entry in report.status.entries]
    of_columns = [detail for detail in details if detail.startswith("column")]
    assert len(of_columns) >= 3
    assert all("'MSFT, Inc.'" in detail or "'4'" in detail for detail in of_columns)


def test_without_names_columns_have_their_numbers(frame: pd.DataFrame) -> None:
    rows = frame.to_numpy()
    result = BatchEMFitter(max_iter=5).fit(init_of(rows), rows)
    assert "columns 1, 3" in str(result.status)
    with pytest.warns(DegenerateDataWarning, match="columns 1, 3"):
        NormalInverseGaussian.default_init(rows)


def test_numbers_that_name_no_column_stay(frame: pd.DataFrame) -> None:
    few = frame.iloc[:3]
    with pytest.warns(DegenerateDataWarning, match="3 rows of 4 columns"):
        NormalInverseGaussian.default_init(few)


def test_moments_given_what_rows_show_are_frames_by_name(frame: pd.DataFrame) -> None:
    law = NormalInverseGaussian.from_classical(
        [0, 0.5], [0.3, -0.2], [[1, 0.6], [0.6, 1]], 1.0, 1.5
    ).with_columns(["a", "b"])
    rows = pd.DataFrame({"b": [1.0, np.nan, np.nan], "a": [np.nan, 0.2, np.nan]}, index=list("xyz"))
    plain = law.conditional(rows)
    frames = law.conditional(rows, as_frame=True)
    assert list(frames.mean.columns) == ["a", "b"]
    assert list(frames.mean.index) == ["x", "y", "z"]
    np.testing.assert_array_equal(frames.mean, plain.mean)
    np.testing.assert_array_equal(frames.covariance.loc["z"], plain.covariance[2])
    assert frames.covariance.loc[("x", "a"), "a"] == plain.covariance[0, 0, 0] > 0
    assert frames.covariance.loc[("y", "a"), "a"] == 0
    unnamed = law.with_columns(None).conditional(rows.to_numpy()[:, ::-1], as_frame=True)
    np.testing.assert_array_equal(unnamed.mean, plain.mean)
    assert law.conditional(rows, as_frame=False) == plain
