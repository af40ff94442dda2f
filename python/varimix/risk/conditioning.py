"""What a conditional law is given: values of columns, by name or by number."""

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
    items = _items_of(given)
    texts = [column for column, _ in items if isinstance(column, str)]
    if texts and names is None:
        raise ValueError(
            f"given must be of columns by number from 0 to {d - 1}, got {texts[0]!r}: the columns "
            "of the model have no names (see with_columns)"
        )
    if names is not None:
        require_same_names(texts, names, "given", may_lack=True)
    columns = [_number(column, names, d) for column, _ in items]
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise ValueError(f"given must have each column once, got {items[place][0]!r} again")
    if not 0 < len(columns) < d:
        count = "none" if not columns else "all of them"
        raise ValueError(f"given must have some of the {d} columns, not all, got {count}")
    values = np.array([_value(column, value) for column, value in items], dtype=float)
    return columns, values


def _items_of(given: Any) -> list[tuple[Any, Any]]:
    is_series = hasattr(given, "index") and hasattr(given, "to_frame")
    if not isinstance(given, Mapping) and not is_series:
        raise TypeError(f"given must map columns to values, got {type(given).__name__}")
    return list(given.items())


def _number(column: Any, names: Names | None, d: int) -> int:
    if isinstance(column, str) and names is not None:
        return names.index(column)
    if isinstance(column, bool | np.bool_) or not isinstance(column, Integral):
        raise TypeError(f"given must be of columns by name or number, got {column!r}")
    if not 0 <= int(column) < d:
        raise ValueError(f"given must be of columns from 0 to {d - 1}, got {int(column)}")
    return int(column)


def _value(column: Any, value: Any) -> float:
    name = f"given[{column!r}]"
    array = real_array(value, name)
    if array.shape != ():
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    number = float(array)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number
