"""Writes tests/data/univariate_tails.csv: both tails of one-dimensional laws of all four families.

For every law it is checked that the integral of the density of Y is its closed form; at every
point, that the two tails sum to one, where neither is small; at every third point, if the order of
the Bessel function allows it, that the smaller tail is the integral of the density of X. This takes
some minutes on two cores. Needs mpmath.

usage: python tools/make_univariate_tails.py > tests/data/univariate_tails.csv
"""

import itertools
import math
from collections.abc import Iterator
from multiprocessing import Pool

import mpmath as mp
from positive_integral import log_integral
from univariate_tail_integrals import Law

GAMMA_SHAPES = (0.01, 0.05, 0.3, 0.5, 1.06, 5.0, 200.0, 1e5)
INVERSE_GAMMA_SHAPES = (0.05, 0.6, 1.5, 3.0, 50.0, 1e4)
INVERSE_TAIL_WEIGHTS = (0.1, 1.0, 10.0, 100.0, 1e4, 1e8)  # lam, with mu_ig = 1
GIG_PARAMETERS = (
    (2.0, 1.5, 0.7),
    (-1.7, 0.3, 2.0),
    (0.0, 1.0, 1.0),
    (0.4, 0.5, 1e-9),
    (3.0, 2.0, 1e-14),
    (-0.8, 1e-9, 1.0),
    (-2.5, 1e-14, 3.0),
    (30.0, 10.0, 4.0),
    (-60.0, 3.0, 100.0),
    (1.0, 3e4, 2e4),
)
SKEWS = (0.0, 0.5, -8.0, 150.0)  # gamma, in units of sigma / sqrt(mode of log Y)
GIG_SKEWS = (-0.7, 6.0, -2000.0)
# Each law takes the next (mu, sigma), and each tail the next log level, of doubles and beyond.
SETTINGS = ((0.0, 1.0), (0.25, 2.0), (-3.0, 0.01))
LOG_LEVELS = tuple(math.log(10.0) * power for power in (-300, -6, -100, -2, -200, -40, -14))
DEEP_LOG_LEVELS = (-800.0, -1e5, -3000.0)

MASS_CHECK = mp.mpf("1e-22")
SUM_CHECK = mp.mpf("1e-20")
DENSITY_CHECK = mp.mpf("1e-17")
CHECKED_EVERY = 3
LARGEST_CHECKED_ORDER = 100.0  # beyond it, mpmath's Bessel functions take hours
# The largest |gamma (x - mu)| / sigma^2; the exponent of the density is a small difference of such
# terms.
LARGEST_CHECKED_EXPONENT = 1e12
TWO_SIDED = 0.01  # above it, both tails are integrated
LEAST_DOUBLE = mp.mpf("1e-307")  # below it, a number is written as 0
WRITTEN_DIGITS = 20


def log_level(law: Law, x: float, sign: int) -> float:
    """Return log of a tail, up to a constant of the law, to a digit or two."""
    return log_integral(law.tail_height(x, sign))


def quantile(law: Law, level: float, sign: int) -> float:
    """Return an x of six digits with a probability of about e^level beyond it."""
    centre, furthest = law.mu + law.gamma * law.unit, 500.0
    whole = log_integral(law.weight_height)
    low, high = -furthest, furthest
    for _ in range(30):
        w = (low + high) / 2
        if log_level(law, centre + sign * law.width * math.sinh(w), sign) - whole > level:
            high = w
        else:
            low = w
    return float(f"{centre + sign * law.width * math.sinh(low):.6g}")


def laws() -> Iterator[tuple[str, Law]]:
    """Yield families and laws."""
    gammas = [(alpha, 2.0 * alpha, 0.0) for alpha in GAMMA_SHAPES]
    inverse_gammas = [(-alpha, 0.0, 2.0 * alpha) for alpha in INVERSE_GAMMA_SHAPES]
    inverse_gaussians = [(-0.5, lam, lam) for lam in INVERSE_TAIL_WEIGHTS]
    shapes = itertools.chain(
        itertools.product(["vg"], gammas, SKEWS),
        itertools.product(["ninvg"], inverse_gammas, SKEWS),
        itertools.product(["nig"], inverse_gaussians, SKEWS),
        itertools.product(["gh"], GIG_PARAMETERS, GIG_SKEWS),
    )
    settings = itertools.cycle(SETTINGS)
    for (family, (p, a, b), skew), (mu, sigma) in zip(shapes, settings, strict=False):
        unit = Law(p, a, b, mu, 0.0, sigma).unit
        gamma = float(f"{skew * sigma / math.sqrt(unit):.6g}")
        yield family, Law(p, a, b, mu, gamma, sigma)


def points(law: Law, index: int) -> Iterator[float]:
    """Yield x in either tail, further out, near the centre and beside mu."""
    for side, sign in enumerate((1, -1)):
        turn = 2 * index + side
        yield quantile(law, LOG_LEVELS[turn % len(LOG_LEVELS)], sign)
        yield quantile(law, DEEP_LOG_LEVELS[turn % len(DEEP_LOG_LEVELS)], sign)
    yield float(f"{law.mu + law.gamma * law.unit + 0.3 * law.width:.6g}")
    yield float(f"{law.mu + 0.001 * law.width:.6g}")


def has_checkable_density(law: Law, x: float) -> bool:
    """Return whether the density of X can be integrated from x in a reasonable time."""
    exponent = abs(law.gamma) / law.sigma * (abs(x - law.mu) / law.sigma)
    return abs(law.p) < LARGEST_CHECKED_ORDER and exponent < LARGEST_CHECKED_EXPONENT


def tails(law: Law, x: float, mass: mp.mpf, is_checked: bool) -> tuple[mp.mpf, mp.mpf]:
    """Return P(X <= x) and P(X > x), after checking them."""
    sign = 1 if log_level(law, x, 1) < log_level(law, x, -1) else -1
    smaller = law.tail(x, sign, mass)
    larger = 1 - smaller
    if smaller > TWO_SIDED:
        assert abs(law.tail(x, -sign, mass) - larger) < SUM_CHECK, (law, x)
    if is_checked:
        other = law.tail_of_density(x, sign, law.log_mass())
        assert abs(other / smaller - 1) < DENSITY_CHECK, (law, x, smaller, other)
    return (smaller, larger) if sign == 1 else (larger, smaller)


def rows(task: tuple[int, tuple[str, Law]]) -> list[str]:
    """Return the lines of one law."""
    index, (family, law) = task
    mass = law.mass()
    log_mass = law.log_mass()
    assert abs(law.log_mass_of_weight(mass) - log_mass) < MASS_CHECK * max(1, abs(log_mass)), law
    lines = []
    for k, x in enumerate(dict.fromkeys(points(law, index))):
        is_checked = (index + k) % CHECKED_EVERY == 0 and has_checkable_density(law, x)
        below, above = tails(law, x, mass, is_checked)
        log_below = mp.log(below) if below < above else mp.log1p(-above)
        log_above = mp.log(above) if above < below else mp.log1p(-below)
        exact = (below, above, log_below, log_above)
        values = [v if abs(v) > LEAST_DOUBLE else mp.mpf(0) for v in exact]
        doubles = (law.p, law.a, law.b, law.mu, law.gamma, law.sigma, x)
        words = [*map(repr, doubles), *(mp.nstr(v, WRITTEN_DIGITS) for v in values)]
        lines.append(",".join([family, *words]))
    return lines


def main() -> None:
    """Write the table to the standard output."""
    print("family,p,a,b,mu,gamma,sigma,x,cdf,sf,log_cdf,log_sf")
    with Pool() as pool:
        for lines in pool.imap(rows, enumerate(laws())):
            print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
