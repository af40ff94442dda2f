"""Quantiles of w'X, and the mean beyond them, by the model, a Gaussian and the rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, nan, pi, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.reporting.backtest import gaussian_quantiles, history_quantiles, moments, rare

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Tail:
    """A quantile, and the mean of what lies beyond it; NaN where it cannot be told.

    Attributes
    ----------
    quantile : q with P(X <= q) = level
    mean_beyond : E[X | X < q] for a level below 1/2, else E[X | X > q]
    """

    quantile: float
    mean_beyond: float


def of_law(law: Any, level: float) -> Tail:
    """Return the tail of a one-dimensional law; the mean may be infinite."""
    if level < 0.5:
        beyond = -float(law.expected_shortfall(1.0 - level))
    else:
        beyond = float(law.project([-1.0]).expected_shortfall(level))
    return Tail(float(law.ppf(level)), beyond)


def of_gaussian(values: Values, level: float) -> Tail:
    """Return the tail of the Gaussian with the moments of ``values``.

    The mean beyond the quantile m + s z is m -+ s phi(z)/p, with p the probability beyond.
    """
    quantile = float(gaussian_quantiles(values, [level])[0])
    if len(values) < 2:
        return Tail(nan, nan)
    z = NormalDist().inv_cdf(level)
    density = exp(-0.5 * z * z) / sqrt(2.0 * pi)
    mean, deviation = moments(values)
    away = deviation * density / rare(level)
    return Tail(quantile, mean - away if level < 0.5 else mean + away)


def of_rows(values: Values, level: float) -> Tail:
    """Return the tail of the values themselves; NaN where they are too few."""
    quantile = float(history_quantiles(values, [level])[0])
    if np.isnan(quantile):
        return Tail(nan, nan)
    beyond = values[values <= quantile] if level < 0.5 else values[values >= quantile]
    return Tail(quantile, float(beyond.mean()))


def once_in(probability: float) -> float:
    """Return the number of rows among which one is to be expected."""
    return 1.0 / probability if probability > 0.0 else inf
