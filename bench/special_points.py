"""Makes the (nu, z) of the benchmark of K_nu(z), in named sets that are the same in every run."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROWS = 1 << 14  # nu, z and u take 384 KB: more than a first-level cache
Z_BITS = 26  # bits of z where tables serve, so that z^2 is exact
SEED = 20

# The tutorial's Normal Inverse Gaussian; SKEWNESS is gamma' Sigma^-1 gamma.
MU_IG, LAM = 1.0, 1.5
GAMMA = np.array([0.4, -0.3])
SIGMA = np.array([[1.0, 0.3], [0.3, 1.0]])
SKEWNESS = float(GAMMA @ np.linalg.solve(SIGMA, GAMMA))


def log_uniform(draw: Generator, low: float, high: float, rows: int) -> Floats:
    """Return numbers whose logarithm is uniform."""
    return np.asarray(np.exp(draw.uniform(math.log(low), math.log(high), rows)))


def squarable(z: Floats) -> Floats:
    """Return the nearest numbers of Z_BITS bits."""
    mantissa, exponent = np.frexp(z)
    return np.asarray(np.ldexp(np.round(np.ldexp(mantissa, Z_BITS)), exponent - Z_BITS))


def vg_near_mode(alpha: float, d: int) -> Callable[[Generator], tuple[Floats, Floats]]:
    """Return a recipe for a Variance Gamma, with nu = alpha - d/2; z = 0 is its mode."""

    def points(draw: Generator) -> tuple[Floats, Floats]:
        z = squarable(log_uniform(draw, 1e-8, 1.0, ROWS))
        return np.full(ROWS, alpha - 0.5 * d), z

    return points


def nig(d: int) -> Callable[[Generator], tuple[Floats, Floats]]:
    """Return a recipe for the E-step of rows drawn from the tutorial's law, in d dimensions.

    There z = sqrt((a + gamma' Sigma^-1 gamma) (b + q)), a = lam / mu_ig^2 and b = lam. In
    coordinates with Sigma = I and gamma along the first axis, x = gamma Y + sqrt(Y) e, where e is
    standard normal and q = x'x.
    """

    def points(draw: Generator) -> tuple[Floats, Floats]:
        y = draw.wald(MU_IG, LAM, ROWS)
        first = math.sqrt(SKEWNESS) * y + np.sqrt(y) * draw.standard_normal(ROWS)
        q = first**2 + (y * draw.chisquare(d - 1, ROWS) if d > 1 else 0.0)
        z = np.sqrt((LAM / MU_IG**2 + SKEWNESS) * (LAM + q))
        return np.full(ROWS, -0.5 - 0.5 * d), squarable(z)

    return points


def gig_fit(draw: Generator) -> tuple[Floats, Floats]:
    """Return points such as a fit of a GIG asks for on its way."""
    return draw.uniform(-3.0, 3.0, ROWS), log_uniform(draw, 1e-8, 1e3, ROWS)


def large_orders(draw: Generator) -> tuple[Floats, Floats]:
    """Return points with the orders of high dimensions."""
    return draw.uniform(100.0, 2000.0, ROWS), log_uniform(draw, 1e-2, 1e4, ROWS)


def small_w(draw: Generator) -> tuple[Floats, Floats]:
    """Return points with a small w = hypot(nu, z), where the integral is evaluated."""
    nu = draw.uniform(-30.0, 30.0, 4 * ROWS)
    z = log_uniform(draw, 1e-3, 30.0, 4 * ROWS)
    inside = np.flatnonzero(np.hypot(nu, z) < 30.0)[:ROWS]
    return nu[inside], z[inside]


def large_w(draw: Generator) -> tuple[Floats, Floats]:
    """Return points with a large w, in every direction, where Debye's expansion is evaluated."""
    w = log_uniform(draw, 40.1, 1e4, ROWS)
    angle = draw.uniform(-0.5 * math.pi, 0.5 * math.pi, ROWS)
    return w * np.sin(angle), w * np.cos(angle)


def extremes(draw: Generator) -> tuple[Floats, Floats]:
    """Return points from the whole domain."""
    sign = draw.choice([-1.0, 1.0], ROWS)
    return sign * log_uniform(draw, 1e-3, 1e4, ROWS), log_uniform(draw, 1e-300, 1e300, ROWS)


@dataclass(frozen=True)
class PointSet:
    """Points at which methods are timed; some of them are checked."""

    name: str
    title: str
    nu: Floats
    z: Floats
    has_tables: bool  # true if all points have one order

    def some(self, count: int) -> "PointSet":
        """Return `count` of the points, drawn without replacement."""
        rows = np.random.default_rng(SEED).choice(len(self.z), count, replace=False)
        return PointSet(self.name, self.title, self.nu[rows], self.z[rows], self.has_tables)

    def write(self, folder: Path) -> Path:
        """Write the points as special_points.hpp reads them, and return the path."""
        path = folder / f"{self.name}.f64"
        np.concatenate([self.nu, self.z]).tofile(path)
        return path


RECIPES: dict[str, tuple[str, Callable[[Generator], tuple[Floats, Floats]]]] = {
    "vg_1": ("Variance Gamma near its mode, d = 1: nu = 0.9, z 1e-8 to 1", vg_near_mode(1.4, 1)),
    "vg_2": ("Variance Gamma near its mode, d = 2: nu = 0.1, z 1e-8 to 1", vg_near_mode(1.1, 2)),
    "nig_2": ("NIG, d = 2: nu = -1.5, z of simulated rows", nig(2)),
    "nig_10": ("NIG, d = 10: nu = -5.5, z of simulated rows", nig(10)),
    "nig_100": ("NIG, d = 100: nu = -50.5, z of simulated rows", nig(100)),
    "gig_fit": ("GIG fit: nu -3 to 3, z 1e-8 to 1e3", gig_fit),
    "w_below_30": ("w < 30: nu -30 to 30, z 1e-3 to 30", small_w),
    "w_from_40": ("w >= 40: w 40 to 1e4, any nu / z", large_w),
    "large_orders": ("Large orders: nu 100 to 2000, z 1e-2 to 1e4", large_orders),
    "extremes": ("Extremes: abs(nu) 1e-3 to 1e4, z 1e-300 to 1e300", extremes),
}


def point_set(name: str) -> PointSet:
    """Return the set of that name."""
    title, recipe = RECIPES[name]
    nu, z = recipe(np.random.default_rng([SEED, list(RECIPES).index(name)]))
    return PointSet(name, title, nu, z, bool(np.all(nu == nu[0])))
