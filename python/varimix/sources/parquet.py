"""Parquet, read by slices of a row group, which may be as large as the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SLICE_ROWS = 16_384
"""Rows decoded at a time."""
BUFFER_BYTES = 1 << 18
"""Bytes of a column that are read at a time; a page, which Arrow decodes whole, may be larger."""


def open_parquet(source: Path | pa.NativeFile, **how: Any) -> pq.ParquetFile:
    """Open a file so that no more of it is held than is being decoded."""
    # Buffering in advance would hold all columns of all row groups that are asked for.
    return pq.ParquetFile(
        source, memory_map=False, pre_buffer=False, buffer_size=BUFFER_BYTES, **how
    )


def read_slices(
    file: pq.ParquetFile, row_group: int, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a row group."""
    yield from file.iter_batches(
        SLICE_ROWS, row_groups=[row_group], columns=list(names), use_threads=False
    )
