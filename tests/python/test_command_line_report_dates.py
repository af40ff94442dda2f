"""``varimix report``: the one column of dates dates the rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from command import csv_of, table_of, varimix
from command_reports import (
    DAYS,
    PRICES,
    ROWS,
    asked_of_the_library,
    fitted_model,
    folder_of_prices,
    page_at,
)

folder = pytest.fixture(autouse=True)(folder_of_prices)
model = pytest.fixture(fitted_model)
asked = pytest.fixture(asked_of_the_library)

TEXTS = [str(day) for day in DAYS]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(DAYS),
        pa.array(DAYS.astype("datetime64[ns]")),
        pa.array(DAYS.astype("datetime64[s]"), pa.timestamp("s", "UTC")),
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
    ],
    ids=lambda column: str(column.type),
)
def test_the_one_column_of_dates_dates_the_rows(
    folder: Path, asked: dict[str, Any], column: pa.Array
) -> None:
    table = table_of(PRICES).add_column(0, "day", column)
    pq.write_table(table.append_column("note", pa.array(["x"] * ROWS)), "d.parquet")
    ran = varimix("fit", "d.parquet", "--returns", "log", "--report", "x.html")
    assert ran.code == 0, ran.err
    assert "dates of the rows are of column 'day'" in ran.err
    assert [str(date)[:10] for date in asked["dates"]] == TEXTS[1:]
    assert "report on 699 returns, 2020-01-02 to 2021-11-30" in ran.out


def test_dates_run_on_across_files_and_csv(folder: Path, asked: dict[str, Any]) -> None:
    lines = csv_of(PRICES).splitlines()
    rows = [f"{day},{line}" for day, line in zip(TEXTS, lines[1:], strict=True)]
    head = f"Date,{lines[0]}"
    (folder / "1.csv").write_text("\n".join([head, *rows[:300]]))
    (folder / "2.csv").write_text("\n".join([head, *rows[300:]]))
    assert varimix("fit", "1.csv", "2.csv", "--report", "x.html").code == 0
    assert asked["dates"].astype("datetime64[D]").astype(str).tolist() == TEXTS


def test_a_zone_of_time_keeps_the_day_that_was_written(asked: dict[str, Any]) -> None:
    midnight = pa.array(DAYS.astype("datetime64[s]"))
    table = table_of(PRICES).append_column("t", pc.assume_timezone(midnight, "Europe/Zurich"))
    pq.write_table(table, "z.parquet")
    assert varimix("fit", "z.parquet", "--report", "x.html").code == 0
    assert asked["dates"].astype("datetime64[D]").astype(str).tolist() == TEXTS


def test_two_columns_of_dates_are_named_and_none_is_taken(asked: dict[str, Any]) -> None:
    table = table_of(PRICES).append_column("trade", pa.array(DAYS))
    pq.write_table(table.append_column("settle", pa.array(TEXTS)), "d.parquet")
    ran = varimix("fit", "d.parquet", "--report", "x.html")
    assert (ran.code, "'trade', 'settle'" in ran.err) == (0, True)
    assert asked["dates"] is None


def test_missing_dates_are_reported_as_labels(folder: Path, model: Path) -> None:
    days = DAYS.copy()
    days[3] = np.datetime64("NaT")
    pq.write_table(table_of(PRICES).append_column("day", pa.array(days)), "d.parquet")
    ran = varimix("report", model, "d.parquet")
    assert ran.code == 0, ran.err
    page_at("report.html")
