"""What users hand to a report: what was fitted, rows, weights, names, dates."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import BestFit, EMResult, FamilyFit, MeanVarianceMixture, OnlineEM, Status
from varimix.arguments import MODELS
from varimix.rows import AnyRows, is_number, numbers_in_memory, rows_and_names

Values = NDArray[np.float64]
FITS = (OnlineEM, EMResult, BestFit, FamilyFit)


@dataclass(frozen=True)
class Subject:
    """What the report is about.

    Attributes
    ----------
    model : the model that was fitted, or given
    status : how the fit went; None for a model alone
    state : the state of a stream, or None
    best : the comparison of families, or None
    result : the result of a fit, which knows what it held; None for anything else
    """

    model: MeanVarianceMixture
    status: Status | None = None
    state: OnlineEM[Any] | None = None
    best: BestFit | None = None
    result: EMResult[Any] | None = None

    @property
    def is_best(self) -> bool:
        """Whether the model is that which a comparison chose."""
        if self.best is None:
            return False
        chosen: Any = self.best.model
        return bool(chosen == self.model)


@dataclass(frozen=True)
class Data:
    """Rows in memory, with their names.

    Attributes
    ----------
    values : (n, d), n >= 1, finite, or NaN where a value is missing
    columns : (d) names
    labels : (n) dates (datetime64) or other labels of the rows; None for their numbers
    """

    values: Values
    columns: tuple[str, ...]
    labels: NDArray[Any] | None

    @property
    def has_dates(self) -> bool:
        """Whether the labels are dates."""
        return self.labels is not None and self.labels.dtype.kind == "M"


def subject_of(of: object) -> Subject:
    """Return what ``of`` holds; TypeError if that is neither a fit nor a model."""
    if isinstance(of, MODELS):
        return Subject(of)
    if isinstance(of, OnlineEM):
        return Subject(of.model, of.status, state=of)
    if isinstance(of, BestFit):
        return Subject(of.model, of.status, best=of)
    if isinstance(of, EMResult):
        return Subject(of.model, of.status, result=of)
    if isinstance(of, FamilyFit):
        return Subject(of.model, of.status)
    raise TypeError(
        "of must be a model, an EMResult, an OnlineEM or a BestFit, got " + type(of).__name__
    )


def data_of(
    X: AnyRows,
    d: int,
    columns: Sequence[str | int] | None = None,
    dates: object = None,
    of_model: tuple[str, ...] | None = None,
) -> Data:
    """Return the rows ``X`` (n, d), with names of their columns, and labels of the rows.

    Rows with names are put in the order of ``of_model``, the names that a model has.

    Raises
    ------
    ValueError
        For no rows, another number of columns, infinity, no numbers, no value at all; columns that
        are not there; another number of dates than of rows.
    """
    values, names = _named_rows(X, columns, of_model)
    if values.ndim == 1 and d == 1:
        values = values[:, np.newaxis]
    if values.ndim != 2:
        raise ValueError(
            f"X must have two dimensions, rows of {d} columns, got shape {values.shape}"
        )
    if values.shape[1] != d:
        raise ValueError(f"X must be rows of {d} columns, as the model, got shape {values.shape}")
    if len(values) == 0:
        raise ValueError("X must have at least one row, got none")
    rows = np.asarray(values, dtype=np.float64)
    infinite = np.isinf(rows)
    if infinite.any():
        i, j = (int(k) for k in np.argwhere(infinite)[0])
        column = j if names is None else repr(names[j])
        raise ValueError(
            f"X must be finite, or NaN for a missing value, got {rows[i, j]} in row {i}, "
            f"column {column}"
        )
    if np.isnan(rows).all():
        raise ValueError(f"X must show some value, got NaN in all of {len(rows)} rows")
    known = names if names is not None else tuple(map(str, range(d)))
    shown = tuple(f"column {name}" if name.isdigit() else name for name in known)
    return Data(rows, shown, _labels(X, dates, len(rows)))


def _named_rows(
    X: AnyRows, columns: Sequence[str | int] | None, of_model: tuple[str, ...] | None
) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    if columns is None:
        values, names = rows_and_names(X, columns=of_model)
        return values, names if names is not None else of_model
    if isinstance(columns, str) or not hasattr(columns, "__iter__"):
        raise TypeError(f"columns must be a sequence of names, got {columns!r}")
    labels = [c.item() if isinstance(c, np.generic) else c for c in columns]
    for label in labels:
        if isinstance(label, bool) or not isinstance(label, str | int):
            raise TypeError(f"columns must be names or numbers, got {label!r}")
    if not labels or len(set(labels)) != len(labels):
        raise ValueError(f"columns must be names, each its own, got {labels}")
    if _is_of_tables(X):
        return _opened(X, labels)
    values, names = rows_and_names(X)
    if values.ndim == 2 and names == tuple(map(str, range(values.shape[1]))):
        names = None  # positions, of an iterator of arrays
    is_named = all(isinstance(label, str) for label in labels)
    if names is None and is_named and values.ndim == 2:
        if values.shape[1] != len(labels):
            raise ValueError(
                f"columns must be {values.shape[1]} names, one a column of X, got {len(labels)}"
            )
        return values, tuple(map(str, labels))
    known = names if names is not None else tuple(range(values.shape[-1]))
    unknown = [label for label in labels if label not in known]
    if unknown or values.ndim != 2:
        raise ValueError(f"columns must be of the columns of X ({known}), got {unknown}")
    return values[:, [known.index(label) for label in labels]], tuple(map(str, labels))


def _is_of_tables(X: object) -> bool:
    """Return whether columns can be chosen before any is read: some may be no numbers."""
    first = X[0] if isinstance(X, list | tuple) and X else X
    is_frame = hasattr(first, "__arrow_c_stream__") or hasattr(first, "columns")
    return is_frame or isinstance(first, str | os.PathLike)


def _opened(X: AnyRows, labels: list[str | int]) -> tuple[NDArray[Any], tuple[str, ...]]:
    from varimix.sources import open_source

    try:
        source = open_source(X, columns=labels)
        return source.gather(), source.columns
    except ValueError as error:
        raise ValueError(f"columns of X: {error}") from error


def _labels(X: object, dates: object, n: int) -> NDArray[Any] | None:
    """Return dates, or other labels, of the rows: those given, else the index of a pandas frame."""
    name, given = "dates", dates
    if dates is None:
        index = getattr(X, "index", None)
        if index is None or callable(index) or type(index).__name__ == "RangeIndex":
            return None
        name, given = "the index of X", index
    if isinstance(given, str) or not hasattr(given, "__len__"):
        raise TypeError(f"{name} must be a label for each row, got {given!r}")
    labels = _as_labels(given)
    if labels.shape != (n,):
        raise ValueError(f"{name} must be {n} labels, one a row, got shape {labels.shape}")
    return labels


def _as_labels(given: Any) -> NDArray[Any]:
    kind = getattr(getattr(given, "dtype", None), "kind", None)
    if kind == "M":
        dates = np.asarray(given, dtype="datetime64[us]")
        return dates if not np.isnat(dates).any() else dates.astype(str)
    texts = [str(label) for label in given]
    try:
        dates = np.array(texts, dtype="datetime64[us]")
    except ValueError:
        return np.array(texts, dtype=object)
    looks_like_dates = not np.isnat(dates).any() and not any(t.isdigit() for t in texts)
    return dates if looks_like_dates else np.array(texts, dtype=object)


def weights_of(weights: object, data: Data) -> Values:
    """Return the weight of every column: of a mapping or Series by name, of an array by place.

    Raises
    ------
    ValueError
        For a name that is no column, another number of weights, or weights that are not finite or
        all zero.
    """
    d = len(data.columns)
    named = _by_name(weights)
    if named is None:
        found = np.asarray(numbers_in_memory(weights, "weights"), dtype=np.float64)
        if found.shape != (d,):
            raise ValueError(
                f"weights must be {d} numbers, one a column of X, got shape {found.shape}"
            )
    else:
        found = np.zeros(d)
        for key, weight in named.items():
            if not is_number(weight) or isinstance(weight, bool | complex):
                raise ValueError(f"weights must be numbers, got {weight!r} for {key!r}")
            found[_column(key, data.columns)] = float(weight)
    if not np.isfinite(found).all() or not found.any():
        raise ValueError(f"weights must be finite and not all zero, got {found.tolist()}")
    return found


def _by_name(weights: Any) -> Mapping[Any, Any] | None:
    if isinstance(weights, Mapping):
        return weights
    is_series = hasattr(weights, "to_dict") and hasattr(weights, "index")
    return weights.to_dict() if is_series and weights.ndim == 1 else None


def _column(key: object, columns: tuple[str, ...]) -> int:
    if isinstance(key, str) and key in columns:
        return columns.index(key)
    text = str(key)
    if f"column {text}" in columns:
        return columns.index(f"column {text}")
    if isinstance(key, Integral) and not isinstance(key, bool) and 0 <= int(key) < len(columns):
        return int(key)
    known = ", ".join(map(repr, columns[:8])) + (", ..." if len(columns) > 8 else "")
    raise ValueError(f"weights must be of the columns of X ({known}), got {key!r}")
