"""The predicted law of a portfolio against what happened: breaches, PIT, quantile residuals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from market_report.gaussian import normal_quantile
from market_report.prequential import Forecast, Model
from market_report.prices import BoolArray, FloatArray

LEVELS = (0.01, 0.001)
"""Probabilities of the quantiles that are watched: one day in a hundred, one in a thousand."""
COVERAGE = 0.95
"""Probability of the ranges in which a count should lie."""
TRADING_DAYS_PER_YEAR = 252
"""The market's convention for annualising a daily standard deviation."""
SIMULATED_SAMPLES = 400
"""Number of samples: enough for a band that looks smooth."""
SIMULATION_SEED = 0


@dataclass(frozen=True)
class Calibration:
    """One portfolio's returns compared with the laws predicted for them.

    Attributes
    ----------
    quantiles : (n, levels) predicted quantiles of each day, at LEVELS; log-returns
    breaches : (n, levels) true where the day's return fell below the quantile
    pit : (n) probability integral transform, P(return <= observed); uniform if the law is right
    residuals : (n) the PIT as standard normal quantiles, in full precision in both tails
    volatility : (batches) predicted standard deviation, annualised
    """

    quantiles: FloatArray
    breaches: BoolArray
    pit: FloatArray
    residuals: FloatArray
    volatility: FloatArray


def equal_weights(stocks: int) -> FloatArray:
    """Return weights of the portfolio that holds the same of every stock, each day anew."""
    return np.full(stocks, 1.0 / stocks)


def calibrate(
    forecasts: Sequence[Forecast[Model]], weights: FloatArray, rows: FloatArray
) -> Calibration:
    """Compare the portfolio's returns w'x, x a row of ``rows`` (n, d), with the law of w'X."""
    returns = rows @ weights
    quantiles = np.empty((len(returns), len(LEVELS)))
    below = np.empty(len(returns))
    above = np.empty(len(returns))
    volatility = np.empty(len(forecasts))
    for i, forecast in enumerate(forecasts):
        law = forecast.model.project(weights)
        quantiles[forecast.days] = law.ppf(np.array(LEVELS))
        below[forecast.days] = law.cdf(returns[forecast.days])
        above[forecast.days] = law.sf(returns[forecast.days])
        variance = float(weights @ forecast.model.cov() @ weights)
        volatility[i] = sqrt(TRADING_DAYS_PER_YEAR * variance)
    breaches = returns[:, None] < quantiles
    return Calibration(quantiles, breaches, below, quantile_residuals(below, above), volatility)


def quantile_residuals(below: FloatArray, above: FloatArray) -> FloatArray:
    """Return standard normal quantiles of probabilities given from both sides.

    The smaller of the two is used, since 1 - cdf loses its digits in the upper tail.
    """
    smaller = np.maximum(np.minimum(below, above), np.finfo(float).tiny)
    return np.where(below < above, 1.0, -1.0) * normal_quantile(smaller)


@cache
def normal_sample_range(size: int) -> tuple[FloatArray, FloatArray]:
    """Simulate the ranges that hold each order statistic of a standard normal sample.

    Each range holds its order statistic with probability COVERAGE.
    """
    draws = np.random.default_rng(SIMULATION_SEED).standard_normal((SIMULATED_SAMPLES, size))
    draws.sort(axis=1)
    tail = 0.5 * (1.0 - COVERAGE)
    low, high = np.quantile(draws, (tail, 1.0 - tail), axis=0)
    return low, high
