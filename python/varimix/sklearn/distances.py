"""Distances from the centre of a law, robust weights, and the threshold of outliers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma

THRESHOLD_DRAWS = 10_000
"""Draws of a model behind ``model_threshold``: the share c beyond it is known to 0.01 sqrt(c)."""
TIE = 1e-9
"""Difference of log densities, relative above 1, that is rounding: equal rows may differ by it."""


def in_unit_gauge(model: Model) -> Model:
    """Return the same law of X with E[Y] = 1, or with E[1/Y] = 1 where E[Y] may not exist.

    The latter holds for a NormalInverseGamma, and for a GeneralizedHyperbolic whose E[Y] is
    infinite. Distances and weights have a scale in a gauge alone.
    """
    law = model.subordinator()
    if isinstance(model, NormalInverseGamma) or not np.isfinite(law.E_Y()):
        return model.rescale_y(law.E_inv_Y())
    return model.rescale_y(1 / law.E_Y())


def mahalanobis(model: Model, X: NDArray[Any]) -> NDArray[np.float64]:
    """Return sqrt((x - mu)' Sigma^-1 (x - mu)) of every row of X (n, d), in units of the gauge.

    A row with NaN has the distance of what it shows, from the law of that; one that shows nothing
    is at distance 0.
    """
    hidden = np.isnan(X)
    if not hidden.any():
        return _whitened_length(model.L_Sigma, X - model.mu)
    distances = np.zeros(len(X))
    sigma = model.sigma()
    patterns, of_row = np.unique(hidden, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        seen = np.flatnonzero(~pattern)
        rows = np.flatnonzero(of_row.reshape(-1) == number)
        if len(seen):
            factor = np.linalg.cholesky(sigma[np.ix_(seen, seen)])
            deviations = X[np.ix_(rows, seen)] - model.mu[seen]
            distances[rows] = _whitened_length(factor, deviations)
    return distances


def _whitened_length(
    factor: NDArray[np.floating[Any]], deviations: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return the length of L^-1 v for every row v; squares that overflow are scaled first."""
    white = solve_triangular(factor, deviations.T, lower=True)
    largest = np.abs(white).max(axis=0)
    scale = np.where(largest > 0, largest, 1)
    lengths: NDArray[np.float64] = scale * np.sqrt(np.sum((white / scale) ** 2, axis=0))
    return lengths


def threshold(
    scores: NDArray[np.float64], contamination: float, weights: NDArray[np.float64] | None = None
) -> float:
    """Return the value below which lie the lowest scores that make up the share ``contamination``.

    It lies halfway between the last of these and the next score, so that rounding moves no row
    across. Scores that tie to rounding stay together, on the low side only if all of them are
    within the share.
    """
    if weights is None:
        weights = np.ones(len(scores))
    scores, weights = scores[weights > 0], weights[weights > 0]
    order = np.argsort(scores)
    share = np.cumsum(weights[order] / weights.max())
    share /= share[-1]
    ranked = scores[order]
    tie = np.where(np.isfinite(ranked), TIE * np.maximum(1, np.abs(ranked)), 0)
    ends = np.flatnonzero(np.append(ranked[1:] > (ranked + tie)[:-1], True))  # of tied groups
    low = ends[share[ends] <= contamination * (1 + len(scores) * np.finfo(float).eps)]
    first_high = low[-1] + 1 if len(low) else 0
    at = ranked[first_high]
    if first_high > 0 and np.isfinite(ranked[first_high - 1]):
        at = ranked[first_high - 1] + 0.5 * (at - ranked[first_high - 1])
    largest = np.finfo(float).max  # densities may be 0 or infinite, a threshold is finite
    return float(np.clip(at, -largest, largest))


def model_threshold(model: Model, contamination: float) -> float:
    """Return the log density below which the model itself puts the share ``contamination``.

    It is the quantile of draws with a fixed key, so a model has one threshold.
    """
    draws = model.rvs(THRESHOLD_DRAWS, seed=0)
    return threshold(model.log_prob(draws), contamination)
