"""Tables in memory, and Arrow streams."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from varimix.sources.blocks import CHUNK_ROWS, BadRowError, Block, Kind, one_item
from varimix.sources.real_numbers import NotANumberError, float_array


def arrow_kind(source: Any, place: str) -> Kind:
    """Return the kind of what has Arrow's PyCapsule interface; without a length it is read once."""
    if isinstance(source, pa.RecordBatchReader):
        items = one_item(partial(_reader_blocks, source, place), place)
        return Kind(items, is_live=True, can_reopen=False)
    is_line = isinstance(source, pa.Array | pa.ChunkedArray) and not pa.types.is_struct(source.type)
    if is_line:
        source = pa.table([source], names=["0"])  # one column
    is_table = hasattr(source, "__len__") or not hasattr(source, "__arrow_c_stream__")
    items = one_item(partial(_arrow_blocks, source, place, has_names=not is_line), place)
    return Kind(items, is_live=not is_table, can_reopen=is_table)


def _arrow_blocks(source: Any, place: str, *, has_names: bool) -> Iterator[Block]:
    try:
        if hasattr(source, "__arrow_c_stream__"):
            reader = pa.RecordBatchReader.from_stream(source)
        else:
            batch = pa.record_batch(source)
            reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ValueError(f"source: {place} is not a table: {error}") from error
    yield from _reader_blocks(reader, place, has_names=has_names)


def _reader_blocks(
    reader: pa.RecordBatchReader, place: str, *, has_names: bool = True
) -> Iterator[Block]:
    is_series = reader.schema.names == [""]  # one that nobody named
    read = partial(_read_reader, reader)
    yield Block(reader.schema, None, place, read, has_names=has_names and not is_series)


def _read_reader(reader: pa.RecordBatchReader, names: Sequence[str]) -> pa.RecordBatchReader:
    return reader


# ---- pandas: converted a chunk of rows at a time ----


def pandas_kind(frame: Any, place: str) -> Kind:
    """Return the kind of a pandas frame; levels of an index other than a range can be named too."""
    names = tuple(map(str, frame.columns))
    items = one_item(partial(_pandas_blocks, frame, place), place)
    return Kind(items, array=_in_one_array(frame), names=names, has_names=True)


def _in_one_array(frame: Any) -> np.ndarray[Any, np.dtype[np.floating[Any]]] | None:
    head = frame.iloc[:1]
    dtypes = set(head.dtypes)
    if (
        len(frame) == 0
        or not frame.columns.is_unique
        or not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}
    ):
        return None
    is_one = len(dtypes) == 1 and np.shares_memory(head.to_numpy(), head.iloc[:, -1].to_numpy())
    return frame.to_numpy() if is_one else None


def _pandas_blocks(frame: Any, place: str) -> Iterator[Block]:
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    index_names = []
    if not isinstance(frame.index, sys.modules["pandas"].RangeIndex):
        index_names = [
            f"__index_level_{level}__" if name is None else str(name)
            for level, name in enumerate(frame.index.names)
        ]
        levels = map(frame.index.get_level_values, range(len(index_names)))
        columns += [level.to_series() for level in levels]
    names = [*map(str, frame.columns), *index_names]
    fields = [(name, _arrow_type(c)) for name, c in zip(names, columns, strict=True)]
    metadata = {"pandas": json.dumps({"index_columns": index_names})}
    schema = pa.schema(fields, metadata=metadata)
    for start in range(0, max(len(frame), 1), CHUNK_ROWS):
        rows = min(CHUNK_ROWS, len(frame) - start)
        read = partial(_read_pandas, schema, columns, start)
        yield Block(schema, rows, place, read)


def _arrow_type(values: Any) -> pa.DataType:
    """Return the Arrow type of a column; binary if it holds objects that are no numbers."""
    try:
        if values.dtype != object:
            return pa.array(values.iloc[:0]).type
        inferred = pa.infer_type(values.to_numpy(), from_pandas=True)
        if not pa.types.is_decimal(inferred):
            return inferred
    except (pa.ArrowException, TypeError):
        pass  # objects of several types may still be numbers
    try:
        float_array(values.to_numpy(), "")
    except ValueError:
        return pa.binary()
    return pa.float64()


def _read_pandas(
    schema: pa.Schema, columns: Sequence[Any], start: int, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    arrays = []
    for name in names:
        chunk = columns[schema.names.index(name)].iloc[start : start + CHUNK_ROWS]
        kind = schema.field(name).type
        if chunk.dtype == object and pa.types.is_float64(kind):
            chunk = _floats(chunk, name)
        values = pa.array(chunk, type=kind, from_pandas=True)
        is_chunked = isinstance(values, pa.ChunkedArray)  # where pandas holds Arrow memory
        arrays.append(values.combine_chunks() if is_chunked else values)
    yield pa.record_batch(arrays, schema=pa.schema([schema.field(name) for name in names]))


def _floats(objects: Any, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return float_array(objects.to_numpy(), name)
    except NotANumberError as error:
        value = repr(error.value)[:80]
        mistake = f"source: column {name!r} must be of numbers, got {value}"
        raise BadRowError(mistake, error.place) from None
