"""A stream holds the rows that it decodes, however large a row group is, and loses none."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from varimix.sources import open_source
from varimix.sources.parquet import SLICE_ROWS

D = 4
ROWS = 40 * SLICE_ROWS
BYTES = ROWS * D * 8  # of the one row group

FORMS = {  # each with the number of times that it gives the rows
    "path": 1,
    "ds.dataset(path)": 1,
    "ds.dataset(path).filter(ds.field('0') > -9)": 1,
    "ds.dataset([ds.dataset(path), ds.dataset(path)])": 2,
}


def random_table(rows: int) -> pa.Table:
    x = np.random.default_rng(0).standard_normal((D, rows))
    return pa.table({str(j): column for j, column in enumerate(x)})


@pytest.fixture
def one_group(tmp_path: Path) -> Path:
    path = tmp_path / "x.parquet"
    pq.write_table(random_table(ROWS), path, row_group_size=ROWS, use_dictionary=False)
    assert pq.ParquetFile(path).num_row_groups == 1
    return path


def test_a_row_group_is_not_decoded_whole(one_group: Path) -> None:
    code = f"""
import pyarrow as pa
import pyarrow.dataset as ds
from varimix.sources import open_source
path = {str(one_group)!r}
for source in ({", ".join(FORMS)}):
    rows = sum(batch.num_rows for batch in open_source(source).stream())
    print(rows // {ROWS}, pa.default_memory_pool().max_memory())
"""
    command = [sys.executable, "-c", code]  # a new process: the most ever held cannot be reset
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    times, most = zip(*(map(int, line.split()) for line in out.splitlines()), strict=True)
    assert times == tuple(FORMS.values())
    assert max(most) < BYTES / 2, most


CONDITIONS = {
    "number": ds.field("0") > 0,
    "text": (ds.field("text") == "b") | ds.field("text").is_null(),
    "by_position": pc.field(1) > 0,
    "path": ds.field("part") > 1,
    "path_and_number": (ds.field("part") < 3) & (ds.field("1") < 0.5),
    "no_row": ds.field("0") > 100,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_filter_leaves_the_rows_that_it_should(condition: str, tmp_path: Path) -> None:
    table = random_table(200).append_column("text", pa.array([None, "a", "b", "c"] * 50))
    for part in range(4):
        path = tmp_path / f"part={part}" / "x.parquet"
        path.parent.mkdir()
        has_text = part != 2  # where a file has no such column, it is null
        rows = table[50 * part :][:50]
        pq.write_table(rows if has_text else rows.drop_columns(["text"]), path, row_group_size=9)
    data = ds.dataset(tmp_path, partitioning="hive").filter(CONDITIONS[condition])
    found = open_source(data, columns=["2", "part"]).stream().read_all()
    expected = data.to_table(columns=["2", "part"])
    assert found.to_pydict() == expected.to_pydict()
    assert (found.num_rows == 0) == (condition == "no_row")


def test_a_dataset_of_csv_does_not_read_ahead_of_slow_steps(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    block = "\n".join(f"{j}.25,{j}.5,{j}.75" for j in range(100_000)) + "\n"
    with path.open("w") as file:
        file.write("a,b,c\n")
        for _ in range(60):
            file.write(block)
    code = f"""
import time
import pyarrow as pa
import pyarrow.dataset as ds
from varimix.sources import open_source
for condition in (None, ds.field("a") > -9):
    dataset = ds.dataset({str(path)!r}, format="csv")
    rows = 0
    for batch in open_source(dataset if condition is None else dataset.filter(condition)).stream():
        rows += batch.num_rows
        time.sleep(0.002)
    print(rows, pa.default_memory_pool().max_memory())
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rows, most = zip(*(map(int, line.split()) for line in out.stdout.splitlines()), strict=True)
    assert rows == (6_000_000, 6_000_000)
    assert max(most) < path.stat().st_size / 2, most
