"""Conversion of rows and numbers, for every function that needs all of them in memory.

An array of numbers never comes here: the extension reads it where it lies.
"""

from __future__ import annotations

import numbers
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from varimix.names import Names, listed, require_same_names
from varimix.sources.real_numbers import real_array

LEAVE_OUT = "; leave others out, as with frame[list(model.columns)]"
BY_NAME = "open_source(..., columns=[...])"
LEAVE_IT_OUT = f"; leave it out, or name those wanted: {BY_NAME}"
AnyRows: TypeAlias = Any
"""An array, or any other source that ``fit_stream`` takes."""


def rows_in_memory(data: AnyRows, name: str = "X") -> NDArray[Any]:
    """Return an array of real numbers: numpy's array if it takes ``data``, else a source's rows.

    Raises
    ------
    ValueError
        If ``data`` holds no rows (also a TypeError), or no numbers; the message names ``name``.
    OSError
        For a file that cannot be read.
    """
    return rows_and_names(data, name)[0]


class NamedRows:
    """Rows that were read once, to be used twice, with the names of their columns, or None."""

    def __init__(self, array: NDArray[Any], names: Names | None) -> None:
        self.array = array
        self.names = names

    @classmethod
    def of(cls, data: AnyRows) -> NamedRows:
        """Read rows of any source."""
        return cls(*rows_and_names(data))


def rows_and_names(
    data: AnyRows, name: str = "X", columns: Names | None = None
) -> tuple[NDArray[Any], Names | None]:
    """Return rows as `rows_in_memory` does, and the names of their columns, or None.

    Rows with names are put into the order of ``columns``, where these are given.

    Raises
    ------
    ValueError
        As `rows_in_memory` does, and for other names than those of ``columns``, listing both.
    """
    if isinstance(data, NamedRows):
        return data.array, data.names
    from varimix.sources.kinds import is_array_like, is_line, kind_of  # arrays need no reader

    if is_array_like(data) or is_number(data):
        return real_array(data, name), None
    from varimix.sources.source import Source

    if columns is not None and len(columns) > 1 and is_line(data):
        raise ValueError(
            f"{name} must be rows of the columns {listed(columns)}, got a "
            f"{type(data).__name__}, which is one column; one row is frame.iloc[[0]]"
        )
    hint = LEAVE_IT_OUT
    if columns is not None:
        hint = f"; the columns wanted are {listed(columns)}{LEAVE_OUT} or {BY_NAME}"
    try:
        is_open = isinstance(data, Source)
        source = data if is_open else Source(kind_of(data, None), None, None, None, hint)
        names = source.names if columns is None else source.names_among(columns)
        if columns is None or names is None:
            return source.gather(), names
        require_same_names(names, columns, name, LEAVE_OUT)
        return source.gather(columns=columns), columns
    except (ValueError, OSError) as error:
        message = str(error)
        if type(error).__str__ is not OSError.__str__ and not message.startswith("source"):
            raise
        raise type(error)(message.replace("source", name, 1)) from error


def numbers_in_memory(data: Any, name: str) -> NDArray[Any]:
    """Return an array of real numbers of any shape; a series or column gives one dimension.

    Raises
    ------
    ValueError
        If ``data`` is anything else; the message names ``name``.
    """
    from varimix.sources.kinds import is_array_like, is_line

    if is_array_like(data) or is_number(data):
        return real_array(data, name)
    if is_line(data):
        return rows_in_memory(data, name)[:, 0]
    if hasattr(data, "__array__") or hasattr(data, "__arrow_c_stream__"):
        return rows_in_memory(data, name)
    return real_array(data, name)


def is_number(value: object) -> bool:
    """Return whether ``value`` is one number, also of numpy, and not a container."""
    return isinstance(value, numbers.Number) or (isinstance(value, np.ndarray) and value.ndim == 0)
