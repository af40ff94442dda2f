"""A list of every kind of source that a stream is read from, each once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.feather
import pyarrow.parquet

import varimix as vx
from machine.claims import DeliberateError
from machine.hostile import Array

NAMES = ("a", "b", "c", "d", "e")


@dataclass
class Data:
    """Rows from which a source is made, with weights and times (seconds) if there are some."""

    x: Array
    w: Array | None
    t: Array | None
    folder: Path
    cut: int  # rows in a piece: a chunk, a row group, a file
    is_csv: bool = False
    breaks_at: int | None = None  # row at which an iterator raises

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of fit_stream: columns of weights and times, types of CSV columns."""
        columns = (("weights", "w", self.w), ("time", "t", self.t))
        named: dict[str, Any] = {name: at for name, at, values in columns if values is not None}
        if self.is_csv and np.isnan(self.x).any():
            named["schema"] = pa.schema(
                [(name, pa.float64()) for name in self.table().column_names]
            )
        return named

    def table(self) -> pa.Table:
        """Return all columns; NaN becomes null."""
        columns = {
            name: pa.array(self.x[:, j], from_pandas=True)
            for j, name in enumerate(NAMES[: self.x.shape[1]])
        }
        if self.w is not None:
            columns["w"] = pa.array(self.w)
        if self.t is not None:
            columns["t"] = pa.array(self.t)
        return pa.table(columns)

    def pieces(self) -> list[pa.Table]:
        """Return the table in pieces."""
        table = self.table()
        return [table.slice(k, self.cut) for k in range(0, max(len(table), 1), self.cut)]

    def path(self, suffix: str, number: int = 0) -> Path:
        self.folder.mkdir(exist_ok=True)
        return self.folder / f"part-{number}.{suffix}"

    def files(self, suffix: str, write: Callable[[pa.Table, Path], Any]) -> str:
        """Write every piece to a file of its own, and return the glob of them."""
        for number, piece in enumerate(self.pieces()):
            write(piece, self.path(suffix, number))
        return str(self.folder / f"*.{suffix}")

    def broken(self, pieces: list[Any]) -> Iterator[Any]:
        """Return an iterator of pieces, which may end in an exception."""
        given = 0
        for piece in pieces:
            if self.breaks_at is not None and given + len(piece) > self.breaks_at:
                raise DeliberateError("the source broke")
            given += len(piece)
            yield piece


def _arrays(data: Data) -> list[Array]:
    return [data.x[k : k + data.cut] for k in range(0, max(len(data.x), 1), data.cut)]


def _written(data: Data, suffix: str, write: Callable[[pa.Table, Path], Any]) -> Path:
    path = data.path(suffix)
    write(data.table(), path)
    return path


def _npy(data: Data) -> Path:
    np.save(data.path("npy"), data.x)
    return data.path("npy")


def _npy_files(data: Data) -> str:
    for number, piece in enumerate(_arrays(data)):
        np.save(data.path("npy", number), piece)
    return str(data.folder / "*.npy")


def _dataset(data: Data) -> Any:
    data.files("parquet", pa.parquet.write_table)
    paths = sorted(map(str, data.folder.iterdir()), key=lambda path: (len(path), path))
    return pa.dataset.dataset(paths)


def _feather(table: pa.Table, path: Path) -> None:
    pa.feather.write_feather(table, str(path), compression="uncompressed")


def _grouped(data: Data) -> Callable[[pa.Table, Path], None]:
    return lambda table, path: pa.parquet.write_table(table, path, row_group_size=data.cut)


# These sources have columns with names, by which weights and times are found.
NAMED: dict[str, Callable[[Data], Any]] = {
    "table": lambda data: data.table(),
    "chunked_table": lambda data: pa.concat_tables(data.pieces()),
    "reader": lambda data: data.table().to_reader(max_chunksize=data.cut),
    "pandas": lambda data: data.table().to_pandas(),
    "polars": lambda data: pl.from_arrow(data.table()),
    "polars_chunks": lambda data: pl.concat(
        [pl.from_arrow(piece) for piece in data.pieces()], rechunk=False
    ),
    "tables": lambda data: data.pieces(),
    "table_iterator": lambda data: data.broken(data.pieces()),
    "frame_iterator": lambda data: (piece.to_pandas() for piece in data.pieces()),
    "table_function": lambda data: lambda skip: data.table().slice(skip),
    "parquet": lambda data: _written(data, "parquet", _grouped(data)),
    "parquet_files": lambda data: data.files("parquet", _grouped(data)),
    "ipc": lambda data: _written(data, "arrow", _feather),
    "ipc_files": lambda data: data.files("arrow", _feather),
    "csv": lambda data: _written(data, "csv", pa.csv.write_csv),
    "csv_files": lambda data: data.files("csv", pa.csv.write_csv),
    "dataset": _dataset,
}
ARRAYS: dict[str, Callable[[Data], Any]] = {
    "array": lambda data: data.x,
    "fortran_array": lambda data: np.asfortranarray(data.x),
    "nested_list": lambda data: data.x.tolist(),
    "arrays": _arrays,
    "array_iterator": lambda data: data.broken(_arrays(data)),
    "array_function": lambda data: lambda skip: data.x[skip:],
    "iterator_function": lambda data: lambda skip: iter([data.x[skip:]]),
    "unnamed_frame": lambda data: pd.DataFrame(data.x),
    "npy": _npy,
    "npy_files": _npy_files,
}
SOURCES = NAMED | ARRAYS | {"opened": lambda data: vx.open_source(data.x)}

ONCE = {"reader", "table_iterator", "frame_iterator", "array_iterator"}
"""Sources that give their rows once; after a checkpoint, learned rows have to come again."""
FUNCTIONS = {"table_function", "array_function", "iterator_function"}
"""Sources that may be asked for a later part."""
BREAKING = {"table_iterator", "array_iterator"}
