"""Backtests of expected shortfall: independent formulas, simulations, seeds."""

import numpy as np
import pytest
from backtests import ALPHA, ES, LAW, RETURNS, VAR, full
from scipy import stats

from varimix import set_threads
from varimix.risk import acerbi_szekely, backtest, diebold_mariano, fz0_score


def test_z1_and_z2_are_their_formulas() -> None:
    failed = -VAR > RETURNS
    z1, z2 = acerbi_szekely(RETURNS, np.full(600, VAR), np.full(600, ES), ALPHA)
    ratio = (RETURNS / ES)[failed]
    assert z1.statistic == pytest.approx(1 + ratio.mean(), rel=1e-13)
    assert z2.statistic == pytest.approx(1 + ratio.sum() / (600 * ALPHA), rel=1e-13)
    assert (z2.status, z2.p_value, z2.critical_value) == ("not_simulated", None, None)


def test_the_critical_value_of_z2_is_that_of_a_simulation_apart() -> None:
    """20,000 simulations here and there differ by more than .02 once in 10,000 seeds."""
    critical = full(replicates=20_000).shortfall
    assert critical is not None
    rng = np.random.default_rng(0)
    drawn = LAW.ppf(rng.uniform(0, ALPHA, 2_000)) / ES
    number = rng.binomial(600, ALPHA, 20_000)
    z2 = [1 + rng.choice(drawn, k).sum() / (600 * ALPHA) for k in number]
    assert critical.acerbi_szekely_z2.critical_value == pytest.approx(
        np.quantile(z2, 0.05), abs=0.02
    )


def test_the_scores_and_their_difference_are_their_formulas() -> None:
    var, es = np.full(600, VAR), np.full(600, ES)
    scores = fz0_score(RETURNS, var, es, ALPHA)
    excess = np.maximum(-var - RETURNS, 0)
    np.testing.assert_allclose(
        scores, excess / (ALPHA * es) + var / es + np.log(es) - 1, rtol=1e-13
    )
    other = fz0_score(RETURNS, 0.7 * var, es, ALPHA)
    found = diebold_mariano(scores, other, maxlags=3)
    d = scores - other - (scores - other).mean()
    variance = d @ d + 2 * sum((1 - k / 4) * (d[k:] @ d[:-k]) for k in (1, 2, 3))
    assert found.bse == pytest.approx(np.sqrt(variance) / 600, rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.statistic)), rel=1e-10)


def test_forecasts_that_are_too_low_are_found_and_right_ones_are_not() -> None:
    right, low = full().shortfall, backtest(RETURNS, 0.6 * VAR, 0.6 * ES, alpha=ALPHA, laws=LAW)
    assert right is not None
    assert right.acerbi_szekely_z2.p_value is not None
    assert right.acerbi_szekely_z2.p_value > 0.05
    assert right.e_backtest.rejected_on is None
    assert low.kupiec.p_value is not None
    assert low.kupiec.p_value < 0.01
    assert low.shortfall is not None
    assert low.shortfall.e_backtest.rejected_on is not None


def test_seeds_and_threads_give_the_same_bits() -> None:
    laws = [LAW] * 600
    found = full(laws=laws).to_dict()
    set_threads(1)
    assert full(laws=laws).to_dict() == found
    set_threads(0)
    assert full(seed=2).to_dict() != full(seed=1).to_dict()
