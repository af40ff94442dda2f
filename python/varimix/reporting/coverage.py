"""Tests of whether a predicted quantile is passed as often as it should be, and at random."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio test.

    Attributes
    ----------
    statistic : twice the difference of the maximal log-likelihoods, >= 0
    p_value : probability of one as large or larger if the hypothesis holds, for many trials
    """

    statistic: float
    p_value: float


def kupiec(breaches: int, trials: int, probability: float) -> LikelihoodRatio:
    """Test whether breaches come as often as they should (unconditional coverage).

    With x breaches among n trials, each of probability p,

        LR = -2 log{ (1 - p)^(n - x) p^x / [(1 - x/n)^(n - x) (x/n)^x] },

    which for many trials has a chi-squared law of one degree of freedom: P(LR > s) =
    erfc(sqrt(s/2)).

    Parameters
    ----------
    breaches, trials : int
        0 <= breaches <= trials, trials >= 1.
    probability : float
        > 0 and < 1.

    Raises
    ------
    ValueError
        For numbers outside their domains.

    References
    ----------
    Kupiec (1995), Techniques for verifying the accuracy of risk measurement models, Journal of
    Derivatives 3(2), 73-84.
    """
    if trials < 1:
        raise ValueError(f"trials must be >= 1, got {trials}")
    if not 0 <= breaches <= trials:
        raise ValueError(f"breaches must be >= 0 and <= {trials}, got {breaches}")
    _require_probability(probability)
    found = _bernoulli(breaches, trials, breaches / trials)
    statistic = max(0.0, 2.0 * (found - _bernoulli(breaches, trials, probability)))
    return LikelihoodRatio(statistic, erfc(sqrt(0.5 * statistic)))


def christoffersen_independence(breaches: ArrayLike) -> LikelihoodRatio:
    """Test whether a breach makes one in the next row no more likely (independence).

    With n_ij the number of rows in state j after one in state i (1: breach, 0: none), pi_ij =
    n_ij / (n_i0 + n_i1), and pi = (n_01 + n_11) / sum n_ij,

        LR = -2 log{ (1 - pi)^(n_00 + n_10) pi^(n_01 + n_11)
                     / [(1 - pi_01)^n_00 pi_01^n_01 (1 - pi_11)^n_10 pi_11^n_11] },

    against Markov chains of the first order; for many rows it has a chi-squared law of one degree
    of freedom. It sees only whether breaches follow at once, not clusters with rows between.

    Parameters
    ----------
    breaches : booleans (n)
        n >= 2, in the order of time.

    Raises
    ------
    ValueError
        For fewer than two.

    References
    ----------
    Christoffersen (1998), Evaluating interval forecasts, International Economic Review 39(4),
    841-862, section 3.2.
    """
    hits = _hits(breaches)
    before, after = hits[:-1], hits[1:]
    apart = 0.0
    for state in (False, True):
        chosen = after[before == state]
        if len(chosen):
            apart += _bernoulli(int(chosen.sum()), len(chosen), float(chosen.mean()))
    together = _bernoulli(int(after.sum()), len(after), float(after.mean()))
    statistic = max(0.0, 2.0 * (apart - together))
    return LikelihoodRatio(statistic, erfc(sqrt(0.5 * statistic)))


def christoffersen(breaches: ArrayLike, probability: float) -> LikelihoodRatio:
    """Test both at once: breaches as often as they should be, and independent.

    It is the sum of the statistics of `kupiec` and `christoffersen_independence`, which for many
    rows has a chi-squared law of two degrees of freedom: P(LR > s) = exp(-s/2) (conditional
    coverage; Christoffersen 1998, section 3.3).

    Raises
    ------
    ValueError
        For fewer than two rows, or a probability outside (0, 1).
    """
    hits = _hits(breaches)
    often = kupiec(int(hits.sum()), len(hits), probability)
    statistic = often.statistic + christoffersen_independence(hits).statistic
    return LikelihoodRatio(statistic, exp(-0.5 * statistic))


def _bernoulli(successes: int, trials: int, probability: float) -> float:
    """Return the log-likelihood of Bernoulli trials, with 0 log 0 = 0."""
    failures = trials - successes
    total = successes * log(probability) if successes else 0.0
    return total + (failures * log(1.0 - probability) if failures else 0.0)


def _hits(breaches: ArrayLike) -> NDArray[np.bool_]:
    hits = np.asarray(breaches)
    if hits.ndim != 1 or hits.dtype != np.bool_ or len(hits) < 2:
        raise ValueError(
            f"breaches must be two booleans or more, got {hits.dtype} of shape {hits.shape}"
        )
    return hits


def _require_probability(probability: float) -> None:
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability must be > 0 and < 1, got {probability}")
