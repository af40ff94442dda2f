"""Writes divergences.csv: squared Hellinger distance and KL divergence of (X, Y), by mpmath.

Both laws are put in the gauge in which log Y has its mode at 0. Given Y = y the normal laws have
their textbook affinity and divergence; what is left is an integral over t = log y of the two
densities of Y, by the trapezoidal rule at 60 digits, halved until two results agree to 30 digits.
Nothing of the exponential family is used. Needs mpmath.

usage: python tests/data/make_divergences.py > tests/data/divergences.csv
"""

import itertools
import random
from collections.abc import Callable

import mpmath as mp

WORKING_DIGITS = 60
AGREEMENT = mp.mpf("1e-30")
WRITTEN_DIGITS = 20
SEED = 20260101
# Shapes of Y, of unit size: far apart, heavy, light and nearly constant.
SHAPES = {
    "NormalInverseGaussian": [(1.0, 1.5), (0.5, 0.3), (2.0, 250.0), (1.0, 1e6)],
    "VarianceGamma": [(1.5, 2.0), (0.75, 0.5), (40.0, 30.0), (3e5, 3e5)],
    "NormalInverseGamma": [(2.25, 1.5), (0.75, 0.5), (40.0, 50.0), (3e5, 2e5)],
    "GeneralizedHyperbolic": [
        (0.75, 0.5, 2.0),
        (-1.25, 1e-3, 0.5),
        (1.5, 2.0, 0.0),
        (-2.5, 0.0, 2.0),
        (0.0, 0.125, 0.25),
        (-0.125, 0.004, 0.00015),
        (0.375, 0.5, 1e-250),
        (30.0, 50.0, 1e-8),
        (-2e3, 1e4, 3e3),
    ],
}
PERTURBATIONS = [1e-2, 1e-4, 1e-7]


class Law:
    """A law of (X, Y) from exact doubles, in the gauge in which log Y has its mode at 0."""

    def __init__(self, family: str, y: tuple, mu: list, gamma: list, factor: list) -> None:
        self.family, self.given = family, (y, mu, gamma, factor)
        d = len(mu)
        theta = [mp.mpf(v) for v in y]
        self.p, a, b = {
            "NormalInverseGaussian": lambda m, lam: (-mp.mpf(1) / 2, lam / m**2, lam),
            "VarianceGamma": lambda alpha, beta: (alpha, 2 * beta, mp.mpf(0)),
            "NormalInverseGamma": lambda alpha, beta: (-alpha, mp.mpf(0), 2 * beta),
            "GeneralizedHyperbolic": lambda p, a, b: (p, a, b),
        }[family](*theta)
        w = mp.sqrt(self.p**2 + a * b)
        mode = (w + self.p) / a if self.p > 0 else b / (w - self.p)
        self.a, self.b = a * mode, b / mode
        self.mu = mp.matrix(mu)
        self.gamma = mp.matrix(gamma) * mode
        lower = mp.matrix(
            [[factor[i * (i + 1) // 2 + j] if j <= i else 0 for j in range(d)] for i in range(d)]
        )
        self.sigma = lower * lower.T * mode
        self.log_norm = mp.log(trapezoid(lambda t: mp.exp(self.kernel(t)), [self]))

    def kernel(self, t: mp.mpf) -> mp.mpf:
        """Return the log density of log Y at t up to a constant, 0 at its mode."""
        return self.p * t - (self.a * mp.expm1(t) + self.b * mp.expm1(-t)) / 2

    def log_density(self, t: mp.mpf) -> mp.mpf:
        """Return the log density of log Y at t."""
        return self.kernel(t) - self.log_norm

    def columns(self) -> list[str]:
        """Return the parameters as fields."""
        return [" ".join(repr(v) for v in part) for part in self.given]


def trapezoid(f: Callable[[mp.mpf], mp.mpf], laws: list) -> mp.mpf:
    """Return the integral of f over the line; it is negligible where every law's kernel is."""
    largest = max((law.a + law.b) / 2 for law in laws)
    depth = mp.log(AGREEMENT) * 3

    def end(sign: int) -> mp.mpf:
        t = 1 / mp.sqrt(largest)
        while max(law.kernel(sign * t) for law in laws) > depth:
            t *= mp.mpf("1.1")
        return t

    left, right = end(-1), end(1)
    step = min(mp.mpf(1) / 4, 1 / mp.sqrt(largest))
    total = mp.fsum(f(k * step) for k in range(-int(left / step), int(right / step) + 1))
    while True:
        between = mp.fsum(
            f((k + mp.mpf(1) / 2) * step)
            for k in range(-int(left / step) - 1, int(right / step) + 1)
        )
        if abs(between - total) <= AGREEMENT * abs(total):
            return step / 2 * (total + between)
        total += between
        step /= 2


def squared_hellinger(one: Law, two: Law) -> mp.mpf:
    """Return 1 less the affinity."""
    middle = (one.sigma + two.sigma) / 2
    inverse = middle**-1
    of_sigma = (mp.det(one.sigma) * mp.det(two.sigma)) ** (mp.mpf(1) / 4) / mp.sqrt(mp.det(middle))

    def integrand(t: mp.mpf) -> mp.mpf:
        y = mp.exp(t)
        shift = one.mu - two.mu + y * (one.gamma - two.gamma)
        distance = (shift.T * inverse * shift)[0] / y
        return mp.exp((one.log_density(t) + two.log_density(t)) / 2 - distance / 8)

    return 1 - of_sigma * trapezoid(integrand, [one, two])


def kl_divergence(one: Law, two: Law) -> mp.mpf:
    """Return KL(one || two)."""
    inverse = two.sigma**-1
    product = inverse * one.sigma
    d = one.sigma.rows
    of_sigma = (sum(product[i, i] for i in range(d)) - d - mp.log(mp.det(product))) / 2

    def integrand(t: mp.mpf) -> mp.mpf:
        y = mp.exp(t)
        shift = one.mu - two.mu + y * (one.gamma - two.gamma)
        distance = (shift.T * inverse * shift)[0] / y
        log_one = one.log_density(t)
        return mp.exp(log_one) * (log_one - two.log_density(t) + distance / 2)

    if is_infinite(one, two):
        return mp.inf
    return of_sigma + trapezoid(integrand, [one, two])


def is_infinite(one: Law, two: Law) -> bool:
    """Return whether an infinite moment of `one` has a coefficient."""
    no_inverse = one.b == 0 and one.p <= 1 and (two.b > 0 or mp.norm(one.mu - two.mu) > 0)
    no_mean = one.a == 0 and one.p >= -1 and (two.a > 0 or mp.norm(one.gamma - two.gamma) > 0)
    return no_inverse or no_mean


def some_law(family: str, y: tuple, d: int, draw: random.Random) -> Law:
    """Return a law of this shape with drawn mu, gamma and factor."""
    mu = [round(draw.gauss(0, 1), 3) for _ in range(d)]
    gamma = [round(draw.gauss(0, 1), 3) for _ in range(d)]
    factor = [
        round(2 ** draw.uniform(-1, 1) if i == j else draw.gauss(0, 0.5), 3)
        for i in range(d)
        for j in range(i + 1)
    ]
    return Law(family, y, mu, gamma, factor)


def perturbed(law: Law, size: float, draw: random.Random) -> Law:
    """Return the law with every parameter but zeros changed by a part of about `size`."""

    def near(values: tuple) -> list:
        return [v * (1 + size * draw.uniform(-1, 1)) for v in values]

    y, mu, gamma, factor = law.given
    return Law(law.family, tuple(near(y)), near(mu), near(gamma), near(factor))


def main() -> None:
    """Write the table to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    draw = random.Random(SEED)
    sides = [f"{name}{k}" for k in (1, 2) for name in ("y", "mu", "gamma", "factor")]
    print(",".join(["family", *sides, "squared_hellinger", "kl_divergence"]))
    for family, shapes in SHAPES.items():
        pairs = [
            (some_law(family, one, d, draw), some_law(family, two, d, draw))
            for d, (one, two) in zip(itertools.cycle([1, 2, 3]), itertools.permutations(shapes, 2))
            if max(*one, *two) < 1e3
        ]
        for d, (shape, size) in zip(
            itertools.cycle([2, 1]), itertools.product(shapes, PERTURBATIONS)
        ):
            law = some_law(family, shape, d, draw)
            pairs.append((law, perturbed(law, size, draw)))
        for one, two in pairs:
            values = [squared_hellinger(one, two), kl_divergence(one, two)]
            fields = [
                family,
                *one.columns(),
                *two.columns(),
                *(mp.nstr(v, WRITTEN_DIGITS) for v in values),
            ]
            print(",".join(fields), flush=True)


if __name__ == "__main__":
    main()
