"""Writes tests/data/large_shapes.csv: densities of variance gamma and normal inverse gamma laws.

Y has mean about 1 and a shape up to a million, where the density is a small difference of large
terms. X = gamma Y + sqrt(Y) Z; its density is the integral over log Y of the normal density times
that of Y, divided by the integral of the latter. This takes a minute. Needs mpmath.

usage: python tools/make_large_shapes.py > tests/data/large_shapes.csv
"""

import itertools
import math

import mpmath as mp
from positive_integral import integrate
from univariate_tail_integrals import Law

SHAPES = (16.0, 100.0, 1e3, 1e4, 1e5, 1e6)
GAMMAS = (0.0, 0.5)
POINTS = (0.25, 1.0, -3.0, 12.0)
FURTHEST = 300.0  # the largest |log Y| for which doubles are used
WRITTEN_DIGITS = 20


def log_density(law: Law, x: float) -> mp.mpf:
    """Return the log density of X at x, for mu = 0 and sigma = 1."""
    root = mp.sqrt(law.unit)
    c, g = x / root, law.gamma * root
    rough_c, rough_g = float(c), float(g)

    def integrand(s: mp.mpf) -> mp.mpf:
        half = mp.exp(s / 2)
        return law.weight(s) * mp.exp(-((c / half - g * half) ** 2) / 2) / half

    def height(s: float) -> float:
        half = math.exp(max(-FURTHEST, min(s, FURTHEST)) / 2)
        return law.weight_height(s) - (rough_c / half - rough_g * half) ** 2 / 2 - s / 2

    return mp.log(integrate(integrand, height) / law.mass() / root / mp.sqrt(2 * mp.pi))


def main() -> None:
    """Write the table to the standard output."""
    print("family,shape,gamma,x,log_density")
    for shape, gamma, x in itertools.product(SHAPES, GAMMAS, POINTS):
        for family, p, a, b in (
            ("VarianceGamma", shape, 2 * shape, 0.0),
            ("NormalInverseGamma", -shape, 0.0, 2 * shape),
        ):
            value = log_density(Law(p, a, b, 0.0, gamma, 1.0), x)
            print(family, shape, gamma, x, mp.nstr(value, WRITTEN_DIGITS), sep=",")


if __name__ == "__main__":
    main()
