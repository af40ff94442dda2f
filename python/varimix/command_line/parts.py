"""Rows in hand: the first ones, all of them in parts, and a source that gives them once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varimix.command_line.arrow import batch_of, matrix_of
from varimix.command_line.exits import BadDataError
from varimix.command_line.pipe import PLACE
from varimix.command_line.rows import Rows
from varimix.sources.blocks import Block, Item, Kind
from varimix.sources.source import Source

PART_ROWS = 65_536
"""Rows that are scored at a time."""


def first_rows(rows: Rows, count: int, missing: str) -> tuple[NDArray[np.float64], Source]:
    """Return at most ``count`` first rows, checked, and a source that gives all rows, these too."""
    reader = rows.source.stream()
    taken: list[pa.RecordBatch] = []
    for batch in reader:
        taken.append(batch)
        if sum(map(len, taken)) >= count:
            break
    matrix = np.concatenate([np.empty((0, len(rows.columns))), *map(matrix_of, taken)])[:count]
    if len(matrix) == 0:
        raise BadDataError(f"there are no rows to learn in {', '.join(rows.names) or 'the data'}")
    _require_finite(matrix, rows.source, 0, missing)
    if rows.source.can_reopen:
        return matrix, rows.source
    return matrix, _read_once(reader.schema, None, chain(taken, reader), rows)


def source_of_array(rows: Rows, matrix: NDArray[np.float64]) -> Source:
    """Return the source of rows that were all read into an array: the same files, or the array."""
    if rows.source.can_reopen:
        return rows.source
    batch = batch_of(matrix, rows.columns)
    return _read_once(batch.schema, len(batch), [batch], rows)


def _read_once(
    schema: pa.Schema, count: int | None, batches: Iterable[pa.RecordBatch], rows: Rows
) -> Source:
    has_names = rows.source.names is not None
    block = Block(schema, count, PLACE, lambda names: batches, has_names=has_names)
    item = Item(lambda: iter([block]), rows.names[0], PLACE)
    kind = Kind(lambda: iter([item]), is_live=True, can_reopen=False)
    return Source(kind, rows.columns, None, None)


def checked_rows(rows: Rows, missing: str) -> Iterator[NDArray[np.float64]]:
    """Yield all rows; one that is not finite is a BadDataError with its place (see --missing).

    All parts but the last have PART_ROWS rows, so that what is computed of them has the same bits
    however the data are cut.
    """
    given = 0
    held: list[NDArray[np.float64]] = []
    for batch in rows.source.stream():
        matrix = matrix_of(batch)
        _require_finite(matrix, rows.source, given, missing)
        given += len(matrix)
        held.append(matrix)
        if sum(map(len, held)) >= PART_ROWS:
            whole = np.concatenate(held)
            stop = len(whole) - len(whole) % PART_ROWS
            yield from np.split(whole[:stop], stop // PART_ROWS)
            held = [whole[stop:]]
    if given == 0:
        raise BadDataError(f"there are no rows in {', '.join(rows.names) or 'the data'}")
    if sum(map(len, held)) > 0:
        yield np.concatenate(held)


def _require_finite(
    matrix: NDArray[np.float64], source: Source, given_before: int, missing: str
) -> None:
    is_bad = np.isinf(matrix) if missing == "exact" else ~np.isfinite(matrix)
    if is_bad.any():
        row, column = np.argwhere(is_bad)[0]
        value = matrix[row, column]
        got = "a missing value" if np.isnan(value) else f"{value:g}"
        advice = "; --missing exact takes it as missing" if np.isnan(value) else ""
        place = source.place(given_before + int(row), int(column))
        raise BadDataError(f"rows must be finite, got {got} in {place}{advice}")
