"""``varimix report`` and ``--report``: one page, of the rows that the command reads."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import NAMES, csv_of, log_returns, table_of, varimix, write_parquet
from command_reports import (
    PRICES,
    ROWS,
    asked_of_the_library,
    fitted_model,
    folder_of_prices,
    page_at,
)

import varimix as library
from varimix import OnlineEM, fit_stream

folder = pytest.fixture(autouse=True)(folder_of_prices)
model = pytest.fixture(fitted_model)
asked = pytest.fixture(asked_of_the_library)

# ---- The page ----


def test_the_line_that_people_copy_writes_a_page_and_names_every_file(folder: Path) -> None:
    ran = varimix(
        "fit", "p.parquet", "--returns", "log", "-o", "model.vmx", "--report", "report.html"
    )
    assert ran.code == 0, ran.err
    text = page_at("report.html")
    assert all(name in text for name in NAMES)
    written = {path.name for path in folder.iterdir()} - {"p.parquet"}
    told = [line.partition(":")[0] for line in ran.out.splitlines()[-3:]]
    assert set(told) == written
    assert ran.err == ""


def test_a_page_is_of_a_model_and_rows_that_are_new_to_it(model: Path) -> None:
    ran = varimix(
        "report", model, "p.parquet", "--title", "Two & more", "--weights", "MSFT=1", "--json"
    )
    assert ran.code == 0, ran.err
    assert ran.json == {
        "model": str(model), "report": "report.html", "rows": ROWS - 1, "columns": list(NAMES),
        "kind": "returns", "first_date": None, "last_date": None,
    }  # fmt: skip
    assert "Two &amp; more" in page_at("report.html")


def test_names_that_pictures_cut_short_are_whole_on_the_page(folder: Path) -> None:
    names = ("A name longer than pictures show", "a$b")
    (folder / "long.csv").write_text(csv_of(PRICES, names))
    ran = varimix("fit", "long.csv", "--returns", "log", "--report", "x.html")
    assert ran.code == 0, ran.err
    assert all(name in page_at("x.html") for name in names)


def test_json_of_fit_and_update_names_the_page(asked: dict[str, Any]) -> None:
    ran = varimix("fit", "p.parquet", "--returns", "log", "--report", "a.html", "--json")
    assert (ran.code, ran.json["report"], ran.json["model"]) == (0, "a.html", "model.vmx")
    ran = varimix("update", "model.vmx", "p.parquet", "--report", "b.html", "--json")
    assert (ran.code, ran.json["report"], ran.json["new_rows"]) == (0, "b.html", 0)
    np.testing.assert_array_equal(asked["X"], log_returns(PRICES))
    assert "report" not in varimix("fit", "p.parquet", "--json").json


def test_the_best_family_is_reported_with_its_comparison(asked: dict[str, Any]) -> None:
    ran = varimix("fit", "p.parquet", "--returns", "log", "--family", "best", "--report", "a.html")
    assert ran.code == 0, ran.err
    assert isinstance(asked["of"], library.BestFit)


def test_an_update_reports_on_its_data_and_the_state_that_has_learned_them(
    folder: Path, asked: dict[str, Any]
) -> None:
    write_parquet(folder / "a.parquet", PRICES[:400])
    write_parquet(folder / "b.parquet", PRICES[400:])
    varimix("fit", "a.parquet", "--returns", "log")
    assert varimix("update", "model.vmx", "b.parquet", "--report", "b.html").code == 0
    np.testing.assert_array_equal(asked["X"], log_returns(PRICES[400:]))
    assert asked["of"] == OnlineEM.load("model.vmx")
    assert asked["of"].total_weight == ROWS - 1


# ---- Models without names ----


def test_weights_of_columns_without_names_are_by_number(folder: Path) -> None:
    np.save(folder / "p.npy", PRICES)
    varimix("fit", "p.npy", "--returns", "log")
    ran = varimix("report", "model.vmx", "p.npy", "--weights", "1=1")
    assert ran.code == 0, ran.err
    assert "column 1" in page_at("report.html")


def test_a_state_of_python_is_reported_by_its_names(folder: Path, asked: dict[str, Any]) -> None:
    state = OnlineEM(library.NormalInverseGaussian.default_init(PRICES))
    fit_stream(state, table_of(PRICES))
    state.save("py.vmx")
    (folder / "o.csv").write_text(csv_of(PRICES[:, ::-1], NAMES[::-1]))
    ran = varimix("report", "py.vmx", "o.csv")
    assert (ran.code, asked["columns"]) == (0, list(NAMES)), ran.err
    np.testing.assert_array_equal(asked["X"], PRICES)
