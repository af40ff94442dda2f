"""What a conditional law is given: values or bounds of columns, by name or by number."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.names import Names, require_same_names
from varimix.sources.real_numbers import real_array


def columns_and_values(
    given: Any, names: Names | None, d: int
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the numbers of the columns that ``given`` has, and their values.

    Raises
    ------
    TypeError
        For anything but a mapping or a Series, and for a column that is neither text nor number.
    ValueError
        For a column that is not there, or comes twice, none or all of them, and a value that is
        not one finite real number.
    """
    items = _items_of(given, "given")
    columns = _columns_of(items, names, d, "given")
    if not 0 < len(columns) < d:
        count = "none" if not columns else "all of them"
        raise ValueError(f"given must have some of the {d} columns, not all, got {count}")
    values = np.array([_value(column, value) for column, value in items], dtype=float)
    return columns, values


def columns_and_bounds(
    conditions: Any, names: Names | None, d: int
) -> list[tuple[int, float, float]]:
    """Return number, lower and upper bound of each column that ``conditions`` has.

    A number is both of its bounds.

    Raises
    ------
    TypeError
        For anything but a mapping or a Series, and for a column that is neither text nor number.
    ValueError
        For a column that is not there, or comes twice, for none, values of all of them, and for
        anything but a finite number, or two numbers ``lower <= upper`` that some number lies
        between.
    """
    items = _items_of(conditions, "conditions")
    columns = _columns_of(items, names, d, "conditions")
    if not columns:
        raise ValueError(f"conditions must be on some of the {d} columns, got none")
    found = []
    for column, (label, condition) in zip(columns, items, strict=True):
        found.append((column, *_bounds(f"conditions[{label!r}]", condition)))
    if sum(lower == upper for _, lower, upper in found) == d:
        raise ValueError(f"conditions must leave one of the {d} columns free, got values of all")
    return found


def _items_of(given: Any, what: str) -> list[tuple[Any, Any]]:
    is_series = hasattr(given, "index") and hasattr(given, "to_frame")
    if not isinstance(given, Mapping) and not is_series:
        raise TypeError(f"{what} must map columns to values, got {type(given).__name__}")
    return list(given.items())


def _columns_of(items: list[tuple[Any, Any]], names: Names | None, d: int, what: str) -> list[int]:
    texts = [column for column, _ in items if isinstance(column, str)]
    if texts and names is None:
        raise ValueError(
            f"{what} must be of columns by number from 0 to {d - 1}, got {texts[0]!r}: the columns "
            "of the model have no names (see with_columns)"
        )
    if names is not None:
        require_same_names(texts, names, what, may_lack=True)
    columns = [_number(column, names, d, what) for column, _ in items]
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise ValueError(f"{what} must have each column once, got {items[place][0]!r} again")
    return columns


def _number(column: Any, names: Names | None, d: int, what: str) -> int:
    if isinstance(column, str) and names is not None:
        return names.index(column)
    if isinstance(column, bool | np.bool_) or not isinstance(column, Integral):
        raise TypeError(f"{what} must be of columns by name or number, got {column!r}")
    if not 0 <= int(column) < d:
        raise ValueError(f"{what} must be of columns from 0 to {d - 1}, got {int(column)}")
    return int(column)


def _bounds(name: str, condition: Any) -> tuple[float, float]:
    array = real_array(condition, name)
    if array.shape not in ((), (2,)) or array.dtype == bool:
        raise ValueError(f"{name} must be a number or two bounds, got {condition!r}")
    lower, upper = (float(end) for end in np.broadcast_to(array, (2,)))
    if array.shape == () and not np.isfinite(lower):
        raise ValueError(f"{name} must be finite, got {lower}")
    if not lower <= upper:
        raise ValueError(f"{name} must be bounds lower <= upper, got {lower} and {upper}")
    if lower == np.inf or upper == -np.inf:
        raise ValueError(f"{name} must hold a finite number, got {lower} and {upper}")
    return lower, upper


def _value(column: Any, value: Any) -> float:
    name = f"given[{column!r}]"
    array = real_array(value, name)
    if array.shape != ():
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    number = float(array)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number
