"""Backtests of failures: gold numbers, independent formulas, merges, edge cases."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backtests import PLANE, counts_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import xlogy

from varimix import NormalInverseGaussian, OnlineEM
from varimix.risk import BacktestCounts, backtest

hits = st.lists(st.booleans(), min_size=1, max_size=60)


def test_the_numbers_are_those_of_the_risk_management_toolbox() -> None:
    failed = np.zeros(1043)
    starts = 1 + 3 * np.arange(53)
    failed[starts] = 1
    failed[starts[:4] + 1] = 1  # four fail on the day after another
    counts = counts_of(failed)
    assert (counts.days, counts.failures) == (1043, 57)
    assert counts.transitions == (932, 53, 53, 4)
    uc = counts.kupiec(0.05)
    independence, both = counts.christoffersen_independence(), counts.christoffersen_coverage(0.05)
    light = counts.traffic_light(0.05)
    found = [uc.statistic, uc.p_value, independence.statistic, independence.p_value]
    found += [both.statistic, both.p_value, light.cdf]
    expected = [0.46147, 0.49694, 0.25866, 0.61104, 0.72013, 0.69763, 0.77913]
    np.testing.assert_allclose(found, expected, atol=5e-6, rtol=0)
    assert light.zone == "green"


def coverage_ratio(x: Any, n: int, alpha: float) -> Any:
    free = xlogy(x, x / n) + xlogy(n - x, 1 - x / n)
    return 2 * (free - xlogy(x, alpha) - xlogy(n - x, 1 - alpha))


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("n", [1, 7, 250, 499])
def test_kupiec_is_exact_below_500_days(n: int, alpha: float) -> None:
    x = np.arange(n + 1)
    ratios, masses = coverage_ratio(x, n, alpha), stats.binom.pmf(x, n, alpha)
    for failures in {0, 1, n // 20, n // 2, n}:
        test = counts_of(np.arange(n) < failures).kupiec(alpha)
        exact = masses[ratios >= ratios[failures] - 1e-10].sum()
        assert test.statistic == pytest.approx(ratios[failures], rel=1e-12, abs=1e-12)
        assert test.p_value == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("failures", [0, 3, 25, 500])
def test_kupiec_is_chi_square_from_500_days_on(failures: int) -> None:
    test = counts_of(np.arange(500) < failures).kupiec(0.05)
    expected = stats.chi2.sf(coverage_ratio(failures, 500, 0.05), 1)
    assert test.p_value == pytest.approx(expected, rel=1e-9)


def test_the_size_of_kupiecs_test_is_five_percent() -> None:
    sizes = {}
    for n in (250, 499, 500, 2000):
        x = np.arange(n + 1)
        p = np.array([counts_of(np.arange(n) < k).kupiec(0.05).p_value for k in range(n // 8)])
        mass = stats.binom.pmf(x, n, 0.05)[: n // 8]
        sizes[n] = float(mass[p <= 0.05].sum())
    assert sizes[250] <= 0.05
    assert sizes[499] <= 0.05
    assert 0.03 <= sizes[500] <= 0.07
    assert 0.03 <= sizes[2000] <= 0.07


@given(hits)
def test_independence_is_its_formula_and_never_nan(failed: list[bool]) -> None:
    n = np.zeros((2, 2))
    np.add.at(n, (np.array(failed[:-1], int), np.array(failed[1:], int)), 1)
    counts = counts_of(failed)
    assert counts.transitions == tuple(n.ravel())
    test = counts.christoffersen_independence()
    if (n.sum(0) == 0).any() or (n.sum(1) == 0).any():
        assert (test.status, test.statistic, test.p_value) == ("not_testable", 0.0, None)
        return

    def likelihood(of: NDArray[np.float64]) -> float:
        return float(xlogy(of, of / of.sum()).sum())

    ratio = 2 * (likelihood(n[0]) + likelihood(n[1]) - likelihood(n.sum(0)))
    assert test.statistic == pytest.approx(ratio, rel=1e-9, abs=1e-9)
    assert test.p_value == pytest.approx(stats.chi2.sf(max(ratio, 0), 1), rel=1e-4)


def duration_likelihood(failed: NDArray[np.bool_], theta: float, shape: float) -> float:
    days = np.flatnonzero(failed)
    d = np.diff(days).astype(float)
    censored = np.array([days[0], len(failed) - 1 - days[-1]], float)
    survival, before = np.exp(-theta * d**shape), np.exp(-theta * (d - 1) ** shape)
    return float(np.log(before - survival).sum() - theta * (censored**shape).sum())


@pytest.mark.parametrize("seed", range(5))
def test_the_duration_test_is_a_maximum_of_the_discrete_weibull_likelihood(seed: int) -> None:
    failed = np.random.default_rng(seed).random(300) < 0.05

    def minus(u: NDArray[np.float64]) -> float:
        return -duration_likelihood(failed, float(np.exp(u[0])), float(np.exp(u[1])))

    tight = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000}
    free = optimize.minimize(minus, [-3.0, 0.0], method="Nelder-Mead", options=tight)
    null = optimize.minimize_scalar(lambda t: minus(np.array([t, 0.0])), bracket=(-4, -2))
    test = counts_of(failed).duration_test()
    assert test.statistic == pytest.approx(2 * (null.fun - free.fun), rel=1e-6, abs=1e-8)
    assert test.shape == pytest.approx(np.exp(free.x[1]), rel=1e-4)
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 1), rel=1e-9)


@given(hits, hits, hits)
def test_pieces_merged_in_order_are_one_pass(a: list[bool], b: list[bool], c: list[bool]) -> None:
    merged = counts_of(a)
    merged.merge(counts_of(b))
    merged.merge(counts_of(c))
    whole = counts_of(a + b + c)
    assert merged == whole
    assert merged.duration_test() == whole.duration_test()
    assert (whole.first, whole.last) == (a[0], c[-1])


def test_counts_beside_a_state_that_learns_merge_over_a_restart(tmp_path: Path) -> None:
    rows = PLANE.rvs(900, seed=2)
    weights = [0.5, 0.5]

    def run(state: OnlineEM, batches: list[NDArray[np.float64]]) -> BacktestCounts:
        counts = BacktestCounts()
        for batch in batches:
            var = state.model.project(weights).value_at_risk(0.95)
            counts.add(batch @ weights, np.full(len(batch), var))
            state.update(batch)
        return counts

    batches = np.array_split(rows[300:], 12)
    start = NormalInverseGaussian.default_init(rows[:300])
    whole = run(OnlineEM(start), batches)
    state = OnlineEM(start)
    counts = run(state, batches[:5])
    state.save(tmp_path / "fit.state")
    counts.merge(run(OnlineEM.load(tmp_path / "fit.state"), batches[5:]))
    assert counts == whole
    assert whole.days == 600
    assert 10 < whole.failures < 60


@given(hits, st.sampled_from([0.01, 0.3, 0.999]))
def test_every_outcome_of_failures_is_finite_or_named(failed: list[bool], alpha: float) -> None:
    result = backtest(-2.0 * np.array(failed), 1.0, 1.5, alpha=alpha, seed=0, replicates=20)
    text = json.dumps(result.to_dict(), allow_nan=False)
    assert json.loads(text)["days"] == len(failed)
    for test in (result.kupiec, result.christoffersen_coverage, result.duration_test):
        assert test.status in ("tested", "not_testable")
        assert (test.p_value is None) == (test.status == "not_testable")
        assert test.p_value is None or 0 <= test.p_value <= 1
