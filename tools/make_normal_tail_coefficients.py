"""Writes src/special/normal_tail_coefficients.hpp: polynomials for the scaled normal tail.

With q = (u - K) / (u + K), u >= 0, which maps [0, inf) to [-1, 1), and K = SCALE:
    M(u) = e^{u^2/2} Phi(-u)                     is  P(q) / (1 + u),
    G(u) = e^{u^2/2} (phi(u) - u Phi(-u))        is  P(q) / (1 + u)^2  with another P,
where phi and Phi are the standard normal density and distribution, and both P are analytic on
[-1, 1] (Shepherd and Laframboise 1981, Math. Comp. 36:249). Both P are interpolated at Chebyshev's
points at 60 digits and compared with the function at 799 others; the largest relative error is
written beside them. Needs mpmath.

usage: python tools/make_normal_tail_coefficients.py > src/special/normal_tail_coefficients.hpp
"""

from collections.abc import Callable

import mpmath as mp

WORKING_DIGITS = 60
SCALE = 5
TAIL_DEGREE = 24
EXCESS_DEGREE = 26
CHECKS = 800
ASYMPTOTIC_FROM = 60
ASYMPTOTIC_TERMS = 30


def asymptotic(u: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    """Return M(u) and G(u) by the expansion of Mills' ratio, to 60 digits from u = 60 on."""
    term, rest = mp.mpf(1), mp.mpf(0)
    for k in range(1, ASYMPTOTIC_TERMS):
        term *= -(2 * k - 1) / u**2
        rest += term
    constant = 1 / mp.sqrt(2 * mp.pi)
    return constant * (1 + rest) / u, -constant * rest


def scaled_tail(u: mp.mpf) -> mp.mpf:
    """Return M(u)."""
    if u > ASYMPTOTIC_FROM:
        return asymptotic(u)[0]
    return mp.erfc(u / mp.sqrt(2)) * mp.exp(u * u / 2) / 2


def scaled_excess(u: mp.mpf) -> mp.mpf:
    """Return G(u)."""
    if u > ASYMPTOTIC_FROM:
        return asymptotic(u)[1]
    return 1 / mp.sqrt(2 * mp.pi) - u * scaled_tail(u)


def interpolate(f: Callable[[mp.mpf], mp.mpf], degree: int) -> list[mp.mpf]:
    """Return the coefficients, lowest first, of f's interpolant at Chebyshev's points."""
    count = degree + 1
    angles = [mp.pi * (2 * j + 1) / (2 * count) for j in range(count)]
    values = [f(mp.cos(angle)) for angle in angles]
    total = [mp.mpf(0)] * count
    before, now = [mp.mpf(0)], [mp.mpf(1)]
    for k in range(count):
        weight = 2 * mp.fsum(v * mp.cos(k * t) for v, t in zip(values, angles, strict=True)) / count
        for i, coefficient in enumerate(now):
            total[i] += coefficient * weight / (1 if k else 2)
        factor = 2 if k else 1
        after = [mp.mpf(0)] + [factor * coefficient for coefficient in now]
        for i, coefficient in enumerate(before):
            after[i] -= coefficient if k else 0
        before, now = now, after
    return total


def write(name: str, meaning: str, f: Callable[[mp.mpf], mp.mpf], degree: int) -> None:
    """Print one table with its largest relative error."""

    def of_q(q: mp.mpf) -> mp.mpf:
        return f(SCALE * (1 + q) / (1 - q))

    coefficients = interpolate(of_q, degree)
    points = [mp.mpf(2 * i) / CHECKS - 1 for i in range(1, CHECKS)]
    error = max(abs(mp.polyval(coefficients[::-1], q) / of_q(q) - 1) for q in points)
    numbers = ",\n    ".join(repr(float(c)) for c in coefficients)
    print(
        f"\n/// {meaning}: coefficients of q^0, q^1, ...; "
        f"largest relative error {mp.nstr(error, 2)}."
    )
    print(f"inline constexpr double {name}[{degree + 1}] = {{\n    {numbers}}};")


def main() -> None:
    """Write the header to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    print(
        "#pragma once\n\n"
        "// Written by tools/make_normal_tail_coefficients.py, which says what each is."
    )
    print("// clang-format off\n\nnamespace varimix::simd {")
    print(
        f"\n/// K of q = (u - K) / (u + K).\ninline constexpr double kNormalTailScale = {SCALE}.0;"
    )
    write("kScaledTail", "(1 + u) M(u)", lambda u: (1 + u) * scaled_tail(u), TAIL_DEGREE)
    write(
        "kScaledExcess", "(1 + u)^2 G(u)", lambda u: (1 + u) ** 2 * scaled_excess(u), EXCESS_DEGREE
    )
    print("\n}  // namespace varimix::simd")


if __name__ == "__main__":
    main()
