"""Standard errors of fitted laws: gold, any function of the model, what a fit held, weights."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fit_with_errors import FIT, TUTORIAL, X, inference_found

from varimix import NormalInverseGamma, NormalInverseGaussian
from varimix.inference import (
    Inference,
    cdf,
    expected_shortfall,
    function_of_model,
    inference,
    value_at_risk,
)

found = pytest.fixture(scope="module")(inference_found)

DATA = Path(__file__).parents[1] / "data"
GOLD = DATA / "standard_errors.csv"
FAMILIES = {
    "nig": "NormalInverseGaussian",
    "vg": "VarianceGamma",
    "ninvg": "NormalInverseGamma",
    "gh": "GeneralizedHyperbolic",
}


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


def test_a_number_whose_variance_is_no_double_is_left_out_by_name() -> None:
    law = NormalInverseGamma.from_classical([0.0], [0.0], [[1e300]], 1.2, 1.0)
    rows = law.rvs(60, seed=1)
    tail = {"ES": expected_shortfall([1.0], 1e-12), "sd of 1": lambda law: law.sigma()[0, 0] ** 0.5}
    told = inference(law, rows, "nonrobust", functionals=tail, defaults=False)
    assert list(told.bse) == ["sd of 1"]
    assert np.isfinite(told.bse["sd of 1"])
    assert any("ES: a variance beyond doubles" in detail for _, _, detail in told.notes)
