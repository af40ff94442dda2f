"""Writes tests/data/large_orders.csv: densities and posterior moments at large shapes of Y.

Y has mean about 1 and a shape from 50 to 1e300, where it is nearly constant and the density is a
small difference of terms of the size of shape times log(shape). X = gamma Y + sqrt(Y) Z in d
dimensions, with gamma_j = gamma / sqrt(d) and x_j = x, -x/2, x, ... The integrals over log Y are
computed by the trapezoidal rule about the mode, with as many digits as the shape asks for. This
takes a few minutes. Needs mpmath.

usage: python tools/make_large_orders.py > tests/data/large_orders.csv
"""

import itertools

import mpmath as mp

SHAPES = ("50", "120", "450", "1e3", "1e4", "1e6", "1e8", "1e12", "1e16", "1e20", "1e30")
BEYOND_REASON = ("1e100", "1e300")
LARGEST_GIG_ORDER = 1e15
DIMENSIONS = (1, 2, 20)
GAMMAS = ("0", "0.5")
POINTS = ("0.25", "3")
WRITTEN_DIGITS = 20
SPARE_DIGITS = 40
STEP = mp.mpf("0.2")  # in standard deviations; the rule errs by e^(-2 pi^2 / 0.04)
NEGLIGIBLE = -90


def families(shape: str) -> list[tuple[str, mp.mpf, mp.mpf, mp.mpf]]:
    """Return name and (p, a, b) of the laws of that shape."""
    s = mp.mpf(shape)
    laws = [
        ("VarianceGamma", s, 2 * s, mp.mpf(0)),
        ("NormalInverseGamma", -s, mp.mpf(0), 2 * s),
        ("NormalInverseGaussian", mp.mpf(-1) / 2, s, s),
    ]
    if s <= LARGEST_GIG_ORDER:
        laws += [
            ("GeneralizedHyperbolic", s, s, s),
            ("GeneralizedHyperbolic", -s, s, s),
        ]
    return laws


def sums(p: mp.mpf, a: mp.mpf, b: mp.mpf) -> tuple[mp.mpf, list[mp.mpf]]:
    """Return log of the integral of the GIG's kernel, and the means of 1/Y, Y and log Y."""
    w = mp.sqrt(p * p + a * b)
    mode = (p + w) / a if p > 0 else b / (w - p)

    def exponent(t: mp.mpf) -> mp.mpf:
        y = mode * mp.exp(t)
        return p * mp.log(y) - (a * y + b / y) / 2

    top = exponent(mp.mpf(0))
    step = STEP / mp.sqrt(w)
    totals = [mp.mpf(0)] * 4
    for sign in (1, -1):
        k = 0 if sign == 1 else 1
        while True:
            t = sign * k * step
            e = exponent(t) - top
            if e < NEGLIGIBLE:
                break
            weight = mp.exp(e)
            y = mode * mp.exp(t)
            for i, factor in enumerate((mp.mpf(1), 1 / y, y, mp.log(y))):
                totals[i] += weight * factor
            k += 1
    return top + mp.log(step * totals[0]), [total / totals[0] for total in totals[1:]]


def row(p: mp.mpf, a: mp.mpf, b: mp.mpf, d: int, gamma: mp.mpf, x: mp.mpf) -> list[mp.mpf]:
    """Return log f(x) and the posterior means."""
    points = [x if j % 2 == 0 else -x / 2 for j in range(d)]
    gammas = [gamma / mp.sqrt(d)] * d
    q = sum(v * v for v in points)
    r = sum(v * g for v, g in zip(points, gammas, strict=True))
    prior, _ = sums(p, a, b)
    posterior, means = sums(p - mp.mpf(d) / 2, a + gamma * gamma, b + q)
    return [r - mp.mpf(d) / 2 * mp.log(2 * mp.pi) + posterior - prior, *means]


def main() -> None:
    """Write the table to the standard output."""
    print("family,p,a,b,d,gamma,x,log_density,inv_y,y,log_y")
    for shape in SHAPES + BEYOND_REASON:
        mp.mp.dps = SPARE_DIGITS + 2 * max(0, int(mp.log10(mp.mpf(shape))))
        cases = itertools.product(families(shape), DIMENSIONS, GAMMAS, POINTS)
        for (name, p, a, b), d, gamma, x in cases:
            values = row(p, a, b, d, mp.mpf(gamma), mp.mpf(x))
            law = [mp.nstr(v, 17) for v in (p, a, b)]
            print(name, *law, d, gamma, x, *(mp.nstr(v, WRITTEN_DIGITS) for v in values), sep=",")


if __name__ == "__main__":
    main()
