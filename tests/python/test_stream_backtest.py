"""The backtest of chosen portfolios inside a state that learns."""

import copy
import json
import math
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varimix import (
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    fit_stream,
)
from varimix.risk import BacktestCounts, StreamBacktest, backtest, portfolio

MODEL = NormalInverseGaussian.from_classical(
    [0.1, 0.0], [-0.1, 0.2], [[1.0, 0.3], [0.3, 2.0]], mu_ig=1.0, lam=1.2
)
NAMED = MODEL.with_columns(["stocks", "bonds"])
X = MODEL.rvs(600, seed=3)
W = np.array([0.6, 0.4])
FAMILIES = [
    MODEL,
    NormalInverseGamma.fit(X).model,
    VarianceGamma.fit(X).model,
    GeneralizedHyperbolic.fit(X).model,
]


def learned(x: Any = X, batch: int = 50, model: Any = MODEL, **options: Any) -> OnlineEM[Any]:
    state = OnlineEM(model, **{"portfolios": {"p": W}, "portfolio_alpha": 0.05, **options})
    for first in range(0, len(x), batch):
        state.update(x[first : first + batch])
    return state


@pytest.mark.parametrize("model", FAMILIES, ids=lambda model: type(model).__name__)
def test_it_is_the_backtest_of_the_forecasts_before_each_batch(model: Any) -> None:
    state = OnlineEM(model)
    var, es = [], []
    for first in range(0, 600, 50):
        risk = portfolio(state.model, W, alpha=0.05)
        var += [risk.value_at_risk] * 50
        es += [risk.expected_shortfall] * 50
        state.update(X[first : first + 50])
    expected = backtest(X @ W, var, es, alpha=0.05)
    found = learned(model=model).backtests["p"]
    assert isinstance(found, StreamBacktest)
    assert found.counts == expected.counts
    assert (found.n, found.failures) == (600, expected.failures)
    for name in (
        "kupiec",
        "christoffersen_independence",
        "christoffersen_coverage",
        "duration_test",
        "traffic_light",
    ):
        assert getattr(found, name) == getattr(expected, name), name
    assert expected.shortfall is not None
    assert found.shortfall_days == 600
    for name in ("acerbi_szekely_z1", "acerbi_szekely_z2"):
        z = getattr(found, name)
        assert z.status == "not_simulated"
        assert z.statistic == pytest.approx(getattr(expected.shortfall, name).statistic, rel=1e-12)
    assert found.fz0_score == pytest.approx(expected.shortfall.fz0_score, rel=1e-12)
    assert found.e_p_value == pytest.approx(expected.shortfall.e_backtest.p_value, rel=1e-12)
    assert found.log_e == pytest.approx(expected.shortfall.e_backtest.log_e_process[-1], rel=1e-10)


def test_what_is_learned_does_not_change() -> None:
    assert learned().model == learned(portfolios=None).model
    assert learned(portfolios=None).backtests == {}
    assert learned(portfolios={}).backtests == {}


def test_weights_are_taken_by_name() -> None:
    forms = {
        "array": [0.4, 0.6],
        "dict": {"bonds": 0.6, "stocks": 0.4},
        "part": {"bonds": 0.6},
        "series": pd.Series({"bonds": 0.6, "stocks": 0.4}),
        "decimals": [Decimal("0.4"), Decimal("0.6")],
        "integers": np.array([1, -1]),
    }
    state = OnlineEM(NAMED, portfolios=forms, portfolio_alpha=dict.fromkeys(forms, 0.1))
    frame = pd.DataFrame(X[:, ::-1], columns=["bonds", "stocks"])
    state.update(frame)
    found = state.backtests
    assert list(found) == list(forms)
    for name in ("dict", "series", "decimals"):
        assert found[name].weights.tolist() == [0.4, 0.6]
        assert found[name].counts == found["array"].counts
    assert found["part"].weights.tolist() == [0.0, 0.6]
    assert found["integers"].weights.tolist() == [1.0, -1.0]
    assert not found["array"].weights.flags.writeable


def test_each_portfolio_may_have_an_alpha_of_its_own() -> None:
    state = learned(portfolios={"a": W, "b": W}, portfolio_alpha={"b": 0.01, "a": 0.2})
    assert (state.backtests["a"].alpha, state.backtests["b"].alpha) == (0.2, 0.01)
    assert state.backtests["a"].failures > state.backtests["b"].failures


def test_before_the_first_day_there_is_nothing_to_test() -> None:
    found = OnlineEM(MODEL, portfolios={"p": W}).backtests["p"]
    assert (found.n, found.fz0_score, found.e_p_value, found.alpha) == (0, None, 1.0, 0.01)
    assert "0 of 0 days failed" in found.summary()
    assert found.acerbi_szekely_z2.status == "not_testable"
    assert "kupiec" not in json.loads(json.dumps(found.to_dict()))
    with pytest.raises(ValueError, match="day"):
        _ = found.kupiec


def test_missing_values_of_columns_held_are_no_days() -> None:
    x = X.copy()
    x[3, 0] = x[4, 1] = np.nan
    x[9] = np.nan
    state = learned(x, missing="exact", portfolios={"both": W, "first": [1, 0]})
    both, first = state.backtests["both"], state.backtests["first"]
    assert (both.n, both.without_return) == (597, 2)
    assert (first.n, first.without_return) == (598, 1)
    assert "rows without a return" in both.summary()


def test_an_infinite_expected_shortfall_leaves_the_tests_of_failures() -> None:
    heavy = NormalInverseGamma.from_classical([0, 0], [-1, -1], np.eye(2), alpha=0.6, beta=1.0)
    assert math.isinf(portfolio(heavy, W, alpha=0.05).expected_shortfall)
    state = OnlineEM(heavy, portfolios={"p": W}, portfolio_alpha=0.05)
    state.update(heavy.rvs(100, seed=1))
    found = state.backtests["p"]
    assert (found.n, found.shortfall_days) == (100, 0)
    assert "rows without an expected shortfall" in found.summary()


@given(st.lists(st.integers(1, 599), unique=True, min_size=1, max_size=4).map(sorted))
def test_forks_and_merges_count_every_day_once(cuts: list[int]) -> None:
    trunk = learned(X[: cuts[0]])
    forks = [trunk.fork() for _ in cuts]
    for fork, first, end in zip(forks, cuts, [*cuts[1:], 600], strict=True):
        fork.update(X[first:end])
        assert fork.backtests["p"].n == cuts[0] + end - first
    failures = [fork.backtests["p"].failures - trunk.backtests["p"].failures for fork in forks]
    before = trunk.backtests["p"].failures
    for fork in forks:
        trunk.merge(fork)
    found = trunk.backtests["p"]
    assert (found.n, found.failures) == (600, before + sum(failures))
    assert sum(found.counts.transitions) == 599


def test_it_is_kept_in_files_pickles_and_copies(tmp_path: Path) -> None:
    state = learned(X[:300])
    state.save(tmp_path / "state")
    copies = (
        OnlineEM.load(tmp_path / "state"),
        OnlineEM.from_bytes(state.to_bytes()),
        pickle.loads(pickle.dumps(state)),
        copy.deepcopy(state),
    )
    state.update(X[300:])
    for other in copies:
        assert other.backtests["p"].n == 300
        other.update(X[300:])
        assert other == state
        assert other.backtests["p"].counts == state.backtests["p"].counts


def test_a_result_is_a_value() -> None:
    found = learned().backtests["p"]
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert other == found
        assert other.to_dict() == found.to_dict()
        assert not other.weights.flags.writeable
        assert other.summary() == found.summary()
    assert found != learned(X[:500]).backtests["p"]
    json.dumps(found.to_dict(), allow_nan=False)
    assert "Kupiec" in found._repr_html_()
    assert repr(found).startswith("StreamBacktest('p', alpha=0.05, days=600, failures=")
    found.counts.merge(BacktestCounts())


def test_rows_learned_before_are_no_days() -> None:
    state = OnlineEM(MODEL, portfolios={"p": W})
    fit_stream(state, X, batch_size=100, passes=2)
    assert (state.backtests["p"].n, state.total_weight) == (600, 1200)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"portfolios": [W]}, TypeError, "portfolios must be a dict"),
        ({"portfolios": "p"}, TypeError, "portfolios must be a dict"),
        ({"portfolios": {1: W}}, TypeError, "names of portfolios must be strings, got 1"),
        ({"portfolios": {"": W}}, ValueError, "name of a portfolio must be not empty"),
        ({"portfolios": {"p": [1.0]}}, ValueError, "'p' must be of dimension 2, got 1"),
        ({"portfolios": {"p": [[1.0, 2.0]]}}, ValueError, r"portfolios\['p'\] must be of one"),
        ({"portfolios": {"p": [0, 0]}}, ValueError, "finite and not all 0"),
        ({"portfolios": {"p": [np.nan, 0]}}, ValueError, "finite"),
        ({"portfolios": {"p": ["a", "b"]}}, (ValueError, TypeError), r"portfolios\['p'\]"),
        ({"portfolios": {"p": {"gold": 1}}}, ValueError, r"portfolios\['p'\]"),
        ({"portfolios": {"p": None}}, (ValueError, TypeError), r"portfolios\['p'\]"),
        ({"portfolio_alpha": 0}, ValueError, "alpha of portfolio 'p' must be in"),
        ({"portfolio_alpha": 1.0}, ValueError, "alpha of portfolio 'p' must be in"),
        ({"portfolio_alpha": "5%"}, (ValueError, TypeError), "portfolio_alpha"),
        ({"portfolio_alpha": None}, (ValueError, TypeError), "portfolio_alpha"),
        ({"portfolio_alpha": {"q": 0.1}}, ValueError, "must have the names of portfolios"),
    ],
)
def test_what_is_no_portfolio_is_refused(options: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        OnlineEM(NAMED, **{"portfolios": {"p": W}, **options})


def test_a_dict_of_weights_needs_names() -> None:
    with pytest.raises(ValueError, match=r"portfolios\['p'\] must be an array: the columns"):
        OnlineEM(MODEL, portfolios={"p": {"stocks": 1.0}})
