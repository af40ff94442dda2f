"""What tests of fits are given: results of fits, or models."""

from __future__ import annotations

from typing import Any

from varimix._varimix import EMResult
from varimix.arguments import MODELS


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
    """Return an int; TypeError for anything else, booleans too."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int, got {value!r}")
    return int(value.__index__())


def number_text(value: float | None) -> str:
    """Return a number as results show it."""
    return "none" if value is None else f"{value:.6g}"
