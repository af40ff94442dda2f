"""Columns between Arrow and numpy, without pandas: pyarrow's own ways import it, for a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def matrix_of(batch: pa.RecordBatch) -> NDArray[np.float64]:
    """Return a batch (m, d) of columns of float64 or float32 as a new array, with NaN for null."""
    matrix = np.empty((batch.num_rows, batch.num_columns))
    for j, column in enumerate(batch.columns):
        matrix[:, j] = _floats(column)
    return matrix


def batch_of(matrix: NDArray[np.float64], names: list[str]) -> pa.RecordBatch:
    """Return an array (m, d) as a batch of float64 columns."""
    columns = [np.ascontiguousarray(column) for column in matrix.T]
    arrays = [
        pa.Array.from_buffers(pa.float64(), len(column), [None, pa.py_buffer(column)])
        for column in columns
    ]
    return pa.record_batch(arrays, names=names)


def _floats(column: pa.Array) -> NDArray[Any]:
    if len(column) == 0:
        return np.empty(0)
    dtype = np.float32 if pa.types.is_float32(column.type) else np.float64
    stop = column.offset + len(column)
    is_valid, values = column.buffers()
    floats = np.frombuffer(values, dtype, stop)[column.offset :]
    if column.null_count == 0:
        return floats
    bits = np.unpackbits(np.frombuffer(is_valid, np.uint8), count=stop, bitorder="little")
    return np.where(bits[column.offset :], floats, np.nan)
