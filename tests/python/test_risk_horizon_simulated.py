"""Several days simulated: their law, their errors, and the results as values."""

import copy
import json
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from laws_of_days import ERRORS, W, named_plane

import varimix
from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma
from varimix.risk import HorizonRisk, SimulatedHorizon, horizon_law, simulate_horizon

named = pytest.fixture(named_plane)


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
