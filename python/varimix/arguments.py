"""Checks of what functions of risk and inference are given."""

from __future__ import annotations

from numbers import Integral
from typing import Any, get_args

import numpy as np

from varimix._varimix import MeanVarianceMixture
from varimix.sources.real_numbers import real_array

MODELS = get_args(MeanVarianceMixture)


def require_model(model: object, name: str = "model") -> None:
    """Raise a TypeError for anything but a model."""
    if not isinstance(model, MODELS):
        raise TypeError(f"{name} must be a model of varimix, got {type(model).__name__}")


def one_number(value: Any, name: str) -> float:
    """Return a real number; ValueError for anything else, booleans included."""
    array = real_array(value, name)
    if array.shape != () or array.dtype == bool:
        raise ValueError(f"{name} must be one number, got {value!r}")
    return float(array)


def probability(value: Any, name: str) -> float:
    """Return a number in (0, 1); ValueError for anything else."""
    number = one_number(value, name)
    if not 0 < number < 1:
        raise ValueError(f"{name} must be in (0, 1), got {number}")
    return number


def whole_number(value: Any, name: str, most: int) -> int:
    """Return a whole number from 1 to ``most``; TypeError for another type, else ValueError."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not 1 <= int(value) <= most:
        raise ValueError(f"{name} must be from 1 to {most}, got {int(value)}")
    return int(value)
