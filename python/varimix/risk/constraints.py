"""Constraints of portfolios as users write them: bounds, groups and rows, by names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.names import Names, require_same_names, weights_in_order
from varimix.rows import rows_and_names
from varimix.sources.real_numbers import real_array

Array = NDArray[np.float64]


def arrays_of(
    model: Any, lower: Any, upper: Any, budget: Any, groups: Any, linear: Any
) -> dict[str, Any]:
    """Return the constraints as the compiled core takes them.

    Raises
    ------
    TypeError
        For groups that are no mapping, a group that is no triple, a column that is no name.
    ValueError
        For anything else that is no constraint of the model's columns.
    """
    names, d = model.columns, model.d
    low_bounds = _bounds(lower, 0.0, -np.inf, "lower", names, d)
    high_bounds = _bounds(upper, np.inf, np.inf, "upper", names, d)
    for j in np.flatnonzero(~(low_bounds <= high_bounds)):
        raise ValueError(
            f"lower must be <= upper in each column, got {low_bounds[j]:g} and "
            f"{high_bounds[j]:g} in {_shown(j, names)}"
        )
    rows, low, high = _linear(linear, names, d)
    group_rows, group_low, group_high = _groups(groups, names, d)
    return {
        "budget": None if budget is None else number(budget, "budget"),
        "lower": low_bounds,
        "upper": high_bounds,
        "rows": np.vstack([rows, group_rows]),
        "low": np.concatenate([low, group_low]),
        "high": np.concatenate([high, group_high]),
    }


def number(value: Any, name: str) -> float:
    """Return one real number; ValueError for anything else, NaN and infinity too."""
    given = real_array(value, name)
    if given.shape != () or given.dtype == bool or not np.isfinite(given):
        raise ValueError(f"{name} must be one finite number, got {value!r}")
    return float(given)


def by_column(value: Any, default: float, name: str, names: Names | None, d: int) -> Array:
    """Return a number for each column (d): one for all, a sequence or Series, or a mapping.

    A mapping is of names, or of numbers where columns have none; others have ``default``.
    """
    if isinstance(value, Mapping):
        numbers = np.full(d, default)
        for column, one in value.items():
            numbers[column_number(column, name, names, d)] = _bound(one, f"{name}[{column!r}]")
        return numbers
    given = real_array(weights_in_order(value, names, name), name)
    if given.dtype == bool or given.shape not in ((), (d,)):
        raise ValueError(f"{name} must be a number, or {d} of them, got {value!r:.80}")
    return np.array(np.broadcast_to(given, (d,)), dtype=float)


def column_number(column: Any, name: str, names: Names | None, d: int) -> int:
    """Return the number of a column that is given by its name, or by its number."""
    if isinstance(column, str):
        if names is None:
            raise ValueError(
                f"{name} must be of columns by number from 0 to {d - 1}, got {column!r}: the "
                "columns of the model have no names (see with_columns)"
            )
        require_same_names([column], names, name, may_lack=True)
        return names.index(column)
    if isinstance(column, bool | np.bool_) or not isinstance(column, Integral):
        raise TypeError(f"{name} must be of columns by name or number, got {column!r}")
    found = int(column)
    if not 0 <= found < d:
        raise ValueError(f"{name} must be of columns from 0 to {d - 1}, got {column}")
    return found


def _bounds(
    value: Any, default: float, none: float, name: str, names: Names | None, d: int
) -> Array:
    """Return bounds of the columns (d); None is no bound, a mapping leaves others ``default``."""
    if value is None:
        return np.full(d, none)
    bounds = by_column(value, default, name, names, d)
    for j in np.flatnonzero(np.isnan(bounds)):
        raise ValueError(f"{name} must be numbers, got nan in {_shown(j, names)}")
    for j in np.flatnonzero(bounds == -none):
        raise ValueError(f"{name} must leave room, got {bounds[j]} in {_shown(j, names)}")
    return bounds


def _bound(value: Any, name: str) -> float:
    """Return one number, which may be infinite."""
    given = real_array(value, name)
    if given.shape != () or given.dtype == bool or np.isnan(given):
        raise ValueError(f"{name} must be a number, got {value!r}")
    return float(given)


def _groups(groups: Any, names: Names | None, d: int) -> tuple[Array, Array, Array]:
    """Return a row of ones for the columns of each group, and its limits."""
    if groups is None:
        groups = {}
    if not isinstance(groups, Mapping):
        raise TypeError(
            f"groups must map a name to (columns, low, high), got {type(groups).__name__}"
        )
    rows = np.zeros((len(groups), d))
    low, high = np.empty(len(groups)), np.empty(len(groups))
    for k, (group, of) in enumerate(groups.items()):
        name = f"groups[{group!r}]"
        if not isinstance(of, tuple | list) or len(of) != 3:
            raise TypeError(f"{name} must be (columns, low, high), got {of!r:.80}")
        columns = [column_number(column, name, names, d) for column in _columns(of[0], name)]
        if not columns or len(set(columns)) < len(columns):
            raise ValueError(f"{name} must have different columns, at least one, got {of[0]!r:.80}")
        rows[k, columns] = 1.0
        low[k], high[k] = _limits(of[1], of[2], name)
    return rows, low, high


def _columns(columns: Any, name: str) -> list[Any]:
    if isinstance(columns, str | bytes) or not hasattr(columns, "__iter__"):
        raise TypeError(f"{name} must have a list of columns, got {columns!r:.80}")
    return list(columns)


def _limits(low: Any, high: Any, name: str) -> tuple[float, float]:
    """Return two limits, of which None is none."""
    ends = (
        -np.inf if low is None else _bound(low, f"{name} low"),
        np.inf if high is None else _bound(high, f"{name} high"),
    )
    if not ends[0] <= ends[1] or ends[0] == np.inf or ends[1] == -np.inf:
        raise ValueError(f"{name} must have low <= high, got {ends[0]:g} and {ends[1]:g}")
    return ends


def _linear(linear: Any, names: Names | None, d: int) -> tuple[Array, Array, Array]:
    """Return the rows of ``linear = (A, low, high)``, and their limits."""
    if linear is None:
        return np.zeros((0, d)), np.zeros(0), np.zeros(0)
    if not isinstance(linear, tuple | list) or len(linear) != 3:
        raise TypeError(f"linear must be (A, low, high), got {type(linear).__name__}")
    found, _ = rows_and_names(linear[0], "A", names)
    A = np.atleast_2d(np.asarray(found, dtype=float))
    if A.ndim != 2 or A.shape[1] != d or not np.isfinite(A).all():
        raise ValueError(f"A must be finite rows of {d} columns, got shape {A.shape}")
    low, high = (
        _bounds(end, none, none, f"linear's {side}", None, len(A))
        for end, none, side in ((linear[1], -np.inf, "low"), (linear[2], np.inf, "high"))
    )
    for k in np.flatnonzero(~(low <= high)):
        raise ValueError(f"linear must have low <= high, got {low[k]:g} and {high[k]:g} in row {k}")
    return A, low, high


def _shown(column: int | np.signedinteger[Any], names: Names | None) -> str:
    return f"column {column}" if names is None else repr(names[column])
