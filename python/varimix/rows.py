"""Conversion of rows and numbers, for every function that needs all of them in memory.

An array of numbers never comes here: the extension reads it where it lies.
"""

from __future__ import annotations

import numbers
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from varimix.sources.kinds import is_array_like, is_line, kind_of
from varimix.sources.real_numbers import real_array

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
    return named_rows_in_memory(data, name)[0]


def named_rows_in_memory(
    data: AnyRows, name: str = "X"
) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """Return the array of `rows_in_memory`, and the names of its columns if ``data`` has names."""
    if is_array_like(data) or is_number(data):
        return real_array(data, name), None
    from varimix.sources.source import Source

    try:
        source = data if isinstance(data, Source) else Source(kind_of(data, None), None, None, None)
        return source.gather(), source.columns
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
