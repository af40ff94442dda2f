"""Rows and numbers for what needs all of them in memory: the one conversion behind every function.

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
    """Give an array of real numbers: numpy's own of what it takes, else all rows of a source.

    Raises
    ------
    ValueError
        Naming ``name``, for what holds no rows (also a TypeError) or what is not of numbers.
    OSError
        For a file that cannot be read.
    """
    if is_array_like(data) or is_number(data):
        return real_array(data, name)
    from varimix.sources.source import Source

    try:
        source = data if isinstance(data, Source) else Source(kind_of(data, None), None, None, None)
        return source.gather()
    except (ValueError, OSError) as error:
        message = str(error)
        if type(error).__str__ is not OSError.__str__ and not message.startswith("source"):
            raise
        raise type(error)(message.replace("source", name, 1)) from error


def numbers_in_memory(data: Any, name: str) -> NDArray[Any]:
    """Give an array of real numbers, of any shape: of a series or a column in one dimension.

    Raises
    ------
    ValueError
        Naming ``name``, for anything else.
    """
    if is_array_like(data) or is_number(data):
        return real_array(data, name)
    if is_line(data):
        return rows_in_memory(data, name)[:, 0]
    if hasattr(data, "__array__") or hasattr(data, "__arrow_c_stream__"):
        return rows_in_memory(data, name)
    return real_array(data, name)


def is_number(value: object) -> bool:
    """Tell a number, of numpy too, from whatever may hold some."""
    return isinstance(value, numbers.Number) or (isinstance(value, np.ndarray) and value.ndim == 0)
