"""The rows that lie farthest out, and the columns that drove them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import MeanVarianceMixture

Values = NDArray[np.float64]

WORST = 10
"""Rows that a report tells of."""


@dataclass(frozen=True)
class Outlier:
    """A row far out.

    Attributes
    ----------
    row : its number
    distance : sqrt(q / k), q its squared Mahalanobis distance, k the number of columns it shows
    weight : E[1/Y | x] over its median over all rows: how much the row counts in a fit
    shares : (d) of q by column, >= 0 and of sum 1; NaN where a value is missing
    """

    row: int
    distance: float
    weight: float
    shares: Values


def outliers(model: MeanVarianceMixture, values: Values, most: int = WORST) -> list[Outlier]:
    """Return the rows of the least E[1/Y | x], the least first.

    E[1/Y | x] falls as the Mahalanobis distance of x grows, and knows how many columns a row shows.
    Distances are from mu + gamma m in the dispersion m Sigma, m the median of Y, which always
    exist: an ordinary row has q near k, so a distance near 1. Cost: one E-step of all rows.
    """
    weights = np.asarray(model.posterior(values, missing="exact").E_inv_Y)
    shown = ~np.isnan(values).all(axis=1)
    usual = float(np.median(weights[shown]))
    order = np.argsort(np.where(shown, weights, np.inf), kind="stable")
    law: Any = model.subordinator()
    middle = float(law.median())
    center = np.asarray(model.mu) + middle * np.asarray(model.gamma)
    dispersion = middle * np.asarray(model.sigma())
    found = []
    for row in order[: min(most, int(shown.sum()))]:
        there = ~np.isnan(values[row])
        deviation = values[row, there] - center[there]
        unit = float(np.abs(deviation).max()) or 1.0  # whose square may overflow
        parts = contributions(deviation / unit, dispersion[np.ix_(there, there)])
        squared = float(parts.sum())
        distance = unit * float(np.sqrt(squared / there.sum()))
        shares = np.full(len(center), np.nan)
        shares[there] = parts / squared if squared > 0.0 else 1.0 / there.sum()
        weight = float(weights[row]) / usual if 0.0 < usual < np.inf else float(weights[row])
        found.append(Outlier(int(row), distance, weight, shares))
    return found


def contributions(deviation: Values, dispersion: Values) -> Values:
    """Return what each column adds to the squared Mahalanobis distance z'S^-1 z: all >= 0.

    With D the diagonal of S and R = D^-1/2 S D^-1/2 its correlations, the sum of squares of
    R^-1/2 D^-1/2 z is the distance, and the transformed variables are those uncorrelated ones that
    are nearest to the columns (Garthwaite and Koch 2016, Australian and New Zealand Journal of
    Statistics 58, 99-119). Eigenvalues of R below its rounding, d eps, are taken as that.

    Parameters
    ----------
    deviation : (k) z
    dispersion : (k, k) S, positive definite
    """
    scale = np.sqrt(np.diag(dispersion))
    standardised = deviation / scale
    correlations = dispersion / np.outer(scale, scale)
    eigenvalues, vectors = np.linalg.eigh(correlations)
    rounding = len(deviation) * np.finfo(float).eps
    roots = np.sqrt(np.maximum(eigenvalues, rounding))
    return np.asarray(np.square(vectors @ ((vectors.T @ standardised) / roots)))
