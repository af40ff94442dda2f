"""A stream keeps its promises: laziness, flat memory, types, nulls, times, and messages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from varimix.sources import open_source
from varimix.sources.blocks import CHUNK_ROWS


def read(source: object, **how: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = open_source(source, **how).stream().read_all().to_pydict()
    return found


# ---- Nothing is read before it is wanted ----


def test_an_item_is_taken_when_the_rows_before_it_have_been_read() -> None:
    taken = []

    def items() -> Iterator[object]:
        for i in range(3):
            taken.append(i)
            yield np.full((2, 1), i)

    source = open_source(items())
    assert taken == []
    assert source.columns == ("0",)
    assert taken == [0]
    reader = source.stream()
    for i in range(3):
        assert reader.read_next_batch().column(0).to_pylist() == [i, i]
        assert taken == list(range(i + 1))
    with pytest.raises(StopIteration):
        reader.read_next_batch()


def test_a_batch_is_taken_from_a_reader_when_it_is_wanted() -> None:
    taken = []

    def batches() -> Iterator[pa.RecordBatch]:
        for i in range(3):
            taken.append(i)
            yield pa.record_batch({"a": [float(i)]})

    schema = pa.schema({"a": pa.float64()})
    reader = open_source(pa.RecordBatchReader.from_batches(schema, batches())).stream()
    assert taken == []
    reader.read_next_batch()
    assert taken == [0]


def test_what_an_iterator_raises_is_kept() -> None:
    error = RuntimeError("the line is dead")

    def items() -> Iterator[object]:
        yield np.ones((1, 1))
        raise error

    source = open_source(items())
    reader = pa.RecordBatchReader.from_stream(source.stream())  # through the C interface
    reader.read_next_batch()
    with pytest.raises(Exception, match="the line is dead"):
        reader.read_next_batch()
    assert source.failure is error


def test_import_and_arrays_do_without_pyarrow_and_streams_of_arrays_without_pandas() -> None:
    code = """
import sys, numpy, varimix
from varimix.sources import open_source
source = open_source(numpy.ones((3, 2)))
assert source.array is not None and source.d == 2 and source.gather() is source.array
assert not {"pyarrow", "pandas", "polars"} & set(sys.modules)
source.stream().read_all()
assert "pyarrow" in sys.modules and "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- Memory ----


def test_arrays_and_arrow_columns_are_read_in_place() -> None:
    x = np.asfortranarray(np.random.default_rng(0).standard_normal((10, 2)))
    assert open_source(x).array is x
    assert open_source(x).gather() is x
    frame = pd.DataFrame(x, columns=["a", "b"])
    assert np.shares_memory(open_source(frame).array, x) == np.shares_memory(frame.to_numpy(), x)
    assert open_source(frame).array is not None
    table = pa.table({"a": x[:, 0], "b": x[:, 1]})
    for source in (x, table, pl.DataFrame(table)):
        batch = open_source(source).stream(3).read_next_batch()
        given = pa.table(source)["a"].chunk(0) if source is not x else table["a"].chunk(0)
        assert batch.column(0).buffers()[1].address == given.buffers()[1].address


def test_a_large_table_comes_in_pieces() -> None:
    reader = open_source(pa.table({"a": np.arange(2.5 * CHUNK_ROWS)})).stream()
    assert [batch.num_rows for batch in reader] == [CHUNK_ROWS, CHUNK_ROWS, CHUNK_ROWS // 2]


@pytest.mark.parametrize("index", [None, "float", "text"])
def test_a_large_frame_comes_in_pieces_whatever_its_index(index: str | None) -> None:
    row = np.arange(2 * CHUNK_ROWS + 7)
    labels = {None: None, "float": row / 3 - 1, "text": row.astype(str)}[index]
    frame = pd.DataFrame({"a": row, "b": row.astype(float)}, index=labels)
    np.testing.assert_array_equal(open_source(frame).gather()[:, 0], row)
    rest = open_source(frame).stream(CHUNK_ROWS + 3).read_all()["b"]
    np.testing.assert_array_equal(rest.to_numpy(), row[CHUNK_ROWS + 3 :])


def peak_megabytes(source: str) -> float:
    code = f"""
import resource
import pyarrow.dataset as ds
from varimix.sources import open_source
for batch in open_source({source}).stream():
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def write_long(path: Path, rows: int) -> None:
    group = 65_536
    schema = pa.schema([(name, pa.float64()) for name in "abc"])
    draw = np.random.default_rng(0)
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, rows, group):
            x = draw.standard_normal((3, min(group, rows - start)))
            file.write_batch(pa.record_batch(list(x), schema=schema))


@pytest.mark.skipif("VARIMIX_FULL" not in os.environ, reason="long: VARIMIX_FULL=1")
@pytest.mark.parametrize("form", ["{!r}", "ds.dataset({!r})"])
def test_memory_does_not_grow_with_the_rows_of_parquet(form: str, tmp_path: Path) -> None:
    megabytes = []
    for rows in (10**6, 10**7):
        write_long(tmp_path / f"{rows}.parquet", rows)
        megabytes.append(peak_megabytes(form.format(f"{tmp_path}/{rows}.parquet")))
    assert megabytes[1] - megabytes[0] < 20


# ---- Values ----


def test_missing_values_are_nulls_wherever_they_come_from() -> None:
    expected = {"a": [1.0, None], "b": [None, 2.0]}
    plain = pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 2.0]})
    assert read(plain.astype({"a": object})) == expected
    assert read(plain.astype({"a": "Float64", "b": "Int64"})) == expected
    assert read(pl.DataFrame({"a": [1.0, None], "b": [None, 2]})) == expected
    assert read(pa.table({"a": [1.0, None], "b": [None, 2.0]})) == expected
    gathered = open_source(pa.table(expected)).gather()
    np.testing.assert_array_equal(gathered, [[1.0, np.nan], [np.nan, 2.0]])


def test_one_float64_column_makes_all_float64() -> None:
    def dtype(*types: pa.DataType) -> np.dtype[Any]:
        table = pa.table([pa.array([1.0]).cast(t) for t in types], names=list("ab")[: len(types)])
        return open_source(table).dtype

    assert dtype(pa.float32(), pa.float16()) == np.float32
    assert dtype(pa.float32(), pa.float64()) == np.float64
    assert dtype(pa.float32(), pa.int8()) == np.float64
    assert open_source(np.ones((2, 1), np.float16)).gather().dtype == np.float32
    assert open_source(np.ones((2, 1), np.uint8)).gather().dtype == np.float64


def test_large_integers_become_the_nearest_float64() -> None:
    assert read(pa.table({"a": [2**53 + 1, -(2**62)]})) == {"a": [2.0**53, -(2.0**62)]}


@pytest.mark.parametrize("kind", ["decimal64", "decimal128", "decimal256", "object"])
def test_decimals_become_the_nearest_float64(kind: str) -> None:
    texts = ["1.2345", "0.1", "-0.0005", "99999.9999"]
    values = [Decimal(text) for text in texts]
    source: Any = pd.DataFrame({"a": values})
    if kind != "object":
        source = pa.table({"a": pa.array(values).cast(getattr(pa, kind)(16, 4))})
    assert open_source(source).gather()[:, 0].tolist() == [float(text) for text in texts]


def test_weights_and_times_come_last_as_float64() -> None:
    table = pa.table(
        {
            "t": pa.array([1, 2], pa.int32()),
            "w": pa.array([1, 0.5], pa.float32()),
            "x": pa.array([3, 4], pa.float32()),
        }
    )
    schema = open_source(table, weights="w", time="t").stream().schema
    assert schema == pa.schema({"x": pa.float32(), "w": pa.float64(), "t": pa.float64()})
    x, weights = open_source(table, weights="w", time="t").gather_weighted()
    np.testing.assert_array_equal(x, np.array([[3], [4]], np.float32))
    assert weights is not None
    np.testing.assert_array_equal(weights, [1, 0.5])
    assert open_source(table).gather_weighted()[1] is None


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_become_seconds(unit: str) -> None:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    ticks = [-1, 0, 1_700_000_000 * per_second + per_second // 4]
    for kind in (pa.timestamp(unit), pa.timestamp(unit, "Asia/Tokyo"), pa.duration(unit)):
        table = pa.table({"x": [1.0] * 3, "t": pa.array(ticks, pa.int64()).cast(kind)})
        assert read(table, time="t")["t"] == [tick / per_second for tick in ticks]


def test_a_nanosecond_is_rounded_once() -> None:
    ticks = 1_700_000_000_123_456_789  # dividing its float64 by 1e9 would add an error of 2^-22 s
    table = pa.table({"x": [1.0], "t": pa.array([ticks]).cast(pa.timestamp("ns"))})
    assert read(table, time="t")["t"] == [float("1700000000.123456789")]


def test_dates_and_the_index_of_pandas_can_be_times() -> None:
    days = pd.date_range("1970-01-02", periods=2, name="day")
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=days)
    assert read(frame, time="day") == {"x": [1, 2], "day": [86400, 172800]}
    assert read(frame) == {"x": [1, 2]}
    for kind in (pa.date32(), pa.date64()):
        dates = pa.array(days.to_pydatetime()).cast(kind)
        assert read(pa.table({"x": [1.0, 2.0], "day": dates}), time="day")["day"][0] == 86400


def test_labels_of_pandas_need_not_be_names() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(2, 3))
    assert read(frame, columns=[2, 0]) == {"2": [2, 5], "0": [0, 3]}
    assert open_source(pd.Series([1.0, 2.0], name="a")).columns == ("a",)
    assert read(pl.Series("a", [1, 2])) == {"a": [1, 2]}
    assert read([[1, 2], [3, 4]]) == {"0": [1, 3], "1": [2, 4]}
