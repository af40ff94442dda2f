"""Laws of several days, exact and simulated."""

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import varimix
from varimix import (
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
)
from varimix import MeanVarianceMixture as Model
from varimix.risk import (
    HorizonRisk,
    SimulatedHorizon,
    convolution,
    horizon_law,
    simulate_horizon,
)

NAMES = ["oil", "gold"]
ERRORS = 5.0
"""Standard errors that an estimate may be off: a false alarm in 1.7 million comparisons."""
W = [0.7, -0.4]
Closed = NormalInverseGaussian | VarianceGamma


@pytest.fixture(params=[NormalInverseGaussian, VarianceGamma], ids=["nig", "vg"])
def closed(request: pytest.FixtureRequest) -> Closed:
    """Return a model whose sums have a closed form."""
    model: Closed = request.param.from_classical(
        [0.1, -0.2], [0.3, -0.4], [[1.0, 0.5], [0.5, 1.5]], 1.2, 0.8
    )
    return model.with_columns(NAMES)


@pytest.fixture
def named(plane: Model) -> Model:
    """Return a model of every family, with names."""
    return plane.with_columns(NAMES)


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


def test_simulated_days_have_the_law_of_their_draws(named: Model) -> None:
    horizon = simulate_horizon(named, 4, n=10_000, seed=1)
    x = horizon.rvs(40_000, seed=2)
    points = horizon.mean() @ W + np.array([-3.0, -1.0, 0.0, 2.0])
    cdf, error = horizon.cdf(W, points)
    share = (x @ W <= points[:, None]).mean(axis=1)
    assert (np.abs(cdf - share) < ERRORS * np.hypot(error, np.sqrt(share / 40_000))).all()
    assert horizon.cdf(W, points[1]) == (cdf[1], error[1])
    assert horizon.cdf(W, [[-2.0]])[0].shape == (1, 1)
    assert np.isnan(horizon.cdf(W, math.nan)).all()
    assert horizon.cdf(W, [-math.inf, math.inf])[0].tolist() == [0, 1]


def test_simulated_days_are_of_independent_days(named: Model) -> None:
    horizon = simulate_horizon(named, 3, n=30_000, seed=1)
    days = named.subordinator().rvs(90_000, seed=8).reshape(3, -1).sum(axis=0)
    cut = np.quantile(days, [0.1, 0.5, 0.9])
    share = (horizon.sums_of_y <= cut[:, None]).mean(axis=1)
    assert np.abs(share - [0.1, 0.5, 0.9]).max() < ERRORS * math.sqrt(2 * 0.25 / 30_000)


def test_mean_and_covariance_are_exact(named: Model) -> None:
    horizon = simulate_horizon(named, 6, n=10, seed=1)
    assert np.array_equal(horizon.mean(), 6 * named.mean())
    assert np.array_equal(horizon.cov(), 6 * named.cov())


def test_draws_do_not_depend_on_their_number_nor_on_threads(named: Model) -> None:
    before = varimix.threads()
    try:
        varimix.set_threads(1)
        one = simulate_horizon(named, 3, n=1000, seed=5)
        rows = one.rvs(600, seed=5)
        varimix.set_threads(2)
        assert simulate_horizon(named, 3, n=1000, seed=5) == one
        assert np.array_equal(one.rvs(300, seed=5), rows[:300])
    finally:
        varimix.set_threads(before)
    assert np.array_equal(simulate_horizon(named, 3, n=7, seed=5).sums_of_y, one.sums_of_y[:7])
    assert simulate_horizon(named, 3, n=7, seed=6) != simulate_horizon(named, 3, n=7, seed=7)
    assert simulate_horizon(named, 3, n=7) != simulate_horizon(named, 3, n=7)


def test_weights_are_aligned_by_their_names(named: Model) -> None:
    horizon = simulate_horizon(named, 3, n=100, seed=5)
    risk = horizon.portfolio(W)
    for w in ({"gold": -0.4, "oil": 0.7}, pd.Series({"gold": -0.4, "oil": 0.7}), np.array(W)):
        assert horizon.portfolio(w).value_at_risk == risk.value_at_risk
        assert horizon.cdf(w, 0.0) == horizon.cdf(W, 0.0)


def test_an_infinite_shortfall_and_error_are_named() -> None:
    heavy = NormalInverseGamma.from_classical([0, 0], [-0.2, -0.1], np.eye(2), 0.9, 0.9)
    horizon = simulate_horizon(heavy, 5, n=1000, seed=1)
    risk = horizon.portfolio([0.5, 0.5], alpha=0.05)
    assert risk.status == "infinite_expected_shortfall"
    assert risk.expected_shortfall == math.inf
    assert math.isfinite(risk.value_at_risk)
    assert horizon.portfolio([-0.5, -0.5], alpha=0.05).status == "ok"
    assert (np.abs(horizon.mean()) == math.inf).all()
    rough = heavy.replace(alpha=1.5)
    risk = simulate_horizon(rough, 5, n=5000, seed=1).portfolio([0.5, 0.5], alpha=0.05)
    assert math.isfinite(risk.expected_shortfall)
    assert risk.expected_shortfall_error == math.inf


def test_a_tail_of_few_draws_is_named(named: Model) -> None:
    risk = simulate_horizon(named, 3, n=500, seed=1).portfolio(W, alpha=1e-9)
    assert risk.status == "small_effective_sample_size"
    assert risk.effective_sample_size < 100
    assert "small_effective_sample_size" in repr(risk)


def test_arguments_are_checked(named: Model) -> None:
    with pytest.raises(TypeError, match="model must be a model of varimix, got str"):
        simulate_horizon("NIG", 2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model must be a model of varimix, got str"):
        horizon_law("NIG", 2)  # type: ignore[arg-type]
    for days in (0, -1, 10_001, 2**70):
        with pytest.raises(ValueError, match="days must be from 1 to 10000"):
            simulate_horizon(named, days)
    for days in (0.5, 2.0, math.nan, True, "2", None):
        with pytest.raises(TypeError, match="days must be a whole number"):
            simulate_horizon(named, days)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n must be from 1 to"):
        simulate_horizon(named, 2, n=0)
    with pytest.raises(TypeError, match="n must be a whole number"):
        simulate_horizon(named, 2, n=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must be"):
        simulate_horizon(named, 2, n=2, seed=-1)
    horizon = simulate_horizon(named, 2, n=20, seed=1)
    for alpha in (0, 1, math.nan, "5%", True, [0.1, 0.2]):
        with pytest.raises(ValueError, match="alpha must"):
            horizon.portfolio(W, alpha)  # type: ignore[arg-type]
    for w in ([1.0], [0, 0], [math.nan, 1], {"goold": 1}, None):
        with pytest.raises(ValueError, match="w must"):
            horizon.portfolio(w)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="w must"):
            horizon.cdf(w, 0.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x must be an array of real numbers"):
        horizon.cdf(W, "zero")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n must be from 1 to"):
        horizon.rvs(0)


def test_results_are_values(named: Model) -> None:
    horizon = simulate_horizon(named, 3, n=20, seed=1)
    for other in (copy.copy(horizon), copy.deepcopy(horizon), pickle.loads(pickle.dumps(horizon))):
        assert other == horizon
        with pytest.raises(ValueError, match="read-only"):
            other.sums_of_y[0] = 1.0
    assert horizon != "a horizon"
    with pytest.raises(AttributeError):
        horizon.days = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(horizon)
    risk = horizon.portfolio(W, alpha=0.1)
    again = pickle.loads(pickle.dumps(risk))
    assert again == risk
    assert horizon.portfolio(W, alpha=0.2) != risk
    assert risk != "a risk"
    with pytest.raises(ValueError, match="read-only"):
        again.w[0] = 1.0
    with pytest.raises(AttributeError):
        risk.alpha = 0.2  # type: ignore[misc]


def test_results_show_themselves_shortly(named: Model) -> None:
    horizon = simulate_horizon(named, 3, n=2000, seed=1)
    assert repr(horizon) == f"SimulatedHorizon({type(named).__name__}, d=2, days=3, n=2000)"
    assert "<td>days</td><td>3</td>" in horizon._repr_html_()
    risk = horizon.portfolio(W, alpha=0.1)
    assert repr(risk).startswith("HorizonRisk(d=2, alpha=0.1, value_at_risk=")
    json.dumps(risk.to_dict(), allow_nan=False)
    values = horizon.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["days"] == 3
    assert type(named).from_dict(values["model"]) == named
    assert len(horizon) == 2000


def test_the_names_are_there_without_an_import() -> None:
    assert varimix.risk.SimulatedHorizon is SimulatedHorizon
    assert varimix.risk.HorizonRisk is HorizonRisk
