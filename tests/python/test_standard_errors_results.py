"""Standard errors as results: names, summaries, values, and the same of rows of any kind."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fit_with_errors import FIT, X, inference_found

from varimix import NormalInverseGaussian
from varimix.inference import (
    Inference,
    inference,
    value_at_risk,
)

found = pytest.fixture(scope="module")(inference_found)


def test_names_of_columns_name_the_numbers() -> None:
    frame = pd.DataFrame(X, columns=["oil", "tea"])
    fit = NormalInverseGaussian.fit(frame, tol=1e-13)
    named = fit.inference(frame[["tea", "oil"]], functionals={"VaR": value_at_risk({"tea": 1.0})})
    assert {"mean_oil", "sd_tea", "corr_tea_oil", "VaR"} <= set(named.params)
    plain = inference(FIT, X, functionals={"VaR": value_at_risk([0.0, 1.0])})
    np.testing.assert_allclose(list(named.bse.values()), list(plain.bse.values()), rtol=1e-7)


def test_the_summary_says_what_independent_rows_mean(found: Inference) -> None:
    text = found.summary()
    assert "NormalInverseGaussian" in text
    assert "cov_type='hac'" in text
    assert "[0.025" in text
    assert str(found) == text
    assert max(map(len, text.splitlines())) <= 80
    dependent = inference(FIT, X, "hac")
    assert "depend on each other" in dependent.summary(0.1)
    assert "[0.05" in dependent.summary(0.1)


def test_without_errors_intervals_are_refused_with_the_reason() -> None:
    flat = X.copy()
    flat[:, 1] = 2 * flat[:, 0]
    model = NormalInverseGaussian.from_classical([0, 0], [0, 0], [[1, 0], [0, 1]], 1.0, 1.0)
    thin = model.replace(sigma=[[1, 2], [2, 4 + 1e-12]])
    found = inference(thin, flat)
    assert not found.bse
    assert found.params["mean_1"] == 0.0
    for refused in (found.conf_int, found.cov_params):
        with pytest.raises(ValueError, match="there are no standard errors"):
            refused()
    assert "std err" in found.summary()
    assert found.to_dict()["conf_int"] == {}


def test_a_result_is_a_value(found: Inference) -> None:
    for twin in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert twin == found
        assert twin.conf_int() == found.conf_int()
    assert json.loads(json.dumps(found.to_dict()))["params"] == found.params
    assert found.as_frame().loc["sd_1", "bse"] == found.bse["sd_1"]
    assert "<table" in found._repr_html_()
    assert "NormalInverseGaussian" in repr(found)
    assert found != inference(FIT, X, "hac")
    assert found != "else"
    with pytest.raises(TypeError):
        hash(found)


@pytest.mark.parametrize(
    "rows",
    [
        X.astype(np.float32),
        np.asfortranarray(X),
        X.tolist(),
        pd.DataFrame(X),
        pl.DataFrame(X),
        pl.DataFrame(X).to_arrow(),
        X[::-1][::-1],
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_rows_of_any_kind_have_the_same_errors(rows: Any, found: Inference) -> None:
    other = inference(FIT.model, rows)
    np.testing.assert_allclose(list(other.bse.values()), list(found.bse.values()), rtol=1e-4)


def test_a_pickled_covariance_is_read_only(found: Inference) -> None:
    assert not pickle.loads(pickle.dumps(found)).cov_params().flags.writeable


def test_threads_of_python_agree(found: Inference) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all(twin == found for twin in pool.map(lambda _: inference(FIT, X), range(8)))
