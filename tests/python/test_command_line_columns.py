"""``varimix fit``: the columns that it takes, and CSV as people have it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from command import NAMES, csv_of, log_returns, table_of, varimix, write_parquet
from fits_of_prices import PRICES, ROWS, in_python, own_folder

from varimix import (
    OnlineEM,
)

folder = pytest.fixture(autouse=True)(own_folder)

# ---- Columns ----


def test_columns_of_dates_and_text_are_left_out_and_named(folder: Path) -> None:
    days = pa.array(np.datetime64("2000-01-01") + np.arange(ROWS))
    table = table_of(PRICES).add_column(0, "day", days)
    table = table.append_column("note", pa.array(["ok"] * ROWS))
    table = table.append_column("Date", pa.array(np.arange(ROWS)))
    pq.write_table(table, folder / "p.parquet")
    ran = varimix("fit", "p.parquet", "--returns", "log", "--json")
    assert ran.json["columns"] == list(NAMES)
    assert "columns left out: 'day' (date32[day]), 'note' (string), 'Date' (int64)" in ran.err
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(PRICES)).model


def test_the_numbered_index_of_a_frame_is_no_column(folder: Path) -> None:
    pd.DataFrame(PRICES, columns=NAMES).to_parquet(folder / "p.parquet")
    ran = varimix("fit", "p.parquet", "--returns", "log", "--json")
    assert ran.json["columns"] == list(NAMES)


def test_columns_are_chosen_in_the_order_given(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    assert varimix("fit", "p.parquet", "--columns", "MSFT,AAPL").code == 0
    assert OnlineEM.load("model.vmx").model == in_python(PRICES[:, ::-1]).model


def test_a_column_without_a_value_so_far_is_left_out_with_advice(folder: Path) -> None:
    text = "".join(f"{a!r},\n" for a in PRICES[:, 0].tolist())
    (folder / "p.csv").write_text("A,B\n" + text)
    ran = varimix("fit", "p.csv", "--missing", "exact", "--json")
    assert ran.json["columns"] == ["A"]
    assert "'B' (no value in the first rows; --columns takes it)" in ran.err
    ran = varimix("fit", "p.csv", "--missing", "exact", "--json", "--columns", "A,B")
    assert ran.json["columns"] == ["A", "B"]
    assert "unseen_column" in [entry["code"] for entry in ran.json["status"]]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("AAPL,MSTF", "did you mean 'MSFT'?"),
        ("AAPL,AAPL", "more than once"),
        (",", "at least one"),
    ],
)
def test_wrong_columns_are_named(folder: Path, columns: str, words: str) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--columns", columns)
    assert ran.code == 2
    assert words in ran.err


# ---- CSV as people have it ----

EURO = "Tag;Zürich;Genf\n" + "".join(
    f"{i % 28 + 1}.01.2000;{a:.6f};{b:.6f}\n".replace(".", ",").replace(",01,2000", ".01.2000")
    for i, (a, b) in enumerate(PRICES.tolist())
)


def test_semicolons_and_decimal_commas_are_read_and_advised(folder: Path) -> None:
    (folder / "p.csv").write_text(EURO, encoding="utf-8")
    ran = varimix("fit", "p.csv", "--returns", "log")
    assert (ran.code, "--delimiter ';'" in ran.err) == (3, True)
    ran = varimix("fit", "p.csv", "--returns", "log", "--delimiter", ";")
    assert (ran.code, "'Zürich'" in ran.err, "--decimal ','" in ran.err) == (3, True, True)
    ran = varimix(
        "fit", "p.csv", "--returns", "log", "--delimiter", ";", "--decimal", ",", "--json"
    )
    assert ran.code == 0
    assert ran.json["columns"] == ["Zürich", "Genf"]
    assert ran.json["rows"] == ROWS - 1


def test_a_text_among_numbers_is_advised_as_null(folder: Path) -> None:
    lines = csv_of(PRICES).splitlines()
    lines[7] = "k.A.,12.5"
    (folder / "p.csv").write_text("\n".join(lines))
    ran = varimix("fit", "p.csv", "--missing", "exact")
    assert (ran.code, "--null 'k.A.'" in ran.err) == (3, True)
    ran = varimix("fit", "p.csv", "--missing", "exact", "--null", "k.A.", "--json")
    assert (ran.code, ran.json["columns"]) == (0, list(NAMES))


def test_header_skipped_lines_and_other_options_of_pyarrow(folder: Path) -> None:
    body = csv_of(PRICES).partition("\n")[2]
    (folder / "p.csv").write_bytes(("# Kurse in Zürich\n" + body).encode("latin1"))
    ran = varimix(
        "fit", "p.csv", "--no-header", "--skip-rows", 1, "--csv", "encoding=latin1", "--json"
    )
    assert (ran.code, ran.json["rows"]) == (0, ROWS)
    ran = varimix("fit", "p.csv", "--csv", "encodng=latin1")
    assert (ran.code, "encodng" in ran.err) == (2, True)
