"""Arrays of real numbers, of whatever numpy takes: the one place that says what a number is."""

from __future__ import annotations

import hashlib
import sys
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

REAL_KINDS = "fiub"
"""Of numpy's types: floats, integers, booleans as 0 and 1."""


def real_array(data: object, name: str) -> NDArray[Any]:
    """Give an array of real numbers; objects that are numbers become float64, None among them NaN.

    Wider floats become float64 too.

    Raises
    ------
    ValueError
        Naming ``name``, for anything else.
    """
    if isinstance(data, np.ma.MaskedArray):
        raise ValueError(f"{name} must be an array without a mask, got a masked array")
    try:
        array = np.asarray(data)
    except ValueError as error:  # of a list whose rows differ in length
        raise ValueError(f"{name} must be an array of real numbers, got {error}") from None
    if array.dtype == object:
        return float_array(array, name)
    if array.dtype.kind not in REAL_KINDS:
        raise ValueError(f"{name} must be an array of real numbers, got one of type {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(float).itemsize:
        with np.errstate(over="ignore"):  # what is infinite then is refused where values are judged
            return array.astype(float)
    return array


def float_array(objects: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Give the float64 nearest to each number of an array of objects, and NaN for what is missing.

    Raises
    ------
    ValueError
        For an object that is no number.
    """
    numbers = np.empty(objects.shape)
    for i, value in enumerate(objects.flat):
        try:
            numbers.flat[i] = _as_float(value)
        except (TypeError, ValueError, OverflowError):
            raise NotANumberError(name, i, value) from None
    return numbers


class NotANumberError(ValueError):
    """Says which of an array's objects, in C order, is no number."""

    def __init__(self, name: str, place: int, value: object) -> None:
        super().__init__(
            f"{name} must be an array of real numbers, got one of type object with "
            f"{repr(value)[:80]}"
        )
        self.name = name
        self.place = place
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error, which a worker sends back."""
        return type(self), (self.name, self.place, self.value)


def _as_float(value: Any) -> float:
    if isinstance(value, Real | Decimal):
        return float(value)
    if value is None or value is getattr(sys.modules.get("pandas"), "NA", None):
        return float("nan")
    raise TypeError


def row_name(row: NDArray[Any]) -> str:
    """Give a name to the table that starts with a row: a hash of its numbers."""
    numbers = row.astype("<f8")
    numbers[np.isnan(numbers)] = np.nan  # whatever its bits
    return "first row " + hashlib.blake2b(numbers.tobytes(), digest_size=8).hexdigest()
