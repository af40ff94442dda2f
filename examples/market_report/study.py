"""All that the report tells: four walks through the stream, a portfolio, the whole sample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from market_report.gaussian import Gaussian, GaussianEWMA
from market_report.maximum_likelihood import MaximumLikelihood, maximise_likelihood
from market_report.portfolio import Calibration, calibrate, equal_weights
from market_report.prequential import Pass, score_then_learn
from market_report.prices import DateArray, FloatArray, Returns
from varimix import EWMAUpdate, NormalInverseGaussian, OnlineEM

WARM_UP_DAYS = 256
"""About a trading year, which gives the initial models and is not scored."""
BATCH_DAYS = 64
"""About a quarter of a year, for which a model waits before it learns again."""
HALF_LIFE_DAYS = 500
"""About two trading years: a day's weight halves in this time. Not tuned to the data."""
DELETED_SHARE = 0.05
"""Share of prices deleted, at random, to show what gaps cost. Each takes two returns away."""
DELETED_SEED = 0


class UnusableReturnsError(ValueError):
    """The returns do not suffice: no day is left to score, or the warm-up gives no Gaussian."""


@dataclass(frozen=True)
class Episode:
    """A time that the pictures mark: from the first day to the last, both included."""

    label: str
    first: np.datetime64
    last: np.datetime64


EPISODES = (
    Episode("2000–02", np.datetime64("2000-01-01"), np.datetime64("2002-12-31")),
    Episode("2008–09", np.datetime64("2008-01-01"), np.datetime64("2009-12-31")),
    Episode("2020-03", np.datetime64("2020-03-01"), np.datetime64("2020-03-31")),
)
"""The end of the dot-com boom, the financial crisis, the month of the pandemic's crash."""


@dataclass(frozen=True)
class Study:
    """All that was found.

    Attributes
    ----------
    returns : the whole sample, the warm-up included
    ewma : the NIG that forgets with HALF_LIFE_DAYS
    default : the NIG by the default rule, which remembers all of the past
    gaps : like ``ewma``, after DELETED_SHARE of the prices were deleted at random
    missing_share : share of the returns that ``gaps`` did not see
    gaussian : the yardstick, which forgets as ``ewma`` does
    ewma_portfolio, default_portfolio, gaussian_portfolio : the equal-weight portfolio by each
    maximum : the NIG of maximum likelihood of the whole sample
    gaussian_log_likelihood : that of the best Gaussian on the whole sample, nats
    default_log_likelihood : that of the last model of ``default`` on the whole sample, nats
    """

    returns: Returns
    ewma: Pass[NormalInverseGaussian]
    default: Pass[NormalInverseGaussian]
    gaps: Pass[NormalInverseGaussian]
    missing_share: float
    gaussian: Pass[Gaussian]
    ewma_portfolio: Calibration
    default_portfolio: Calibration
    gaussian_portfolio: Calibration
    maximum: MaximumLikelihood
    gaussian_log_likelihood: float
    default_log_likelihood: float

    @property
    def days(self) -> DateArray:
        """The scored days."""
        return self.returns.dates[WARM_UP_DAYS:]

    @property
    def advantage(self) -> FloatArray:
        """Log score of ``ewma`` less that of ``gaussian``, for each scored day, nats."""
        return self.ewma.scores - self.gaussian.scores

    @property
    def portfolio_returns(self) -> FloatArray:
        """Log-returns w'x of the equal-weight portfolio on the scored days."""
        return self.returns.values[WARM_UP_DAYS:] @ equal_weights(len(self.returns.stocks))

    @property
    def batch_starts(self) -> DateArray:
        """The first day of every batch, from which its forecast holds."""
        return self.days[[forecast.days.start for forecast in self.ewma.forecasts]]

    def episodes(self) -> list[tuple[Episode, slice]]:
        """Return the marked times of which at least one day was scored, with those days."""
        found = []
        for episode in EPISODES:
            start = int(np.searchsorted(self.days, episode.first, side="left"))
            stop = int(np.searchsorted(self.days, episode.last, side="right"))
            if start < stop:
                found.append((episode, slice(start, stop)))
        return found


STAGES = 6
"""Number of times that ``run_study`` calls ``advance``."""


def with_deleted_prices(returns: FloatArray) -> FloatArray:
    """Return the returns (n, d) left when DELETED_SHARE of the n + 1 days' prices are gone.

    A return needs the price of its day and of the day before; without both it is NaN.
    """
    days, stocks = returns.shape
    gone = np.random.default_rng(DELETED_SEED).random((days + 1, stocks)) < DELETED_SHARE
    return np.where(gone[1:] | gone[:-1], np.nan, returns)


def run_study(returns: Returns, advance: Callable[[], None]) -> Study:
    """Fit and score all that the report tells, calling ``advance`` after each of STAGES stages.

    Raises
    ------
    UnusableReturnsError
        If no day is left beyond the warm-up, or its covariance is singular.
    """
    warm_up, rows = returns.values[:WARM_UP_DAYS], returns.values[WARM_UP_DAYS:]
    if len(rows) == 0:
        have = len(returns.values)
        raise UnusableReturnsError(
            f"more than {WARM_UP_DAYS} days of returns are needed, got {have}"
        )
    start = Gaussian.maximum_likelihood(warm_up)
    if not start.is_proper():
        raise UnusableReturnsError(
            f"the first {WARM_UP_DAYS} days have a singular covariance: a price that stands "
            "still, stocks that move as one, or too many of them"
        )
    init = NormalInverseGaussian.default_init(warm_up)

    default = score_then_learn(OnlineEM(init), rows, BATCH_DAYS)
    advance()
    forgetting = EWMAUpdate(half_life=HALF_LIFE_DAYS)
    ewma = score_then_learn(OnlineEM(init, forgetting), rows, BATCH_DAYS)
    advance()
    with_gaps = with_deleted_prices(returns.values)
    known, unseen = with_gaps[WARM_UP_DAYS:], np.isnan(with_gaps)
    start_with_gaps = NormalInverseGaussian.default_init(with_gaps[:WARM_UP_DAYS], missing="exact")
    gaps = score_then_learn(
        OnlineEM(start_with_gaps, forgetting, missing="exact"), rows, BATCH_DAYS, known
    )
    advance()
    yardstick = GaussianEWMA(start, HALF_LIFE_DAYS)
    gaussian = score_then_learn(yardstick, rows, BATCH_DAYS)
    advance()
    weights = equal_weights(len(returns.stocks))
    calibrations = (
        calibrate(ewma.forecasts, weights, rows),
        calibrate(default.forecasts, weights, rows),
        calibrate(gaussian.forecasts, weights, rows),
    )
    advance()
    maximum = maximise_likelihood(init, returns.values)
    best_gaussian = Gaussian.maximum_likelihood(returns.values)
    advance()
    return Study(
        returns,
        ewma,
        default,
        gaps,
        float(unseen.mean()),
        gaussian,
        *calibrations,
        maximum,
        float(best_gaussian.log_prob(returns.values).sum()),
        float(default.final.log_prob(returns.values).sum()),
    )
