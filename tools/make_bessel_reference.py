"""Writes tests/data/bessel_k_reference.f64: K_nu(z) over its whole domain and at every seam.

A row is ten little-endian doubles: region (its number in REGIONS), nu, z, and, rounded to nearest,
log(e^z K_nu(z)), R- = K_{nu-1}/K_nu, R+ = K_{nu+1}/K_nu, d/dnu log K, d2/dnu2 log K, dR-/dnu,
log K_nu(z).
A value beyond the normal doubles is its limit, 0 or +-inf. nu and z are exact.

Arb computes enclosures; the precision doubles until each has CERTAIN_BITS relative bits and both
of its ends round to the same double. D = d/dnu log K at nu = 0 is 0 by symmetry.

Derivatives come from a step h off the real axis. Let t have a density p(t) ~ exp(nu t - z cosh t),
then log E e^{s t} = log K_{nu+s} - log K_nu. With D2 = d2/dnu2 log K, b = 1 / max p and
u = (b h)^2 <= 1e-4:
    Im log K_{nu+ih} / h                   = D  + e1,  |e1| <= 20 b u,
    2 (log K_nu - Re log K_{nu+ih}) / h^2  = D2 + e2,  |e2| <= 120 b^2 u.
The reason is that p is log-concave, so that on either side of its mode m it crosses the exponential
of the same mass and the same height 1/b once: a moment of |t - m| is at most that of the two
exponentials. Hence for |s| b <= 1/3: |E e^{s(t-m)} - 1| <= 1/2, |log E e^{s(t-m)}| <= 0.7, and by
Cauchy the coefficient of s^n in the latter is at most 0.7 (3 b)^n. The bounds are the sums over odd
n >= 3 and over even n >= 4.

tools/check_bessel_reference.py checks the table in another way. Needs python-flint and mpmath.
usage: python tools/make_bessel_reference.py [--sample N] [FILE]
"""

import argparse
import array
import math
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import flint
import mpmath as mp
from bessel_reference_points import DBL_MIN, SEED, design
from flint import acb, arb

Number = TypeVar("Number", arb, mp.mpf)

TABLE = Path(__file__).resolve().parent.parent / "tests/data/bessel_k_reference.f64"
VALUES = [
    *("log_scaled", "ratio_minus", "ratio_plus"),
    *("dlog_dnu", "d2log_dnu2", "dratio_minus_dnu", "log_k"),
]
COLUMNS = 3 + len(VALUES)
CERTAIN_BITS = 100
U_MAX = 1e-4
FIRST_PRECISION, LAST_PRECISION = 512, 1 << 17  # bits


class TooFewBitsError(Exception):
    """The working precision did not reach CERTAIN_BITS."""


def sharp(value: arb, bits: int = CERTAIN_BITS) -> arb:
    """Return value if so many relative bits of it are certain, else raise TooFewBitsError."""
    if not value.is_finite() or value.rel_accuracy_bits() < bits:
        raise TooFewBitsError
    return value


def within(bound: arb) -> arb:
    """Return the interval [-bound, bound]."""
    return arb(0, bound.upper())


def at_order(nu: arb, z: arb, h: arb) -> tuple[arb, arb, arb]:
    """Return e^z K_nu(z), D and D2 for nu >= 0."""
    off_axis = acb(z).bessel_k(acb(nu, h), scaled=True)
    sharp(off_axis.real, CERTAIN_BITS + flint.ctx.prec // 2)  # D2 loses half of the bits
    on_axis = sharp(acb(z).bessel_k(acb(nu), scaled=True).real)
    w = (nu * nu + z * z).sqrt()
    # The mode is m = asinh(nu / z), and 1 / b = exp(nu m - w) / (2 K_nu).
    b = 2 * on_axis * (nu * nu / (w + z) - nu * (nu / z).asinh()).exp()
    u = (b * h) ** 2
    if not u < U_MAX:
        raise TooFewBitsError
    step = (off_axis / on_axis).log()
    d = step.imag / h + within(20 * b * u)
    d2 = -2 * step.real / (h * h) + within(120 * b * b * u)
    return on_axis, d, d2


def evaluate(nu: float, z: float, precision: int) -> list[arb]:
    """Return the seven enclosures at one working precision, for nu >= 0."""
    flint.ctx.prec = precision
    order, argument = arb(nu), arb(z)
    # b is about 1 / sqrt(hypot(nu, z)), so that b h is about 2^(-precision / 4).
    h = arb(2) ** (math.frexp(max(1.0, nu, z))[1] // 2 - precision // 4)
    k, d, d2 = at_order(order, argument, h)
    k_below, d_below, _ = at_order(abs(order - 1), argument, h)
    if nu < 1:
        d_below = -d_below
    minus = k_below / k
    plus = minus + 2 * order / argument
    log_scaled = k.log()
    slope = d if nu else arb(0)
    return [log_scaled, minus, plus, slope, d2, minus * (d_below - d), log_scaled - argument]


def rounded(value: arb) -> float:
    """Return the nearest double, or the limit of a value that is no normal double."""
    low, high = float(value.lower()), float(value.upper())
    if low != high:
        raise TooFewBitsError
    return 0.0 if abs(low) < DBL_MIN else low


def reflected(values: Sequence[Number], two_over_z: Number) -> list[Number]:
    """Return the seven values at -nu, given those at nu: K is even in nu."""
    log_scaled, minus, plus, d, d2, d_minus, log_k = values
    return [log_scaled, plus, minus, -d, d2, -(d_minus + two_over_z), log_k]


def reference(nu: float, z: float) -> list[float]:
    """Return the seven values of a row."""
    # A tiny nu costs its bits four times: h^2 must be below nu, and D2 loses the bits of h^2.
    precision = max(FIRST_PRECISION, -4 * math.frexp(nu)[1])
    while precision <= LAST_PRECISION:
        try:
            values = evaluate(abs(nu), z, precision)
            if nu < 0:
                values = reflected(values, 2 / arb(z))
            return [rounded(sharp(value)) for value in values]
        except TooFewBitsError:
            precision *= 2
    raise RuntimeError(f"nu={nu!r}, z={z!r} needs more than {LAST_PRECISION} bits")


def progress(done: int, total: int) -> None:
    """Show on a terminal how far the work has come."""
    if sys.stderr.isatty() and (done % 100 == 0 or done == total):
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr)


def write(file: Path, count: int | None) -> None:
    """Write the table, or a random part of it."""
    rows = array.array("d")
    points = design()
    if count is not None:
        points = random.Random(SEED).sample(points, min(count, len(points)))
    for done, (region, (nu, z)) in enumerate(points, 1):
        rows.extend([region, nu, z, *reference(nu, z)])
        progress(done, len(points))
    if sys.byteorder == "big":
        rows.byteswap()
    file.write_bytes(rows.tobytes())


def main() -> None:
    """Write a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=TABLE)
    parser.add_argument("--sample", type=int, metavar="N", help="write N random points only")
    options = parser.parse_args()
    write(options.file, options.sample)


if __name__ == "__main__":
    main()
