"""Writes tests/data/bessel_k_reference.f64: K_nu(z) over its whole domain and at every seam.

A row is nine little-endian doubles: region (an index to REGIONS), nu, z, and, rounded to nearest,
log(e^z K_nu(z)), R- = K_{nu-1}/K_nu, R+ = K_{nu+1}/K_nu, d/dnu log K, d2/dnu2 log K, dR-/dnu.
A value beyond the normal doubles is its limit, 0 or +-inf. nu and z are exact.

Arb computes enclosures; the precision doubles until each has CERTAIN_BITS relative bits and both
of its ends round to the same double. D = d/dnu log K at nu = 0 is 0 by symmetry.

Derivatives come from a step h into the complex plane. t with density ~ exp(nu t - z cosh t) has
log E e^{s t} = log K_{nu+s} - log K_nu, so D is its mean and D2 its variance v, and with u = v h^2
    Im log K_{nu+ih} / h                      = D  + e1,  |e1| <=  160 sqrt(v) u,
    2 (log K_nu - Re log K_{nu+ih}) / h^2     = D2 + e2,  |e2| <= 1300 v u,
    log K_nu - Re log K_{nu+ih}               in [0, v h^2],                       if u <= 1e-4.
Proof: the density is log-concave, hence P(|t - D| > x sqrt(v)) < e^{1-x} (Lovasz and Vempala,
Random Struct. Alg. 30 (2007) 307), and for |s| sqrt(v) <= 1/4, |E e^{s(t-D)} - 1| <= e/3 and
|log E e^{s(t-D)}| < 2.4. By Cauchy, the n-th Taylor coefficient is below 2.4 (4 sqrt(v))^n; sum.
v itself is bounded by 1 / max(density)^2 (Bobkov and Ledoux, Mem. AMS 1236 (2019), B.2).

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
VALUES = ["log_scaled", "ratio_minus", "ratio_plus", "dlog_dnu", "d2log_dnu2", "dratio_minus_dnu"]
COLUMNS = 3 + len(VALUES)
SEED = 20260
CERTAIN_BITS = 100
FIRST_PRECISION, LAST_PRECISION = 512, 1 << 17  # bits

# ---- Where bessel_k changes its method: the points on both sides of each ----
Z_SEAMS = [1e-8, 0.25, 0.5, 1.0, 2.0]
NU_SEAMS = [*(k + 0.5 for k in range(13)), 2.0, 8.0, 10.0, 12.0]
W_SEAMS = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 32.0, 40.0, 1e8]  # w = hypot(nu, z)
SIDES = [1 - 1e-6, 1 - 1e-15, 1.0, 1 + 1e-15, 1 + 1e-6]

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


def on_circle(w: float, ratio: float, z_is_small: bool) -> Point:
    """Return (nu, z) with hypot(nu, z) = w, its smaller coordinate w * ratio, |nu| <= NU_MAX."""
    small = max(w * ratio, DBL_MIN) if z_is_small else min(w * ratio, NU_MAX)
    large = w * math.sqrt((1 - small / w) * (1 + small / w))
    return (large, small) if z_is_small else (small, large)


def near_z_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in z."""
    for seam, side in itertools.product(Z_SEAMS, SIDES):
        yield from ((nu, seam * side) for nu in TINY_NU)
        yield from ((draw.sign() * draw.log_uniform(1e-3, NU_MAX), seam * side) for _ in range(24))
        yield from ((draw.uniform(-15.0, 15.0), seam * side) for _ in range(24))


def near_nu_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in nu."""
    for seam, side in itertools.product(NU_SEAMS, SIDES):
        yield from ((draw.sign() * seam * side, draw.log_uniform(1e-8, 1e4)) for _ in range(16))
        yield from ((draw.sign() * seam * side, draw.log_uniform(0.1, 50.0)) for _ in range(8))
        yield from ((draw.sign() * seam * side, draw.log_uniform(1e-300, 1e300)) for _ in range(2))


def near_w_seams(draw: Draw) -> Iterator[Point]:
    """Yield points on both sides of the seams in w: z / w from 1e-300 to 1."""
    for seam, side in itertools.product(W_SEAMS, SIDES):
        low = -10.0 if seam > NU_MAX else -1.0
        ratios = [10.0 ** draw.uniform(low, -0.151) for _ in range(18)]
        ratios += [10.0 ** draw.uniform(-15.0, -1.0) for _ in range(6)] + [0.0]
        for ratio in ratios:
            nu, z = on_circle(seam * side, ratio, z_is_small=False)
            yield draw.sign() * nu, z
        if seam > NU_MAX:
            continue
        ratios = [10.0 ** draw.uniform(-1.0, -0.151) for _ in range(12)]
        ratios += [10.0 ** draw.uniform(-15.0, -1.0) for _ in range(8)]
        ratios += [10.0 ** draw.uniform(-300.0, -15.0) for _ in range(4)] + [1e-300]
        for ratio in ratios:
            nu, z = on_circle(seam * side, ratio, z_is_small=True)
            yield draw.sign() * nu, z


def with_orders(draw: Draw, orders: Iterable[float], count: int) -> Iterator[Point]:
    """Yield count points for each order: three in four where users are, the others anywhere."""
    for nu, i in itertools.product(orders, range(count)):
        low, high = (1e-300, 1e300) if i % 4 == 3 else (1e-8, 1e4)
        yield draw.sign() * nu, draw.log_uniform(low, high)


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
}


class TooFewBitsError(Exception):
    """The working precision did not reach CERTAIN_BITS."""


def sharp(value: arb) -> arb:
    """Return value if it is certain enough."""
    if not value.is_finite() or value.rel_accuracy_bits() < CERTAIN_BITS:
        raise TooFewBitsError
    return value


def log_deviation(log_k: arb, nu: arb, z: arb) -> arb:
    """Return -log(max(density of t)), a bound of log sqrt(D2), given log(e^z K_nu(z)).

    The density is largest at t0 = asinh(nu/z): exp(nu t0 - w) / (2 K_nu) with w = hypot(nu, z).
    """
    w = (nu * nu + z * z).sqrt()
    return arb(2).log() + log_k + nu * nu / (w + z) - nu * (nu / z).asinh()


def within(bound: arb) -> arb:
    """Return the interval [-bound, bound]."""
    return arb(0, bound.upper())


def evaluate(nu: float, z: float, precision: int) -> list[arb]:
    """Return the six enclosures at one working precision, for nu >= 0."""
    flint.ctx.prec = precision
    order, argument = arb(nu), arb(z)
    # D2 is about 1 / w, so that sqrt(D2) h is about 2^(-precision / 4); the bound u is what counts.
    h = arb(2) ** (math.frexp(max(1.0, nu, z))[1] // 2 - precision // 4)
    off_axis = [acb(argument).bessel_k(acb(order - k, h), scaled=True) for k in (0, 1)]
    for value in off_axis:
        sharp(value.real)
    on_axis = sharp(acb(argument).bessel_k(acb(order), scaled=True).real)

    step = (off_axis[0] / on_axis).log()
    step_below = (off_axis[1] / on_axis).log()
    log_k = on_axis.log()
    deviation = log_deviation(log_k, order, argument).exp()
    deviation_below = log_deviation(log_k + step_below.real, abs(order - 1), argument).exp()
    u, u_below = (deviation * h) ** 2, (deviation_below * h) ** 2
    if not (u < 1e-5 and u_below < 1e-5):
        raise TooFewBitsError

    d = step.imag / h + within(160 * deviation * u)
    d_below = step_below.imag / h + within(160 * deviation_below * u_below)
    d2 = -2 * step.real / (h * h) + within(1300 * deviation**2 * u)
    minus = (step_below.real + within(u_below)).exp()
    plus = minus + 2 * order / argument
    return [log_k, minus, plus, d if nu else arb(0), d2, minus * (d_below - d)]


def rounded(value: arb) -> float:
    """Return the nearest double, or the limit of what is no normal double."""
    low, high = float(value.lower()), float(value.upper())
    if low != high:
        raise TooFewBitsError
    return 0.0 if abs(low) < DBL_MIN else low


def reflected(values: Sequence[Number], two_over_z: Number) -> list[Number]:
    """Return the six values at -nu, given those at nu: K is even in nu."""
    log_k, minus, plus, d, d2, d_minus = values
    return [log_k, plus, minus, -d, d2, -(d_minus + two_over_z)]


def reference(nu: float, z: float) -> list[float]:
    """Return the six values of a row."""
    precision = FIRST_PRECISION
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
    """Return the six values by another way: moments of t, by the trapezoidal rule in mpmath.

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
    log_k = mp.log(step * sums[0] / 2) + order * centre - order**2 / (w + argument)
    shift = mp.exp(-centre)
    minus, d_minus = shift * down, shift * (product - mean * down)
    plus = minus + 2 * order / argument
    values = [log_k, minus, plus, centre + mean, square - mean**2, d_minus]
    return reflected(values, 2 / argument) if nu < 0 else values


def difference(value: float, exact: mp.mpf) -> float:
    """Return the relative error in units of 2^-53; 0 for the right limit."""
    if value == 0 or math.isinf(value):
        outside = abs(exact) < DBL_MIN if value == 0 else exact / value >= 0 and abs(exact) > DBL_MAX
        return 0.0 if outside else math.inf
    return float(abs(value / exact - 1) * 2**53)


def check(file: Path, count: int) -> None:
    """Recompute random rows of the table by quadrature and print the worst differences."""
    worst = dict.fromkeys(VALUES, (0.0, 0.0, 0.0))
    rows = read(file)
    for done, (_, nu, z, *values) in enumerate(random.sample(rows, min(count, len(rows))), 1):
        for name, value, exact in zip(VALUES, values, by_quadrature(nu, z), strict=True):
            worst[name] = max(worst[name], (difference(value, exact), nu, z))
        progress(done, count)
    for name, (error, nu, z) in worst.items():
        print(f"{name:18}{error:9.5f} * 2^-53 at nu={nu!r}, z={z!r}")


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
