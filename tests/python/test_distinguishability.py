"""Vuong's first step: whether the rows tell two laws apart."""

import json
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from varimix import (
    BatchEMFitter,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
    inference,
)
from varimix.inference import DistinguishabilityTest, vuong

TRUE = NormalInverseGaussian.from_classical(
    [0.5, -1 / 3], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.0
)
X = TRUE.rvs(600, seed=3)
NIG, SKEWED_T = NormalInverseGaussian.fit(X), NormalInverseGamma.fit(X)
GAUSSIAN = np.random.default_rng(5).normal(size=(400, 2))
apart = inference.test_distinguishability


def imhof(x: float, weights: Any) -> float:
    """Return P(sum of weights * chi2_1 > x) by the integral of Imhof (1961)."""
    w = np.asarray(weights)

    def integrand(u: float) -> float:
        angle = 0.5 * np.arctan(w * u).sum() - 0.5 * x * u
        return float(np.sin(angle) / (u * np.prod((1 + (w * u) ** 2) ** 0.25)))

    total, _ = integrate.quad(integrand, 0, 200, limit=2000)
    return 0.5 + total / np.pi


def test_laws_that_differ_are_told_apart() -> None:
    test = apart(NIG, SKEWED_T, X)
    assert test.status == "ok"
    assert test.p_value < 0.01
    assert test.rows == 600
    assert len(test.weights) == NIG.n_parameters + SKEWED_T.n_parameters
    assert list(test.weights) == sorted(test.weights, reverse=True)
    assert test.variance == pytest.approx(vuong(NIG, SKEWED_T, X).variance, rel=1e-9)
    assert test.statistic == pytest.approx(600 * test.variance)
    assert "vuong tells which is closer" in test.summary()
    assert "cannot be distinguished" in test.summary(alpha=1e-300)


def test_the_tail_is_that_of_imhofs_integral_and_of_draws() -> None:
    test = apart(NormalInverseGaussian.fit(X, symmetric=True), NIG, X)
    weights = np.array(test.weights)
    draws = np.random.default_rng(0).chisquare(1, (200_000, len(weights))) @ weights
    assert np.mean(draws > test.statistic) == pytest.approx(test.p_value, abs=0.004)
    assert test.p_value == pytest.approx(imhof(test.statistic, weights), abs=1e-6)


def test_nested_laws_have_the_law_of_their_likelihood_ratio() -> None:
    symmetric = TRUE.from_classical([0, 0], [0, 0], [[1, 0.3], [0.3, 1]], 1.0, 1.0)
    rows = symmetric.rvs(20_000, seed=0)
    small, large = NormalInverseGaussian.fit(rows, symmetric=True), NormalInverseGaussian.fit(rows)
    test = apart(small, large, rows)
    np.testing.assert_allclose(test.weights[:2], 1, atol=0.1)
    assert test.weights[2] < 0.01
    ratio = inference.likelihood_ratio(small, large).statistic
    assert test.statistic == pytest.approx(ratio, rel=0.1)
    assert test.p_value == pytest.approx(stats.chi2.sf(ratio, 2), abs=0.05)


def test_gaussian_rows_distinguish_nothing() -> None:
    test = apart(NormalInverseGaussian.fit(GAUSSIAN), NormalInverseGamma.fit(GAUSSIAN), GAUSSIAN)
    assert (test.status, test.p_value, test.weights) == ("gaussian_limit", 1.0, ())
    assert "cannot be told" in test.summary()


def test_a_law_is_not_told_from_itself() -> None:
    test = apart(NIG, NIG.model, X)
    assert (test.statistic, test.p_value) == (0.0, 1.0)
    assert "cannot be distinguished" in test.summary()


def test_a_reserve_is_in_the_status() -> None:
    poor = NormalInverseGamma.fit(X, max_iter=1)
    test = apart(NIG, poor, X)
    assert test.status == "not_a_maximum"
    assert "fit it to them" in test.summary()
    on_face = GeneralizedHyperbolic.from_classical(
        SKEWED_T.model.mu, SKEWED_T.model.gamma, SKEWED_T.model.sigma(),
        -SKEWED_T.model.alpha, 0.0, 2 * SKEWED_T.model.beta,
    )  # fmt: skip
    of_face = apart(NIG, on_face, X)
    assert of_face.status == "irregular"
    assert of_face.p_value == pytest.approx(apart(NIG, SKEWED_T, X).p_value, rel=1e-6)


def test_rows_that_show_nothing_do_not_count() -> None:
    gaps = np.vstack([X[:300], np.full((5, 2), np.nan), X[300:]])
    test, plain = apart(NIG, SKEWED_T, gaps, missing="exact"), apart(NIG, SKEWED_T, X)
    assert test.rows == 600
    assert test.statistic == pytest.approx(plain.statistic, rel=1e-8)


def test_it_is_a_value() -> None:
    test = apart(NIG, SKEWED_T, X)
    assert isinstance(test, DistinguishabilityTest)
    assert pickle.loads(pickle.dumps(test)) == test == apart(NIG, SKEWED_T, X)
    assert hash(test) == hash(apart(NIG, SKEWED_T, X))
    assert json.loads(json.dumps(test.to_dict())) == test.to_dict()
    with pytest.raises(FrozenInstanceError):
        test.p_value = 0.5  # type: ignore[misc]


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "no model": (lambda: apart(NIG, 3, X), TypeError, "model_b must be a model"),
    "one row": (lambda: apart(NIG, SKEWED_T, X[:1]), ValueError, "two rows"),
    "other columns": (lambda: apart(NIG, SKEWED_T, X[:, :1]), ValueError, "X"),
    "NaN": (lambda: apart(NIG, SKEWED_T, X + np.nan), ValueError, "row 0"),
    "missing": (lambda: apart(NIG, SKEWED_T, X, missing="some"), ValueError, "missing"),
    "a density of 0": (
        lambda: apart(NIG, SKEWED_T, np.vstack([X, [[1e300, 0.0]]])),
        ValueError,
        "row 600",
    ),
    "a cusp": (
        lambda: apart(
            NIG, VarianceGamma.from_classical([0, 0], [0, 0], [[1, 0], [0, 1]], 0.8, 0.8), X
        ),
        ValueError,
        "model_b must be a law with a finite information",
    ),
    "a prior": (
        lambda: apart(
            NIG,
            BatchEMFitter(
                eta_update=Shrinkage(IdentityUpdate(), eta0_from_model(NIG.model), tau=0.1)
            ).fit(NIG.model, X),
            X,
        ),
        ValueError,
        "model_b must be a fit of maximum likelihood",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_tested_is_refused(case: str) -> None:
    call, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        call()
