"""pyarrow datasets; every file's schema is checked, as they would cast, or fill with nulls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pyarrow as pa
import pyarrow.dataset as ds

from varimix.sources.blocks import CHUNK_ROWS, Block, Item, Kind, errors_name


def dataset_kind(source: ds.Dataset, place: str) -> Kind:
    """Return the kind of a dataset; its filter, partition columns and order of files hold."""
    return Kind(partial(_dataset_items, source, place))


def _dataset_items(dataset: ds.Dataset, place: str) -> Iterator[Item]:
    """Yield an item for each file of Parquet; a dataset with a filter or another format is one."""
    if _is_of_parquet(dataset) and not _is_filtered(dataset):
        yield Item(lambda: iter([Block(dataset.schema, 0, place, lambda names: [])]), "", place)
        for fragment in dataset.get_fragments():
            blocks = partial(_row_group_blocks, fragment, dataset)
            yield Item(blocks, fragment.path, f"file {fragment.path!r}")
    else:
        yield Item(partial(_scanned_blocks, dataset, place), place=place)


def _scanned_blocks(dataset: ds.Dataset, place: str) -> Iterator[Block]:
    yield Block(dataset.schema, 0, place, lambda names: [])
    yield from _file_schemas(dataset, dataset.schema)
    yield Block(dataset.schema, None, place, partial(_scan, dataset))


def _is_of_parquet(dataset: ds.Dataset) -> bool:
    return isinstance(getattr(dataset, "format", None), ds.ParquetFileFormat)


def _is_filtered(dataset: ds.Dataset) -> bool:
    try:
        dataset.get_fragments()
    except ValueError:  # a filtered dataset does not give them
        return True
    return False


# ---- Parquet: read a row group at a time, as a dataset's own scanner would not do ----


def _row_group_blocks(fragment: ds.Fragment, dataset: ds.Dataset) -> Iterator[Block]:
    place = f"file {fragment.path!r}"
    with errors_name(place):
        schema = _with_path(dataset, fragment.physical_schema, dataset.schema)
        groups = fragment.split_by_row_group()
    for number, group in enumerate(groups):
        rows = group.row_groups[0].num_rows
        read = partial(_read_group, group, dataset.schema)
        yield Block(schema, rows, f"{place}, row group {number}", read)


def _read_group(
    group: ds.ParquetFileFragment, schema: pa.Schema, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    yield from group.to_batches(
        schema=schema,
        columns=list(names),
        batch_size=CHUNK_ROWS,
        batch_readahead=1,
        fragment_scan_options=ds.ParquetFragmentScanOptions(
            pre_buffer=False, use_buffered_stream=True
        ),
        use_threads=False,
    )


# ---- Any other dataset: read by its own scanner, after the schemas of all files ----


def _file_schemas(dataset: ds.Dataset, whole: pa.Schema) -> Iterator[Block]:
    """Yield a block without rows for each file."""
    if isinstance(dataset, ds.UnionDataset):
        for child in dataset.children:
            yield from _file_schemas(child, whole)
    if not isinstance(dataset, ds.FileSystemDataset):
        return
    row_group = ", row group 0" if _is_of_parquet(dataset) else ""
    for path in dataset.files:
        place = f"file {path!r}{row_group}"
        with errors_name(place):
            found = dataset.format.make_fragment(path, dataset.filesystem).physical_schema
        yield Block(_with_path(dataset, found, whole), 0, place, lambda names: [])


def _with_path(dataset: ds.FileSystemDataset, found: pa.Schema, whole: pa.Schema) -> pa.Schema:
    """Return the schema of a file and its path; types of a path or a text are the dataset's."""
    partitioning = dataset.partitioning
    settled = set(partitioning.schema.names if partitioning is not None else [])
    fields = {field.name: field for field in found}
    if not isinstance(dataset.format, ds.ParquetFileFormat | ds.IpcFileFormat):
        settled.update(fields)
    fields |= {name: whole.field(name) for name in settled if name in whole.names}
    return pa.schema(list(fields.values()))


def _scan(dataset: ds.Dataset, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    scanner = dataset.scanner(
        columns=list(names),
        batch_size=CHUNK_ROWS,
        batch_readahead=1,
        fragment_readahead=1,
        use_threads=False,
    )
    yield from scanner.to_batches()
