"""Lists the points of tests/data/bessel_k_reference.f64, region by region.

The list is deterministic: one seeded stream draws all regions in order.
"""

import itertools
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator

from flint import arb, ctx

Point = tuple[float, float]
Region = Callable[["Draw"], Iterable[Point]]

SEED = 20260
BISECTION_BITS = 512

# ---- Seams, at which bessel_k changes its method; there are points on both sides of each ----
Z_SEAMS = [1e-8, 0.25, 0.5, 1.0, 2.0, 40.0, 400.0]
NU_SEAMS = [*(k + 0.5 for k in range(13)), 2.0, 8.0, 10.0, 12.0, 40.0, 400.0]
W_SEAMS = [0.5, 1.0, 2.0, 4.0, 7.0, 8.0, 12.0, 16.0, 19.0, 28.0, 30.0, 32.0, 40.0, 400.0, 1e8]
FAR, NEAR = 1e-6, 1e-15  # relative distances; w = hypot(nu, z) is rounded

DIAGONAL = math.sqrt(0.5)  # the largest value of the smaller of nu / w and z / w
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
        """Return several numbers whose logarithm is uniform."""
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
    """Yield points on both sides of the seams in w, with nu / w from 0 and z / w from 1e-300 up."""
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
    """Yield points at which log K is nearly 0, because large numbers cancel there."""
    ctx.prec = BISECTION_BITS
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


def design() -> list[tuple[int, Point]]:
    """Return every point with the number of its region."""
    draw = Draw(SEED)
    return [(i, point) for i, region in enumerate(REGIONS.values()) for point in region(draw)]
