"""Tests of market_report's yardstick, its scoring before learning, and its use of forecasts."""

from math import comb
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from market_report.gaussian import Gaussian, GaussianEWMA
from market_report.portfolio import (
    COVERAGE,
    calibrate,
    equal_weights,
    normal_sample_range,
    quantile_residuals,
)
from market_report.prequential import Forecast, batches, score_then_learn
from market_report.wording import quantile_plot
from varimix import NormalInverseGaussian
from varimix.plotting.envelopes import binomial_interval
from varimix.reporting.numbers import count_of, level_name, more_or_less, percent, rate, signed

Rows = NDArray[np.float64]


def a_law(stocks: int) -> NormalInverseGaussian:
    return NormalInverseGaussian.from_classical(
        mu=np.full(stocks, 5e-4),
        gamma=np.full(stocks, -3e-4),
        sigma=1e-4 * (0.7 * np.eye(stocks) + 0.3),
        mu_ig=1.0,
        lam=1.5,
    )


# ---- The yardstick ----


def test_a_gaussian_has_the_textbook_density_and_projection() -> None:
    gaussian = Gaussian(np.array([1.0, -2.0]), np.array([[4.0, 1.0], [1.0, 9.0]]))
    x = np.array([[1.5, 0.5], [-3.0, 2.0]])
    inverse = np.linalg.inv(gaussian.dispersion)
    q = [(row - gaussian.center) @ inverse @ (row - gaussian.center) for row in x]
    expected = -0.5 * (np.array(q) + 2.0 * np.log(2.0 * np.pi) + np.log(35.0))
    np.testing.assert_allclose(gaussian.log_prob(x), expected, rtol=1e-14)
    law, same = gaussian.project([0.5, 0.5]), NormalDist(-0.5, np.sqrt(15.0 / 4.0))
    for probability in (1e-3, 0.3, 0.9):
        quantile = float(law.ppf(probability))
        assert quantile == pytest.approx(same.inv_cdf(probability), rel=1e-13)
        assert float(law.cdf(quantile)) == pytest.approx(probability, rel=1e-12)
        assert float(law.sf(quantile)) == pytest.approx(1.0 - probability, rel=1e-12)


def test_a_gaussian_keeps_its_digits_in_both_tails() -> None:
    law = Gaussian(np.zeros(1), np.eye(1))
    assert float(law.cdf(-30.0)) == pytest.approx(4.906713927148187e-198, rel=1e-12)
    assert float(law.sf(30.0)) == pytest.approx(4.906713927148187e-198, rel=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_the_gaussian_forgets_by_weights_that_halve(offset: float) -> None:
    half_life, rows = 50.0, a_law(3).rvs(192, seed=0) + offset
    start = Gaussian.maximum_likelihood(rows[:64])
    state = GaussianEWMA(start, half_life)
    state.update(rows[64:128])
    state.update(rows[128:])
    kept = 2.0 ** (-64.0 / half_life)
    weights = np.repeat([kept**2, kept * (1.0 - kept), 1.0 - kept], 64) / 64.0
    mean = weights @ rows
    cov = (weights[:, None] * (rows - mean)).T @ (rows - mean)
    np.testing.assert_allclose(state.model.center, mean, rtol=1e-12)
    np.testing.assert_allclose(state.model.cov(), cov, rtol=1e-6 if offset else 1e-12)


# ---- Score, then learn ----


def test_batches_cut_all_rows_in_order() -> None:
    assert list(batches(5, 2)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert list(batches(0, 2)) == []


def test_no_score_depends_on_its_own_batch_or_a_later_one() -> None:
    rows = a_law(3).rvs(640, seed=0)
    changed = rows.copy()
    changed[320:] *= 3.0

    def walk(of: Rows) -> Rows:
        state = GaussianEWMA(Gaussian.maximum_likelihood(rows[:64]), 100.0)
        return score_then_learn(state, of, 64).scores

    before, after = walk(rows), walk(changed)
    np.testing.assert_array_equal(before[:320], after[:320])
    model = Gaussian.maximum_likelihood(rows[:64])
    np.testing.assert_array_equal(before[:64], model.log_prob(rows[:64]))
    assert np.all(before[320:] != after[320:])


# ---- The portfolio ----


@pytest.mark.parametrize(
    ("trials", "probability"), [(8056, 0.001), (8056, 0.01), (20, 0.5), (5, 0.01)]
)
def test_the_binomial_range_is_the_smallest_central_one(trials: int, probability: float) -> None:
    pmf = [
        comb(trials, k) * probability**k * (1.0 - probability) ** (trials - k)
        for k in range(min(trials, 130) + 1)
    ]
    low, high = binomial_interval(trials, probability, COVERAGE)
    tail = 0.5 * (1.0 - COVERAGE)
    assert sum(pmf[:low]) <= tail < sum(pmf[: low + 1])
    assert sum(pmf[:high]) < 1.0 - tail <= sum(pmf[: high + 1])


def test_quantile_residuals_reach_far_into_both_tails() -> None:
    law, z = Gaussian(np.zeros(1), np.eye(1)), np.array([-30.0, -9.0, -0.5, 0.0, 0.5, 9.0, 30.0])
    residuals = quantile_residuals(law.cdf(z), law.sf(z))
    np.testing.assert_allclose(residuals, z, rtol=1e-12, atol=1e-15)
    assert np.isfinite(quantile_residuals(np.array([0.0, 1.0]), np.array([1.0, 0.0]))).all()


def test_the_range_of_one_normal_number_ends_at_its_quantiles() -> None:
    low, high = normal_sample_range(1)
    outermost = NormalDist().inv_cdf(0.5 * (1.0 + COVERAGE))
    np.testing.assert_allclose([*low, *high], [-outermost, outermost], atol=0.4)  # three deviations


def test_the_ranges_of_a_normal_sample_are_in_order() -> None:
    low, high = normal_sample_range(20)
    assert (np.diff(low) > 0.0).all()
    assert (np.diff(high) > 0.0).all()
    assert (low < high).all()


def test_the_right_law_is_found_calibrated() -> None:
    # Each bound fails for about one seed in a thousand, and the seed is fixed.
    rows = a_law(4).rvs(20_000, seed=3)
    found = calibrate([Forecast(slice(0, 20_000), a_law(4))], equal_weights(4), rows)
    assert abs(found.breaches[:, 0].sum() - 200) < 3.3 * np.sqrt(200)
    assert abs(found.breaches[:, 1].sum() - 20) < 3.3 * np.sqrt(20)
    distance = np.abs(np.sort(found.pit) - (np.arange(20_000) + 0.5) / 20_000).max()
    assert distance < 1.95 / np.sqrt(20_000)
    assert abs(found.residuals.mean()) < 3.3 / np.sqrt(20_000)
    assert abs(found.residuals.std() - 1.0) < 3.3 / np.sqrt(40_000)
    np.testing.assert_array_equal(found.breaches[:, 0], found.pit < 0.01)


def test_numbers_are_written_as_people_read_them() -> None:
    assert signed(-1234.567, 2) == "−1,234.57"
    assert signed(-0.0004, 3) == "0.000"
    assert more_or_less(-0.5, 1, "nats") == "0.5 nats less"
    assert more_or_less(0.5, 1, "nats") == "0.5 nats more"
    assert percent(0.256) == "26%"
    assert level_name(0.001) == "0.1%"
    assert rate(873_456.0) == "870,000"
    assert (count_of(1, "breach", "breaches"), count_of(2, "breach", "breaches")) == (
        "1 breach",
        "2 breaches",
    )


def test_the_words_beside_the_quantiles_name_both_extremes_of_all_days() -> None:
    residuals = np.array([-4.0, -1.0, 0.5, 7.0])
    study = SimpleNamespace(
        days=range(1000),
        ewma_portfolio=SimpleNamespace(residuals=0.5 * residuals),
        gaussian_portfolio=SimpleNamespace(residuals=residuals),
    )
    low, high = normal_sample_range(1000)
    assert low[-1] < high[-1] < 7.0
    assert quantile_plot(study) == (  # type: ignore[arg-type]
        "To the Gaussian the portfolio's worst day was one of 4.0 standard deviations and its best "
        "one of 7.0; to the NIG 2.0 and 3.5; a right law would leave the extremes of as many days "
        f"between {low.max():.1f} and {high.max():.1f}."
    )
