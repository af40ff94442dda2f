"""Tests of missing values: NaN with missing="exact"."""

import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    Conditional,
    DegenerateDataWarning,
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
    fit_best,
)

NAN, INF = np.nan, np.inf
SIGMA = np.array([[1.0, 0.3, 0.1], [0.3, 2.0, -0.4], [0.1, -0.4, 0.5]])
MU, GAMMA = np.array([0.1, -0.2, 0.3]), np.array([0.4, -0.3, 0.2])
MODELS: list[MeanVarianceMixture] = [
    NormalInverseGaussian.from_classical(MU, GAMMA, SIGMA, 1.0, 1.5),
    VarianceGamma.from_classical(MU, GAMMA, SIGMA, 1.8, 1.8),
    NormalInverseGamma.from_classical(MU, GAMMA, SIGMA, 2.8, 1.8),
    GeneralizedHyperbolic.from_classical(MU, GAMMA, SIGMA, 0.6, 1.0, 1.2),
]
models = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)


def with_gaps(X: NDArray[np.float64], share: float = 0.3) -> NDArray[np.float64]:
    gaps = np.random.default_rng(5).random(X.shape) < share
    return np.where(gaps, NAN, X)


def marginal(model: MeanVarianceMixture, columns: NDArray[np.bool_]) -> MeanVarianceMixture:
    parameters = {
        "mu": model.mu[columns],
        "gamma": model.gamma[columns],
        "sigma": model.sigma()[np.ix_(columns, columns)],
    }
    y = model.subordinator()
    names = {
        "NormalInverseGaussian": ("mu_ig", "lam"),
        "VarianceGamma": ("alpha", "beta"),
        "NormalInverseGamma": ("alpha", "beta"),
        "GeneralizedHyperbolic": ("p", "a", "b"),
    }[type(model).__name__]
    return type(model).from_classical(**parameters, **{name: getattr(y, name) for name in names})


@models
def test_density_is_that_of_what_a_row_shows(model: MeanVarianceMixture) -> None:
    X = with_gaps(model.rvs(200, seed=1))
    actual = model.log_prob(X, missing="exact")
    for row, value in zip(X, actual, strict=True):
        shown = ~np.isnan(row)
        expected = marginal(model, shown).log_prob(row[None, shown])[0] if shown.any() else 0.0
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    shows = ~np.isnan(X).all(axis=1)
    np.testing.assert_allclose(model.pdf(X, missing="exact"), np.exp(actual), rtol=1e-14)
    np.testing.assert_array_equal(model.log_pdf(X, missing="exact"), actual)
    mean = model.marginal_log_likelihood(X, missing="exact")
    assert mean == pytest.approx(actual[shows].mean(), rel=1e-12)
    assert model.e_step(X, missing="exact").log_lik == pytest.approx(mean, rel=1e-12)


@models
def test_complete_rows_have_the_same_bits(model: MeanVarianceMixture) -> None:
    X = model.rvs(1000, seed=2)
    assert (model.log_prob(X, missing="exact") == model.log_prob(X)).all()
    exact, plain = model.e_step(X, missing="exact"), model.e_step(X)
    assert exact.eta == plain.eta
    assert exact.log_lik == plain.log_lik
    assert exact.observed is not None
    assert exact.observed.tolist() == [1000.0] * 3
    assert plain.observed is None
    assert type(model).default_init(X, missing="exact") == type(model).default_init(X)
    assert (model.impute(X) == X).all()


@models
def test_plain_em_does_not_fall(model: MeanVarianceMixture) -> None:
    X = with_gaps(model.rvs(2000, seed=3))
    fit = type(model).default_init(X, missing="exact")
    values = []
    for _ in range(8):
        step = fit.e_step(X, missing="exact")
        values.append(step.log_lik)
        fit = fit.m_step(step.eta)
    assert (np.diff(values) > -1e-12).all()
    assert values[-1] > values[0]


@models
def test_what_is_missing_given_what_is_not(model: MeanVarianceMixture) -> None:
    X = np.array([[0.5, NAN, NAN], [0.1, 0.2, 0.3], [NAN, NAN, NAN]])
    law = model.conditional(X)
    assert isinstance(law, Conditional)
    assert law.mean.shape == (3, 3)
    assert law.covariance.shape == (3, 3, 3)
    np.testing.assert_array_equal(law.mean, model.impute(X))
    np.testing.assert_array_equal(law.mean[1], X[1])
    np.testing.assert_array_equal(law.covariance[1], np.zeros((3, 3)))
    np.testing.assert_allclose(law.mean[2], model.mean())
    np.testing.assert_allclose(law.covariance[2], model.cov())
    np.testing.assert_array_equal(law.covariance, law.covariance.transpose(0, 2, 1))
    # The conditional density of the second column, given the first, is computed on a grid.
    pair = marginal(model, np.array([True, True, False]))
    grid = np.linspace(-300, 300, 1_200_001)
    weight = pair.pdf(np.column_stack([np.full(grid.size, 0.5), grid]))
    mean = (weight * grid).sum() / weight.sum()
    variance = (weight * (grid - mean) ** 2).sum() / weight.sum()
    assert law.mean[0, 1] == pytest.approx(mean, rel=1e-5)
    assert law.covariance[0, 1, 1] == pytest.approx(variance, rel=1e-3)


def test_the_law_outlives_its_arrays_and_is_read_only() -> None:
    covariance = MODELS[0].conditional(with_gaps(np.zeros((5, 3)))).covariance
    assert np.isfinite(covariance).all()
    with pytest.raises(ValueError, match="read-only"):
        covariance[0, 0, 0] = 1.0


@pytest.mark.parametrize("kind", ["float32", "fortran", "strided"])
def test_any_layout(kind: str) -> None:
    model = MODELS[0]
    X = with_gaps(model.rvs(300, seed=1)).astype(np.float32).astype(float)
    views = {
        "float32": X.astype(np.float32),
        "fortran": np.asfortranarray(X),
        "strided": np.repeat(X, 2, axis=0)[::2],
    }
    assert model.e_step(views[kind], missing="exact").eta == model.e_step(X, missing="exact").eta
    np.testing.assert_array_equal(model.impute(views[kind]), model.impute(X))


def test_a_column_that_no_row_shows_is_warned_of() -> None:
    X = MODELS[0].rvs(100, seed=1)
    X[:, 1] = NAN
    with pytest.warns(DegenerateDataWarning, match=r"no row has shown yet.*column 1"):
        model = NormalInverseGaussian.default_init(X, missing="exact")
    assert model.e_step(X, missing="exact").eta.E_XXT_inv_Y.shape == (3, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NormalInverseGaussian.default_init(with_gaps(MODELS[0].rvs(500, seed=1)), missing="exact")


def test_rows_that_show_nothing() -> None:
    X = np.full((4, 3), NAN)
    for model in MODELS:
        assert model.log_prob(X, missing="exact").tolist() == [0.0] * 4
        assert model.marginal_log_likelihood(X, missing="exact") == 0.0
        step = model.e_step(X, missing="exact")
        assert step.eta.weight == 0.0
        assert step.log_lik == 0.0
        assert np.isfinite(step.eta.E_XXT_inv_Y).all()


Reader = Callable[..., object]
READERS: dict[str, Callable[[MeanVarianceMixture], Reader]] = {
    "log_prob": lambda m: m.log_prob,
    "log_pdf": lambda m: m.log_pdf,
    "pdf": lambda m: m.pdf,
    "marginal_log_likelihood": lambda m: m.marginal_log_likelihood,
    "e_step": lambda m: m.e_step,
    "default_init": lambda m: type(m).default_init,
}


@pytest.mark.parametrize("name", READERS)
def test_every_reader_names_the_option_and_checks_it(name: str) -> None:
    reader = READERS[name](MODELS[0])
    X = np.array([[0.0, NAN, 1.0], [1.0, 2.0, 3.0]] * 4)
    with pytest.raises(ValueError, match=re.escape('missing="exact"')):
        reader(X)
    with pytest.raises(ValueError, match="missing must be 'error' or 'exact', got 'skip'"):
        reader(X, missing="skip")
    X[3, 1] = -INF
    with pytest.raises(ValueError, match="X must be finite or NaN, got -inf in row 3, column 1"):
        reader(X, missing="exact")
    with pytest.raises(ValueError, match="X must be"):
        reader(np.zeros((0, 3)), missing="exact")


@pytest.mark.parametrize("name", ["impute", "conditional"])
def test_what_completes_rows_checks_them(name: str) -> None:
    function = getattr(MODELS[0], name)
    with pytest.raises(ValueError, match="rows of 3 columns, got 2"):
        function(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="X must be finite or NaN, got inf in row 0, column 2"):
        function([[NAN, 0.0, INF]])
    with pytest.raises(ValueError, match="X must be an array of at least one row"):
        function(np.zeros((0, 3)))


@models
def test_the_option_of_a_fit_holds_for_its_start_too(model: MeanVarianceMixture) -> None:
    X = with_gaps(model.rvs(300, seed=2), 0.1)
    family = type(model)
    start = family.default_init(X, missing="exact")
    expected = BatchEMFitter(max_iter=20, missing="exact").fit(start, X).model
    assert family.fit(X, max_iter=20, missing="exact").model == expected
    assert family.fit(X.tolist(), max_iter=20, missing="exact").model == expected
    with pytest.raises(ValueError, match="X must be finite, got nan"):
        family.fit(X)


def test_the_best_fit_of_rows_with_gaps_counts_rows_that_show_something() -> None:
    X = with_gaps(MODELS[0].rvs(400, seed=3), 0.1)
    unseen = np.vstack([X[:100], np.full((50, 3), NAN), X[100:]])
    families = ["NormalInverseGaussian", "VarianceGamma"]
    exact = BatchEMFitter(missing="exact", max_iter=100)
    found = fit_best(unseen, families=families, n_starts=2, fitter=exact)
    for fit in found.table:
        n = int((~np.isnan(X)).any(axis=1).sum())
        total = n * fit.model.marginal_log_likelihood(X, missing="exact")
        np.testing.assert_allclose(fit.log_likelihood, total, rtol=1e-6)
        bic = fit.n_parameters * np.log(n) - 2 * fit.log_likelihood
        np.testing.assert_allclose(fit.bic, bic, rtol=1e-12)
    with pytest.raises(ValueError, match="X must be finite, got nan"):
        fit_best(X, families=families, n_starts=1)
    with pytest.raises(ValueError, match="X must be rows that show something"):
        fit_best(np.full((5, 2), NAN), families=families, n_starts=1, fitter=exact)
