"""The numbers that the sentences and the tables of the report quote, worked out from a study."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from market_report.portfolio import COVERAGE, LEVELS, Calibration
from market_report.prequential import Model, Pass
from market_report.prices import DateArray, FloatArray
from market_report.study import WARM_UP_DAYS, Study
from varimix import NormalInverseGaussian
from varimix.plotting.envelopes import binomial_interval

PIT_BINS = 20
"""Bars of the PIT histogram: one for each twentieth of the days."""
QUARTER = 0.25
"""Probability between the median and a quartile."""
BEST_DAYS = 10
"""Number of best days whose share of the advantage is told."""


@dataclass(frozen=True)
class WorstDay:
    """The day with a model's lowest log score.

    Attributes
    ----------
    index : position among the scored days
    day, score : its date, and its log score in nats
    stock, move : the stock that moved furthest that day, in its predicted standard deviations, and
        the stock's return: its price over the price of the day before, less 1
    """

    index: int
    day: np.datetime64
    score: float
    stock: str
    move: float


@dataclass(frozen=True)
class Advantage:
    """The excess of the NIG's log score over the Gaussian's.

    Attributes
    ----------
    mean : nats per day
    standard_error : standard error of the mean, from batch means, which are nearly independent
    share_of_days : share of the days on which the NIG had the better score
    share_of_best_days : share of the sum that the BEST_DAYS best days bring
    share_of_episodes, days_in_episodes : shares of the sum and of the days in the marked times
    """

    mean: float
    standard_error: float
    share_of_days: float
    share_of_best_days: float
    share_of_episodes: float
    days_in_episodes: float


@dataclass(frozen=True)
class BreachCount:
    """Days below a predicted quantile, by model, and how many there should be."""

    level: float
    expected: float
    low: int
    high: int
    ewma: int
    default: int
    gaussian: int


def worst_day(study: Study, walk: Pass[Model]) -> WorstDay:
    """Find the day that ``walk`` forecast worst."""
    i = int(walk.scores.argmin())
    row = study.returns.values[WARM_UP_DAYS + i]
    model = next(forecast.model for forecast in walk.forecasts if i < forecast.days.stop)
    stock = int(np.abs(row / np.sqrt(np.diag(model.cov()))).argmax())
    move = float(np.expm1(row[stock]))
    return WorstDay(i, study.days[i], float(walk.scores[i]), study.returns.stocks[stock], move)


def advantage(study: Study) -> Advantage:
    """Sum up the NIG's advantage over the Gaussian that forgets at the same rate."""
    gain = study.advantage
    total = gain.sum()
    batch_means = np.array([gain[forecast.days].mean() for forecast in study.ewma.forecasts])
    spread = float(batch_means.std(ddof=1)) if len(batch_means) > 1 else float("nan")
    marked = np.zeros(len(gain), dtype=bool)
    for _, days in study.episodes():
        marked[days] = True
    return Advantage(
        mean=float(gain.mean()),
        standard_error=spread / sqrt(len(batch_means)),
        share_of_days=float((gain > 0.0).mean()),
        share_of_best_days=float(np.sort(gain)[-BEST_DAYS:].sum() / total),
        share_of_episodes=float(gain[marked].sum() / total),
        days_in_episodes=float(marked.mean()),
    )


def tail_weights(walk: Pass[NormalInverseGaussian]) -> list[float]:
    """Return the tail weight of every batch's forecast, and of the model after the last."""
    models = [*(forecast.model for forecast in walk.forecasts), walk.final]
    return [model.tail_weight() for model in models]


def forecast_days(study: Study) -> DateArray:
    """Return the days of ``tail_weights``: the first of every batch, and the last of all."""
    return np.append(study.batch_starts, study.days[-1])


def excess_kurtosis(tail_weight: float) -> float:
    """Return the excess kurtosis of an unskewed stock.

    For X = sqrt(Y) Z it is 3 Var(Y)/E[Y]^2; for an inverse Gaussian Y that is 3 tail weights.
    """
    return 3.0 * tail_weight


def breach_counts(study: Study) -> list[BreachCount]:
    """Count, for each of LEVELS, the days on which the portfolio fell below its quantile."""
    days = len(study.days)
    counts = []
    for i, level in enumerate(LEVELS):
        calibrations = (study.ewma_portfolio, study.default_portfolio, study.gaussian_portfolio)
        found = [int(c.breaches[:, i].sum()) for c in calibrations]
        counts.append(
            BreachCount(level, level * days, *binomial_interval(days, level, COVERAGE), *found)
        )
    return counts


def breaches_in_episodes(study: Study, calibration: Calibration, level: int) -> int:
    """Count the breaches of LEVELS[level] that fall in the marked times."""
    return sum(int(calibration.breaches[days, level].sum()) for _, days in study.episodes())


def pit_counts(calibration: Calibration) -> FloatArray:
    """Count the days in each of PIT_BINS equal bins of the probability integral transform."""
    return np.histogram(calibration.pit, bins=PIT_BINS, range=(0.0, 1.0))[0].astype(float)


def pit_bins_outside(calibration: Calibration) -> int:
    """Count the bins that lie outside the range which holds a uniform law's count."""
    low, high = binomial_interval(len(calibration.pit), 1.0 / PIT_BINS, COVERAGE)
    counts = pit_counts(calibration)
    return int(((counts < low) | (counts > high)).sum())


def middle_half(calibration: Calibration) -> float:
    """Return the share of days between the quartiles of their forecasts; right laws have 0.5."""
    return float((np.abs(calibration.pit - 0.5) < QUARTER).mean())
