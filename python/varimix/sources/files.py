"""Files by path or glob, in their order, and the blocks of Parquet and Arrow IPC files."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from varimix.sources.arrays import npy_array, npy_blocks
from varimix.sources.blocks import Block, Item, Kind, MissingFileError, errors_name
from varimix.sources.csv_files import CsvFiles
from varimix.sources.parquet import open_parquet, read_slices

AnyPath = str | os.PathLike[str]

FORMATS = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arrow": "Arrow IPC",
    ".arrows": "Arrow IPC",
    ".feather": "Arrow IPC",
    ".ipc": "Arrow IPC",
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".csv.bz2": "CSV",
    ".csv.zst": "CSV",
    ".npy": "NumPy",
}
MAPPED_BYTES = 1 << 24
"""Bytes of an IPC file that stay mapped: pages that were read count as memory."""
IPC_FILE_MAGIC = b"ARROW1"
"""First bytes of an IPC file; those of an IPC stream differ."""


def files_kind(sources: Iterable[AnyPath], csv: CsvFiles) -> Kind:
    """Return the kind of paths and globs, all of one format."""
    paths = [path for source in sources for path in find_files(source)]
    formats = sorted({format_of(path) for path in paths})
    if len(formats) > 1:
        raise ValueError(f"source: files of one format expected, got {' and '.join(formats)}")
    if csv.asked_for is not None and formats != ["CSV"]:
        raise ValueError(f"{csv.asked_for}: is of CSV files, got it for {formats[0]}")
    mapped = None
    if len(paths) == 1 and formats == ["NumPy"]:
        mapped = partial(npy_array, paths[0], _place(paths[0]))
    return Kind(lambda: (file_item(path, csv) for path in paths), mapped=mapped)


def find_files(source: AnyPath) -> list[Path]:
    """Return the file of a path, or those of a glob in natural order: part-2 before part-10.

    Raises
    ------
    ValueError
        If nothing is there (a FileNotFoundError too), or a folder.
    """
    text = os.path.expanduser(os.fsdecode(source))
    if os.path.isdir(text):
        raise ValueError(f"source: {text!r} is a folder; name its files, as in {text}/*.parquet")
    if os.path.exists(text):
        return [Path(text)]
    if not re.search(r"[*?[]", text):
        raise MissingFileError(f"source: there is no file {text!r}")
    found = [path for path in glob.glob(text, recursive=True) if os.path.isfile(path)]
    if not found:
        raise MissingFileError(f"source: no file matches {text!r}")
    return [Path(path) for path in sorted(found, key=_natural)]


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key of order by the numbers in a name, if it has some."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part) if i % 2 else 0, part) for i, part in enumerate(parts)]


def format_of(path: Path) -> str:
    """Return the format that a file's ending names."""
    for ending, name in FORMATS.items():
        if path.name.lower().endswith(ending):
            return name
    endings = ", ".join(FORMATS)
    raise ValueError(f"source: {str(path)!r} must end in one of {endings}")


def file_item(path: Path, csv: CsvFiles) -> Item:
    """Return a file as an item, which is known by its path as it was given."""
    return Item(partial(file_blocks, path, csv), os.path.normpath(path), _place(path))


def file_blocks(path: Path, csv: CsvFiles) -> Iterator[Block]:
    """Yield the blocks of a file."""
    place = _place(path)
    match format_of(path):
        case "Parquet":
            return _parquet_blocks(path, place)
        case "Arrow IPC":
            return _ipc_blocks(path, place)
        case "CSV":
            return csv.blocks(path, place)
        case _:
            return npy_blocks(path, place)


def _place(path: Path) -> str:
    return f"file {str(path)!r}"


def _parquet_blocks(path: Path, place: str) -> Iterator[Block]:
    with errors_name(place):
        file = open_parquet(path)
    with file:
        schema, groups = file.schema_arrow, file.num_row_groups
        if groups == 0:
            yield Block(schema, 0, place, lambda names: [])
        for group in range(groups):
            rows = file.metadata.row_group(group).num_rows
            read = partial(read_slices, file, group)
            yield Block(schema, rows, f"{place}, row group {group}", read)


def _ipc_blocks(path: Path, place: str) -> Iterator[Block]:
    with errors_name(place), open(path, "rb") as file:
        is_stream = file.read(len(IPC_FILE_MAGIC)) != IPC_FILE_MAGIC
    open_ipc = pa.ipc.open_stream if is_stream else pa.ipc.open_file
    with errors_name(place), pa.OSFile(str(path)) as file:
        schema = open_ipc(file).schema
    read = _read_ipc_stream if is_stream else _read_ipc_file
    yield Block(schema, None, place, partial(read, path, schema))


def _only(schema: pa.Schema, names: Sequence[str]) -> pa.ipc.IpcReadOptions:
    return pa.ipc.IpcReadOptions(included_fields=[schema.get_field_index(name) for name in names])


def _read_ipc_stream(
    path: Path, schema: pa.Schema, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path)) as file:
        yield from pa.ipc.open_stream(file, options=_only(schema, names))


def _read_ipc_file(path: Path, schema: pa.Schema, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield batches in mapped memory; the file is mapped anew now and then to let pages go."""
    position, count = 0, None
    while position != count:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.open_file(file, options=_only(schema, names))
            mapped, count = 0, reader.num_record_batches
            while position < count and mapped < MAPPED_BYTES:
                batch = reader.get_batch(position)
                position, mapped = position + 1, mapped + batch.nbytes
                yield batch
