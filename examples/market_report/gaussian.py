"""The yardstick: a Gaussian that forgets as fast as the NIG it is compared with."""

from dataclasses import dataclass
from math import erfc, log, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from market_report.prices import FloatArray

STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True)
class Gaussian:
    """A multivariate Gaussian with the methods of a varimix model.

    Attributes
    ----------
    center : (d) mean
    dispersion : (d, d) covariance, positive definite
    """

    center: FloatArray
    dispersion: FloatArray

    @classmethod
    def maximum_likelihood(cls, rows: FloatArray) -> "Gaussian":
        """Return the Gaussian with the mean and the covariance (divisor n) of the rows (n, d)."""
        return cls(rows.mean(axis=0), np.atleast_2d(np.cov(rows, rowvar=False, bias=True)))

    def is_proper(self) -> bool:
        """Return whether the covariance is positive definite, in rounded arithmetic."""
        deviations = np.sqrt(np.diag(self.dispersion))
        if not np.all(deviations > 0.0):
            return False
        correlations = self.dispersion / np.outer(deviations, deviations)
        return bool(np.linalg.matrix_rank(correlations, hermitian=True) == len(self.center))

    def cov(self) -> FloatArray:
        """Return the covariance (d, d)."""
        return self.dispersion

    def log_prob(self, X: ArrayLike) -> FloatArray:
        """Return the log density of every row of X (n, d), in nats."""
        factor = np.linalg.cholesky(self.dispersion)
        whitened = np.linalg.solve(factor, (np.asarray(X) - self.center).T)
        log_det = 2.0 * np.log(np.diag(factor)).sum()
        constant = len(self.center) * log(2.0 * pi) + log_det
        return np.asarray(-0.5 * (constant + np.square(whitened).sum(axis=0)))

    def project(self, w: ArrayLike) -> "Gaussian":
        """Return the one-dimensional law of w'X."""
        weights = np.asarray(w, dtype=float)
        return Gaussian(
            np.array([weights @ self.center]), np.array([[weights @ self.dispersion @ weights]])
        )

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Return P(X <= x) elementwise, d = 1 only; by erfc both tails keep their digits."""
        return _upper_tail(-self._standardised(x))

    def sf(self, x: ArrayLike) -> FloatArray:
        """Return P(X > x) elementwise, d = 1 only."""
        return _upper_tail(self._standardised(x))

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Return the x with cdf(x) = q, elementwise, d = 1 only; q in (0, 1)."""
        return np.asarray(self.center[0] + self._standard_deviation() * normal_quantile(q))

    def _standardised(self, x: ArrayLike) -> FloatArray:
        return np.asarray((np.asarray(x) - self.center[0]) / self._standard_deviation())

    def _standard_deviation(self) -> float:
        return sqrt(self.dispersion[0, 0])


class GaussianEWMA:
    """A Gaussian learned with exponential forgetting: EWMAUpdate of a model without a hidden Y.

    It remembers E[x - o] and E[(x - o)(x - o)'] about a fixed origin o, the first mean, since
    differences of raw moments would lose digits.

    Parameters
    ----------
    start : Gaussian
        The model before the first batch.
    half_life : float
        Rows after which a row weighs half; a batch of m rows has the weight 1 - 2^(-m/half_life).
    """

    def __init__(self, start: Gaussian, half_life: float) -> None:
        self._origin = start.center
        self._half_life = half_life
        self._first = np.zeros_like(start.center)
        self._second = start.dispersion

    @property
    def model(self) -> Gaussian:
        """The Gaussian with the remembered moments."""
        return Gaussian(
            self._origin + self._first, self._second - np.outer(self._first, self._first)
        )

    @property
    def status(self) -> str:
        """Always "ok": a blend of feasible moments is feasible."""
        return "ok"

    def update(self, batch: FloatArray) -> None:
        """Blend the moments of the rows (m, d) into the running ones."""
        weight = 1.0 - 2.0 ** (-len(batch) / self._half_life)
        rows = batch - self._origin
        self._first = (1.0 - weight) * self._first + weight * rows.mean(axis=0)
        self._second = (1.0 - weight) * self._second + weight * (rows.T @ rows) / len(rows)


def normal_quantile(q: ArrayLike) -> FloatArray:
    """Return standard normal quantiles of q in (0, 1), elementwise.

    They have full relative accuracy towards 0.
    """
    return np.asarray(np.vectorize(STANDARD_NORMAL.inv_cdf, otypes=[float])(q))


def _upper_tail(z: FloatArray) -> FloatArray:
    return np.asarray(0.5 * np.vectorize(erfc, otypes=[float])(z / sqrt(2.0)))
