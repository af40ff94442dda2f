"""What tests of fits are given: results of fits, or models."""

from __future__ import annotations

from typing import Any

from varimix._varimix import EMResult
from varimix.arguments import MODELS

LARGEST_INT = 2**31 - 1
"""Of the core's counts."""


def require_result(value: Any, name: str) -> None:
    """Raise TypeError naming ``name`` unless ``value`` is the result of a fit."""
    if not isinstance(value, EMResult):
        raise TypeError(
            f"{name} must be an EMResult, as Model.fit(X) gives, got {type(value).__name__}"
        )


def model_of(value: Any, name: str) -> Any:
    """Return a model, or that of the result of a fit; TypeError for anything else."""
    if isinstance(value, EMResult):
        return value.model
    if not isinstance(value, MODELS):
        raise TypeError(
            f"{name} must be a model or an EMResult of varimix, got {type(value).__name__}"
        )
    return value


def whole_number(value: Any, name: str) -> int:
    """Return an int of 32 bits; TypeError for anything but an int, booleans too."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int, got {value!r}")
    number = int(value.__index__())
    if abs(number) > LARGEST_INT:
        raise ValueError(f"{name} must be within {LARGEST_INT:,}, got {number}")
    return number


def flag(value: Any, name: str) -> bool:
    """Return a bool; TypeError for anything else."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return value


def text(value: Any, name: str) -> str:
    """Return a text; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, got {value!r}")
    return value


def require_rows(value: Any) -> None:
    """Raise TypeError for None, which stands for no rows where they may be left out."""
    if value is None:
        raise TypeError("X must be rows, got None")


def number_text(value: float | None) -> str:
    """Return a number as results show it."""
    return "none" if value is None else f"{value:.6g}"
