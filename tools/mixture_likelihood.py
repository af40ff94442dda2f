"""Computes log-likelihoods of normal variance-mean mixtures and their exact gradients, in NumPy.

This serves to check the library, and is independent of it: it has no Bessel function and no EM.
With t = log y the density of a row is an integral over the real line of an analytic, doubly
exponentially decaying function, which the trapezoidal rule meets to rounding; the same sums give
E[Y|x], E[1/Y|x], E[log Y|x] and so, by Fisher's identity, the gradient.

All families are in one gauge: Y is GIG(p, a, b) with p = (a - b) / 2, so that the density of log Y
has its mode at 0. Then the NIG is b = a + 1, the variance gamma law b = 0, the skewed t (normal
inverse gamma) a = 0, and both faces are ordinary edges of the quadrant a, b >= 0.
"""

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import digamma, gammaln

ROOT = Path(__file__).resolve().parent.parent
Array = NDArray[np.float64]

LARGEST_DROP = 60.0  # the integrand is cut where it is e^-60 of its peak
# The step is h = 1 / sqrt(16 + 2.3 w), w the peak's curvature. The error, which is the least over
# theta < pi/2 of cos(theta)^-w e^(-2 pi theta / h), is below e^-37 for every w.
STEP_CONSTANT, STEP_SLOPE = 16.0, 2.3
FEW_NODES = 96
NEWTON_STEPS = 4  # steps that refine the ends of the range; they only save nodes
LOG_2PI = float(np.log(2 * np.pi))


def log_returns(columns: int | None = None) -> Array:
    """Return the daily log-returns of the first stocks of data/: log(today / the day before)."""
    with gzip.open(ROOT / "data" / "sp500_20_daily_prices.csv.gz", "rt", newline="") as file:
        prices = np.array([row[1:] for row in list(csv.reader(file))[1:]], dtype=float)
    return np.diff(np.log(prices), axis=0)[:, :columns]


def table(name: str) -> Array:
    """Return a table of numbers of tests/data/ with a header."""
    return np.loadtxt(ROOT / "tests" / "data" / name, delimiter=",", skiprows=1, ndmin=2)


DATA: dict[str, Callable[[], Array]] = {
    "nig_rows": lambda: table("nig_rows.csv"),
    "stock_1": lambda: log_returns(1),
    "stock_5": lambda: log_returns(5)[:, 4:],
    "stocks_2": lambda: log_returns(2),
    "stocks_20": log_returns,
}


@dataclass(frozen=True)
class Moments:
    """Log of the integral of y^(p-1) e^(-(a y + b / y)/2), and three means of GIG(p, a, b)."""

    log_integral: Array
    y: Array
    inv_y: Array
    log_y: Array


def gig(p: float, a: Array, b: Array) -> Moments:
    """Return the moments by the trapezoidal rule around the mode y0 of y^p e^(-(a y + b / y)/2).

    With y = y0 e^s the exponent is -A (e^s - 1 - s) - B (e^-s - 1 + s), A = a y0/2, B = b / (2 y0).
    The domain is a, b >= 0, and a > 0 if p >= 0, b > 0 if p <= 0. Moments are finite where their
    integrals are.
    """
    root = np.sqrt(p * p + a * b)
    y0 = (p + root) / a if p > 0 else b / (root - p)
    right, left = a * y0 / 2, b / (2 * y0)
    high, low = reach(right, left), reach(left, right)
    span, w = high + low, right + left
    nodes = np.ceil(span * np.sqrt(STEP_CONSTANT + STEP_SLOPE * w)).astype(int) + 1
    moments = np.empty((4, a.size))
    for group in (nodes <= FEW_NODES, nodes > FEW_NODES):  # rows near a face need many nodes
        if group.any():
            part = (right[group], left[group], low[group], span[group])
            moments[:, group] = around_mode(*part, int(nodes[group].max()))
    log_sum, up, down, s = moments
    return Moments(p * np.log(y0) - w + log_sum, y0 * up, down / y0, np.log(y0) + s)


def around_mode(right: Array, left: Array, low: Array, span: Array, nodes: int) -> Array:
    """Return log of the integral over s, and the means of e^s, e^-s, s."""
    step = span / (nodes - 1)
    s = step[:, None] * np.arange(nodes) - low[:, None]
    up = np.exp(s)
    weight = np.exp(-right[:, None] * (up - 1 - s) - left[:, None] * (1 / up - 1 + s))
    total = weight.sum(1)
    means = [(weight * f).sum(1) / total for f in (up, 1 / up, s)]
    return np.array([np.log(step * total), *means])


def reach(near: Array, far: Array) -> Array:
    """Return an s > 0 with near (e^s - 1 - s) + far (e^-s - 1 + s) about LARGEST_DROP, not below.

    Each term alone gives a bound; Newton's steps on a convex function stay above the root.
    """
    with np.errstate(divide="ignore"):
        ratio, other = LARGEST_DROP / near, LARGEST_DROP / far
    below_one = np.exp(-1.0)  # e^-s - 1 + s >= s^2 / e for s <= 1
    s = np.minimum(np.sqrt(2 * ratio), np.log1p(ratio) + 1)
    s = np.minimum(s, np.where(other < below_one, np.sqrt(other / below_one), 1 + other))
    for _ in range(NEWTON_STEPS):
        excess = near * (np.expm1(s) - s) + far * (np.expm1(-s) + s) - LARGEST_DROP
        s -= excess / (near * np.expm1(s) - far * np.expm1(-s))
    return s


def prior(a: float, b: float) -> Moments:
    """Return the moments of Y for p = (a - b)/2, also on a face; E[Y] or E[1/Y] may be inf."""
    if a > 0 and b > 0:
        return gig((a - b) / 2, np.array([a]), np.array([b]))
    alpha = (a + b) / 2
    log_integral, log_mean = gammaln(alpha) - alpha * np.log(alpha), digamma(alpha) - np.log(alpha)
    other = alpha / (alpha - 1) if alpha > 1 else np.inf  # E[1/Y] of the gamma law with E[Y] = 1
    y, inv_y, log_y = (1.0, other, log_mean) if b == 0 else (other, 1.0, -log_mean)
    return Moments(*(np.array([value]) for value in (log_integral, y, inv_y, log_y)))


@dataclass(frozen=True)
class Model:
    """A model given by mu, gamma, the lower Cholesky factor of Sigma, and a, b; p = (a - b) / 2."""

    mu: Array
    gamma: Array
    factor: Array
    a: float
    b: float

    @property
    def p(self) -> float:
        """The order of the law of Y."""
        return (self.a - self.b) / 2

    def affine(self, shift: Array, scale: Array) -> "Model":
        """Return the law of shift + scale X; scale is lower triangular."""
        mu, gamma = shift + scale @ self.mu, scale @ self.gamma
        return Model(mu, gamma, scale @ self.factor, self.a, self.b)


@dataclass(frozen=True)
class Score:
    """A total log-likelihood and its derivatives; that by an a or b of 0 may be infinite."""

    log_likelihood: float
    mu: Array
    gamma: Array
    factor: Array
    a: float
    b: float


def score(model: Model, rows: Array) -> Score:
    """Return the total log-likelihood of the rows and its gradient."""
    n, d = rows.shape
    u = solve_triangular(model.factor, (rows - model.mu).T, lower=True).T
    g = solve_triangular(model.factor, model.gamma, lower=True)
    q = np.einsum("ij,ij->i", u, u)
    post = gig(model.p - d / 2, np.full(n, model.a + g @ g), model.b + q)
    own = prior(model.a, model.b)
    log_det = float(np.log(np.diag(model.factor)).sum())
    constant = -d / 2 * LOG_2PI - log_det - own.log_integral[0]
    log_likelihood = float(np.sum(post.log_integral + u @ g + constant))
    outer = (post.inv_y[:, None] * u).T @ u + post.y.sum() * np.outer(g, g) - n * np.eye(d)
    cross = np.outer(u.sum(0), g)
    slopes = np.column_stack(
        [post.inv_y @ u - n * g, u.sum(0) - post.y.sum() * g, outer - cross - cross.T]
    )
    slopes = solve_triangular(model.factor, slopes, lower=True, trans="T")
    by_p = post.log_y.sum() - n * own.log_y[0]
    by_a = (n * own.y[0] - post.y.sum() + by_p) / 2
    by_b = (n * own.inv_y[0] - post.inv_y.sum() - by_p) / 2
    return Score(log_likelihood, slopes[:, 0], slopes[:, 1], np.tril(slopes[:, 2:]), by_a, by_b)
