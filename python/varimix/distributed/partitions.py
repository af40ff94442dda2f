"""Partitions of a collection: what a worker reads, one at a time, and how it fails by name."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from dask.delayed import Delayed, delayed
from numpy.typing import NDArray

from varimix.names import Names, list_of_names, require_same_names
from varimix.rows import LEAVE_OUT, AnyRows, NamedRows, numbers_in_memory
from varimix.sources import open_source
from varimix.sources.files import find_files

Collection: TypeAlias = Any
"""A dask dataframe or array, a list of delayed parts, or a path or glob of files."""
Label: TypeAlias = str | int

NOT_A_COLLECTION = (
    "collection must be a dask dataframe or array, a list of delayed parts, or a path, a folder or "
    "a glob of files"
)


@dataclass(frozen=True)
class Rows:
    """Rows of a partition in memory: X (n, d), weights (n) and names of columns, each or None."""

    X: NDArray[np.floating]
    weights: NDArray[np.float64] | None
    names: Names | None

    def __len__(self) -> int:
        return len(self.X)

    @property
    def named(self) -> AnyRows:
        """X with its names, as every function of rows takes it; its errors name columns."""
        return NamedRows(self.X, self.names)


@dataclass(frozen=True)
class Reading:
    """How the rows of a partition are read from whatever it is."""

    columns: tuple[Label, ...] | None
    weights: Label | None

    def __call__(self, part: Any, weights: Any, names: Names | None) -> Rows:
        """Return the rows of a part, in the order of ``names`` where both have names.

        Raises
        ------
        ValueError
            For other columns, and for what is no number.
        """
        if isinstance(part, Rows):
            return part
        if isinstance(part, np.ndarray) and self.columns is None and self.weights is None:
            rows, own = NamedRows.of(part).array, None
        else:
            source = open_source(part, columns=self.columns, weights=self.weights)
            own = source.names if names is None else source.names_among(names)
            if own is not None and names is not None:
                require_same_names(own, names, "X", LEAVE_OUT)
                own = names
            rows, in_column = source.gather_weighted(columns=own)
            if self.weights is not None:
                weights = in_column
        given = None if weights is None else numbers_in_memory(weights, "weights").astype(float)
        return Rows(rows.reshape(-1, 1) if rows.ndim == 1 else rows, given, own)


@dataclass(frozen=True)
class Partitions:
    """The partitions of a collection in their order, each read where it is worked on."""

    parts: tuple[Delayed, ...]
    weights: tuple[Delayed, ...] | None
    reading: Reading

    def __len__(self) -> int:
        return len(self.parts)


def partitions_of(
    collection: Collection, columns: Sequence[Label] | None = None, weights: Any = None
) -> Partitions:
    """Return the partitions of a collection.

    Raises
    ------
    TypeError
        If it is no collection (also for one that is not dask's).
    ValueError
        For no partitions, an array that has not two dimensions, and weights in other partitions.
    """
    chosen = None if columns is None else tuple(_labels(columns))
    if weights is None or isinstance(weights, str | int):
        return Partitions(_parts(collection, "collection"), None, Reading(chosen, weights))
    parts, of_weights = _parts(collection, "collection"), _parts(weights, "weights")
    if len(parts) != len(of_weights):
        raise ValueError(
            f"weights must have the partitions of the collection, {len(parts)}, "
            f"got {len(of_weights)}"
        )
    return Partitions(parts, of_weights, Reading(chosen, None))


def _labels(columns: Sequence[Label]) -> list[Label]:
    if isinstance(columns, list | tuple) and all(isinstance(c, int) for c in columns):
        return list(columns)
    return [*list_of_names(columns)]


def _parts(collection: Collection, what: str) -> tuple[Delayed, ...]:
    parts = _delayed_parts(collection, what)
    if not parts:
        raise ValueError(f"{what} must have one partition or more, got none")
    return tuple(parts)


def _delayed_parts(collection: Collection, what: str) -> list[Delayed]:
    if isinstance(collection, str | os.PathLike):
        return [delayed(path) for path in _files(os.fspath(collection))]
    if isinstance(collection, Delayed):
        return [collection]
    if isinstance(collection, list | tuple):
        if all(isinstance(part, str | os.PathLike) for part in collection):
            return [delayed(os.fspath(part)) for part in collection]
        if all(isinstance(part, Delayed) for part in collection):
            return list(collection)
        raise TypeError(f"{what}: a list must be of delayed parts or of paths")
    if hasattr(collection, "to_delayed"):
        if hasattr(collection, "chunks"):
            _require_few_dimensions(collection, what)
            if collection.ndim > 1:
                collection = collection.rechunk({1: -1})
        return list(np.ravel(np.asarray(collection.to_delayed(), dtype=object)))
    raise TypeError(f"{NOT_A_COLLECTION}, got {type(collection).__name__}")


def _require_few_dimensions(array: Any, what: str) -> None:
    if array.ndim not in (1, 2):
        raise ValueError(f"{what} must have 1 or 2 dimensions, got {array.ndim}")


def _files(path: str) -> list[str]:
    """Return the files of a folder, a glob or a path in natural order, 2 before 10."""
    if os.path.isdir(path):
        path = os.path.join(glob.escape(path), "*.parquet")
    return [os.fspath(file) for file in find_files(path)]
