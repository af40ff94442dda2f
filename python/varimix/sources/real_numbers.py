"""Arrays of real numbers from anything that numpy takes; only this says what a number is."""

from __future__ import annotations

import sys
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.extras import is_a
from varimix.sources.texts import TEXT_SHOWN, is_number_text

REAL_KINDS = "fiub"
"""Kinds of numpy's types: floats, integers, booleans as 0 and 1."""
TEXT_KINDS = "US"
MATRIX_DIMENSIONS = 2


def real_array(data: object, name: str) -> NDArray[Any]:
    """Return an array of real numbers; objects that are numbers become float64, and None NaN.

    Wider floats become float64 too.

    Raises
    ------
    ValueError
        For anything else; the message names ``name``.
    """
    if is_a(data, "numpy.ma", "MaskedArray"):
        raise ValueError(f"{name} must be an array without a mask, got a masked array")
    try:
        array = np.asarray(data)
    except ValueError as error:  # raised for a list whose rows differ in length
        raise ValueError(f"{name} must be an array of real numbers, got {error}") from None
    if array.dtype == object:
        return float_array(array, name)
    if array.dtype.kind in TEXT_KINDS and array.size > 0:
        raise _text_error(array, name)
    if array.dtype.kind not in REAL_KINDS:
        raise ValueError(f"{name} must be an array of real numbers, got one of type {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(float).itemsize:
        with np.errstate(over="ignore"):  # infinite values are refused by those who use them
            return array.astype(float)
    return array


def _text_error(array: NDArray[Any], name: str) -> ValueError:
    """Return the error of an array of texts: of the first that is no number, or the first."""
    place = next((i for i, text in enumerate(array.flat) if not is_number_text(text)), 0)
    text = repr(array.flat[place].item())[:TEXT_SHOWN]
    return ValueError(
        f"{name} must be an array of real numbers, got one of type {array.dtype} with {text}"
        + _in_words(place, array.shape)
    )


def _in_words(place: int, shape: tuple[int, ...]) -> str:
    """Return where an element of a matrix stands, by its number in C order; else nothing."""
    if len(shape) != MATRIX_DIMENSIONS:
        return ""
    row, column = divmod(place, shape[1])
    return f" in row {row}, column {column} (counted from 0)"


def float_array(objects: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Return the float64 nearest to each number of an array of objects; what is missing is NaN.

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
            raise NotANumberError(name, i, value, _in_words(i, objects.shape)) from None
    return numbers


class NotANumberError(ValueError):
    """An object of an array is no number; ``place`` is its number in C order."""

    def __init__(self, name: str, place: int, value: object, where: str = "") -> None:
        super().__init__(
            f"{name} must be an array of real numbers, got one of type object with "
            f"{repr(value)[:TEXT_SHOWN]}{where}"
        )
        self.where = where
        self.name = name
        self.place = place
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what pickles the error, so that a worker process can send it back."""
        return type(self), (self.name, self.place, self.value, self.where)


def _as_float(value: Any) -> float:
    if isinstance(value, Real) or is_a(value, "decimal", "Decimal"):
        return float(value)
    if value is None or value is getattr(sys.modules.get("pandas"), "NA", None):
        return float("nan")
    raise TypeError


def row_name(row: NDArray[Any]) -> str:
    """Return the name of the table that starts with a row: a hash of its numbers."""
    numbers = row.astype("<f8")
    numbers[np.isnan(numbers)] = np.nan  # all NaN get the same bits
    from hashlib import blake2b  # a tenth of the time to import varimix

    return "first row " + blake2b(numbers.tobytes(), digest_size=8).hexdigest()
