"""Writes nig_extreme_skew.csv: log densities of NIG laws of extreme skewness, by mpmath.

The laws have d = 2, mu = 0, Sigma = I, mu_ig = 1 and gamma = skew (0.8, -0.6);
x = along (0.8, -0.6) + across (0.6, 0.8). All are exact doubles. Along gamma the density falls
slowly, as the difference of two large exponents. Needs mpmath.

usage: python tests/data/make_nig_extreme_skew.py > tests/data/nig_extreme_skew.csv
"""

import itertools

import mpmath as mp

WORKING_DIGITS = 60
WRITTEN_DIGITS = 20
SKEWS = [1.0, 5.0, 20.0, 100.0, 1000.0]
LAMS = [0.1, 1.0, 10.0]
ALONG = [-2.0, 0.5, 5.0, 100.0, 20000.0]
ACROSS = [0.0, 1.5]


def log_density(gamma: list[float], lam: float, x: list[float]) -> mp.mpf:
    """Return log f(x)."""
    g, v = [[mp.mpf(value) for value in vector] for vector in (gamma, x)]
    a = mp.mpf(lam) + sum(value**2 for value in g)
    b = mp.mpf(lam) + sum(value**2 for value in v)
    z = mp.sqrt(a * b)
    order = mp.mpf(-3) / 2
    projection = sum(p * q for p, q in zip(g, v, strict=True))
    constant = mp.log(mp.mpf(lam) / (2 * mp.pi)) / 2 + lam - mp.log(2 * mp.pi)
    return constant + projection + mp.log(2 * mp.besselk(order, z)) + order / 2 * mp.log(b / a)


def main() -> None:
    """Write the table to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    print("gamma_0,gamma_1,lam,x_0,x_1,log_density")
    for skew, lam, along, across in itertools.product(SKEWS, LAMS, ALONG, ACROSS):
        gamma = [0.8 * skew, -0.6 * skew]
        x = [0.8 * along + 0.6 * across, -0.6 * along + 0.8 * across]
        numbers = [repr(value) for value in (*gamma, lam, *x)]
        print(",".join([*numbers, mp.nstr(log_density(gamma, lam, x), WRITTEN_DIGITS)]))


if __name__ == "__main__":
    main()
