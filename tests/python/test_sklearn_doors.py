"""varimix.sklearn takes rows of every kind that scikit-learn takes, and missing values."""

import io
import pickle
import threading
from decimal import Decimal
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from varimix import EWMAUpdate, NormalInverseGaussian, VarianceGamma, eta0_isotropic
from varimix.sklearn import MeanVarianceMixture

Rows = NDArray[np.float64]

SAME_NUMBERS: dict[str, Any] = {
    "lists": lambda x: x.tolist(),
    "columns first": np.asfortranarray,
    "every second row of more": lambda x: np.repeat(x, 2, axis=0)[::2],
    "big-endian": lambda x: x.astype(">f8"),
    "long double": lambda x: x.astype(np.longdouble),
    "objects": lambda x: x.astype(object),
    "decimals": lambda x: np.array([[Decimal(float(v)) for v in row] for row in x]),
    "pandas": lambda x: pd.DataFrame(x),
    "pandas nullable": lambda x: pd.DataFrame(x).astype("Float64"),
    "polars": lambda x: pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}),
    "arrow": lambda x: pa.table({"a": x[:, 0], "b": x[:, 1]}),
}


@pytest.mark.parametrize("kind", SAME_NUMBERS)
def test_the_same_numbers_give_the_same_fit(kind: str, rows: Rows) -> None:
    x = rows[:300]
    given = SAME_NUMBERS[kind](x)
    expected = MeanVarianceMixture().fit(x)
    mixture = MeanVarianceMixture().fit(given)
    assert mixture.model_ == expected.model_
    np.testing.assert_array_equal(mixture.predict(given), expected.predict(x))


def test_float32_is_read_as_it_is_and_integers_are_numbers(rows: Rows) -> None:
    single = rows.astype(np.float32)
    assert MeanVarianceMixture().fit(single).model_ == NormalInverseGaussian.fit(single).model
    assert MeanVarianceMixture().fit(single).transform(single).dtype == np.float64
    whole = np.round(rows * 100).astype(np.int32)
    expected = MeanVarianceMixture().fit(whole.astype(float)).model_
    assert MeanVarianceMixture().fit(whole).model_ == expected


BAD_ROWS = [
    (np.zeros((1, 2)), ValueError, "1 sample"),
    (np.zeros((0, 2)), ValueError, "0 sample"),
    (np.zeros(5), ValueError, "Expected 2D array"),
    (np.zeros((5, 0)), ValueError, "0 feature"),
    (np.array([["a", "b"]] * 3), ValueError, "could not convert string"),
    (np.array([[1.0, np.nan]] * 3), ValueError, "contains NaN"),
    (np.array([[1.0, np.inf]] * 3), ValueError, "contains infinity"),
    (np.array([[1.0, 1j]] * 3), ValueError, "Complex data not supported"),
    (np.ma.masked_greater(np.eye(3), 0.5), ValueError, "without a mask"),
    (sparse.csr_array(np.eye(3)), TypeError, "Sparse data was passed"),
]


@pytest.mark.parametrize(("bad", "error", "message"), BAD_ROWS, ids=[text for *_, text in BAD_ROWS])
def test_rows_that_are_no_rows_of_numbers_are_refused(
    bad: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        MeanVarianceMixture().fit(bad)


def test_one_column_and_one_row_to_predict(rows: Rows) -> None:
    mixture = MeanVarianceMixture().fit(rows[:, :1])
    assert mixture.transform(rows[:1, :1]).shape == (1, 2)
    assert mixture.predict(rows[:1, :1]).shape == (1,)
    assert mixture.partial_fit(rows[:1, :1]).state_.total_weight == len(rows) + 1


@pytest.mark.filterwarnings("ignore::varimix.DegenerateDataWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_numbers_of_any_size_end_in_a_finite_model_and_labels(scale: float, rows: Rows) -> None:
    x = rows * scale
    mixture = MeanVarianceMixture().fit(x)
    assert np.isfinite(mixture.model_.mu).all()
    assert np.isfinite(mixture.offset_)
    assert set(mixture.predict(x)) <= {-1, 1}
    assert not np.isnan(mixture.transform(x)).any()


# ---- Missing values ----


def test_with_exact_nan_and_null_are_missing_values(rows: Rows) -> None:
    x = rows.copy()
    x[::5, 0] = np.nan
    x[0] = np.nan
    mixture = MeanVarianceMixture(missing="exact").fit(x)
    assert mixture.model_ == NormalInverseGaussian.fit(x, missing="exact").model
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}).fill_nan(None)
    assert MeanVarianceMixture(missing="exact").fit(frame).model_ == mixture.model_
    assert mixture.score_samples(x)[0] == 0
    mean = mixture.model_.marginal_log_likelihood(x, missing="exact")  # of rows that show something
    assert mixture.score(x) == pytest.approx(mean)
    n, total = len(x) - 1, mixture.score(x) * (len(x) - 1)
    assert mixture.bic(x) == pytest.approx(8 * np.log(n) - 2 * total)
    assert mixture.partial_fit(x[:10]).state_.total_weight > 0


def test_rows_that_show_nothing_have_no_score(rows: Rows) -> None:
    mixture = MeanVarianceMixture(missing="exact").fit(rows)
    for method in (mixture.score, mixture.aic, mixture.bic):
        with pytest.raises(ValueError, match="X must have a row that shows something"):
            method(np.full((3, 2), np.nan))


# ---- Copies, pickles, threads ----


def test_a_fitted_estimator_travels(rows: Rows) -> None:
    mixture = MeanVarianceMixture("vg", rule=EWMAUpdate(half_life=100.0)).fit(rows)
    buffer = io.BytesIO()
    joblib.dump(mixture, buffer)
    buffer.seek(0)
    for copy in (pickle.loads(pickle.dumps(mixture)), joblib.load(buffer)):
        assert copy.model_ == mixture.model_
        assert copy.offset_ == mixture.offset_
        assert copy.partial_fit(rows).state_.total_weight == 2 * len(rows)
    assert mixture.state_.total_weight == len(rows)


def test_a_clone_has_the_options_and_no_fit(rows: Rows) -> None:
    target = eta0_isotropic(NormalInverseGaussian.default_init(rows), 1.0)
    mixture = MeanVarianceMixture(
        VarianceGamma, rule=EWMAUpdate(half_life=100.0), shrinkage=0.1, shrinkage_target=target
    ).fit(rows)
    copy = clone(mixture)
    assert copy.get_params() == mixture.get_params()
    assert not hasattr(copy, "model_")
    assert copy.fit(rows).model_ == mixture.model_


def test_threads_share_a_fitted_estimator(rows: Rows) -> None:
    mixture = MeanVarianceMixture().partial_fit(rows)  # its threshold is drawn when it is asked for
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(mixture.decision_function(rows).tobytes()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
