"""pyarrow datasets: read by their own scanner, after the schema of every file has been checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pyarrow as pa
import pyarrow.dataset as ds

from varimix.sources.blocks import CHUNK_ROWS, Block, Kind, errors_name


def dataset_kind(source: ds.Dataset, place: str) -> Kind:
    """Take a dataset, with its filter, partition columns and order of files."""
    return Kind(partial(_dataset_blocks, source, place))


def _dataset_blocks(dataset: ds.Dataset, place: str) -> Iterator[Block]:
    yield Block(dataset.schema, 0, place, lambda names: [])
    for fragment in dataset.get_fragments():
        where = _place(fragment, place)
        with errors_name(where):
            schema = _schema_of(fragment, dataset.schema)
        yield Block(schema, 0, where, lambda names: [])
    yield Block(dataset.schema, None, place, partial(_read_dataset, dataset))


def _place(fragment: ds.Fragment, place: str) -> str:
    path = getattr(fragment, "path", None)
    if path is None:
        return place
    row_group = ", row group 0" if isinstance(fragment, ds.ParquetFileFragment) else ""
    return f"file {path!r}{row_group}"


def _schema_of(fragment: ds.Fragment, whole: pa.Schema) -> pa.Schema:
    """Give what a file and its path hold; a type from a path, or of text, is the dataset's."""
    schema = fragment.physical_schema
    if not isinstance(getattr(fragment, "format", None), ds.ParquetFileFormat | ds.IpcFileFormat):
        settled = [whole.field(f.name) if f.name in whole.names else f for f in schema]
        schema = pa.schema(settled)
    for name in ds.get_partition_keys(fragment.partition_expression):
        if name in whole.names and name not in schema.names:
            schema = schema.append(whole.field(name))
    return schema


def _read_dataset(dataset: ds.Dataset, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    # Little is read ahead: the rows in memory are then of two batches and two files.
    scanner = dataset.scanner(
        columns=list(names), batch_size=CHUNK_ROWS, batch_readahead=1, fragment_readahead=1
    )
    yield from scanner.to_batches()
