"""Recognition of kinds of sources; plain arrays are recognised without importing pyarrow."""

from __future__ import annotations

import array
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from varimix.extras import is_a, require_extra
from varimix.sources.arrays import array_kind
from varimix.sources.blocks import Block, Item, Kind, NotRowsError, one_item

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.csv_files import CsvFiles

ARRAYS = (np.ndarray, range, array.array, memoryview)
NOT_A_SOURCE = (
    "source must be an array, a frame, an Arrow stream, a path or glob, or an iterable of those"
)


READER = "a file, table or stream of rows"
"""What pyarrow reads, in the words of an error."""


def kind_of(source: Any, schema: pa.Schema | None, csv: Mapping[str, Any] | None = None) -> Kind:
    """Return the kind of a source; nothing is taken from an iterable yet.

    Raises
    ------
    ValueError
        For files that are not there or not of one kind, and for CSV options with another kind.
    NotRowsError
        If ``source`` is no source.
    ImportError
        If pyarrow, which reads all sources but arrays, is not installed.
    """
    if not isinstance(source, ARRAYS):  # an array is read as it is, unless it is streamed
        require_extra("pyarrow", "io", READER)
    paths = _as_paths(source)
    if paths is not None:
        return _files_kind(paths, _csv_files(schema, csv))
    is_list = isinstance(source, list | tuple)
    kind = None
    if not (isinstance(source, list | tuple) and _starts_with_table(source)):
        kind = _table_kind(source, f"the {type(source).__name__}")
    if kind is not None:
        for name, given in (("schema", schema), ("csv", csv)):
            if given is not None:
                raise ValueError(f"{name}: is of CSV files, got it for {type(source).__name__}")
        return kind
    if not isinstance(source, Iterable):
        how = "; its .collect() is a frame" if hasattr(source, "collect") else ""
        raise NotRowsError(f"{NOT_A_SOURCE}, got {type(source).__name__}{how}")
    is_once = any(hasattr(x, "__next__") for x in [source, *(source if is_list else ())])
    files = _csv_files(schema, csv)
    if isinstance(source, list | tuple):
        return Kind(partial(_listed_items, source, files), can_reopen=not is_once)
    blocks = partial(_iterated_blocks, source, files)
    return Kind(one_item(blocks, "the iterator"), is_live=True, can_reopen=not is_once)


def _csv_files(schema: pa.Schema | None, csv: Mapping[str, Any] | None) -> CsvFiles:
    from varimix.sources.csv_files import CsvFiles

    return CsvFiles(schema, csv)


def _is_path(source: Any) -> bool:
    return isinstance(source, str | os.PathLike)


def _as_paths(source: Any) -> list[str | os.PathLike[str]] | None:
    if _is_path(source):
        return [source]
    if isinstance(source, list | tuple) and source and all(map(_is_path, source)):
        return list(source)
    return None


def _files_kind(paths: list[str | os.PathLike[str]], csv: CsvFiles) -> Kind:
    from varimix.sources.files import files_kind

    return files_kind(paths, csv)


def _has_arrow(source: Any) -> bool:
    return hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__")


def _starts_with_table(source: Sequence[Any]) -> bool:
    """Return True for a list of tables or paths, False for an array written as a list of rows."""
    first = source[0] if source else None
    is_matrix = isinstance(first, np.ndarray) and first.ndim > 1
    return is_matrix or _has_arrow(first) or _is_path(first)


def _is_series(source: Any) -> bool:
    """Return whether ``source`` is a series of pandas or polars."""
    return hasattr(source, "to_frame") and hasattr(source, "__array__")


def is_line(source: Any) -> bool:
    """Return whether ``source`` is one column, no table: a series, or an array of Arrow."""
    is_arrow = type(source).__module__ == "pyarrow.lib" and hasattr(source, "type")
    return _is_series(source) or is_arrow


def is_array_like(source: Any) -> bool:
    """Return whether numpy alone makes an array of it: no table, no list of tables or paths."""
    if isinstance(source, list | tuple):
        return not (_as_paths(source) or _starts_with_table(source))
    if isinstance(source, ARRAYS):
        return True
    is_table = _has_arrow(source) or _is_series(source) or is_a(source, "pandas", "DataFrame")
    return hasattr(source, "__array__") and not is_table


def _table_kind(source: Any, place: str) -> Kind | None:
    """Return the kind of one table, array or dataset; None for anything else."""
    if isinstance(source, Mapping | Set | bytes | bytearray | io.IOBase):
        how = "; a frame of it has rows" if isinstance(source, Mapping) else ""
        raise NotRowsError(f"{NOT_A_SOURCE}, got {type(source).__name__}{how}")
    if isinstance(source, (*ARRAYS, list, tuple)):
        return array_kind(source, place)
    if _is_series(source):
        source = source.to_frame()
    if is_a(source, "pyarrow.dataset", "Dataset"):
        from varimix.sources.dataset import dataset_kind

        return dataset_kind(source, place)
    if is_a(source, "pandas", "DataFrame"):
        from varimix.sources.tables import pandas_kind

        return pandas_kind(source, place)
    if _has_arrow(source):
        from varimix.sources.tables import arrow_kind

        return arrow_kind(source, place)
    return array_kind(source, place) if hasattr(source, "__array__") else None


def _listed_items(sources: Sequence[Any], csv: CsvFiles) -> Iterator[Item]:
    for number, source in enumerate(sources):
        yield from _item_kind(source, number, csv).items()


def _iterated_blocks(sources: Iterable[Any], csv: CsvFiles) -> Iterator[Block]:
    """Yield the blocks of each item; an item is taken when the rows before it have been read."""
    for number, source in enumerate(sources):
        for item in _item_kind(source, number, csv).items():
            yield from item.blocks()


def _item_kind(source: Any, number: int, csv: CsvFiles) -> Kind:
    paths = _as_paths(source)
    if paths is not None:
        return _files_kind(paths, csv)
    place = f"item {number}"
    kind = _table_kind(source, place)
    if kind is None:
        got = type(source).__name__
        raise NotRowsError(f"source: {place} must be a table or a path, got {got}")
    return kind
