"""CSV files: one reader of types, which are settled once and then hold for every file and pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.types as pat

from varimix.sources.blocks import Block, errors_name

BLOCK_BYTES = 1 << 19  # the first settles the types; Arrow keeps up to 40 of them; a row must fit
# One thread: errors then tell the row.
READ_OPTIONS = pa.csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False)


class CsvFiles:
    """Types of columns: of the caller's schema, else of the first block of the first file."""

    def __init__(self, schema: pa.Schema | None) -> None:
        if not (schema is None or isinstance(schema, pa.Schema)):
            raise TypeError(f"schema: a pyarrow.Schema expected, got {type(schema).__name__}")
        self.has_schema = schema is not None
        self._types = {field.name: _settled(field.type) for field in schema or ()}
        self._is_settled = False

    def blocks(self, path: Path, place: str) -> Iterator[Block]:
        """Yield the one block of a file."""
        with errors_name(place), pa.csv.open_csv(path, read_options=READ_OPTIONS) as reader:
            found = reader.schema
        if not self._is_settled:
            missing = [name for name in self._types if name not in found.names]
            if missing:
                raise ValueError(f"schema: no column {missing[0]!r} in {place}")
            self._types = {f.name: _settled(f.type) for f in found} | self._types
            self._is_settled = True
        schema = pa.schema([(f.name, self._types.get(f.name, _settled(f.type))) for f in found])
        yield Block(schema, None, place, partial(_read, path, schema))


def _settled(kind: pa.DataType) -> pa.DataType:
    """Give the type that holds what other rows may have: fractions, also of a second."""
    if pat.is_float16(kind):
        return pa.float32()
    if pat.is_integer(kind):
        return pa.float64()
    if pat.is_timestamp(kind) or pat.is_date(kind):
        return pa.timestamp("ns", tz=getattr(kind, "tz", None))
    return kind


def _read(path: Path, schema: pa.Schema, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    types = {name: schema.field(name).type for name in names}
    types = {name: pa.float64() if pat.is_null(kind) else kind for name, kind in types.items()}
    options = pa.csv.ConvertOptions(column_types=types, include_columns=list(names))
    with pa.csv.open_csv(path, read_options=READ_OPTIONS, convert_options=options) as reader:
        yield from reader
