"""Computes K_nu(z) to many digits, against which the benchmark measures errors.

The trapezoidal rule is applied to K_nu(z) = 1/2 Int exp(nu t - z cosh t) dt, with mpmath. Its error
falls exponentially with 1/step, and its terms are positive. Some points of every set are checked
against mpmath's own besselk, which is a series in z or 1/z with as many digits as it takes.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp  # type: ignore[import-untyped]
from special_points import Floats

DIGITS = 50  # digits of the arithmetic
CUT = 100.0  # terms below e^-100 = 10^-43 of the largest are left out; the step errs by less
STRIP = 1.4  # half-width of the strip in which the integrand is used, < pi/2
AGREED_DIGITS = 30  # digits to which the check must agree
CHECKED_Z = 300.0  # for smaller z the check is quick, and besselk is right
SCALED_NORMALIZER_FROM = 1024.0  # as in bessel_table.hpp: the product u from which it has e^z
CHECKED_POINTS = 5  # number of points of a set that are checked

# The columns of Truth.
LOG_SCALED, RATIO_MINUS, RATIO_PLUS, DLOG_DNU, LOG_K, INV_Y, Y, LOG_Y, LOG_NORMALIZER = range(9)

Number = Any  # mpmath has no types


@dataclass(frozen=True)
class Truth:
    """Exact values, a row for each point, as unevaluated sums of two doubles."""

    high: Floats
    low: Floats


def step(w: float) -> Number:
    """Return a step h for which the rule errs by e^-CUT.

    Shifted by iy, the integrand has at most (cos y)^-w times its largest value on the real line,
    w = hypot(nu, z), and the error is that times e^{-2 pi y / h}. For large w the best y is
    sqrt(2 CUT / w), for small w the strip's edge.
    """
    y = min(STRIP, math.sqrt(2.0 * CUT / w))
    return mp.mpf(2.0 * math.pi * y / (CUT - 0.5 * w * math.log1p(-(math.sin(y) ** 2))))


def saddle_sums(v: Number, cosh_weight: Number, h: Number) -> tuple[Number, Number, Number]:
    """Return the sums of f, f e^-s and f s over s = k h, for all integers k.

    f = exp(-cosh_weight (cosh s - 1) - v (e^s - 1 - s)), with v = |nu| and cosh_weight = w - v.
    """
    total, total_exp_minus, total_s = mp.one, mp.one, mp.zero
    growth, first = mp.exp(h), mp.expm1(h)
    for sign in (1, -1):
        s, m = h, first  # m = e^|s| - 1
        while True:
            bend = m - s if sign > 0 else s - m / (1 + m)  # e^s - 1 - s
            exponent = -cosh_weight * m * m / (2 * (1 + m)) - v * bend
            term = mp.exp(exponent)
            total += term
            total_exp_minus += term / (1 + m) if sign > 0 else term * (1 + m)
            total_s += sign * s * term
            if exponent + s < -CUT:  # f e^-s is negligible too
                break
            s, m = s + h, m * growth + first
    return total, total_exp_minus, total_s


def quadruple(nu: float, z: float) -> tuple[Number, Number, Number, Number]:
    """Return log(e^z K), R-, R+ and d/dnu log K."""
    v, x = mp.mpf(abs(nu)), mp.mpf(z)
    w = mp.hypot(v, x)
    h = step(float(w))
    total, total_exp_minus, total_s = saddle_sums(v, x * x / (w + v), h)
    t0 = mp.asinh(v / x)
    log_scaled = mp.log(h * total / 2) + v * t0 - v * v / (w + x)
    minus = x / (v + w) * total_exp_minus / total
    plus = minus + 2 * v / x
    slope = t0 + total_s / total
    return (log_scaled, minus, plus, slope) if nu >= 0 else (log_scaled, plus, minus, -slope)


def check(nu: float, z: float) -> None:
    """Compare `quadruple` with mpmath's besselk; raise ArithmeticError where they differ."""
    x = mp.mpf(z)

    def log_k(order: Number) -> Number:
        return mp.log(mp.besselk(order, x))

    n = mp.mpf(nu)
    with mp.extradps(DIGITS):
        expected = (log_k(n) + x, mp.exp(log_k(n - 1) - log_k(n)), mp.exp(log_k(n + 1) - log_k(n)))
        slope = mp.diff(log_k, n)
    for ours, theirs in zip(quadruple(nu, z), (*expected, slope), strict=True):
        if not abs(ours - theirs) <= mp.mpf(10) ** -AGREED_DIGITS * max(1, abs(theirs)):
            raise ArithmeticError(f"reference at nu = {nu!r}, z = {z!r}: {ours} and {theirs}")


def exact_row(nu: float, z: float) -> list[Number]:
    """Return the columns of Truth at a point."""
    log_scaled, minus, plus, slope = quadruple(nu, z)
    x = mp.mpf(z)
    log_k = log_scaled - x
    log_bessel = log_k if z * z < SCALED_NORMALIZER_FROM else log_scaled
    log_normalizer = mp.log(2) + nu * mp.log(x) + log_bessel
    log_y = slope + mp.log(x)
    return [log_scaled, minus, plus, slope, log_k, minus / x, plus * x, log_y, log_normalizer]


def rest(value: Number) -> float:
    """Return the value less its nearest double, or 0 if that is not finite."""
    near = float(value)
    return float(value - near) if math.isfinite(near) else 0.0


def truth(nu: Floats, z: Floats) -> Truth:
    """Return the exact values at these points."""
    with mp.workdps(DIGITS):
        for row in np.flatnonzero(z < CHECKED_Z)[:CHECKED_POINTS]:
            check(float(nu[row]), float(z[row]))
        rows = [exact_row(*point) for point in zip(nu.tolist(), z.tolist(), strict=True)]
        high = np.array([[float(value) for value in row] for row in rows])
        low = np.array([[rest(value) for value in row] for row in rows])
    return Truth(high, low)
