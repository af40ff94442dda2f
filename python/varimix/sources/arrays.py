"""Arrays in memory, and .npy files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from varimix.sources.blocks import CHUNK_ROWS, Block, Kind, errors_name, one_item
from varimix.sources.real_numbers import real_array

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

AnyArray = NDArray[Any]


def array_kind(source: object, place: str) -> Kind:
    """Return the kind of what numpy.asarray takes; one dimension is one column."""
    array = _matrix(source, place)
    items = one_item(partial(_array_blocks, array, place), place)
    if array.dtype != _stream_dtype(array, place):
        return Kind(items)
    names = tuple(map(str, range(array.shape[1])))
    return Kind(items, array=array, names=names)


def npy_blocks(path: Path, place: str) -> Iterator[Block]:
    """Yield the blocks of a file, mapped one at a time, so that a block's pages can go with it."""
    with errors_name(place):
        array = _mapped(path, place)
    schema, rows = _schema(array, place), len(array)
    del array
    for start in range(0, max(rows, 1), CHUNK_ROWS):
        stop = min(start + CHUNK_ROWS, rows)
        read = partial(_read_npy, path, place, start, stop)
        yield Block(schema, stop - start, place, read, positional=True, has_names=False)


def npy_array(path: Path, place: str) -> AnyArray:
    """Return all rows of a file; they are mapped if their type is one that is read as it is."""
    with errors_name(place):
        array = _mapped(path, place)
    return array.astype(_stream_dtype(array, place), copy=False)


def _mapped(path: Path, place: str) -> AnyArray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise ValueError(f"source: {place}: {error}") from error
    return _matrix(array, place)


def _matrix(source: object, place: str) -> AnyArray:
    array = real_array(source, f"source: {place}")
    if array.ndim not in (1, 2):
        raise ValueError(f"source: {place} must have 1 or 2 dimensions, got shape {array.shape}")
    return array.reshape(-1, 1) if array.ndim == 1 else array


def _stream_dtype(array: AnyArray, place: str) -> np.dtype[Any]:
    if array.shape[1] == 0:
        raise ValueError(f"source: {place} must have at least one column, got shape {array.shape}")
    is_narrow = array.dtype.kind == "f" and array.dtype.itemsize <= np.dtype(np.float32).itemsize
    return np.dtype(np.float32 if is_narrow else np.float64)


def _schema(array: AnyArray, place: str) -> pa.Schema:
    import pyarrow as pa

    kind = pa.from_numpy_dtype(_stream_dtype(array, place))
    return pa.schema([(str(j), kind) for j in range(array.shape[1])])


def _array_blocks(array: AnyArray, place: str) -> Iterator[Block]:
    schema = _schema(array, place)
    for start in range(0, max(len(array), 1), CHUNK_ROWS):
        rows = array[start : start + CHUNK_ROWS]
        read = partial(_read_array, rows, place)
        yield Block(schema, len(rows), place, read, positional=True, has_names=False)


def _read_npy(
    path: Path, place: str, start: int, stop: int, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    array = _mapped(path, place)
    if len(array) < stop:
        raise ValueError(f"source: {place} has become shorter: {len(array)} rows")
    yield from _read_array(array[start:stop], place, names)


def _read_array(rows: AnyArray, place: str, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    dtype = _stream_dtype(rows, place)
    columns = [np.ascontiguousarray(rows[:, int(name)], dtype=dtype) for name in names]
    # Not pa.array, which imports pandas wherever that is installed, for a second.
    kind = pa.from_numpy_dtype(dtype)
    arrays = [
        pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(column)]) for column in columns
    ]
    yield pa.record_batch(arrays, names=list(names))
