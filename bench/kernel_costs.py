"""Counts what the kernels of an E-step do for a row, and bounds their time by it.

An addition and a multiplication are one operation each, a fused multiply-add is
two; comparisons, shuffles and arithmetic on integers are none. Bytes are those of the loads and
stores of a kernel that runs on whole vectors. A number that is spread over a vector is 8 bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

NUMBER = 8  # bytes of a double
AVX512_LANES = 8

# Tiles of the kernels, as in src/kernels/distance.cpp and src/kernels/accumulate.cpp.
SOLVED_COLUMNS = 4
TILE_ROWS = 4
# Rows that src/core/transpose_rows.cpp turns together, where a vector has four lanes or more.
TURNED_ROWS = 4
COEFFICIENTS = 8  # of a polynomial of src/special/table_lookup.hpp


@dataclass(frozen=True)
class Cost:
    """What a kernel does for one row."""

    operations: int
    bytes: float  # loaded and stored
    memory_bytes: int = 0  # of these, from beyond the second-level cache


@dataclass(frozen=True)
class Machine:
    """What one core does at most, as ns of an operation or of a byte."""

    lanes: int
    operation: float
    byte: float
    memory_byte: float


@dataclass(frozen=True)
class Bound:
    """The least time of a row, and what sets it."""

    ns: float
    by: str


def transpose_cost(d: int, lanes: int) -> Cost:
    """Every number is loaded, is moved by the origin, and is stored."""
    del lanes
    return Cost(d, NUMBER * (2 * d + d / TURNED_ROWS), memory_bytes=NUMBER * d)


def cached_transpose_cost(d: int, lanes: int) -> Cost:
    """The same rows again and again."""
    return replace(transpose_cost(d, lanes), memory_bytes=0)


def groups(count: int, size: int) -> list[tuple[int, int]]:
    """Return first and number of the columns that are done together."""
    return [(first, min(size, count - first)) for first in range(0, count, size)]


def distance_cost(d: int, lanes: int) -> Cost:
    """Forward substitution, two sums of products, and exponents of rows that are not far off."""
    vectors = 4 if lanes >= AVX512_LANES else 2
    solve = d + d * (d - 1) + d  # less mu, the multiply-adds below the diagonal, the pivots
    results = (2 + 2) * d  # v'v and g'v
    exponents = 2 + 1  # the product u, z_prior
    not_finite = 2 * 2
    solved = [(first, c, first * c + c * (c - 1) // 2) for first, c in groups(d, SOLVED_COLUMNS)]
    loads = sum(c + first for first, c, _ in solved)  # x, the columns before
    spread = sum(below + 3 * c for _, c, below in solved)  # L; mu, pivot, g
    stores = d + 2
    numbers = loads + stores + spread / (vectors * lanes)
    return Cost(solve + results + exponents + not_finite, NUMBER * numbers)


def table_cost(d: int, lanes: int) -> Cost:
    """A value finds its segment and powers of t; three polynomials, two together, and a moment."""
    del d, lanes
    polynomial = 2 * (COEFFICIENTS - 1)
    place = 1 + 5  # the value; itself, segment, t, t^2, t^4
    pair = 2 * COEFFICIENTS + 5 + 3  # all of the place; log normalizer and two moments
    single = COEFFICIENTS + 4 + 1
    return Cost(3 + 3 * polynomial + 2, NUMBER * (place + pair + single))


def accumulate_cost(d: int, lanes: int) -> Cost:
    """Weighted columns and two sums, then the lower triangle of the sum of products in tiles."""
    columns = 4 if lanes >= AVX512_LANES else 2
    tiles = sum(r + c for first, r in groups(d, TILE_ROWS) for _, c in groups(first + r, columns))
    return Cost(3 * d + d * (d + 1), NUMBER * (3 * d + tiles))


KERNELS: dict[str, Callable[[int, int], Cost]] = {
    "transpose_rows": transpose_cost,
    "transpose_cached": cached_transpose_cost,
    "distance": distance_cost,
    "table": table_cost,
    "accumulate": accumulate_cost,
}


def bound_of(cost: Cost, machine: Machine) -> Bound:
    """Return the largest of the times that the parts of a core need, if each works alone."""
    parts = [
        Bound(cost.operations * machine.operation, "arithmetic"),
        Bound(cost.bytes * machine.byte, "L1"),
        Bound(cost.memory_bytes * machine.memory_byte, "beyond L2"),
    ]
    return max(parts, key=lambda bound: bound.ns)
