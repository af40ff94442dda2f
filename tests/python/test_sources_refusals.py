"""Some mistakes of a source are refused only once it is read: rarer ones of each kind."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import varimix as vx
from varimix.sources import open_source
from varimix.sources.blocks import CHUNK_ROWS

LINES = "a,b\n1,2\n3,4\n"


def read(source: object, **how: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = open_source(source, **how).stream().read_all().to_pydict()
    return found


def test_a_table_of_weights_alone_has_no_columns_to_fit() -> None:
    table = pa.table({"w": [1.0]})
    with pytest.raises(ValueError, match=r"^source: no column is left for X beside \['w'\]"):
        read(table, weights="w")


def test_a_schema_that_is_none_is_a_type_error(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(LINES)
    with pytest.raises(TypeError, match=r"^schema: a pyarrow.Schema expected, got dict"):
        read(tmp_path / "x.csv", schema={"a": "float64"})


def test_a_schema_names_columns_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(LINES)
    with pytest.raises(ValueError, match=r"^schema: no column 'c' in file '.*x\.csv'"):
        read(tmp_path / "x.csv", schema=pa.schema({"a": pa.float64(), "c": pa.float64()}))


def test_a_file_of_a_joined_dataset_may_not_drift(tmp_path: Path) -> None:
    for name, column in {"1/1": [1.0], "2/1": [1.0], "2/2": [1]}.items():
        path = tmp_path / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"a": column}), path)
    union = ds.dataset([ds.dataset(tmp_path / "1"), ds.dataset(tmp_path / "2")])
    with pytest.raises(ValueError, match=r"2/2\.parquet.*column 'a' is of type int64, double"):
        read(union)


def test_a_parquet_file_without_row_groups_may_not_drift(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.0]}), tmp_path / "1.parquet")
    pq.ParquetWriter(tmp_path / "2.parquet", pa.schema({"b": pa.float64()})).close()
    assert pq.ParquetFile(tmp_path / "2.parquet").num_row_groups == 0
    with pytest.raises(ValueError, match=r"2\.parquet'.*column 'a' is gone"):
        read(tmp_path / "*.parquet")


def test_an_array_of_one_dimension_is_one_column_wherever_it_comes_from(tmp_path: Path) -> None:
    values = np.array([1.0, 2.0, 3.0])
    np.save(tmp_path / "x.npy", values)
    for source in (tmp_path / "x.npy", iter([values]), values):
        assert read(source) == {"0": [1.0, 2.0, 3.0]}


def test_an_npy_file_that_becomes_shorter_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((2 * CHUNK_ROWS, 1)))
    np.save(tmp_path / "shorter.npy", np.ones((3, 1)))
    reader = open_source(tmp_path / "x.npy").stream()
    assert reader.read_next_batch().num_rows == CHUNK_ROWS
    (tmp_path / "shorter.npy").replace(tmp_path / "x.npy")
    with pytest.raises(ValueError, match=r"x\.npy' has become shorter: 3 rows"):
        reader.read_next_batch()


def test_only_a_whole_array_is_read_where_it_lies() -> None:
    table = pa.table({"a": [1.0, 2.0], "b": [3.0, 4.0], "w": [1.0, 1.0]})
    for how in ({"weights": "w"}, {"time": "w"}, {"columns": ["b", "a", "w"]}):
        assert open_source(table, **how).array is None


def test_rows_that_come_once_make_one_pass() -> None:
    rows = np.random.default_rng(1).standard_normal((40, 2))
    state = vx.OnlineEM(vx.NormalInverseGaussian.default_init(rows))
    before = state.model.mu
    with pytest.raises(ValueError, match=r"^passes must be 1 for a source that gives its rows on"):
        vx.fit_stream(state, iter([rows]), passes=2)
    np.testing.assert_array_equal(state.model.mu, before)


def test_an_error_that_is_not_the_sources_own_is_raised_as_it_is() -> None:
    rows = np.random.default_rng(1).standard_normal((40, 2))
    state = vx.OnlineEM(vx.NormalInverseGaussian.default_init(rows))

    def fail(report: object) -> None:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError, match=r"^not now$"):
        vx.fit_stream(state, iter([rows]), callback=fail)


def test_verbose_is_not_negative() -> None:
    for fitter in (vx.BatchEMFitter, vx.IncrementalEMFitter):
        with pytest.raises(ValueError, match=r"^verbose must be >= 0, got -1"):
            fitter(verbose=-1)
