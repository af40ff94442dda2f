"""All numbers that a report tells, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import MeanVarianceMixture
from varimix.reporting import risk
from varimix.reporting.backtest import (
    GAUSSIAN,
    HISTORY,
    MODEL,
    Backtest,
    Visit,
    in_sample,
    is_cheap,
    prequential,
    warm_up_rows,
)
from varimix.reporting.inputs import Data, Subject
from varimix.reporting.intervals import Intervals, intervals_of
from varimix.reporting.least_shortfall import (
    LeastShortfall,
    Walk,
    can_choose,
    least_shortfall,
)
from varimix.reporting.outliers import Outlier, outliers
from varimix.reporting.portfolio import Line, line_of, tail_risk
from varimix.reporting.words import Words
from varimix.reporting.write import USUAL_LEVELS
from varimix.risk import PortfolioRisk

Values = NDArray[np.float64]

BACKTESTS = ("auto", "prequential", "in_sample")


@dataclass(frozen=True)
class Findings:
    """What a report tells.

    Attributes
    ----------
    subject, data, words : what it is about
    weights : (d) of the line w'X
    equal : whether the weights are the default ones
    line : w'x of the rows
    law : the law of w'X
    alpha : the probability of a loss that is looked at most closely
    levels : probabilities of all quantiles told, increasing
    tails : for each predictor, and in it each level
    backtest : predictions beside what came; None where no row has a value of w'x
    why_backtest : why it is of this kind
    in_sample : all rows beside the very model; the same as ``backtest`` where that is of this kind
    outliers : rows far out, the farthest first
    correlations : (d, d)
    intervals : how sure the numbers are
    risk : value at risk, expected shortfall and their parts at alpha; None if out of reach
    least : the portfolio of the least expected shortfall; None for rows that are no returns
    """

    subject: Subject
    data: Data
    words: Words
    weights: Values
    equal: bool
    line: Line
    law: Any
    alpha: float
    levels: tuple[float, ...]
    tails: dict[str, dict[float, risk.Tail]]
    backtest: Backtest | None
    why_backtest: str
    in_sample: Backtest | None
    outliers: list[Outlier]
    correlations: Values
    intervals: Intervals
    risk: PortfolioRisk | None
    least: LeastShortfall | None

    @property
    def model(self) -> MeanVarianceMixture:
        """The model."""
        return self.subject.model


def find(
    subject: Subject,
    data: Data,
    words: Words,
    weights: Values | None,
    alpha: float,
    backtest: str,
    rule: object | None,
) -> Findings:
    """Work out all that is told; ``weights`` is None for the default ones."""
    model = subject.model
    used = default_weights(model, words) if weights is None else weights
    line = line_of(data.values, used)
    law: Any = model.project(used)
    levels = levels_of(alpha, both_sides=not words.is_returns)
    there = line.values[line.rows]
    tails = {
        MODEL: {level: risk.of_law(law, level) for level in levels},
        GAUSSIAN: {level: risk.of_gaussian(there, level) for level in levels},
        HISTORY: {level: risk.of_rows(there, level) for level in levels},
    }
    whole = in_sample(model, line, levels) if len(line.rows) else None
    walk = Walk(data.values, used, alpha) if words.is_returns and can_choose(used) else None
    tested, why = _backtest(model, data, line, whole, backtest, rule, alpha, walk)
    ahead = model if tested is None or tested.ahead is None else tested.ahead
    least = least_shortfall(ahead, used, alpha, walk) if words.is_returns else None
    return Findings(
        subject, data, words, used, weights is None, line, law, alpha, levels, tails, tested, why,
        whole,
        outliers(model, data.values), correlations_of(model),
        intervals_of(subject, data, words, used, levels), tail_risk(model, used, alpha),
        least,
    )  # fmt: skip


def default_weights(model: MeanVarianceMixture, words: Words) -> Values:
    """Return equal weights of returns; of other columns, whose units may differ, equal spreads.

    Then a column's weight is 1/d over its interquartile range under the model, and 0 where that
    range is 0: such a column never moves.
    """
    d = model.d
    if words.is_returns:
        return np.full(d, 1.0 / d)
    spreads = np.empty(d)
    for j in range(d):
        law: Any = model.project(np.eye(d)[j])
        low, high = law.ppf(np.array([0.25, 0.75]))
        spreads[j] = high - low
    moves = spreads > 0.0
    if not moves.any():
        return np.full(d, 1.0 / d)
    return np.divide(1.0, d * spreads, out=np.zeros(d), where=moves)


def medians(model: MeanVarianceMixture) -> Values:
    """Return the median (d) of every column."""
    found = np.empty(model.d)
    for j in range(model.d):
        law: Any = model.project(np.eye(model.d)[j])
        found[j] = law.ppf(0.5)
    return found


def levels_of(alpha: float, *, both_sides: bool) -> tuple[float, ...]:
    """Return the probabilities of the quantiles that are told."""
    lower = sorted({alpha, *USUAL_LEVELS})
    upper = [1.0 - level for level in reversed(lower)] if both_sides else []
    return (*lower, *upper)


def covariance_of(model: MeanVarianceMixture) -> Values:
    """Return the covariance (d, d) of X, or its dispersion Sigma where that does not exist."""
    covariance = np.asarray(model.cov())
    return covariance if np.isfinite(covariance).all() else np.asarray(model.sigma())


def correlations_of(model: MeanVarianceMixture) -> Values:
    """Return the correlations (d, d) of X, or of its dispersion where they do not exist."""
    covariance = covariance_of(model)
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(scale, scale))


def _backtest(
    model: MeanVarianceMixture,
    data: Data,
    line: Line,
    whole: Backtest | None,
    backtest: str,
    rule: object | None,
    alpha: float,
    visit: Visit | None,
) -> tuple[Backtest | None, str]:
    n, d = data.values.shape
    warm_up = warm_up_rows(n, d)
    if backtest == "prequential" and warm_up is None:
        raise ValueError(
            f"backtest must be 'in_sample' or 'auto' for {n} rows of {d} columns: a prequential "
            "one needs more rows"
        )
    if whole is None:
        return None, "no row has a value of it"
    if backtest == "in_sample":
        return whole, "as was asked for"
    if warm_up is None:
        return whole, "the rows are too few to keep some of them apart"
    if backtest == "auto" and not is_cheap(n, d):
        return whole, "streaming so many rows would take long"
    if not (line.rows >= warm_up).any():
        return whole, "only the first rows have a value of it"
    tested = prequential(
        type(model), data.values, line, whole.levels, rule, alpha=alpha, visit=visit
    )
    return tested, ""
