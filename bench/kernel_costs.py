"""Counts what the kernels of an E-step do for a row, and bounds their time by it.

An addition, a multiplication, a division and a root are one operation each, a fused multiply-add is
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
# src/special/table_lookup.hpp: coefficients of a polynomial, and functions of a row.
COEFFICIENTS = 9
FUNCTIONS = 4
# Operations of Highway's Log of doubles: 1 to scale, 3 for (y - 1) / (y + 1), 15 of the polynomial,
# 7 to put the parts together.
LOG_OPERATIONS = 26


@dataclass(frozen=True)
class Cost:
    """What a kernel does for one row."""

    operations: int
    bytes: float  # loaded and stored
    memory_bytes: int = 0  # of these, from beyond the second-level cache
    divider: str = ""  # the loop of bench/kernels.cpp that divides as often


@dataclass(frozen=True)
class Machine:
    """What one core does at most, as ns of an operation, of a byte or of a row of a divider."""

    lanes: int
    operation: float
    byte: float
    memory_byte: float
    divider: dict[str, float]


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
    """Forward substitution, two sums of products, and the misalignment in a second pass."""
    vectors = 4 if lanes >= AVX512_LANES else 2
    solve = d + d * (d - 1) + d  # less mu, the multiply-adds below the diagonal, the pivots
    results = (2 + 2) * d  # v'v and g'v
    misalignment = (2 + 1 + 2 + 2 + 2) * d
    not_finite = 2 * 2
    solved = [(first, c, first * c + c * (c - 1) // 2) for first, c in groups(d, SOLVED_COLUMNS)]
    loads = sum(c + first for first, c, _ in solved) + d  # x, the columns before, v again
    spread = sum(below + 3 * c for _, c, below in solved) + d  # L; mu, pivot, g; g again
    stores = d + 3
    numbers = loads + stores + spread / (vectors * lanes)
    return Cost(solve + results + misalignment + not_finite, NUMBER * numbers)


def exponents_cost(d: int, lanes: int) -> Cost:
    """Three arrays become one, with one root and one division a row."""
    del d, lanes
    return Cost(9, NUMBER * (3 + 1), divider="peak/division_and_root")


def table_cost(d: int, lanes: int) -> Cost:
    """The value is copied and its range is taken; it finds its polynomials; Horner's rule."""
    del d, lanes
    copy, scan, place, argument = 2, 1, 1 + 2, 2
    polynomials = COEFFICIENTS * FUNCTIONS + FUNCTIONS
    return Cost(
        1 + 2 * (COEFFICIENTS - 1) * FUNCTIONS,
        NUMBER * (copy + scan + place + argument + polynomials),
    )


def logarithms_cost(d: int, lanes: int) -> Cost:
    """The values are copied first, because the kernel overwrites them."""
    del d, lanes
    return Cost(LOG_OPERATIONS, NUMBER * (2 + 2), divider="peak/division")


def accumulate_cost(d: int, lanes: int) -> Cost:
    """Weighted columns and two sums, then the lower triangle of the sum of products in tiles."""
    columns = 4 if lanes >= AVX512_LANES else 2
    tiles = sum(r + c for first, r in groups(d, TILE_ROWS) for _, c in groups(first + r, columns))
    return Cost(3 * d + d * (d + 1), NUMBER * (3 * d + tiles))


KERNELS: dict[str, Callable[[int, int], Cost]] = {
    "transpose_rows": transpose_cost,
    "transpose_cached": cached_transpose_cost,
    "distance": distance_cost,
    "exponents": exponents_cost,
    "table": table_cost,
    "logarithms": logarithms_cost,
    "accumulate": accumulate_cost,
}


def bound_of(cost: Cost, machine: Machine) -> Bound:
    """Return the largest of the times that the parts of a core need, if each works alone."""
    parts = [
        Bound(cost.operations * machine.operation, "arithmetic"),
        Bound(cost.bytes * machine.byte, "L1"),
        Bound(cost.memory_bytes * machine.memory_byte, "beyond L2"),
        Bound(machine.divider[cost.divider] if cost.divider else 0.0, "divider"),
    ]
    return max(parts, key=lambda bound: bound.ns)
