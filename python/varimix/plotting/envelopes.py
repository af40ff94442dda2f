"""Order statistics of a sample whose law is known: their simulated envelope, and the binomial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Ranks = NDArray[np.int64]

ALL_AT_ENDS = 100
"""Order statistics kept at either end of a sample, where a law is put to the test."""
ROUNDING = 1e-9
"""What (1 - level)/2 (S + 1) may lack of a whole number by rounding."""


def ranks_to_draw(n: int, most: int) -> Ranks:
    """Return ranks from 1 to n: all, or at most ``most``, wider apart away from both ends."""
    if n <= most:
        return np.arange(1, n + 1)
    ends = np.arange(1, ALL_AT_ENDS + 1)
    wider = np.geomspace(ALL_AT_ENDS, (n + 1) / 2, most // 2 - ALL_AT_ENDS + 1)
    left = np.concatenate([ends, np.round(wider).astype(np.int64)])
    return np.unique(np.concatenate([left, n + 1 - left]))


def outer_rank(level: float, n_simulations: int) -> int:
    """Return k such that the k-th smallest and largest of S simulations have the level.

    One more sample from the same law lies outside them with probability 2k/(S + 1), which is at
    most 1 - level (Davison and Hinkley 1997, section 4.2.4).

    Raises
    ------
    ValueError
        If S is too small for the level: k would be 0.
    """
    k = int(np.floor((1.0 - level) / 2.0 * (n_simulations + 1) + ROUNDING))
    if k < 1:
        least = int(np.ceil(2.0 / (1.0 - level) - 1.0 - ROUNDING))
        raise ValueError(
            f"n_simulations must be >= {least} for level {level:g}, got {n_simulations}"
        )
    return k


def uniform_envelope(
    n: int, ranks: Ranks, level: float, n_simulations: int, rng: np.random.Generator
) -> tuple[Values, Values]:
    """Return the simulated pointwise envelope of order statistics of n uniform numbers.

    Only those of the given ranks are simulated: the gaps between uniform order statistics are
    gamma variates over their sum (Devroye 1986, V.2). A law's quantile function takes the envelope
    to that of samples of the law, for it is increasing.
    """
    k = outer_rank(level, n_simulations)
    gaps = np.diff(np.concatenate([[0], ranks, [n + 1]])).astype(float)
    sums = np.cumsum(rng.standard_gamma(gaps, size=(n_simulations, len(gaps))), axis=1)
    samples = np.sort(sums[:, :-1] / sums[:, -1:], axis=0)
    return samples[k - 1], samples[-k]


def binomial_interval(n: int, p: float, level: float) -> tuple[int, int]:
    """Return the quantiles (1 - level)/2 and (1 + level)/2 of the binomial law of n trials.

    Between them, both included, lies a count with probability >= level. Cost: O(n).
    """
    successes = np.arange(1, n + 1)
    log_ratios = np.log((n + 1 - successes) / successes) + np.log(p) - np.log1p(-p)
    log_mass = n * np.log1p(-p) + np.concatenate([[0.0], np.cumsum(log_ratios)])
    cdf = np.cumsum(np.exp(log_mass))
    tail = (1.0 - level) / 2.0
    low, high = np.searchsorted(cdf, [tail, 1.0 - tail])
    return int(low), int(min(high, n))
