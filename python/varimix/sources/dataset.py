"""pyarrow datasets; every file's schema is checked, as they would cast, or fill with nulls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from varimix.sources.blocks import CHUNK_ROWS, Block, Item, Kind, errors_name
from varimix.sources.dataset_files import as_in_dataset, read_csv_file
from varimix.sources.parquet import open_parquet, read_slices


def dataset_kind(source: ds.Dataset, place: str) -> Kind:
    """Return the kind of a dataset; its filter, partition columns and order of files hold."""
    return Kind(partial(_dataset_items, source, place))


def _dataset_items(dataset: ds.Dataset, place: str) -> Iterator[Item]:
    """Yield an item for each file of Parquet; a dataset with a filter or another format is one."""
    is_of_files = isinstance(dataset, ds.FileSystemDataset)
    if is_of_files and _is_of_format(dataset, ds.ParquetFileFormat) and not _is_filtered(dataset):
        yield Item(lambda: iter([Block(dataset.schema, 0, place, lambda names: [])]), "", place)
        for fragment in dataset.get_fragments():
            blocks = partial(_row_group_blocks, fragment, dataset)
            yield Item(blocks, fragment.path, f"file {fragment.path!r}")
    else:
        yield Item(partial(_scanned_blocks, dataset, place), place=place)


def _scanned_blocks(dataset: ds.Dataset, place: str) -> Iterator[Block]:
    yield Block(dataset.schema, 0, place, lambda names: [])
    yield from _file_schemas(dataset, dataset.schema)
    condition = getattr(dataset, "_scan_options", {}).get("filter")  # nothing public tells it
    is_read_here = _is_of_format(dataset, ds.ParquetFileFormat, ds.CsvFileFormat)
    if is_read_here and (condition is not None or not _is_filtered(dataset)):
        yield Block(dataset.schema, None, place, partial(_read_filtered, dataset, condition))
    else:
        yield Block(dataset.schema, None, place, partial(_scan, dataset))


def _is_of_format(dataset: ds.Dataset, *formats: type[ds.FileFormat]) -> bool:
    if isinstance(dataset, ds.UnionDataset):
        return all(_is_of_format(child, *formats) for child in dataset.children)
    return isinstance(getattr(dataset, "format", None), formats)


def _is_filtered(dataset: ds.Dataset) -> bool:
    try:
        dataset.get_fragments()
    except ValueError:  # a filtered dataset does not give them
        return True
    return False


# ---- Parquet and CSV: a dataset's own scanner would decode whole row groups, or files ahead ----


def _row_group_blocks(fragment: ds.ParquetFileFragment, dataset: ds.Dataset) -> Iterator[Block]:
    place = f"file {fragment.path!r}"
    with errors_name(place):
        schema = _with_path(dataset, fragment.physical_schema, dataset.schema)
        groups = fragment.row_groups
    with _opened(fragment) as file:
        for group in groups:
            read = partial(_read_group, file, group.id, fragment, dataset.schema)
            yield Block(schema, group.num_rows, f"{place}, row group {group.id}", read)


@contextmanager
def _opened(fragment: ds.ParquetFileFragment) -> Iterator[pq.ParquetFile]:
    options = fragment.format.read_options
    with errors_name(f"file {fragment.path!r}"):
        source = fragment.open()
    with source:
        yield open_parquet(
            source,
            metadata=fragment.metadata,
            coerce_int96_timestamp_unit=options.coerce_int96_timestamp_unit,
        )


def _read_group(
    file: pq.ParquetFile,
    group: int,
    fragment: ds.ParquetFileFragment,
    schema: pa.Schema,
    names: Sequence[str],
) -> Iterator[pa.RecordBatch]:
    """Yield columns as the dataset has them: from the path, or from the file, or of nulls."""
    of_path = ds.get_partition_keys(fragment.partition_expression)
    of_file = [name for name in names if name in file.schema_arrow.names and name not in of_path]
    for batch in read_slices(file, group, of_file):
        yield as_in_dataset(batch, schema, of_path, names)


def _read_filtered(
    dataset: ds.Dataset, condition: pc.Expression | None, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows for which a condition holds, or all."""
    read = list(dict.fromkeys([*_columns_of(condition, dataset.schema), *names]))
    for fragment in _fragments(dataset, condition):
        for batch in _read_file(fragment, dataset.schema, read):
            rows = pa.Table.from_batches([batch])
            yield from (rows if condition is None else rows.filter(condition)).to_batches()


def _read_file(
    fragment: ds.Fragment, schema: pa.Schema, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    if not isinstance(fragment, ds.ParquetFileFragment):
        yield from read_csv_file(fragment, schema, names)
        return
    with _opened(fragment) as file:
        for group in fragment.row_groups:
            yield from _read_group(file, group.id, fragment, schema, names)


def _fragments(dataset: ds.Dataset, condition: pc.Expression | None) -> Iterator[ds.Fragment]:
    """Yield the files, and of Parquet's the row groups, that may have rows wanted."""
    # A filtered dataset does not give its files, but a union that holds it alone does.
    for fragment in ds.UnionDataset(dataset.schema, [dataset]).get_fragments(condition):
        has_groups = condition is not None and isinstance(fragment, ds.ParquetFileFragment)
        yield fragment.subset(condition, dataset.schema) if has_groups else fragment


def _columns_of(condition: pc.Expression | None, schema: pa.Schema) -> list[str]:
    """Return the columns that a condition needs: it has no meaning without one of them."""
    names: list[str] = schema.names
    if condition is None:
        return []
    if "FieldPath(" in str(condition):  # one by its position, which others must not change
        return names
    empty = schema.empty_table()
    return [name for name in names if not _has_meaning(condition, empty.drop_columns([name]))]


def _has_meaning(condition: pc.Expression, table: pa.Table) -> bool:
    try:
        table.filter(condition)
    except pa.ArrowInvalid:
        return False
    return True


# ---- Any other dataset: read by its own scanner, after the schemas of all files ----


def _file_schemas(dataset: ds.Dataset, whole: pa.Schema) -> Iterator[Block]:
    """Yield a block without rows for each file."""
    if isinstance(dataset, ds.UnionDataset):
        for child in dataset.children:
            yield from _file_schemas(child, whole)
    if not isinstance(dataset, ds.FileSystemDataset):
        return
    row_group = ", row group 0" if _is_of_format(dataset, ds.ParquetFileFormat) else ""
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
