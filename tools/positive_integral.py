"""Integrates positive functions over the real line, by mpmath.

Gauss's rule is applied in panels that double away from the peak, and each panel is halved until its
halves agree with it.
"""

import itertools
import math
from collections.abc import Callable

import mpmath as mp
from mpmath.calculus.quadrature import GaussLegendre

DIGITS = 40
GAUSS_DEGREE = 4  # 24 nodes in mpmath's counting
# Where the rule has begun to converge, halves err by about 2^-48 of the difference.
AGREEMENT = mp.mpf("1e-19")
NEGLIGIBLE = 80.0  # e^-80 of the peak is left out
NARROWEST = 1e-12
LOWEST = -1e12  # the lowest height with which doubles can place a peak
SEARCH = [0.5 * k for k in range(-1400, 1401)]
HALVINGS = 60

mp.mp.dps = DIGITS
NODES = GaussLegendre(mp.mp).calc_nodes(GAUSS_DEGREE, mp.mp.prec)

Height = Callable[[float], float]  # the logarithm of a function, to a few digits


def find_peak(height: Height) -> float:
    """Return the peak of a function, given by its logarithm; at a step, on its right side."""
    best = max(SEARCH, key=height)
    low, high = best - 1.0, best + 1.0
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(HALVINGS):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if height(left) > height(right):
            high = right
        else:
            low = left
    return max((best, low, high), key=height)


def panels(height: Height) -> list[float]:
    """Return the ends of panels that double away from the peak, out to where nothing is left.

    The first panel on either side is as narrow as the function is on its steeper side.
    """
    peak, width = find_peak(height), 1.0
    top = height(peak)
    while min(height(peak - width), height(peak + width)) < top - 1.0 and width > NARROWEST:
        width /= 2
    ends = [peak]
    for direction in (1.0, -1.0):
        step = width
        while height(ends[-1]) > top - NEGLIGIBLE:
            ends.append(ends[-1] + direction * step)
            step *= 2
        ends.reverse()
    return ends


def log_integral(height: Height) -> float:
    """Return log of the integral, to a few digits, by Simpson's rule in the panels."""
    if height(find_peak(height)) < LOWEST:
        return -math.inf
    ends = panels(height)
    top = max(map(height, ends))

    def simpson(low: float, high: float) -> float:
        at_low, at_middle, at_high = (
            math.exp(height(s) - top) for s in (low, (low + high) / 2, high)
        )
        return (high - low) / 6 * (at_low + 4 * at_middle + at_high)

    return top + math.log(math.fsum(itertools.starmap(simpson, itertools.pairwise(ends))))


def integrate(f: Callable[[mp.mpf], mp.mpf], height: Height) -> mp.mpf:
    """Return the integral of a positive f over the real line; height is about log f."""

    def gauss(low: mp.mpf, high: mp.mpf) -> mp.mpf:
        centre, half = (low + high) / 2, (high - low) / 2
        return half * mp.fsum(w * f(centre + half * t) for t, w in NODES)

    ends = [mp.mpf(end) for end in panels(height)]
    stack = [(low, high, gauss(low, high)) for low, high in itertools.pairwise(ends)]
    scale = mp.fsum(value for _, _, value in stack)
    total = mp.mpf(0)
    while stack:
        low, high, whole = stack.pop()
        middle = (low + high) / 2
        left, right = gauss(low, middle), gauss(middle, high)
        if abs(left + right - whole) < AGREEMENT * scale:
            total += left + right
        else:
            stack += [(low, middle, left), (middle, high, right)]
    return total
