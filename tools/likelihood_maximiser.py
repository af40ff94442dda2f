"""Maximises likelihoods for tools/check_maximum_likelihood.py, by BFGS, then Newton.

The rows are whitened, so that every coordinate is of order one: mu + gamma (nearly the mean),
gamma, the Cholesky factor of Sigma with the logarithms of its diagonal, and the logarithms of the
family's shape. BFGS comes near; Newton's steps with a Hessian from central differences of the exact
gradient finish. The certificate is Newton's decrement, g' (-H)^-1 g / 2 with the gradient g and the
Hessian H: the nats, in all rows together, by which the quadratic model still rises.
"""

from dataclasses import dataclass, replace

import numpy as np
from mixture_likelihood import Array, Model, prior, score
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

SHAPES = {  # the number of logarithms that describe the law of Y in the gauge p = (a - b)/2
    "NormalInverseGaussian": 1,
    "VarianceGamma": 1,
    "NormalInverseGamma": 1,
    "GeneralizedHyperbolic": 2,
}
GRADIENT_PER_ROW = 1e-7  # BFGS may stop at a gradient below this
MOST_STEPS = 2000
DIFFERENCE_STEP = 1e-5
NEWTON_ROUNDS = 10
ENOUGH = 1e-20  # nats; with a gap below it another round changes nothing
SPREAD_OF_STARTS = 0.3
ROWS_TO_TRY = 60  # mu may be pinned at so many distinct rows, the nearest to a first fit
ROWS_TO_FIT = 5  # so many of them, the best, are fitted
AT_A_ROW, VOID = "mu at a row", "mu between poles at the rows"


@dataclass(frozen=True)
class Coordinates:
    """The unconstrained coordinates of a family in d dimensions; mu is free or pinned."""

    family: str
    d: int
    mu: Array | None = None

    @property
    def size(self) -> int:
        """The number of coordinates."""
        vectors = self.d if self.mu is not None else 2 * self.d
        return vectors + self.d * (self.d + 1) // 2 + SHAPES[self.family]

    def start(self) -> Array:
        """Return mu = gamma = 0, Sigma = I, shape e."""
        x = np.zeros(self.size)
        x[-SHAPES[self.family] :] = 1
        return x

    def shape(self, logs: Array) -> tuple[Array, Array]:
        """Return (a, b) and its derivatives by the logarithms, a column for each logarithm."""
        first, last = np.exp(logs[0]), np.exp(logs[-1])
        if self.family == "NormalInverseGaussian":
            return np.array([first, first + 1]), np.array([[first], [first]])
        if self.family == "VarianceGamma":
            return np.array([first, 0]), np.array([[first], [0]])
        if self.family == "NormalInverseGamma":
            return np.array([0, first]), np.array([[0], [first]])
        return np.array([first, last]), np.diag([first, last])

    def model(self, x: Array) -> Model:
        """Return the model of a point."""
        logs = x[-SHAPES[self.family] :]
        vectors, lower = np.split(x[: -len(logs)], [-self.d * (self.d + 1) // 2])
        factor = np.zeros((self.d, self.d))
        factor[np.tril_indices(self.d)] = lower
        np.fill_diagonal(factor, np.exp(np.diag(factor)))
        gamma = vectors[-self.d :]
        mu = vectors[: self.d] - gamma if self.mu is None else self.mu
        return Model(mu, gamma, factor, *map(float, self.shape(logs)[0]))

    def evaluate(self, x: Array, rows: Array) -> tuple[float, Array]:
        """Return the log-likelihood and its gradient."""
        model = self.model(x)
        s = score(model, rows)
        factor = s.factor.copy()
        np.fill_diagonal(factor, np.diag(s.factor) * np.diag(model.factor))
        vectors = [s.mu, s.gamma - s.mu] if self.mu is None else [s.gamma]
        slopes = self.shape(x[-SHAPES[self.family] :])[1]
        by_ab = np.where(slopes.any(1), [s.a, s.b], 0)  # the slope by an a or b of 0 may be inf
        lower = factor[np.tril_indices(self.d)]
        return s.log_likelihood, np.concatenate([*vectors, lower, by_ab @ slopes])


@dataclass(frozen=True)
class Fit:
    """A maximum. gap is Newton's decrement, gradient the largest |g_i| / sqrt(-H_ii); both nats."""

    family: str
    model: Model
    log_likelihood: float
    gap: float
    gradient: float
    note: str


def whitened(rows: Array) -> tuple[Array, Array, Array]:
    """Return mean, Cholesky factor of the covariance, and the rows with mean 0, covariance I."""
    mean = rows.mean(0)
    factor = np.linalg.cholesky((rows - mean).T @ (rows - mean) / len(rows))
    return mean, factor, solve_triangular(factor, (rows - mean).T, lower=True).T


def climb(space: Coordinates, x: Array, rows: Array) -> Array:
    """Return where BFGS ends."""

    def loss(x: Array) -> tuple[float, Array]:
        value, gradient = space.evaluate(x, rows)
        return -value / len(rows), -gradient / len(rows)

    options = {"gtol": GRADIENT_PER_ROW, "maxiter": MOST_STEPS}
    return minimize(loss, x, jac=True, method="BFGS", options=options).x


def hessian(space: Coordinates, x: Array, rows: Array) -> Array:
    """Return the Hessian, from central differences of the gradient."""
    steps = DIFFERENCE_STEP * np.eye(len(x))
    sides = [(space.evaluate(x + h, rows)[1], space.evaluate(x - h, rows)[1]) for h in steps]
    h = np.array([up - down for up, down in sides]) / (2 * DIFFERENCE_STEP)
    return (h + h.T) / 2


def polish(space: Coordinates, x: Array, rows: Array, h: Array) -> tuple[Array, float, float]:
    """Return the best point of Newton's steps with a fixed Hessian h, its gap and its gradient.

    The last two are as in Fit. Raises LinAlgError where -h is not positive definite, so that there
    is no maximum.
    """
    negative = cho_factor(-h)
    best = (x, np.inf, np.inf)
    for _ in range(NEWTON_ROUNDS):
        gradient = space.evaluate(x, rows)[1]
        step = cho_solve(negative, gradient)
        gap = float(gradient @ step / 2)
        if gap < best[1]:
            best = (x, gap, float(np.max(np.abs(gradient) / np.sqrt(-np.diag(h)))))
        if gap < ENOUGH:
            break
        x = x + step
    return best


def maximum(space: Coordinates, rows: Array, start: Array, note: str) -> Fit:
    """Return the maximum near a start."""
    x = climb(space, start, rows)
    x, gap, gradient = polish(space, x, rows, hessian(space, x, rows))
    value = space.evaluate(x, rows)[0]
    return Fit(space.family, space.model(x), value, gap, gradient, note)


def second_start(space: Coordinates, rows: Array, seed: int) -> float:
    """Return the log-likelihood at which BFGS from a perturbed start ends."""
    noise = np.random.default_rng(seed).standard_normal(space.size)
    x = climb(space, space.start() + SPREAD_OF_STARTS * noise, rows)
    return space.evaluate(x, rows)[0]


def fit_variance_gamma(rows: Array) -> Fit:
    """Return the best local maximum found, with mu between the rows or, at a cusp, at one of them.

    There is no global maximum: the likelihood is infinite for mu at any row and alpha <= d/2. For
    alpha in (d/2, (d + 1)/2) the log density log f falls from its peak like
    |x - mu|^(2 alpha - d), with infinite slope, so every row is a local maximum in mu, and those
    near a first fit are tried. For a larger alpha f is smooth enough, and for a smaller one the
    maximum lies in the void between the rows.
    """
    d = rows.shape[1]
    free = Coordinates("VarianceGamma", d)
    x = climb(free, free.start(), rows)
    first = free.model(x)
    alpha = first.a / 2
    if not d / 2 < alpha < (d + 1) / 2:
        return maximum(free, rows, x, VOID if alpha <= d / 2 else "")
    distinct = np.unique(rows, axis=0)
    distance = solve_triangular(first.factor, (distinct - first.mu).T, lower=True)
    near = distinct[np.argsort((distance**2).sum(0))[:ROWS_TO_TRY]]
    tries = []
    for row in near:
        pinned = Coordinates("VarianceGamma", d, row)
        start = np.concatenate([first.mu + first.gamma - row, x[2 * d :]])
        tries.append((pinned.evaluate(start, rows)[0], pinned, start))
    tries.sort(key=lambda t: -t[0])
    fits = [maximum(space, rows, start, AT_A_ROW) for _, space, start in tries[:ROWS_TO_FIT]]
    return max(fits, key=lambda fit: fit.log_likelihood)


def fit_generalized_hyperbolic(rows: Array, skewed_t: Fit, gamma: Fit) -> Fit:
    """Return the best of the maximum inside and of those on faces whose slope leads not inwards."""
    faces = []
    if score(skewed_t.model, rows).a <= 0:
        faces.append(replace(skewed_t, note="face a = 0"))
    if not gamma.note and score(gamma.model, rows).b <= 0:
        faces.append(replace(gamma, note="face b = 0"))
    space = Coordinates("GeneralizedHyperbolic", rows.shape[1])
    x = climb(space, space.start(), rows)
    inside = space.evaluate(x, rows)[0]
    best = max(faces, key=lambda fit: fit.log_likelihood, default=None)
    if best is None or inside > best.log_likelihood:
        best = maximum(space, rows, x, "")
    return replace(best, family=space.family)


def fit_all(rows: Array) -> list[Fit]:
    """Return the maxima of the four families on whitened rows."""
    spaces = [Coordinates(name, rows.shape[1]) for name in SHAPES]
    inverse_gaussian, skewed_t = (maximum(s, rows, s.start(), "") for s in (spaces[0], spaces[2]))
    gamma = fit_variance_gamma(rows)
    whole = fit_generalized_hyperbolic(rows, skewed_t, gamma)
    return [inverse_gaussian, gamma, skewed_t, whole]


def mean_of_y(model: Model) -> float:
    """Return E[Y], which may be infinite."""
    return float(prior(model.a, model.b).y[0])
