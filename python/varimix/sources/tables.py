"""Tables in memory, Arrow streams, pyarrow datasets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from varimix.sources.blocks import CHUNK_ROWS, Block, Kind


def arrow_kind(source: Any, place: str) -> Kind:
    """Take what has the Arrow PyCapsule interface; a stream without a length is read once."""
    if isinstance(source, pa.RecordBatchReader):
        return Kind(partial(_reader_blocks, source, place), is_live=True, can_reopen=False)
    is_table = hasattr(source, "__len__") or not hasattr(source, "__arrow_c_stream__")
    blocks = partial(_arrow_blocks, source, place)
    return Kind(blocks, is_live=not is_table, can_reopen=is_table)


def _arrow_blocks(source: Any, place: str) -> Iterator[Block]:
    try:
        if hasattr(source, "__arrow_c_stream__"):
            reader = pa.RecordBatchReader.from_stream(source)
        else:
            batch = pa.record_batch(source)
            reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ValueError(f"source: {place} is not a table: {error}") from error
    yield from _reader_blocks(reader, place)


def _reader_blocks(reader: pa.RecordBatchReader, place: str) -> Iterator[Block]:
    yield Block(reader.schema, None, place, lambda names: reader)


# ---- pandas: a chunk of rows at a time ----


def pandas_kind(frame: Any, place: str) -> Kind:
    """Take a pandas frame; levels of its index that are not a range can be named as columns can."""
    names = tuple(map(str, frame.columns))
    return Kind(partial(_pandas_blocks, frame, place), array=_in_one_array(frame), names=names)


def _in_one_array(frame: Any) -> np.ndarray[Any, np.dtype[np.floating[Any]]] | None:
    head = frame.iloc[:1]
    dtypes = set(head.dtypes)
    if len(frame) == 0 or not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}:
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
        columns += [frame.index.get_level_values(level) for level in range(len(index_names))]
    names = [*map(str, frame.columns), *index_names]
    fields = [(name, _arrow_type(c)) for name, c in zip(names, columns, strict=True)]
    metadata = {"pandas": json.dumps({"index_columns": index_names})}
    schema = pa.schema(fields, metadata=metadata)
    for start in range(0, max(len(frame), 1), CHUNK_ROWS):
        rows = min(CHUNK_ROWS, len(frame) - start)
        yield Block(schema, rows, place, partial(_read_pandas, schema, columns, start))


def _arrow_type(values: Any) -> pa.DataType:
    try:
        if values.dtype == object:
            return pa.infer_type(values, from_pandas=True)
        return pa.array(values[:0]).type
    except (pa.ArrowException, TypeError):
        return pa.binary()  # whatever it is: not numbers


def _read_pandas(
    schema: pa.Schema, columns: Sequence[Any], start: int, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    fields = [schema.field(name) for name in names]
    chunks = [columns[schema.names.index(name)][start : start + CHUNK_ROWS] for name in names]
    arrays = [
        pa.array(chunk, type=field.type, from_pandas=True)
        for chunk, field in zip(chunks, fields, strict=True)
    ]
    yield pa.record_batch(arrays, schema=pa.schema(fields))
