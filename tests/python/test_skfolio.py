"""varimix.skfolio within skfolio itself: moments, scenarios, stress tests, optimizers."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from skfolio import RiskMeasure
from skfolio.model_selection import cross_val_predict
from skfolio.optimization import MeanRisk
from skfolio.prior import BasePrior, ReturnDistribution, SyntheticData
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold

from varimix import NormalInverseGaussian
from varimix.skfolio import MeanVarianceMixturePrior
from varimix.sklearn import MeanVarianceMixture

ASSETS = ["A", "B", "C", "D"]


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    law = NormalInverseGaussian.from_classical(
        [8e-4, 5e-4, 2e-4, 0], [-2e-4] * 4, 1e-4 * (0.6 * np.eye(4) + 0.4), 1.0, 1.0
    )
    return pd.DataFrame(law.rvs(500, seed=1), columns=ASSETS)


def seeded(n_samples: int | None = 400, **options: object) -> MeanVarianceMixturePrior:
    return MeanVarianceMixturePrior(MeanVarianceMixture(random_state=0), n_samples, **options)


def variance_of(weights: NDArray[np.float64], covariance: NDArray[np.float64]) -> float:
    return float(weights @ covariance @ weights)


def test_moments_are_the_laws_own_and_scenarios_its_draws(returns: pd.DataFrame) -> None:
    prior = seeded().fit(returns)
    model = MeanVarianceMixture().fit(returns).model_
    distribution = prior.return_distribution_
    assert isinstance(prior, BasePrior)
    assert isinstance(distribution, ReturnDistribution)
    np.testing.assert_array_equal(distribution.mu, model.mean())
    np.testing.assert_array_equal(distribution.covariance, model.cov())
    np.testing.assert_array_equal(distribution.returns, model.rvs(400, seed=0))
    assert list(prior.feature_names_in_) == ASSETS
    assert prior.n_features_in_ == 4
    assert not hasattr(prior.fit(returns.to_numpy()), "feature_names_in_")


def test_the_cholesky_factor_is_the_one_that_optimizers_use(returns: pd.DataFrame) -> None:
    prior = seeded().fit(returns)
    factor = prior.cholesky_
    np.testing.assert_array_equal(factor, np.tril(factor))
    np.testing.assert_allclose(factor @ factor.T, prior.return_distribution_.covariance, rtol=1e-12)
    assert prior.return_distribution_.covariance_sqrt.components[0] is factor


def test_without_a_number_the_scenarios_are_the_returns(returns: pd.DataFrame) -> None:
    prior = seeded(None).fit(returns)
    np.testing.assert_array_equal(prior.return_distribution_.returns, returns.to_numpy())


def test_the_least_variance_portfolio_is_that_of_the_laws_covariance(
    returns: pd.DataFrame,
) -> None:
    optimizer = MeanRisk(prior_estimator=seeded()).fit(returns)
    covariance = MeanVarianceMixture().fit(returns).model_.cov()
    least = variance_of(optimizer.weights_, covariance)
    assert optimizer.weights_.sum() == pytest.approx(1)
    for other in np.random.default_rng(0).dirichlet(np.ones(4), size=200):
        assert variance_of(other, covariance) >= least * (1 - 1e-6)


def test_a_risk_of_the_tail_is_that_of_the_scenarios(returns: pd.DataFrame) -> None:
    optimizer = MeanRisk(risk_measure=RiskMeasure.CVAR, prior_estimator=seeded()).fit(returns)
    scenarios = MeanVarianceMixture(random_state=0).fit(returns).sample(400)

    def cvar(weights: NDArray[np.float64]) -> float:
        return -float(np.sort(scenarios @ weights)[:20].mean())  # the worst twentieth

    least = cvar(optimizer.weights_)
    for other in np.random.default_rng(0).dirichlet(np.ones(4), size=200):
        assert cvar(other) >= least * (1 - 1e-6)


def test_the_prior_goes_through_skfolios_cross_validation(returns: pd.DataFrame) -> None:
    portfolios = cross_val_predict(MeanRisk(prior_estimator=seeded()), returns, cv=KFold(2))
    assert len(portfolios.returns) == len(returns)


def test_synthetic_data_of_skfolio_samples_the_estimator_given_assets(
    returns: pd.DataFrame,
) -> None:
    stress = SyntheticData(
        MeanVarianceMixture(random_state=0),
        n_samples=300,
        sample_args={"conditioning": {"A": -0.05, "B": (-0.2, 0.0)}},
    ).fit(returns)
    scenarios = stress.return_distribution_.returns
    np.testing.assert_allclose(scenarios[:, 0], -0.05, atol=1e-5)  # skfolio adds 1e-6 of noise
    assert (scenarios[:, 1] <= 0).all()
    assert scenarios[:, 2].mean() < returns["C"].mean()  # assets move together


def test_sample_returns_an_array_given_assets_or_not(returns: pd.DataFrame) -> None:
    prior = seeded().fit(returns)
    assert prior.sample(3).shape == (3, 4)
    given = prior.sample(n_samples=3, conditioning={"A": [-0.01, 0.0, 0.01], "D": (0.0, np.inf)})
    assert isinstance(given, np.ndarray)
    np.testing.assert_array_equal(given[:, 0], [-0.01, 0.0, 0.01])
    assert (given[:, 3] >= 0).all()
    with pytest.raises(NotFittedError):
        seeded().sample(3)


def test_scenarios_may_be_given_assets_while_moments_stay(returns: pd.DataFrame) -> None:
    calm, stressed = seeded().fit(returns), seeded(conditioning={"A": -0.1}).fit(returns)
    distribution = stressed.return_distribution_
    assert (distribution.returns[:, 0] == -0.1).all()
    np.testing.assert_array_equal(distribution.mu, calm.return_distribution_.mu)


def test_partial_fit_learns_more_and_fit_restarts(returns: pd.DataFrame) -> None:
    prior = seeded().partial_fit(returns[:300]).partial_fit(returns[300:])
    assert prior.mixture_.state_.total_weight == 500
    np.testing.assert_array_equal(prior.return_distribution_.mu, prior.mixture_.model_.mean())
    assert prior.fit(returns[:300]).mixture_.state_.total_weight == 300


def test_it_is_cloned_and_pickled(returns: pd.DataFrame) -> None:
    prior = seeded().fit(returns)
    copy = pickle.loads(pickle.dumps(prior))
    np.testing.assert_array_equal(
        copy.return_distribution_.returns, prior.return_distribution_.returns
    )
    assert not hasattr(clone(prior), "return_distribution_")
    assert MeanVarianceMixturePrior().fit(returns).return_distribution_.returns.shape == (1000, 4)


def test_what_cannot_be_a_prior_is_refused(returns: pd.DataFrame) -> None:
    with pytest.raises(TypeError, match="mixture must be a MeanVarianceMixture, got 3"):
        MeanVarianceMixturePrior(3).fit(returns)
    with pytest.raises(ValueError, match="n_samples must be >= 1, got 0"):
        seeded(0).fit(returns)
    with pytest.raises(ValueError, match="conditioning needs n_samples"):
        seeded(None, conditioning={"A": 0.0}).fit(returns)
    gaps = returns.mask(returns > 0.02)
    exact = MeanVarianceMixture(missing="exact", random_state=0)
    assert MeanVarianceMixturePrior(exact).fit(gaps).return_distribution_.returns.shape[1] == 4
    with pytest.raises(ValueError, match="n_samples must be a number where X has NaN"):
        MeanVarianceMixturePrior(exact, n_samples=None).fit(gaps)


def test_a_law_without_a_covariance_is_refused() -> None:
    cauchy = np.random.default_rng(0).standard_cauchy(size=(2000, 2))
    prior = MeanVarianceMixturePrior(MeanVarianceMixture("skewed_t"))
    with pytest.raises(ValueError, match="mixture must have a finite mean and covariance"):
        prior.fit(cauchy)
    assert not hasattr(prior, "return_distribution_")
