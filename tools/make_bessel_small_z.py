"""Writes tests/data/bessel_k_small_z.csv: K_nu(z) where bessel_k changes its method.

Small arguments (z from 1e-100 to 1e-8, |nu| about 2 and below), and both sides of every seam:
z = 1e-8, nu = 0.01, nu = 0.98, nu = 2, and hypot(nu, z) = 1e8. Arguments are exact doubles; values
have 40 correct digits, of which 25 are written. Needs mpmath.

usage: python tools/make_bessel_small_z.py > tests/data/bessel_k_small_z.csv
"""

import math
from collections.abc import Iterator

import mpmath as mp

WORKING_DIGITS = 90  # the central difference below loses 20 of them, cancellation near integers 30
DIFFERENCE_STEP = mp.mpf("1e-20")  # its truncation error is of relative size 1e-40
WRITTEN_DIGITS = 25

NEAR_ZERO = [0.0, 1e-12, 1e-6, 1e-3, 0.0099999, 0.01, 0.0100001, 0.02, 0.04, 0.1, 0.3, 0.5, 0.7]
NEAR_ONE = [0.9799999, 0.98, 0.9800001, 0.99, 0.999999, 1.0, 1.000001, 1.01, 1.0199999, 1.02]
NEAR_TWO = [1.25, 1.5, 1.9, 1.99, 1.9999999, 2.0, 2.0000001, 2.5]
SMALL_ORDERS = [*NEAR_ZERO, *NEAR_ONE, *NEAR_TWO, -0.5, -0.98, -1.3, -2.0]
SMALL_ARGUMENTS = [1e-100, 1e-50, 1e-20, 1e-12, 1e-9, 9.9999999e-9, 1e-8, 1.00000001e-8]
LARGE_ORDERS = [0.0, 0.5, 20.25, 1e3, 1e4, -1e4]
LARGE_NORMS = [0.99999999e8, 1.00000001e8]


def points() -> Iterator[tuple[float, float]]:
    """Yield every (nu, z) of the table."""
    for nu in SMALL_ORDERS:
        for z in SMALL_ARGUMENTS:
            yield nu, z
    for nu in LARGE_ORDERS:
        for norm in LARGE_NORMS:
            yield nu, math.sqrt((norm - abs(nu)) * (norm + abs(nu)))


def log_k(nu: mp.mpf, z: mp.mpf) -> mp.mpf:
    """Return log K_nu(z)."""
    return mp.log(mp.besselk(nu, z))


def row(nu: float, z: float) -> list[mp.mpf]:
    """Return log K, its derivative in nu, and both ratios."""
    order, argument = mp.mpf(nu), mp.mpf(z)
    at = mp.besselk(order, argument)
    above = log_k(order + DIFFERENCE_STEP, argument)
    below = log_k(order - DIFFERENCE_STEP, argument)
    slope = mp.mpf(0) if nu == 0 else (above - below) / (2 * DIFFERENCE_STEP)
    ratios = [mp.besselk(order + side, argument) / at for side in (1, -1)]
    return [mp.log(at), slope, *ratios]


def main() -> None:
    """Write the table to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    print("nu,z,log_K,dlogK_dnu,K(nu+1)/K(nu),K(nu-1)/K(nu)")
    for nu, z in points():
        values = ",".join(mp.nstr(value, WRITTEN_DIGITS) for value in row(nu, z))
        print(f"{nu!r},{z!r},{values}")


if __name__ == "__main__":
    main()
