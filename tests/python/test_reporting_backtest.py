"""The tests of a backtest have the formulas of their papers; no prediction has seen its row."""

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from varimix import (
    EWMAUpdate,
    NaturalGradientUpdate,
    NormalInverseGaussian,
    OnlineEM,
    Shrinkage,
    eta0_from_model,
)
from varimix.reporting.backtest import (
    BATCH,
    GAUSSIAN,
    HISTORY,
    MODEL,
    WARM_UP,
    gaussian_quantiles,
    history_quantiles,
    in_sample,
    moments,
    prequential,
    require_rule,
    warm_up_rows,
)
from varimix.reporting.coverage import christoffersen, christoffersen_independence, kupiec
from varimix.reporting.portfolio import line_of
from varimix.reporting.risk import of_gaussian, of_law, of_rows

Rows = NDArray[np.float64]
LEVELS = (0.01, 0.05)
LAW = NormalInverseGaussian.from_classical(
    mu=[5e-4, 0.0], gamma=[-3e-4, 1e-4], sigma=[[1e-4, 4e-5], [4e-5, 2e-4]], mu_ig=1.0, lam=1.5
)
WEIGHTS = np.array([0.7, 0.3])


# ---- Tests of coverage, beside scipy ----


def bernoulli(hits: NDArray[np.bool_], p: float) -> float:
    return float(stats.bernoulli.logpmf(hits, p).sum())


@given(st.integers(1, 3000), st.data())
def test_kupiec_is_the_likelihood_ratio_of_a_binomial_count(
    trials: int, data: st.DataObject
) -> None:
    breaches = data.draw(st.integers(0, trials))
    p = data.draw(st.floats(0.001, 0.2))
    found = kupiec(breaches, trials, p)
    share = breaches / trials
    expected = 2.0 * (
        stats.binom.logpmf(breaches, trials, share) - stats.binom.logpmf(breaches, trials, p)
    )
    assert found.statistic == pytest.approx(max(expected, 0.0), rel=1e-8, abs=1e-8)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1), rel=1e-12)


@given(st.lists(st.booleans(), min_size=2, max_size=400))
def test_christoffersen_is_the_likelihood_ratio_of_a_markov_chain(states: list[bool]) -> None:
    hits = np.array(states)
    before, after = hits[:-1], hits[1:]
    apart = sum(
        bernoulli(after[before == state], float(after[before == state].mean()))
        for state in (False, True)
        if (before == state).any()
    )
    expected = 2.0 * (apart - bernoulli(after, float(after.mean())))
    independent = christoffersen_independence(hits)
    assert independent.statistic == pytest.approx(max(expected, 0.0), rel=1e-8, abs=1e-8)
    assert independent.p_value == pytest.approx(stats.chi2.sf(independent.statistic, 1), rel=1e-12)
    both = christoffersen(hits, 0.05)
    often = kupiec(int(hits.sum()), len(hits), 0.05)
    assert both.statistic == pytest.approx(often.statistic + independent.statistic)
    assert both.p_value == pytest.approx(stats.chi2.sf(both.statistic, 2), rel=1e-12)


def test_as_many_breaches_as_expected_have_no_evidence_against_them() -> None:
    assert kupiec(5, 100, 0.05).statistic == pytest.approx(0.0, abs=1e-12)
    assert kupiec(5, 100, 0.05).p_value == pytest.approx(1.0, abs=1e-5)
    assert kupiec(30, 100, 0.05).p_value < 1e-10


def test_breaches_in_a_row_are_found_and_spread_ones_are_not() -> None:
    together, spread = np.zeros(1000, dtype=bool), np.zeros(1000, dtype=bool)
    together[500:510] = True
    spread[50::100] = True
    assert christoffersen_independence(together).p_value < 1e-6
    assert christoffersen_independence(spread).p_value > 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kupiec(1, 0, 0.1), "trials must be >= 1, got 0"),
        (lambda: kupiec(3, 2, 0.1), "breaches must be >= 0 and <= 2, got 3"),
        (lambda: kupiec(1, 2, 1.0), "probability must be > 0 and < 1, got 1.0"),
        (lambda: christoffersen_independence([True]), "breaches must be two booleans or more"),
        (lambda: christoffersen([0.0, 1.0], 0.1), "breaches must be two booleans or more"),
    ],
)
def test_numbers_outside_their_domains_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# ---- Predictions ----


def test_no_quantile_depends_on_its_own_batch_or_a_later_one() -> None:
    rows = LAW.rvs(2 * WARM_UP, seed=0)
    changed = rows.copy()
    change = WARM_UP + 5 * BATCH
    changed[change:] *= 3.0
    before, after = (
        prequential(NormalInverseGaussian, x, line_of(x, WEIGHTS), LEVELS, None)
        for x in (rows, changed)
    )
    seen = change - WARM_UP
    for name in (MODEL, GAUSSIAN, HISTORY):
        np.testing.assert_array_equal(before.quantiles[name][:seen], after.quantiles[name][:seen])
        same_batch = slice(seen, seen + BATCH)
        np.testing.assert_array_equal(
            before.quantiles[name][same_batch], after.quantiles[name][same_batch]
        )
        assert (
            before.quantiles[name][seen + BATCH :] != after.quantiles[name][seen + BATCH :]
        ).all()
    np.testing.assert_array_equal(before.rows, np.arange(WARM_UP, len(rows)))


def test_a_prediction_is_that_of_a_state_which_learned_the_rows_before_by_the_rule() -> None:
    rows = LAW.rvs(2 * WARM_UP + 5, seed=1)
    rule = NaturalGradientUpdate(half_life=100)
    found = prequential(NormalInverseGaussian, rows, line_of(rows, WEIGHTS), LEVELS, rule)
    start = NormalInverseGaussian.default_init(rows[:WARM_UP])
    state = OnlineEM(start, rule, missing="exact")
    for first in range(WARM_UP, len(rows), BATCH):
        expected = state.model.project(WEIGHTS).ppf(np.array(LEVELS))
        place = first - WARM_UP
        np.testing.assert_array_equal(found.quantiles[MODEL][place], expected)
        past = rows[:first] @ WEIGHTS
        np.testing.assert_allclose(
            found.quantiles[GAUSSIAN][place], stats.norm(past.mean(), past.std()).ppf(LEVELS)
        )
        state.update(rows[first : first + BATCH])
    assert len(found.rows) == WARM_UP + 5


def test_the_right_law_is_supported() -> None:
    # Each of eight tests fails for one seed in a thousand, and the seed is fixed.
    rows = LAW.rvs(6000, seed=2)
    line = line_of(rows, WEIGHTS)
    for tested in (in_sample(LAW, line, LEVELS), prequential(type(LAW), rows, line, LEVELS, None)):
        for level in LEVELS:
            hits = tested.breaches(MODEL, level)
            assert kupiec(int(hits.sum()), len(hits), level).p_value > 0.001
            assert christoffersen_independence(hits).p_value > 0.001
        assert tested.breaches(MODEL, 0.01).sum() < tested.breaches(GAUSSIAN, 0.01).sum()


def test_a_row_with_holes_has_the_law_of_what_it_shows() -> None:
    rows = LAW.rvs(400, seed=3)
    rows[::3, 0] = np.nan
    rows[7] = np.nan
    rows[1::3, 1] = np.nan
    line = line_of(rows, WEIGHTS)
    tested = in_sample(LAW, line, LEVELS)
    assert 7 not in tested.rows
    assert len(tested.rows) == 399
    second = LAW.project([0.0, 1.0])
    k = int(np.flatnonzero(tested.rows == 3)[0])
    assert tested.values[k] == pytest.approx(rows[3, 1])
    np.testing.assert_allclose(tested.quantiles[MODEL][k], second.ppf(np.array(LEVELS)))
    assert line.n_partial == np.isnan(rows).any(axis=1).sum() - 1
    np.testing.assert_allclose(line.complete, (rows @ WEIGHTS)[~np.isnan(rows).any(axis=1)])


def test_a_column_without_weight_may_be_missing() -> None:
    rows = LAW.rvs(50, seed=3)
    rows[:, 1] = np.nan
    line = line_of(rows, np.array([2.0, 0.0]))
    np.testing.assert_allclose(line.values, 2.0 * rows[:, 0])
    assert line.n_partial == 0


def test_short_weights_are_scaled_by_their_sizes() -> None:
    line = line_of(np.array([[0.1, 0.2], [np.nan, 0.2]]), np.array([1.0, -0.5]))
    np.testing.assert_allclose(line.values, [0.0, -0.3])
    np.testing.assert_allclose(line.shown_weights(int(line.pattern[1])), [0.0, -1.5])


# ---- Quantiles and the mean beyond ----


@pytest.mark.parametrize("level", [0.01, 0.05, 0.95])
def test_a_tail_of_a_law_is_that_of_its_density(level: float) -> None:
    law = LAW.project(WEIGHTS)
    tail = of_law(law, level)
    draws = law.rvs(400_000, seed=5)[:, 0]
    beyond = draws[draws < tail.quantile] if level < 0.5 else draws[draws > tail.quantile]
    assert len(beyond) / len(draws) == pytest.approx(min(level, 1.0 - level), rel=0.05)
    assert tail.mean_beyond == pytest.approx(beyond.mean(), rel=0.02)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.95])
def test_a_tail_of_a_gaussian_is_that_of_scipy(level: float) -> None:
    values = LAW.rvs(500, seed=6)[:, 0]
    law = stats.norm(values.mean(), values.std())
    tail = of_gaussian(values, level)
    ends = (-np.inf, tail.quantile) if level < 0.5 else (tail.quantile, np.inf)
    assert tail.quantile == pytest.approx(law.ppf(level))
    assert tail.mean_beyond == pytest.approx(law.expect(lb=ends[0], ub=ends[1], conditional=True))


def test_a_tail_of_rows_is_theirs_and_unknown_where_they_are_few() -> None:
    values = np.arange(1.0, 100.0)
    assert of_rows(values, 0.05).quantile == pytest.approx(5.0)
    assert of_rows(values, 0.05).mean_beyond == pytest.approx(3.0)
    assert of_rows(values, 0.95).mean_beyond == pytest.approx(97.0)
    assert np.isnan(of_rows(values[:10], 0.01).quantile)
    assert np.isnan(history_quantiles(np.zeros(0), LEVELS)).all()
    assert np.isnan(gaussian_quantiles(np.zeros(1), LEVELS)).all()
    assert np.isnan(of_gaussian(np.zeros(1), 0.01).mean_beyond)


def test_moments_of_large_values_do_not_overflow() -> None:
    mean, deviation = moments(np.array([1e200, 3e200]))
    assert (mean, deviation) == pytest.approx((2e200, 1e200))
    assert moments(np.zeros(3)) == (0.0, 0.0)


def test_a_backtest_that_streams_needs_twice_the_rows_that_it_starts_from() -> None:
    assert warm_up_rows(2 * WARM_UP, 2) == WARM_UP
    assert warm_up_rows(2 * WARM_UP - 1, 2) is None
    assert warm_up_rows(2000, 100) == 505


@pytest.mark.parametrize(
    "rule",
    [
        NaturalGradientUpdate(half_life=datetime.timedelta(days=3)),
        Shrinkage(EWMAUpdate(half_life=datetime.timedelta(days=3)), eta0_from_model(LAW)),
    ],
    ids=["rule", "rule inside"],
)
def test_a_rule_that_needs_times_is_refused(rule: object) -> None:
    with pytest.raises(ValueError, match="rule must have a half-life in rows"):
        require_rule(rule, LAW)
    with pytest.raises(TypeError, match="rule must be an update rule, got 3"):
        require_rule(3, LAW)
