"""Laws of several days in closed form, and what has none."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from laws_of_days import ERRORS, NAMES, W, named_plane

import varimix
from varimix import GeneralizedHyperbolic, NormalInverseGamma, NormalInverseGaussian, VarianceGamma
from varimix import MeanVarianceMixture as Model
from varimix.risk import convolution, horizon_law, simulate_horizon

named = pytest.fixture(named_plane)

Closed = NormalInverseGaussian | VarianceGamma


@pytest.fixture(params=[NormalInverseGaussian, VarianceGamma], ids=["nig", "vg"])
def closed(request: pytest.FixtureRequest) -> Closed:
    """Return a model whose sums have a closed form."""
    model: Closed = request.param.from_classical(
        [0.1, -0.2], [0.3, -0.4], [[1.0, 0.5], [0.5, 1.5]], 1.2, 0.8
    )
    return model.with_columns(NAMES)


def test_the_parameters_are_those_of_the_formula() -> None:
    nig = NormalInverseGaussian.from_classical([0.5], [0.25], [[2.0]], 1.5, 0.75)
    assert horizon_law(nig, 4) == NormalInverseGaussian.from_classical(
        [2.0], [0.25], [[2.0]], 6.0, 12.0
    )
    vg = VarianceGamma.from_classical([0.5], [0.25], [[2.0]], 1.5, 0.75)
    assert horizon_law(vg, 4) == VarianceGamma.from_classical([2.0], [0.25], [[2.0]], 6.0, 0.75)


def test_two_days_are_the_convolution_of_one(closed: Closed) -> None:
    assert horizon_law(closed, 2).same_law(convolution(closed, closed), 1e-13)  # type: ignore[arg-type]
    assert convolution(closed, closed).columns == tuple(NAMES)
    day = closed.project(W)
    x = np.linspace(-30, 30, 12_001)
    density = day.pdf(x) * (x[1] - x[0])
    two = np.convolve(density, density) / (x[1] - x[0])
    exact = horizon_law(closed, 2).project(W).pdf(np.linspace(-60, 60, len(two)))
    assert np.abs(two - exact).max() < 2e-3 * exact.max()


def test_the_law_has_the_tails_of_simulated_days(closed: Closed) -> None:
    exact = horizon_law(closed, 5)
    days = closed.rvs(5 * 40_000, seed=1).reshape(40_000, 5, 2).sum(axis=1)
    u = np.sort(exact.project(W).cdf(days @ W))
    assert np.abs(u - (np.arange(40_000) + 0.5) / 40_000).max() < 2.8 / math.sqrt(40_000)


@pytest.mark.parametrize("days", [0.5, 1, 2.5, 250, 1e5])
def test_mean_and_covariance_grow_with_the_days(closed: Closed, days: float) -> None:
    law = horizon_law(closed, days)
    assert type(law) is type(closed)
    assert law.columns == tuple(NAMES)
    assert law.mean() == pytest.approx(days * closed.mean(), rel=1e-13)
    assert law.cov() == pytest.approx(days * closed.cov(), rel=1e-13)


def test_one_day_is_the_law_itself_in_every_family(named: Model) -> None:
    assert horizon_law(named, 1) == named
    assert horizon_law(named, 1).columns == tuple(NAMES)


def test_laws_that_are_one_of_these_are_closed() -> None:
    mu, gamma, sigma = [0.1, 0.2], [0.3, 0.0], np.eye(2)
    nig = GeneralizedHyperbolic.from_classical(mu, gamma, sigma, -0.5, 2.0, 3.0)
    vg = GeneralizedHyperbolic.from_classical(mu, gamma, sigma, 1.5, 2.0, 0.0)
    cauchy = NormalInverseGamma.from_classical(mu, gamma, sigma, 0.5, 2.0)
    assert isinstance(horizon_law(nig, 3), NormalInverseGaussian)
    assert isinstance(horizon_law(vg, 3), VarianceGamma)
    law = horizon_law(cauchy, 3)
    assert isinstance(law, NormalInverseGamma)
    assert (law.alpha, law.beta) == (0.5, 18.0)


@pytest.mark.parametrize("family_of_two", [NormalInverseGamma, GeneralizedHyperbolic])
def test_what_has_no_closed_form_is_refused_and_the_way_out_named(family_of_two: Any) -> None:
    shape = (2.0, 2.0) if family_of_two is NormalInverseGamma else (0.7, 1.0, 1.0)
    model = family_of_two.from_classical([0, 0], [0.1, 0.2], np.eye(2), *shape)
    with pytest.raises(ValueError, match=r"days must be 1 .* \(see simulate_horizon\), got 2"):
        horizon_law(model, 2)
    with pytest.raises(ValueError, match="the first law must be a law that is closed under sums"):
        convolution(model, model)


@pytest.mark.parametrize("days", [0, -1, math.nan, math.inf, -math.inf])
def test_days_are_positive_and_finite(closed: Closed, days: float) -> None:
    with pytest.raises(ValueError, match="days must be > 0 and finite"):
        horizon_law(closed, days)


@pytest.mark.parametrize("days", [None, "2", [1, 2], True])
def test_days_are_one_number(closed: Closed, days: Any) -> None:
    with pytest.raises(ValueError, match="days must"):
        horizon_law(closed, days)


def test_days_beyond_the_doubles_are_refused(closed: Closed) -> None:
    with pytest.raises(ValueError, match="must be"):
        horizon_law(closed, 1.7e308)


SUMS: dict[str, tuple[Callable[[Closed], Any], str]] = {
    "gamma parallel": (lambda m: m.replace(gamma=2 * m.gamma), "the gamma of the second law"),
    "gamma turned": (lambda m: m.replace(gamma=-m.gamma), "the gamma of the second law"),
    "Sigma of another form": (lambda m: m.replace(sigma=np.eye(2)), "the Sigma of the second law"),
    "fewer columns": (lambda m: m.project([1, 0]), "the second law must be of dimension 2, got 1"),
    "other names": (lambda m: m.with_columns(["oil", "tea"]), "the columns of the second law"),
    "another order": (lambda m: m.with_columns(NAMES[::-1]), "the columns of the second law"),
}


@pytest.mark.parametrize("kind", SUMS)
def test_sums_that_leave_the_family_are_refused_with_the_reason(closed: Closed, kind: str) -> None:
    other, message = SUMS[kind]
    with pytest.raises(ValueError, match=message):
        convolution(closed, other(closed))


def test_another_tail_weight_is_refused_for_nig_and_for_vg() -> None:
    nig = NormalInverseGaussian.from_classical([0], [0.1], [[1]], 1.0, 1.0)
    with pytest.raises(ValueError, match=r"the a of the second law .* lam/mu_ig\^2"):
        convolution(nig, nig.replace(lam=2.0))
    assert convolution(nig, nig.replace(mu_ig=2.0, lam=4.0)).lam == pytest.approx(9.0)
    vg = VarianceGamma.from_classical([0], [0.1], [[1]], 1.0, 1.0)
    with pytest.raises(ValueError, match="the a of the second law"):
        convolution(vg, vg.replace(beta=2.0))
    assert convolution(vg, vg.replace(alpha=2.5)).alpha == pytest.approx(3.5)
    with pytest.raises(ValueError, match="both laws must be of one kind"):
        convolution(nig, vg)
    for pair in ((nig, "vg"), ("nig", vg)):
        with pytest.raises(TypeError, match="must be a model of varimix, got str"):
            convolution(*pair)  # type: ignore[arg-type]


def test_one_of_the_laws_may_have_no_names(closed: Closed) -> None:
    assert convolution(closed, closed.with_columns(None)).columns == tuple(NAMES)
    assert convolution(closed.with_columns(None), closed).columns == tuple(NAMES)


def test_simulated_days_have_the_risk_of_the_closed_law(closed: Closed) -> None:
    exact = varimix.risk.portfolio(horizon_law(closed, 10), W, alpha=0.01)
    risk = simulate_horizon(closed, 10, n=20_000, seed=3).portfolio(W, alpha=0.01)
    assert abs(risk.value_at_risk - exact.value_at_risk) < ERRORS * risk.value_at_risk_error
    assert abs(risk.expected_shortfall - exact.expected_shortfall) < (
        ERRORS * risk.expected_shortfall_error
    )
    assert risk.expected_shortfall_error < 0.02
