"""Writes tests/data/bessel_k_reference.f64: K_nu(z) over its whole domain and at every seam.

A row is ten little-endian doubles: region (an index to REGIONS), nu, z, and, rounded to nearest,
log(e^z K_nu(z)), R- = K_{nu-1}/K_nu, R+ = K_{nu+1}/K_nu, d/dnu log K, d2/dnu2 log K, dR-/dnu,
log K_nu(z).
A value beyond the normal doubles is its limit, 0 or +-inf. nu and z are exact.

Arb computes enclosures; the precision doubles until each has CERTAIN_BITS relative bits and both
of its ends round to the same double. D = d/dnu log K at nu = 0 is 0 by symmetry.

Derivatives come from a step h off the real axis. Let t have a density p(t) ~ exp(nu t - z cosh t),
then log E e^{s t} = log K_{nu+s} - log K_nu. With b = 1 / max p, u = (b h)^2 <= 1e-4:
    Im log K_{nu+ih} / h                   = D  + e1,  |e1| <= 20 b u,
    2 (log K_nu - Re log K_{nu+ih}) / h^2  = D2 + e2,  |e2| <= 120 b^2 u.
For p is log-concave, so that on either side of its mode m it crosses the exponential of the same
mass and the same height 1/b once: a moment of |t - m| is at most that of the two exponentials.
Hence for |s| b <= 1/3: |E e^{s(t-m)} - 1| <= 1/2, |log E e^{s(t-m)}| <= 0.7, and by Cauchy the
coefficient of s^n in the latter is at most 0.7 (3 b)^n. Sum over odd n >= 3, even n >= 4.

Needs python-flint and mpmath.
usage: python tools/make_bessel_reference.py [--sample N] [--check N] [FILE]
"""

import argparse
import array
import itertools
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import flint
import mpmath as mp
from flint import acb, arb

Number = TypeVar("Number", arb, mp.mpf)
Point = tuple[float, float]
Region = Callable[["Draw"], Iterable[Point]]

TABLE = Path(__file__).resolve().parent.parent / "tests/data/bessel_k_reference.f64"
VALUES = [
    *("log_scaled", "ratio_minus", "ratio_plus"),
    *("dlog_dnu", "d2log_dnu2", "dratio_minus_dnu", "log_k"),
]
COLUMNS = 3 + len(VALUES)
SEED = 20260
CERTAIN_BITS = 100
U_MAX = 1e-4
FIRST_PRECISION, LAST_PRECISION = 512, 1 << 17  # bits

# ---- Where bessel_k changes its method: the points on both sides of each ----
Z_SEAMS = [1e-8, 0.25, 0.5, 1.0, 2.0, 40.0, 400.0]
NU_SEAMS = [*(k + 0.5 for k in range(13)), 2.0, 8.0, 10.0, 12.0, 40.0, 400.0]
W_SEAMS = [0.5, 1.0, 2.0, 4.0, 7.0, 8.0, 12.0, 16.0, 19.0, 28.0, 30.0, 32.0, 40.0, 400.0, 1e8]
FAR, NEAR = 1e-6, 1e-15  # relative distances; w = hypot(nu, z) is rounded

DIAGONAL = math.sqrt(0.5)  # the smaller of nu / w and z / w, at most
DBL_MIN, DBL_MAX = sys.float_info.min, sys.float_info.max
NU_MAX = 1e4
EXTREME_Z = [DBL_MIN, 1e-307, 1e-300, 1e-200, 1e-100, 1e-20, 1e20, 1e100, 1e200, 1e300, DBL_MAX]
TINY_NU = [0.0, 1e-300, 1e-100, 1e-20, 1e-16, 1e-12, 1e-8, 1e-5]
EXTREME_NU = [*TINY_NU, 0.3, 0.5, 1.0, 1.5, 2.0, 10.0, 60.25, 100.5, 1e3, 9999.5, 1e4]
WHOLE = [*range(21), 25, 30, 31, 39, 40, 41, 50, 64, 100, 250, 1000, 4096, 9999, 10000]
HALF = [0.5 + k for k in [*range(21), 29, 30, 39, 40, 49, 63, 100, 250, 1000, 4096, 9999]]
OFFSETS = [1e-13, 1e-9, 1e-5, 1e-3, -1e-13, -1e-9, -1e-5, -1e-3]
NEAR_WHOLE = [n + x for n in WHOLE for x in OFFSETS if abs(n + x) <= NU_MAX]


class Draw(random.Random):
    """The random numbers of the design."""

    def log_uniform(self, low: float, high: float) -> float:
        """Return a number whose logarithm is uniform."""
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def many(self, low: float, high: float, count: int) -> list[float]:
        """Return several of them."""
        return [self.log_uniform(low, high) for _ in range(count)]

    def sign(self) -> float:
        """Return -1 one time in four, else 1: K is even in nu."""
        return -1.0 if self.random() < 0.25 else 1.0


def uniform(low: float, high: float, z_low: float, z_high: float, count: int) -> Region:
    """Return a region: nu uniform, z log-uniform."""
    return lambda draw: (
        (draw.uniform(low, high), draw.log_uniform(z_low, z_high)) for _ in range(count)
    )


def log_uniform(low: float, high: float, z_low: float, z_high: float, count: int) -> Region:
    """Return a region: |nu| and z log-uniform."""
    return lambda draw: (
        (draw.sign() * draw.log_uniform(low, high), draw.log_uniform(z_low, z_high))
        for _ in range(count)
    )


def beside(seam: float) -> list[float]:
    """Return the seam, its neighbours among the doubles, and two numbers at a distance."""
    below, above = math.nextafter(seam, 0.0), math.nextafter(seam, math.inf)
    return [seam * (1 - FAR), below, seam, above, seam * (1 + FAR)]


def near_z_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in z."""
    for z in itertools.chain.from_iterable(map(beside, Z_SEAMS)):
        yield from ((nu, z) for nu in TINY_NU)
        yield from ((draw.sign() * draw.log_uniform(1e-3, NU_MAX), z) for _ in range(24))
        yield from ((draw.uniform(-15.0, 15.0), z) for _ in range(24))


def near_nu_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in nu."""
    for nu in itertools.chain.from_iterable(map(beside, NU_SEAMS)):
        yield from ((draw.sign() * nu, draw.log_uniform(1e-8, 1e4)) for _ in range(16))
        yield from ((draw.sign() * nu, draw.log_uniform(0.1, 50.0)) for _ in range(8))
        yield from ((draw.sign() * nu, draw.log_uniform(1e-300, 1e300)) for _ in range(2))


def near_w_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in w: nu / w from 0, z / w from 1e-300."""
    for seam, side in itertools.product(W_SEAMS, (-FAR, -NEAR, 0.0, NEAR, FAR)):
        w = seam * (1 + side)
        most = min(DIAGONAL, NU_MAX / w)
        ratios = [0.0, *draw.many(1e-15, 0.1 * most, 6), *draw.many(0.1 * most, most, 18)]
        yield from ((draw.sign() * w * x, w * math.sqrt((1 - x) * (1 + x))) for x in ratios)
        if w <= NU_MAX:
            ratios = [1e-300, *draw.many(1e-300, 1e-15, 4), *draw.many(1e-15, DIAGONAL, 20)]
            yield from ((draw.sign() * w * math.sqrt((1 - x) * (1 + x)), w * x) for x in ratios)


def with_orders(draw: Draw, orders: Iterable[float], count: int) -> Iterator[Point]:
    """Yield count points for each order: three in four where users are, the others anywhere."""
    for nu, i in itertools.product(orders, range(count)):
        low, high = (1e-300, 1e300) if i % 4 == 3 else (1e-8, 1e4)
        yield draw.sign() * nu, draw.log_uniform(low, high)


def near_unit(draw: Draw) -> Iterator[Point]:
    """Yield points at which log K is nearly 0: large numbers cancel there."""
    flint.ctx.prec = FIRST_PRECISION
    for nu in [draw.log_uniform(1.0, NU_MAX) for _ in range(150)] + [NU_MAX]:
        low, high = 0.3, max(2.0, nu)
        for _ in range(60):
            middle = 0.5 * (low + high)
            if arb(middle).bessel_k(arb(nu)) > 1:
                low = middle
            else:
                high = middle
        yield from ((nu, low * (1 + x)) for x in (0.0, 1e-9, -1e-6, 1e-4))


REGIONS: dict[str, Region] = {
    "wide": log_uniform(1e-12, NU_MAX, 1e-300, 1e300, count=3000),
    "users": log_uniform(1e-3, NU_MAX, 1e-8, 1e6, count=6000),
    "small orders": uniform(-3.0, 3.0, 1e-10, 1e3, count=3000),
    "moderate orders": uniform(-60.0, 60.0, 1e-10, 1e4, count=2000),
    "half-integers": lambda draw: with_orders(draw, HALF, 32),
    "integers": lambda draw: with_orders(draw, WHOLE, 32),
    "near integers": lambda draw: with_orders(draw, NEAR_WHOLE, 6),
    "tiny orders": lambda draw: with_orders(draw, TINY_NU, 50),
    "extremes": lambda _: itertools.product(EXTREME_NU, EXTREME_Z),
    "seam z": near_z_seams,
    "seam nu": near_nu_seams,
    "seam w": near_w_seams,
    "log K near 0": near_unit,
}


class TooFewBitsError(Exception):
    """The working precision did not reach CERTAIN_BITS."""


def sharp(value: arb, bits: int = CERTAIN_BITS) -> arb:
    """Return value if so many relative bits of it are certain."""
    if not value.is_finite() or value.rel_accuracy_bits() < bits:
        raise TooFewBitsError
    return value


def within(bound: arb) -> arb:
    """Return the interval [-bound, bound]."""
    return arb(0, bound.upper())


def at_order(nu: arb, z: arb, h: arb) -> tuple[arb, arb, arb]:
    """Return e^z K_nu(z), D and D2 for nu >= 0."""
    off_axis = acb(z).bessel_k(acb(nu, h), scaled=True)
    sharp(off_axis.real, CERTAIN_BITS + flint.ctx.prec // 2)  # D2 loses half of them
    on_axis = sharp(acb(z).bessel_k(acb(nu), scaled=True).real)
    w = (nu * nu + z * z).sqrt()
    # The mode is m = asinh(nu / z), 1 / b = exp(nu m - w) / (2 K_nu).
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
    """Return the nearest double, or the limit of what is no normal double."""
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
    # A tiny nu costs its bits four times: h^2 below it, and D2 loses h^2.
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


def design() -> list[tuple[int, Point]]:
    """Return every point with its region."""
    draw = Draw(SEED)
    return [(i, point) for i, region in enumerate(REGIONS.values()) for point in region(draw)]


def progress(done: int, total: int) -> None:
    """Show how far the work is, on a terminal."""
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


def read(file: Path) -> list[list[float]]:
    """Return the rows of a table."""
    values = array.array("d", file.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    return [values[i : i + COLUMNS].tolist() for i in range(0, len(values), COLUMNS)]


def by_quadrature(nu: float, z: float) -> list[mp.mpf]:
    """Return the seven values by another way: moments of t, by the trapezoidal rule in mpmath.

    t = t0 + s has the density exp(-(w - nu) (cosh s - 1) - nu (e^s - 1 - s)) / (...) for nu >= 0.
    """
    smallest = min(1.0, abs(nu) or 1.0)
    mp.mp.dps = digits = int(60 + max(0.0, math.log10(z)) - math.log10(smallest))
    order, argument = abs(mp.mpf(nu)), mp.mpf(z)
    centre, w = mp.asinh(order / argument), mp.hypot(order, argument)
    step = min(mp.mpf(1) / 16, 1 / (4 * mp.sqrt(w))) * 60 / digits
    sums = [mp.mpf(0)] * 5  # of 1, s, s^2, e^-s, s e^-s
    for first, sign in ((0, 1), (1, -1)):
        for i in itertools.count(first):
            s = sign * i * step
            rise = 2 * argument**2 / (w + order) * mp.sinh(s / 2) ** 2
            density = mp.exp(-rise - order * (mp.expm1(s) - s))
            down = mp.exp(-s)
            if density * max(1, s * s) * max(1, down) < mp.mpf(10) ** -digits:
                break
            terms = (1, s, s * s, down, s * down)
            sums = [total + density * term for total, term in zip(sums, terms, strict=True)]
    mean, square, down, product = (total / sums[0] for total in sums[1:])
    log_scaled = mp.log(step * sums[0] / 2) + order * centre - order**2 / (w + argument)
    shift = mp.exp(-centre)
    minus, d_minus = shift * down, shift * (product - mean * down)
    plus = minus + 2 * order / argument
    d = centre + mean if nu else mp.mpf(0)
    values = [log_scaled, minus, plus, d, square - mean**2, d_minus, log_scaled - argument]
    return reflected(values, 2 / argument) if nu < 0 else values


def difference(value: float, exact: mp.mpf) -> float:
    """Return how many units in the last place value is from the rounded exact one."""
    nearest = float(exact) if abs(exact) >= DBL_MIN else 0.0
    return 0.0 if value == nearest else abs(value - nearest) / math.ulp(nearest)


def check(file: Path, count: int) -> None:
    """Recompute random rows of the table by quadrature and print the worst differences."""
    worst = dict.fromkeys(VALUES, (0.0, 0.0, 0.0))
    rows = read(file)
    rows = random.sample(rows, min(count, len(rows)))
    for done, (_, nu, z, *values) in enumerate(rows, 1):
        for name, value, exact in zip(VALUES, values, by_quadrature(nu, z), strict=True):
            worst[name] = max(worst[name], (difference(value, exact), nu, z))
        progress(done, len(rows))
    for name, (error, nu, z) in worst.items():
        where = f" at nu = {nu!r}, z = {z!r}" if error else ""
        print(f"{name}: {error:g} units in the last place{where}")


def main() -> None:
    """Write a table or check one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=TABLE)
    parser.add_argument("--sample", type=int, metavar="N", help="write N random points only")
    parser.add_argument("--check", type=int, metavar="N", help="check N random rows of the file")
    options = parser.parse_args()
    if options.check is not None:
        check(options.file, options.check)
    else:
        write(options.file, options.sample)


if __name__ == "__main__":
    main()
