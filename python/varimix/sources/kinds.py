"""Which kind of source something is. Plain arrays are told apart without importing pyarrow."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from varimix.sources.arrays import array_kind
from varimix.sources.blocks import Block, Blocks, Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.csv_files import CsvFiles

NOT_A_SOURCE = (
    "source: an array, a frame, an Arrow stream, a path or glob, or an iterable of those expected"
)


def kind_of(source: Any, schema: pa.Schema | None) -> Kind:
    """Tell what a source is; of an iterable nothing is taken yet.

    Raises
    ------
    ValueError
        For files that are not there or not of one kind, and a schema where there is no CSV.
    TypeError
        For what is no source.
    """
    paths = _as_paths(source)
    if paths is not None:
        return _files_kind(paths, schema)
    is_list = isinstance(source, list | tuple)
    kind = None
    if not (is_list and _starts_with_table(source)):
        kind = _table_kind(source, f"the {type(source).__name__}")
    if kind is not None:
        if schema is not None:
            raise ValueError(f"schema: is of CSV files, got it for {type(source).__name__}")
        return kind
    if not isinstance(source, Iterable):
        raise TypeError(f"{NOT_A_SOURCE}, got {type(source).__name__}")
    is_once = any(hasattr(x, "__next__") for x in [source, *(source if is_list else ())])
    return Kind(_items(source, schema), is_live=not is_list, can_reopen=not is_once)


def _is_path(source: Any) -> bool:
    return isinstance(source, str | os.PathLike)


def _as_paths(source: Any) -> list[str | os.PathLike[str]] | None:
    if _is_path(source):
        return [source]
    if isinstance(source, list | tuple) and source and all(map(_is_path, source)):
        return list(source)
    return None


def _files_kind(paths: list[str | os.PathLike[str]], schema: pa.Schema | None) -> Kind:
    from varimix.sources.csv_files import CsvFiles
    from varimix.sources.files import files_kind

    return files_kind(paths, CsvFiles(schema))


def _has_arrow(source: Any) -> bool:
    return hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__")


def _starts_with_table(source: Sequence[Any]) -> bool:
    """Tell a list of tables from an array that is written as a list of rows."""
    first = source[0] if source else None
    is_matrix = isinstance(first, np.ndarray) and first.ndim > 1
    return is_matrix or _has_arrow(first) or _is_path(first)


def _is_a(source: Any, module: str, name: str) -> bool:
    """Say so, without importing a module that nobody has imported."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(source, getattr(loaded, name))


def _table_kind(source: Any, place: str) -> Kind | None:
    """Take one table, array or dataset; None for anything else."""
    if isinstance(source, Mapping | Set | bytes | bytearray | io.IOBase):
        raise TypeError(f"{NOT_A_SOURCE}, got {type(source).__name__}")
    if isinstance(source, np.ndarray | list | tuple):
        return array_kind(source, place)
    is_series = hasattr(source, "to_frame") and hasattr(source, "__array__")
    if is_series:  # of pandas or polars: one column
        source = source.to_frame()
    if _is_a(source, "pyarrow.dataset", "Dataset"):
        from varimix.sources.dataset import dataset_kind

        return dataset_kind(source, place)
    if _is_a(source, "pandas", "DataFrame"):
        from varimix.sources.tables import pandas_kind

        return pandas_kind(source, place)
    if _has_arrow(source):
        from varimix.sources.tables import arrow_kind

        return arrow_kind(source, place)
    return array_kind(source, place) if hasattr(source, "__array__") else None


def _items(items: Iterable[Any], schema: pa.Schema | None) -> Blocks:
    from varimix.sources.csv_files import CsvFiles

    csv = CsvFiles(schema)
    return lambda: _item_blocks(items, csv)


def _item_blocks(items: Iterable[Any], csv: CsvFiles) -> Iterator[Block]:
    """Yield the blocks of each item; an item is taken when the rows before it have been read."""
    for number, item in enumerate(items):
        place = f"item {number}"
        paths = _as_paths(item)
        if paths is not None:
            from varimix.sources.files import files_kind

            yield from files_kind(paths, csv).blocks()
            continue
        kind = _table_kind(item, place)
        if kind is None:
            raise TypeError(f"source: {place} must be a table or a path, got {type(item).__name__}")
        yield from kind.blocks()
