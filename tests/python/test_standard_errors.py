"""Standard errors of fitted laws: what Python adds to the core, and every kind of argument."""

import copy
import csv
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from varimix import EMResult, NormalInverseGamma, NormalInverseGaussian
from varimix.inference import (
    Inference,
    cdf,
    expected_shortfall,
    function_of_model,
    inference,
    value_at_risk,
)

DATA = Path(__file__).parents[1] / "data"
GOLD = DATA / "standard_errors.csv"
FAMILIES = {
    "nig": "NormalInverseGaussian",
    "vg": "VarianceGamma",
    "ninvg": "NormalInverseGamma",
    "gh": "GeneralizedHyperbolic",
}
TUTORIAL = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
X = TUTORIAL.rvs(400, seed=3)
FIT: EMResult[NormalInverseGaussian] = NormalInverseGaussian.fit(X, tol=1e-13)


@pytest.fixture(scope="module")
def found() -> Inference:
    return inference(FIT, X)


@pytest.mark.parametrize("short", FAMILIES)
def test_errors_are_those_of_another_program(short: str) -> None:
    import varimix

    rows = np.loadtxt(DATA / "nig_seed_2000.csv", delimiter=",", skiprows=1)
    fit = getattr(varimix, FAMILIES[short]).fit(rows, tol=1e-14, max_iter=2000)
    w = [0.5, 0.5]
    more = {"var_99": value_at_risk(w, 0.01), "es_99": expected_shortfall(w, alpha=0.01)}
    with GOLD.open() as file:
        gold = [row for row in csv.DictReader(file) if row["family"] == short]
    for cov_type in ("nonrobust", "opg", "robust", "hac"):
        numbers = fit.inference(
            rows, cov_type=cov_type, functionals=more, maxlags=10 if cov_type == "hac" else None
        )
        for row in gold:
            error = float(row["robust"]) * (1e-2 if short == "gh" else 1e-3)
            assert numbers.params[row["name"]] == pytest.approx(float(row["value"]), abs=error)
            assert numbers.bse[row["name"]] == pytest.approx(float(row[cov_type]), rel=1e-4)


def test_the_result_of_a_fit_has_the_same_errors(found: Inference) -> None:
    assert FIT.inference(X) == found
    assert inference(FIT.model, X) == found
    assert found.cov_type == "robust"
    assert inference(FIT, X, "oim").bse == inference(FIT, X, "nonrobust").bse


def test_intervals_hold_the_number_and_grow_with_the_confidence(found: Inference) -> None:
    narrow, wide = found.conf_int(0.5), found.conf_int(0.01)
    for name, value in found.params.items():
        assert wide[name][0] < narrow[name][0] < value < narrow[name][1] < wide[name][1]
    low, high = found.conf_int()["sd_1"]
    assert low * high == pytest.approx(found.params["sd_1"] ** 2, rel=1e-12)
    assert found.conf_int() == found.conf_int(alpha=0.05)


def test_cov_params_has_the_squares_of_the_errors(found: Inference) -> None:
    covariance = found.cov_params()
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), list(found.bse.values()), rtol=1e-12)
    assert not covariance.flags.writeable
    assert np.linalg.eigvalsh(covariance).min() > -1e-12


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


def test_hac_multiplies_by_student_s_quantile(found: Inference) -> None:
    dependent = inference(FIT, X, "hac")
    low, high = dependent.conf_int()["mean_1"]
    assert (high - low) / 2 / dependent.bse["mean_1"] == pytest.approx(2.306004, abs=1e-6)
    bartlett = inference(FIT, X, "hac", maxlags=60)
    low, high = bartlett.conf_int()["mean_1"]
    assert (high - low) / 2 / bartlett.bse["mean_1"] == pytest.approx(2.43, abs=0.05)
    white = inference(FIT, X, "hac", maxlags=0)
    assert white.bse["mean_1"] == pytest.approx(found.bse["mean_1"], rel=1e-12)


def test_any_function_of_the_model_has_an_error(found: Inference) -> None:
    more = inference(
        FIT,
        X,
        functionals={
            "sd": function_of_model(lambda model: float(model.cov()[0, 0]) ** 0.5, "log"),
            "spread": lambda model: float(np.subtract(*model.mean())),
            "lam": lambda model: model.subordinator().lam,
            "p": cdf([1.0, 0.0], 0.0),
        },
    )
    assert more.bse["sd"] == pytest.approx(found.bse["sd_1"], rel=1e-6)
    assert more.conf_int()["sd"] == pytest.approx(found.conf_int()["sd_1"], rel=1e-6)
    c = found.cov_params()
    variance = c[0, 0] + c[1, 1] - 2 * c[0, 1]
    assert more.bse["spread"] ** 2 == pytest.approx(variance, rel=1e-6)
    assert more.bse["lam"] / more.params["lam"] == pytest.approx(found.bse["log_sqrt_ab"], rel=1e-6)
    assert more.params["p"] == pytest.approx(FIT.model.project([1.0, 0.0]).cdf(0.0))
    only = inference(FIT, X, defaults=False, functionals={"p": cdf([1.0, 0.0], 0.0)})
    assert list(only.params) == ["p"]


def test_what_a_function_raises_comes_through() -> None:
    def bad(model: Any) -> float:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        inference(FIT, X, functionals={"bad": bad})
    for value in ("a", [1.0, 2.0], None, 1j):
        with pytest.raises((TypeError, ValueError), match="functional 'odd'"):
            inference(FIT, X, functionals={"odd": lambda model, value=value: value})
    none = inference(FIT, X, functionals={"nan": lambda model: float("nan")})
    assert "nan" not in none.params
    assert none.has("not_defined")


def test_what_a_fit_held_is_known_by_its_result() -> None:
    fit = NormalInverseGaussian.fit(X, tol=1e-13, symmetric=True)
    held = fit.inference(X)
    assert held.free_parameters == fit.n_parameters
    assert held.bse["EY_gamma_1"] == 0.0
    assert inference(fit.model, X, symmetric=True).bse == held.bse
    fixed = FIT.model.fit(X, fixed=["sigma"])
    assert fixed.inference(X).free_parameters == fixed.n_parameters
    assert fixed.inference(X, fixed="sigma").bse == fixed.inference(X).bse
    with pytest.raises(ValueError, match="fixed must be the parameters that the fit held"):
        fixed.inference(X, fixed=[])
    with pytest.raises(ValueError, match="fixed must be the parameters that the fit held"):
        fixed.inference(X, symmetric=True)


def test_missing_values_and_weights_count() -> None:
    rows = X.copy()
    rows[::3, 0] = np.nan
    fit = NormalInverseGaussian.fit(rows, missing="exact", tol=1e-13)
    with pytest.raises(ValueError, match="X must be finite"):
        fit.inference(rows)
    assert fit.inference(rows, missing="exact").bse["mean_1"] > 0
    weights = np.tile([0.0, 1.0, 2.0, 1.0], 100)
    weighted = NormalInverseGaussian.fit(X, weights, tol=1e-13)
    repeated = np.repeat(X, weights.astype(int), axis=0)
    np.testing.assert_allclose(
        list(weighted.inference(X, weights=weights).bse.values()),
        list(weighted.inference(repeated).bse.values()),
        rtol=1e-6,
    )
    with pytest.raises(ValueError, match="weights must be none for cov_type 'hac'"):
        weighted.inference(X, cov_type="hac", weights=weights)


def test_a_model_that_was_not_fitted_to_the_rows_says_so() -> None:
    found = inference(TUTORIAL, X)
    assert found.has("not_a_maximum")
    assert found.distance_to_maximum is not None
    assert found.distance_to_maximum > 0.1
    assert "fit it to these rows first" in " ".join(found.summary().split())


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


def test_a_number_whose_variance_is_no_double_is_left_out_by_name() -> None:
    law = NormalInverseGamma.from_classical([0.0], [0.0], [[1e300]], 1.2, 1.0)
    rows = law.rvs(60, seed=1)
    tail = {"ES": expected_shortfall([1.0], 1e-12), "sd of 1": lambda law: law.sigma()[0, 0] ** 0.5}
    told = inference(law, rows, "nonrobust", functionals=tail, defaults=False)
    assert list(told.bse) == ["sd of 1"]
    assert np.isfinite(told.bse["sd of 1"])
    assert any("ES: a variance beyond doubles" in detail for _, _, detail in told.notes)


def test_a_pickled_covariance_is_read_only(found: Inference) -> None:
    assert not pickle.loads(pickle.dumps(found)).cov_params().flags.writeable


def test_threads_of_python_agree(found: Inference) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all(twin == found for twin in pool.map(lambda _: inference(FIT, X), range(8)))


BAD: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no model": (lambda: inference("model", X), TypeError, "model must be a model"),
    "no rows": (lambda: inference(FIT, X[:0]), ValueError, "X must"),
    "one row": (lambda: inference(FIT, X[:1]), ValueError, "2 rows or more"),
    "another column": (lambda: inference(FIT, X[:, :1]), ValueError, "X must"),
    "infinity": (
        lambda: inference(FIT, np.where(X > 1, np.inf, X)),
        ValueError,
        "X must be finite",
    ),
    "texts": (lambda: inference(FIT, [["a", "b"]] * 3), (TypeError, ValueError), "X"),  # type: ignore[dict-item]
    "cov_type": (lambda: inference(FIT, X, "white"), ValueError, "cov_type must be"),
    "cov_type of another type": (lambda: inference(FIT, X, 3), TypeError, "cov_type must"),  # type: ignore[arg-type]
    "half a cosine": (lambda: inference(FIT, X, cosines=2.5), TypeError, "cosines must"),  # type: ignore[arg-type]
    "lags of another type": (lambda: inference(FIT, X, maxlags="a"), TypeError, "maxlags must"),  # type: ignore[arg-type]
    "missing of another type": (lambda: inference(FIT, X, missing=1), TypeError, "missing must"),  # type: ignore[arg-type]
    "symmetric": (lambda: inference(FIT, X, symmetric="yes"), TypeError, "symmetric must"),  # type: ignore[arg-type]
    "a number that is fixed": (lambda: inference(FIT, X, fixed=[1]), TypeError, "fixed must"),  # type: ignore[list-item]
    "cosines": (lambda: inference(FIT, X, "hac", cosines=0), ValueError, "cosines must"),
    "maxlags": (lambda: inference(FIT, X, "hac", maxlags=400), ValueError, "lags must"),
    "missing": (lambda: inference(FIT, X, missing="drop"), ValueError, "missing must"),
    "fixed": (lambda: inference(FIT.model, X, fixed=["nu"]), ValueError, "fixed must"),
    "weights": (lambda: inference(FIT, X, weights=[1.0]), ValueError, "weights must"),
    "alpha": (lambda: inference(FIT, X).conf_int(1.0), ValueError, "alpha must"),
    "nothing": (lambda: inference(FIT, X, defaults=False), ValueError, "functionals must"),
    "a list": (lambda: inference(FIT, X, functionals=[cdf([1, 0], 0)]), TypeError, "functionals"),  # type: ignore[arg-type]
    "a number": (lambda: inference(FIT, X, functionals={"a": 3}), TypeError, "callable"),
    "a name twice": (
        lambda: inference(FIT, X, functionals={"sd_1": cdf([1, 0], 0)}),
        ValueError,
        "different names",
    ),
    "no name": (lambda: inference(FIT, X, functionals={"": cdf([1, 0], 0)}), ValueError, "name"),
    "a name that is none": (
        lambda: inference(FIT, X, functionals={1: cdf([1, 0], 0)}),  # type: ignore[dict-item]
        TypeError,
        "texts as names",
    ),
    "too few weights": (
        lambda: inference(FIT, X, functionals={"a": cdf([1.0], 0)}),
        ValueError,
        "of dimension 2",
    ),
    "a tail of 0": (
        lambda: inference(FIT, X, functionals={"a": value_at_risk([1, 0], 0.0)}),
        ValueError,
        "alpha must",
    ),
    "a tail that is a text": (lambda: value_at_risk([1, 0], "a"), (TypeError, ValueError), "alpha"),  # type: ignore[arg-type,dict-item]
    "no rows at all": (lambda: inference(FIT, None), TypeError, "X must be rows, got None"),  # type: ignore[arg-type]
    "defaults": (lambda: inference(FIT, X, defaults=None), TypeError, "defaults must be True"),  # type: ignore[arg-type]
    "cosines that no one needs": (lambda: inference(FIT, X, cosines=0), ValueError, "cosines must"),
    "lags that no one needs": (lambda: inference(FIT, X, maxlags=-1), ValueError, "maxlags must"),
    "cosines of 400 digits": (
        lambda: inference(FIT, X, cosines=10**400),
        ValueError,
        "cosines must be within",
    ),
    "an array of no weights": (lambda: inference(FIT, X, weights=[]), ValueError, "weights must"),
    "weights of nothing": (
        lambda: inference(FIT, X, weights=np.full(len(X), 1e-300)),
        ValueError,
        "the sum of weights must be 0 or from 1e-100 to 1e100",
    ),
    "weights of worlds": (
        lambda: inference(FIT, X, weights=np.full(len(X), 1e300)),
        ValueError,
        "the sum of weights must be 0 or from 1e-100 to 1e100",
    ),
    "texts as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(["x", "y"], 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "times as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(np.array([1, 2], "m8[s]"), 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "complex numbers as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(np.array([1j, 2]), 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "a text as alpha": (lambda: inference(FIT, X).conf_int("0.05"), ValueError, "alpha must"),  # type: ignore[arg-type]
    "a table for None": (lambda: inference(FIT, X).summary(None), ValueError, "alpha must"),  # type: ignore[arg-type]
    "a scale": (lambda: function_of_model(len, "sqrt"), ValueError, "scale must"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_named(name: str) -> None:
    mistake, error, message = BAD[name]
    with pytest.raises(error, match=message):
        mistake()
