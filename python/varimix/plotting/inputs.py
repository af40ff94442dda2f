"""What users hand to a picture: models, rows with names of columns, a projection, a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import MeanVarianceMixture
from varimix.arguments import MODELS
from varimix.random_keys import check_seed
from varimix.rows import AnyRows, numbers_in_memory, rows_and_names

Values = NDArray[np.float64]
Seed = int | np.random.Generator | None


@dataclass(frozen=True)
class Rows:
    """Rows in memory.

    Attributes
    ----------
    values : (n, d), n >= 1, finite, or NaN where a value is missing
    columns : what the columns are called on axes
    names : names of a table's columns; None for an array
    index : labels of the rows of a pandas frame; None for anything else
    """

    values: Values
    columns: tuple[str, ...]
    names: tuple[str, ...] | None
    index: Any

    def column(self, which: object, name: str) -> int:
        """Return the number of a column that is given by its number or its name."""
        d = len(self.columns)
        if isinstance(which, str) and which in (self.names or ()):
            return (self.names or ()).index(which)
        if isinstance(which, str):
            known = ", ".join(map(repr, self.names or ())) or "without names"
            raise ValueError(f"{name} must be of the columns of X ({known}), got {which!r}")
        if isinstance(which, bool | np.bool_) or not isinstance(which, Integral):
            raise TypeError(f"{name} must be the name or number of a column, got {which!r}")
        number = int(which)
        if not 0 <= number < d:
            raise ValueError(f"{name} must be >= 0 and below {d}, got {number}")
        return number


def rows_of(X: AnyRows, model: MeanVarianceMixture) -> Rows:
    """Return the rows ``X`` (n, d) in the order of the model's names, where both have names.

    For d = 1 a line of numbers is as good as a column.

    Raises
    ------
    ValueError
        For no rows, other names or another number of columns than the model's, infinity, or no
        numbers.
    """
    d = model.d
    values, names = rows_and_names(X, columns=model.columns)
    names = names or model.columns
    if values.ndim == 1 and d == 1:
        values = values[:, np.newaxis]
    if values.ndim != 2 or values.shape[1] != d:
        raise ValueError(f"X must be rows of {d} columns, as the model, got shape {values.shape}")
    if len(values) == 0:
        raise ValueError("X must have at least one row, got none")
    shown = shown_names(names, d)
    _require_no_infinity(values, shown)
    index = getattr(X, "index", None)
    return Rows(
        np.asarray(values, dtype=np.float64), shown, names, None if callable(index) else index
    )


def shown_names(names: tuple[str, ...] | None, d: int) -> tuple[str, ...]:
    """Return what d columns are called on axes, by their names or by their numbers."""
    return tuple(_shown(name) for name in names or map(str, range(d)))


def _shown(name: str) -> str:
    """Return the name of a column on an axis; a number alone would say nothing."""
    return f"column {name}" if name.isdigit() else name


def _require_no_infinity(values: NDArray[Any], columns: Sequence[str]) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        i, j = (int(k) for k in np.argwhere(infinite)[0])
        raise ValueError(
            f"X must be finite, or NaN for a missing value, got {values[i, j]} in row {i}, "
            f"{columns[j]}"
        )


@dataclass(frozen=True)
class Line:
    """One-dimensional data beside their law.

    Attributes
    ----------
    law : the law of w'X
    values : w'x of the rows that show all columns with a weight, in order of rows
    name : what w'X is called on an axis
    n_rows : number of rows, those without a value included
    """

    law: MeanVarianceMixture
    values: Values
    name: str
    n_rows: int


def line_of(model: MeanVarianceMixture, X: AnyRows, w: object) -> Line:
    """Return w'X and its law; ``w`` is None (d = 1), a column, or d numbers.

    Raises
    ------
    ValueError
        As `rows_of`; for a w that is missing, of another dimension, not finite or zero; if no row
        shows all that w needs.
    """
    require_model(model)
    rows = rows_of(X, model)
    weights, name = _weights(rows, w)
    needed = weights != 0.0
    values = rows.values[:, needed] @ weights[needed]
    there = values[~np.isnan(values)]
    if len(there) == 0:
        raise ValueError(
            f"X must show a value of {name} in some row, got NaN in all of {len(values)}"
        )
    return Line(model.project(weights), there, name, len(values))


def _weights(rows: Rows, w: object) -> tuple[Values, str]:
    d = len(rows.columns)
    if w is None and d == 1:
        return np.ones(1), rows.columns[0] if rows.names else "x"
    if w is None:
        raise ValueError(
            f"w must be a column, or {d} numbers, for a model of {d} columns, got None"
        )
    if isinstance(w, str | Integral | Real) or np.ndim(w) == 0:  # type: ignore[arg-type]
        column = rows.column(w.item() if isinstance(w, np.ndarray) else w, "w")
        return np.eye(d)[column], rows.columns[column]
    weights = numbers_in_memory(w, "w")
    if weights.shape != (d,):
        raise ValueError(f"w must be {d} numbers, as X has columns, got shape {weights.shape}")
    if not np.isfinite(weights).all() or not weights.any():
        raise ValueError(f"w must be finite and not zero, got {weights.tolist()}")
    return np.asarray(weights, dtype=np.float64), "w'x"


def require_model(model: object, name: str = "model") -> None:
    """Raise TypeError unless ``model`` is a model of one of the families."""
    if not isinstance(model, MODELS):
        hint = "; its .model is one" if isinstance(getattr(model, "model", None), MODELS) else ""
        raise TypeError(f"{name} must be a model, got {type(model).__name__}{hint}")


def model_of(fit: object, name: str) -> MeanVarianceMixture:
    """Return a model, or the model of a result or state."""
    model: Any = fit if isinstance(fit, MODELS) else getattr(fit, "model", None)
    if not isinstance(model, MODELS):
        raise TypeError(
            f"{name} must be a model, or a result that has one, got {type(fit).__name__}"
        )
    found: MeanVarianceMixture = model
    return found


def generator(seed: Seed) -> np.random.Generator:
    """Return the generator that a seed means: itself, one of an integer >= 0, or a fresh one."""
    check_seed(seed, "seed", (np.random.Generator,))
    return np.random.default_rng(seed)


def require_fraction(value: object, name: str) -> float:
    """Return a number of the open interval (0, 1)."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    fraction = float(value)
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"{name} must be > 0 and < 1, got {fraction}")
    return fraction


def require_count(value: object, least: int, name: str) -> int:
    """Return a whole number >= ``least``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    count = int(value)
    if count < least:
        raise ValueError(f"{name} must be >= {least}, got {count}")
    return count
