"""Files come in their order, and a message says if one is not like the others."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from varimix.sources import Source, open_source


def write(path: Path, columns: dict[str, Any]) -> None:
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=2)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)


def read(source: Source) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = source.stream().read_all().to_pydict()
    return found


GOOD = {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}
DRIFTED: dict[str, tuple[dict[str, Any], str]] = {
    "gone": ({"a": [1.0]}, "column 'b' is gone"),
    "renamed": ({"a": [1.0], "bb": [1.0]}, "column 'b' is gone; renamed? New is 'bb'"),
    "of_another_type": ({"a": [1.0], "b": [1]}, "column 'b' is of type int64, double expected"),
    "narrower": (
        {"a": [1.0], "b": pa.array([1.0], pa.float32())},
        "column 'b' is of type float, double expected",
    ),
}


@pytest.mark.parametrize("drift", DRIFTED)
def test_drift_names_file_row_group_and_column(drift: str, tmp_path: Path) -> None:
    columns, message = DRIFTED[drift]
    write(tmp_path / "1.parquet", GOOD)
    write(tmp_path / "2.parquet", columns)
    source = open_source(tmp_path / "*.parquet")
    reader = source.stream()
    assert [reader.read_next_batch().num_rows for _ in range(2)] == [2, 1]
    with pytest.raises(ValueError, match=r"2\.parquet', row group 0: ") as caught:
        reader.read_next_batch()
    assert str(caught.value) == f"source: file '{tmp_path}/2.parquet', row group 0: {message}"
    assert source.failure is caught.value


@pytest.mark.parametrize("is_filtered", [False, True])
@pytest.mark.parametrize("drift", DRIFTED)
def test_drift_in_a_dataset_is_not_cast_away(drift: str, is_filtered: bool, tmp_path: Path) -> None:
    columns, message = DRIFTED[drift]
    write(tmp_path / "1.parquet", GOOD)
    write(tmp_path / "2.parquet", columns)
    data = ds.dataset(tmp_path)
    with pytest.raises(ValueError, match=r"2\.parquet', row group 0: ") as caught:
        read(open_source(data.filter(ds.field("a") > 0) if is_filtered else data))
    assert message in str(caught.value)


def test_a_row_group_that_is_skipped_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write(path, GOOD)
    spoilt = bytearray(path.read_bytes())
    spoilt[4:12] = bytes(8)  # the first page comes after the magic bytes
    path.write_bytes(spoilt)
    with pytest.raises((ValueError, OSError), match=r"x\.parquet', row group 0: "):
        read(open_source(path))
    assert open_source(path).stream(2).read_all().to_pydict() == {"a": [3], "b": [6]}


def test_drift_in_ipc_names_the_file(tmp_path: Path) -> None:
    write(tmp_path / "1.arrow", GOOD)
    write(tmp_path / "2.arrow", {"a": [1.0]})
    with pytest.raises(ValueError, match=r"2\.arrow': column 'b' is gone"):
        read(open_source(tmp_path / "*.arrow"))


def test_drift_in_csv_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text("a,c\n1,2\n")
    with pytest.raises(ValueError, match=r"2\.csv': column 'b' is gone; renamed\? New is 'c'"):
        read(open_source(tmp_path / "*.csv"))


def test_drift_in_npy_names_the_file(tmp_path: Path) -> None:
    np.save(tmp_path / "1.npy", np.ones((2, 2)))
    np.save(tmp_path / "2.npy", np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"2\.npy' has 3 columns, 2 expected"):
        read(open_source(tmp_path / "*.npy"))


def test_columns_that_are_not_wanted_may_come_go_and_move(tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", GOOD | {"x": ["p", "q", "r"]})
    write(tmp_path / "2.parquet", {"b": [8.0], "y": [1], "a": [7.0]})
    found = read(open_source(tmp_path / "*.parquet", columns=["a", "b"]))
    assert found == {"a": [1, 2, 3, 7], "b": [4, 5, 6, 8]}


def test_a_file_without_rows_is_no_error(tmp_path: Path) -> None:
    for name, columns in (("1", {"a": pa.array([], pa.float64())}), ("2", {"a": [1.0]})):
        write(tmp_path / f"{name}.parquet", columns)
    np.save(tmp_path / "0.npy", np.empty((0, 2)))
    assert read(open_source(tmp_path / "*.parquet")) == {"a": [1]}
    assert open_source(tmp_path / "0.npy").gather().shape == (0, 2)


def test_files_of_a_glob_come_in_natural_order(tmp_path: Path) -> None:
    for i in (10, 9, 2, 100):
        (tmp_path / f"x{i}").mkdir()
        write(tmp_path / f"x{i}" / "y.pq.parquet", {"a": [float(i)]})
    assert read(open_source(f"{tmp_path}/**/*.parquet")) == {"a": [2, 9, 10, 100]}


def test_the_index_that_pandas_stored_is_not_of_x(tmp_path: Path) -> None:
    days = pd.date_range("2020-01-01", periods=3, name="day")
    pd.DataFrame(GOOD, index=days).to_parquet(tmp_path / "x.parquet")
    assert open_source(tmp_path / "x.parquet").columns == ("a", "b")
    times = read(open_source(tmp_path / "x.parquet", time="day"))["day"]
    assert times == [1577836800 + 86400 * i for i in range(3)]


def test_partition_columns_and_filters_of_a_dataset_hold(tmp_path: Path) -> None:
    table = pa.table({"a": [1.0, 2.0, 3.0], "year": [2001, 2002, 2003]})
    ds.write_dataset(
        table, tmp_path, format="parquet", partitioning=["year"], partitioning_flavor="hive"
    )
    data = ds.dataset(tmp_path, partitioning="hive").filter(ds.field("year") > 2001)
    assert read(open_source(data)) == {"a": [2, 3], "year": [2002, 2003]}


def test_a_csv_dataset_takes_the_types_of_its_schema(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("a\n1.5\n")
    (tmp_path / "2.csv").write_text("a\n2\n")
    assert read(open_source(ds.dataset(tmp_path, format="csv"))) == {"a": [1.5, 2]}


# ---- CSV ----


def test_numbers_of_csv_are_float64_from_the_first_row_on(tmp_path: Path) -> None:
    lines = 400_000  # these go beyond the first block
    (tmp_path / "x.csv").write_text("a,s\n" + "1,t\n" * lines + "0.5,t\n")
    found = open_source(tmp_path / "x.csv", columns=["a"]).gather()
    assert found.dtype == np.float64
    assert len(found) == lines + 1
    assert found[-1, 0] == 0.5


def test_a_csv_value_that_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n" + "1,2\n" * 400_000 + "1,oops\n")
    source = open_source(tmp_path / "x.csv", columns=["b"])
    with pytest.raises(ValueError, match=r"x\.csv': column 'b': .*'oops', in row 400000 of the"):
        source.gather()


def test_the_schema_settles_csv_types(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,t\n1,,2020-01-01\n,,2020-01-02\n")
    with pytest.raises(ValueError, match="column 'b' must be of numbers, got type null"):
        open_source(tmp_path / "x.csv", time="t")
    schema = pa.schema({"a": pa.float32(), "b": pa.float32()})
    source = open_source(tmp_path / "x.csv", time="t", schema=schema)
    assert source.dtype == np.float32
    assert read(source)["a"] == [1, None]
    assert open_source(tmp_path / "x.csv", columns=["a", "b"]).gather().shape == (2, 2)


def test_times_of_csv_may_have_fractions_later_on(tmp_path: Path) -> None:
    text = "a,t\n" + "1,2020-01-01 00:00:00\n" * 60_000 + "2,2020-01-01 00:00:00.25\n"
    with gzip.open(tmp_path / "x.csv.gz", "wt") as file:
        file.write(text)
    assert read(open_source(tmp_path / "x.csv.gz", time="t"))["t"][-1] == 1577836800.25


# ---- Files that are not there, or not what they seem ----


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    for name in ("1.parquet", "2.parquet", "1.arrow", "2.arrow"):
        write(tmp_path / name, GOOD)
    for ending in ("parquet", "arrow"):
        source = open_source(tmp_path / f"*.{ending}")
        (tmp_path / f"2.{ending}").unlink()
        with pytest.raises(FileNotFoundError, match=rf"source: file .*2\.{ending}' is gone"):
            read(source)
        assert isinstance(source.failure, FileNotFoundError)
    np.save(tmp_path / "1.npy", np.ones((2, 2)))
    source = open_source(tmp_path / "1.npy")
    (tmp_path / "1.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"^source: file .*1\.npy' is gone: \[Errno 2\]"):
        read(source)


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.arrows", "x.csv", "x.npy"])
@pytest.mark.parametrize("content", [b"", b"\xff\x00 nonsense"])
def test_a_file_that_is_not_what_its_name_says_is_named(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises((ValueError, OSError), match=rf"^source: file '.*{name}'|^columns: "):
        open_source(tmp_path / name)


def test_a_path_must_be_there_and_of_one_known_format(tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", GOOD)
    np.save(tmp_path / "1.npy", np.ones((2, 2)))
    (tmp_path / "1.txt").write_text("1")
    for bad, message in {
        tmp_path / "2.parquet": "there is no file '.*2.parquet'",
        tmp_path / "*.csv": r"no file matches '.*\*\.csv'",
        tmp_path / "1.[np]*": "files of one format expected, got NumPy and Parquet",
        tmp_path / "1.txt": "'.*1.txt' must end in one of .parquet, ",
        tmp_path: r"is a folder; name its files",
    }.items():
        with pytest.raises(ValueError, match=f"^source: .*{message}"):
            open_source(bad)
    for missing in ("2.parquet", "*.csv"):
        with pytest.raises(FileNotFoundError):
            open_source(tmp_path / missing)
    with pytest.raises(ValueError, match="schema: is of CSV files, got it for Parquet"):
        open_source(tmp_path / "1.parquet", schema=pa.schema({"a": pa.float64()}))


def test_a_mapped_npy_file_is_gathered_in_place(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((5, 2)))
    assert isinstance(open_source(tmp_path / "x.npy").gather().base, np.memmap)


def test_the_number_of_rows_is_known_where_nothing_need_be_read_for_it(tmp_path: Path) -> None:
    rows = np.arange(14.0).reshape(7, 2)
    write(tmp_path / "1.parquet", GOOD)
    write(tmp_path / "2.parquet", GOOD)
    np.save(tmp_path / "x.npy", rows)
    pd.DataFrame(GOOD).to_csv(tmp_path / "x.csv", index=False)
    assert open_source(tmp_path / "*.parquet").rows == 6
    assert open_source(tmp_path / "x.npy").rows == 7
    assert open_source(rows).rows == 7
    assert open_source(pd.DataFrame(GOOD)).rows == 3
    assert open_source(tmp_path / "x.csv").rows is None
    assert open_source(iter([rows])).rows is None
