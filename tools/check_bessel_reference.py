"""Checks rows of tests/data/bessel_k_reference.f64, drawn at random, by quadrature.

Needs python-flint and mpmath, as tools/make_bessel_reference.py does.
usage: python tools/check_bessel_reference.py [--rows N] [FILE]
"""

import argparse
import array
import itertools
import math
import random
import sys
from pathlib import Path

import mpmath as mp
from bessel_reference_points import DBL_MIN
from make_bessel_reference import COLUMNS, TABLE, VALUES, progress, reflected


def read(file: Path) -> list[list[float]]:
    """Return the rows of a table."""
    values = array.array("d", file.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    return [values[i : i + COLUMNS].tolist() for i in range(0, len(values), COLUMNS)]


def by_quadrature(nu: float, z: float) -> list[mp.mpf]:
    """Return the seven values in another way: as moments of t, by mpmath's trapezoidal rule.

    For nu >= 0, t = t0 + s with t0 = asinh(nu / z), and s has a density in proportion to
    exp(-(w - nu) (cosh s - 1) - nu (e^s - 1 - s)), w = hypot(nu, z).
    """
    smallest = min(1.0, abs(nu) or 1.0)
    mp.mp.dps = digits = int(60 + max(0.0, math.log10(z)) - math.log10(smallest))
    order, argument = abs(mp.mpf(nu)), mp.mpf(z)
    centre, w = mp.asinh(order / argument), mp.hypot(order, argument)
    step = min(mp.mpf(1) / 16, 1 / (4 * mp.sqrt(w))) * 60 / digits
    sums = [mp.mpf(0)] * 5  # sums of 1, s, s^2, e^-s, s e^-s, weighted by the density
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
    """Return the distance of value from the rounded exact one in units in the last place."""
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
    """Check as many rows as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=TABLE)
    parser.add_argument("--rows", type=int, metavar="N", default=1000)
    options = parser.parse_args()
    check(options.file, options.rows)


if __name__ == "__main__":
    main()
