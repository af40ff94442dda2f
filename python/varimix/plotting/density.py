"""The exact law of a choice of columns, and its regions of highest density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import (
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
)

Values = NDArray[np.float64]

SHAPES: dict[type[Any], tuple[str, ...]] = {
    NormalInverseGaussian: ("mu_ig", "lam"),
    VarianceGamma: ("alpha", "beta"),
    NormalInverseGamma: ("alpha", "beta"),
    GeneralizedHyperbolic: ("p", "a", "b"),
}
"""Parameters of each family's law of Y."""

BORDER = 0.15
"""Share of its width by which a grid is wider than the draws in the region that it is to show."""


def margin(model: MeanVarianceMixture, columns: Sequence[int]) -> MeanVarianceMixture:
    """Return the exact law of some columns of X: the family is closed under margins.

    X_A = mu_A + gamma_A Y + sqrt(Y) Z_A, Z_A ~ N(0, Sigma_AA), with the same Y.
    """
    chosen = list(columns)
    shape = {name: getattr(model, name) for name in SHAPES[type(model)]}
    law: MeanVarianceMixture = type(model).from_classical(
        mu=model.mu[chosen],
        gamma=model.gamma[chosen],
        sigma=model.sigma()[np.ix_(chosen, chosen)],
        **shape,
    )
    return law


def region_levels(log_density: Values, probabilities: Sequence[float]) -> Values:
    """Return the log densities above which a law lies with these probabilities (HDRs).

    ``log_density`` are those of draws of the law at themselves; the level of p is their (1 - p)
    quantile (Hyndman 1996, The American Statistician 50:120). With n draws the region's
    probability has the standard error sqrt(p (1 - p) / n).
    """
    return np.quantile(log_density, 1.0 - np.asarray(probabilities))


@dataclass(frozen=True)
class Surface:
    """A log density over a grid in two dimensions, and the levels of regions in it."""

    x: Values
    y: Values
    log_density: Values
    levels: Values


def surface(
    law: MeanVarianceMixture, draws: Values, probabilities: Sequence[float], size: int
) -> Surface:
    """Return the log density of a two-dimensional law over the regions of these probabilities.

    The grid of size^2 points is a parallelogram along the principal axes of the draws within the
    largest region, so that a thin region is seen as well as a round one. Where the density is
    infinite, at mu of a VarianceGamma, the grid has its largest finite value.
    """
    log_density = law.log_prob(draws)
    levels = region_levels(log_density, probabilities)
    inside = draws[log_density >= levels.min()]
    centre = inside.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(inside.T))
    along = (inside - centre) @ axes
    low, high = along.min(axis=0), along.max(axis=0)
    border = BORDER * (high - low)
    sides = [np.linspace(a, b, size) for a, b in zip(low - border, high + border, strict=True)]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1) @ axes.T + centre
    heights = law.log_prob(grid.reshape(-1, 2)).reshape(size, size)
    top = heights[np.isfinite(heights)].max()
    return Surface(grid[..., 0], grid[..., 1], np.minimum(heights, top), levels)
