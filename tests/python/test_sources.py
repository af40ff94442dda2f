"""Every kind of source gives the same rows, in the same order, from any row on."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from varimix.sources import Source, open_source

ROWS, NAMES = 1000, ["a", "b", "c"]
CUTS = [0, 1, 300, 300, 999, ROWS]  # ends of the parts of a source, of one row, none, many
Array = NDArray[np.floating[Any]]


def capsule(table: object, method: str) -> object:
    """Return an object with nothing but one method of the Arrow PyCapsule interface."""
    given = {method: lambda self, requested=None: getattr(table, method)(requested)}
    return type("Capsule", (), given)()


def rows_of(dtype: type[np.floating[Any]] = np.float64) -> Array:
    return np.random.default_rng(1).standard_t(3, (ROWS, len(NAMES))).astype(dtype)


def table_of(x: Array) -> pa.Table:
    return pa.table({name: x[:, j] for j, name in enumerate(NAMES)})


def parts(x: Array) -> list[Array]:
    return [x[a:b] for a, b in itertools.pairwise(CUTS)]


def write_ipc(table: pa.Table, path: Path, writer: Callable[..., Any]) -> Path:
    with writer(path, table.schema) as file:
        file.write_table(table, max_chunksize=70)
    return path


def write_parts(folder: Path, x: Array) -> Path:
    for i, part in enumerate(parts(x), start=8):  # 8 to 11 are not in the order of their letters
        pq.write_table(table_of(part), folder / f"part-{i}.parquet", row_group_size=70)
    return folder


def write_npy(path: Path, x: Array, order: Any) -> Path:
    np.save(path, np.asarray(x, order=order))
    return path


def csv_file(folder: Path, x: Array) -> Path:
    pa.csv.write_csv(table_of(x), folder / "x.csv")
    return folder / "x.csv"


def parquet_file(folder: Path, x: Array) -> Path:
    pq.write_table(table_of(x), folder / "x.parquet", row_group_size=70)
    return folder / "x.parquet"


def strided(x: Array) -> Array:
    wide = np.zeros((2 * len(x), 5), x.dtype)
    wide[::2, :3] = x
    return wide[::2, :3]


REOPENED: dict[str, Callable[[Path, Array], object]] = {
    "array": lambda _, x: x,
    "array_by_column": lambda _, x: np.asfortranarray(x),
    "array_with_gaps": lambda _, x: strided(x),
    "array_of_the_other_byte_order": lambda _, x: x.astype(x.dtype.newbyteorder()),
    "list_of_arrays": lambda _, x: parts(x),
    "table": lambda _, x: table_of(x),
    "table_in_chunks": lambda _, x: pa.concat_tables([table_of(p) for p in parts(x)]),
    "batch": lambda _, x: table_of(x).combine_chunks().to_batches()[0],
    "list_of_tables": lambda _, x: [table_of(p) for p in parts(x)],
    "capsule_array": lambda _, x: capsule(table_of(x).to_batches()[0], "__arrow_c_array__"),
    "pandas": lambda _, x: pd.DataFrame(x, columns=NAMES),
    "pandas_of_columns": lambda _, x: pd.DataFrame({n: x[:, j] for j, n in enumerate(NAMES)}),
    "pandas_of_arrow": lambda _, x: table_of(x).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas_of_arrow_in_chunks": lambda _, x: pa.concat_tables(
        [table_of(p) for p in parts(x)]
    ).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas_indexed": lambda _, x: pd.DataFrame(x, np.arange(ROWS) / 7, columns=NAMES),
    "polars": lambda _, x: pl.DataFrame(x, schema=NAMES),
    "polars_in_chunks": lambda _, x: pl.concat(
        [pl.DataFrame(p, schema=NAMES) for p in parts(x)], rechunk=False
    ),
    "parquet": parquet_file,
    "parquet_glob": lambda folder, x: str(write_parts(folder, x) / "part-*.parquet"),
    "parquet_list": lambda folder, x: sorted(
        write_parts(folder, x).iterdir(), key=lambda p: len(p.name)
    ),
    "parquet_of_pandas": lambda folder, x: (
        pd.DataFrame(x, np.arange(ROWS) % 7, columns=NAMES).to_parquet(folder / "x.parquet")
        or folder / "x.parquet"
    ),
    "ipc": lambda folder, x: write_ipc(table_of(x), folder / "x.arrow", pa.ipc.new_file),
    "ipc_stream": lambda folder, x: write_ipc(table_of(x), folder / "x.arrows", pa.ipc.new_stream),
    "csv": csv_file,
    "npy": lambda folder, x: write_npy(folder / "x.npy", x, "C"),
    "npy_by_column": lambda folder, x: write_npy(folder / "x.npy", x, "F"),
    "dataset": lambda folder, x: ds.dataset(parquet_file(folder, x)),
    "dataset_in_memory": lambda _, x: ds.dataset(table_of(x)),
}
READ_ONCE: dict[str, Callable[[Path, Array], object]] = {
    "reader": lambda _, x: table_of(x).to_reader(70),
    "capsule_stream": lambda _, x: capsule(table_of(x), "__arrow_c_stream__"),
    "iterator_of_arrays": lambda _, x: iter(parts(x)),
    "iterator_of_pandas": lambda _, x: (pd.DataFrame(p, columns=NAMES) for p in parts(x)),
    "iterator_of_polars": lambda _, x: (pl.DataFrame(p, schema=NAMES) for p in parts(x)),
    "iterator_of_batches": lambda _, x: (b for b in table_of(x).to_batches(70)),
    "iterator_of_readers": lambda _, x: (table_of(p).to_reader() for p in parts(x)),
    "iterator_of_paths": lambda folder, x: iter([parquet_file(folder, x)]),
}
KINDS = REOPENED | READ_ONCE
FLOAT32_IS_LOST = {"csv"}  # a CSV file has no types


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def has_names(kind: str) -> bool:
    return "capsule" in kind or not ("array" in kind or "npy" in kind)


def values(source: Source, skip_rows: int = 0) -> Array:
    table = source.stream(skip_rows).read_all()
    return np.stack([column.to_numpy() for column in table.columns], axis=1)


def test_gives_all_rows_in_order(kind: str, tmp_path: Path) -> None:
    x = rows_of()
    source = open_source(KINDS[kind](tmp_path, x))
    np.testing.assert_array_equal(values(source), x)
    assert source.d == len(NAMES)
    assert source.columns == tuple(NAMES if has_names(kind) else "012")


@pytest.mark.parametrize("skip_rows", [1, 69, 70, 305, ROWS])
def test_skips_the_rows_told(kind: str, skip_rows: int, tmp_path: Path) -> None:
    x = rows_of()
    np.testing.assert_array_equal(
        values(open_source(KINDS[kind](tmp_path, x)), skip_rows), x[skip_rows:]
    )


def test_to_skip_more_rows_than_there_are_is_an_error(kind: str, tmp_path: Path) -> None:
    source = open_source(KINDS[kind](tmp_path, rows_of()))
    with pytest.raises(ValueError, match=r"skip_rows must be at most 1000, .* got 1001"):
        values(source, ROWS + 1)
    assert isinstance(source.failure, ValueError)


def test_float32_stays_float32(kind: str, tmp_path: Path) -> None:
    if kind in FLOAT32_IS_LOST:
        pytest.skip("the file has no types")
    x = rows_of(np.float32)
    source = open_source(KINDS[kind](tmp_path, x))
    given = values(source)
    assert given.dtype == source.dtype == np.float32
    np.testing.assert_array_equal(given, x)


def test_is_gathered_into_one_array(kind: str, tmp_path: Path) -> None:
    x = rows_of()
    source = open_source(KINDS[kind](tmp_path, x))
    gathered = source.gather(np.float32)
    assert gathered.dtype == np.float32
    np.testing.assert_array_equal(gathered, x.astype(np.float32))


def test_columns_are_chosen_by_name_and_in_order(kind: str, tmp_path: Path) -> None:
    x = rows_of()
    made = KINDS[kind](tmp_path, x)
    labels: Any = ["c", "a"] if has_names(kind) else [2, 0]
    source = open_source(made, columns=labels, weights="b" if has_names(kind) else 1)
    assert source.columns == tuple(map(str, labels))
    assert source.array is None
    np.testing.assert_array_equal(values(source), x[:, [2, 0, 1]])


@pytest.mark.parametrize("name", REOPENED)
def test_a_second_pass_gives_the_same_rows(name: str, tmp_path: Path) -> None:
    x = rows_of()
    source = open_source(REOPENED[name](tmp_path, x))
    assert source.can_reopen
    assert not source.is_live
    values(source)
    np.testing.assert_array_equal(values(source, 10), x[10:])


@pytest.mark.parametrize("name", READ_ONCE)
def test_what_is_read_once_says_so(name: str, tmp_path: Path) -> None:
    source = open_source(READ_ONCE[name](tmp_path, rows_of()))
    assert source.is_live
    assert not source.can_reopen
    values(source)
    with pytest.raises(ValueError, match="gives its rows once"):
        source.stream()


def test_an_iterable_that_can_be_iterated_again_can_be_read_again() -> None:
    class Loader:
        def __iter__(self) -> Iterator[Array]:
            return iter(parts(rows_of()))

    source = open_source(Loader())
    assert source.is_live
    assert source.can_reopen
    for _ in range(2):
        np.testing.assert_array_equal(values(source), rows_of())
