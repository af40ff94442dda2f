"""Writes src/special/bessel_coefficients.hpp: coefficients of the expansions behind bessel_k.

Debye's polynomials U_k (DLMF 10.41.9) are made in rational arithmetic and turned into a series of
the logarithm: with w = hypot(nu, z), p = nu / w, q = p^2,
    log K_nu(z) = nu asinh(nu/z) - w + log(pi / (2 w)) / 2 + sum_k C_k(q) w^-k,  k = 1, 2, ...,
and from it, with t0 = asinh(nu/z), D_0 = -1/2, E_0 = 1/2 and else D_k = 2 (1 - q) C_k' - k C_k,
E_k = 2 q C_k' + k C_k, with G_k = (1 - 2 q) D_k + q (2 (1 - q) D_k' - k D_k) and
H_k = 2 (1 - q) E_k' - (k + 2) E_k,
    d/dnu log K   = t0 + (p/w) sum_k D_k(q) w^-k,                                 k = 0, 1, ...,
    K_{nu-1}/K_nu = z / (w + nu) + (z/w^2) sum_k E_k(q) w^-k,
    d2/dnu2 log K = 1/w + (1/w^2) sum_k G_k(q) w^-k,
    d/dnu (K_{nu-1}/K_nu) = -z / (w (w + nu)) + (z p / w^3) sum_k H_k(q) w^-k.
1/Gamma(1 + m) for |m| <= 1/2 comes from its Taylor series (DLMF 5.7.1). Needs mpmath.

usage: python tools/make_bessel_coefficients.py > src/special/bessel_coefficients.hpp
"""

from fractions import Fraction
from itertools import zip_longest

import mpmath as mp

TERMS = 10  # in the three series of an E-step; the rest is below 4e-16 for w >= 40
DERIVATIVE_TERMS = 8  # in the other two series; the rest is below 1e-12 for w >= 40
GAMMA_TERMS = 20  # the term of c_20, the coefficient of m^20, is at most c_20 / 2^20 < 1e-18

Polynomial = list[Fraction]
HALF = Fraction(1, 2)


def add(a: Polynomial, b: Polynomial) -> Polynomial:
    """Return a + b."""
    return [x + y for x, y in zip_longest(a, b, fillvalue=Fraction(0))]


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """Return a b."""
    product = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            product[i + j] += x * y
    return product


def scaled(factor: Fraction | int, a: Polynomial) -> Polynomial:
    """Return factor times a."""
    return [factor * x for x in a]


def slope(a: Polynomial) -> Polynomial:
    """Return the derivative of a."""
    return [i * x for i, x in enumerate(a)][1:] or [Fraction(0)]


def of(*coefficients: int) -> Polynomial:
    """Return the polynomial with these coefficients."""
    return [Fraction(c) for c in coefficients]


def debye_polynomials(terms: int) -> list[Polynomial]:
    """Return (-1)^k U_k(p) / p^k as polynomials in q = p^2 (DLMF 10.41.9)."""
    u = [of(1)]
    for _ in range(terms):
        last = u[-1]
        integrand = times(of(1, 0, -5), last)
        integral = [Fraction(0), *(x / (8 * (i + 1)) for i, x in enumerate(integrand))]
        u.append(
            add(times([Fraction(0), Fraction(0), HALF, Fraction(0), -HALF], slope(last)), integral)
        )
    return [scaled((-1) ** k, [u[k][k + 2 * j] for j in range(k + 1)]) for k in range(terms + 1)]


def logarithm(series: list[Polynomial]) -> list[Polynomial]:
    """Return the logarithm of a power series with constant term 1."""
    log: list[Polynomial] = [of(0)]
    for k in range(1, len(series)):
        total = of(0)
        for j in range(1, k):
            total = add(total, scaled(j, times(log[j], series[k - j])))
        log.append(add(series[k], scaled(Fraction(-1, k), total))[: k + 1])
    return log


def along_order(k: int, a: Polynomial) -> Polynomial:
    """Return B with d/dnu (a(q) w^-k) = (p/w) B(q) w^-k, which is 2 (1 - q) a' - k a."""
    return add(times(of(2, -2), slope(a)), scaled(-k, a))


def along_argument(k: int, a: Polynomial) -> Polynomial:
    """Return B with d/dz (a(q) w^-k) = -(z/w^2) B(q) w^-k, which is 2 q a' + k a."""
    return add(times(of(0, 2), slope(a)), scaled(k, a))


def rows_of(name: str, comment: str, rows: list[Polynomial], width: int) -> str:
    """Return the definition of a table of doubles."""
    body = []
    for row in rows:
        values = ", ".join(repr(float(x)) for x in row + [Fraction(0)] * (width - len(row)))
        body.append(f"    {{{values}}}")
    head = f"/// {comment}\ninline constexpr double {name}[{len(rows)}][{width}] = {{\n"
    return head + ",\n".join(body) + "};\n"


def reciprocal_gamma(terms: int) -> list[str]:
    """Return the Taylor coefficients of 1/Gamma(1 + m) at 0."""
    mp.mp.dps = 60
    return [repr(float(c)) for c in mp.taylor(lambda m: mp.rgamma(1 + m), 0, terms)]


def values_of(name: str, comment: str, values: list[str]) -> str:
    """Return the definition of a row of doubles."""
    return (
        f"/// {comment}\ninline constexpr double {name}[{len(values)}] = {{{', '.join(values)}}};\n"
    )


def main() -> None:
    """Write the header to the standard output."""
    c = logarithm(debye_polynomials(TERMS))
    d = [[-HALF], *(along_order(k, c[k]) for k in range(1, TERMS + 1))]
    e = [[HALF], *(along_argument(k, c[k]) for k in range(1, TERMS + 1))]
    few = range(DERIVATIVE_TERMS + 1)
    g = [add(times(of(1, -2), d[k]), times(of(0, 1), along_order(k, d[k]))) for k in few]
    h = [add(scaled(-2, e[k]), along_order(k, e[k])) for k in few]
    gamma = reciprocal_gamma(GAMMA_TERMS)
    print("#pragma once\n")
    print("// Written by tools/make_bessel_coefficients.py, which says what each is.")
    print("// clang-format off\n\nnamespace varimix::simd {\n")
    print(f"inline constexpr int kDebyeDerivativeTerms = {DERIVATIVE_TERMS};\n")
    print(
        rows_of("kDebyeLog", "C_k, k = 1, 2, ...: coefficients of q^0, q^1, ...", c[1:], TERMS + 1)
    )
    print(rows_of("kDebyeOrderSecond", "G_k, k = 0, 1, ...", g, DERIVATIVE_TERMS + 2))
    print(rows_of("kDebyeRatioOrder", "H_k, k = 0, 1, ...", h, DERIVATIVE_TERMS + 1))
    print(
        values_of(
            "kReciprocalGammaEven", "1/Gamma(1 + m): coefficients of m^0, m^2, ...", gamma[0::2]
        )
    )
    print(
        values_of(
            "kReciprocalGammaOdd", "1/Gamma(1 + m): coefficients of m^1, m^3, ...", gamma[1::2]
        )
    )
    print("}  // namespace varimix::simd")


if __name__ == "__main__":
    main()
