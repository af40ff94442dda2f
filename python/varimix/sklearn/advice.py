"""Columns of frames that are no numbers, and what can be done about rows that are refused."""

from __future__ import annotations

from typing import Any

NUMBERS = "biufc"
"""Kinds of numpy's types that scikit-learn makes numbers of."""
TIMES = "mM"
"""Kinds of durations and times, which it would make numbers of as well, or not name."""


def require_no_times(X: Any) -> None:
    """Raise a ValueError that names the first column of dates, times or durations of a frame."""
    for name, dtype in _columns(X):
        is_time = getattr(dtype, "is_temporal", None)  # of polars
        if is_time() if is_time is not None else getattr(dtype, "kind", "") in TIMES:
            raise ValueError(f"X: column {name!r} must be of numbers, got {dtype}; leave it out")


def advice_about(X: Any, message: str) -> list[str]:
    """Return what can be done about rows that scikit-learn has refused with this message."""
    advice = []
    if "contains NaN" in message:
        advice.append("missing='exact' takes NaN as missing at random")
    if "same order" in message:
        advice.append("X[model.feature_names_in_] has the columns in the order of the fit")
    if "could not convert" in message:
        advice += [
            f"column {name!r} is of type {dtype}: leave it out"
            for name, dtype in _columns(X)
            if not _is_number(dtype)
        ]
    return advice


def _columns(X: Any) -> list[tuple[Any, Any]]:
    """Return names and types of the columns of a frame of pandas or polars; none of others."""
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return []
    return list(zip(X.columns, X.dtypes, strict=True))


def _is_number(dtype: Any) -> bool:
    is_numeric = getattr(dtype, "is_numeric", None)  # of polars
    return is_numeric() if is_numeric is not None else getattr(dtype, "kind", "") in NUMBERS
