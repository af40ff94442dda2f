"""``varimix report`` and ``--report``: one page, of the rows that the command reads."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from command import NAMES, csv_of, log_returns, prices_of, table_of, varimix, write_parquet
from numpy.typing import NDArray

import varimix as library
from varimix import OnlineEM, fit_stream
from varimix.command_line import reporting

ROWS = 700
PRICES = prices_of(ROWS)
DAYS = np.datetime64("2020-01-01") + np.arange(ROWS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(tmp_path / "p.parquet", PRICES)
    return tmp_path


@pytest.fixture
def model(folder: Path) -> Path:
    assert varimix("fit", "p.parquet", "--returns", "log").code == 0
    return folder / "model.vmx"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the library was asked to report on; it writes no page."""
    found: dict[str, Any] = {}

    def report(of: object, X: NDArray[np.float64], path: Path, **options: object) -> None:
        found.update(options, of=of, X=X, path=path)

    monkeypatch.setattr(library, "report", report)
    return found


def page_at(path: str) -> str:
    text = Path(path).read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert text.lower().count("</html>") == 1
    return text


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


# ---- Options ----


def test_options_are_those_of_the_library(model: Path, asked: dict[str, Any]) -> None:
    varimix(
        "report", model, "p.parquet", "--weights", "MSFT=-0.5, AAPL=1.5", "--alpha", 0.05,
        "--kind", "rows", "-o", "x.html",
    )  # fmt: skip
    assert asked["weights"] == {"MSFT": -0.5, "AAPL": 1.5}
    assert (asked["alpha"], asked["kind"], asked["title"]) == (0.05, "rows", None)
    assert (asked["columns"], asked["path"]) == (list(NAMES), Path("x.html"))


@pytest.mark.parametrize(("returns", "kind"), [("simple", "returns"), ("none", "rows")])
def test_rows_are_returns_if_they_were_made_of_prices(
    asked: dict[str, Any], returns: str, kind: str
) -> None:
    assert varimix("fit", "p.parquet", "--returns", returns, "--report", "x.html").code == 0
    assert asked["kind"] == kind
    Path("model.vmx.source.json").unlink()
    assert varimix("report", "model.vmx", "p.parquet", "--returns", returns).code == 0
    assert asked["kind"] == kind


def test_holes_are_an_error_or_missing(folder: Path, model: Path, asked: dict[str, Any]) -> None:
    prices = PRICES.copy()
    prices[5, 0] = np.nan
    write_parquet(folder / "h.parquet", prices)
    ran = varimix("report", model, "h.parquet")
    assert (ran.code, "--missing exact" in ran.err) == (3, True)
    assert varimix("report", model, "h.parquet", "--missing", "exact").code == 0
    assert np.flatnonzero(np.isnan(asked["X"][:, 0])).tolist() == [4, 5]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--weights", "APPL=0.5", "did you mean 'AAPL'?"),
        ("--weights", "AAPL", "NAME=NUMBER"),
        ("--weights", "=1", "NAME=NUMBER"),
        ("--weights", "AAPL=half", "must be a number, got 'half'"),
        ("--weights", "AAPL=inf", "must be finite"),
        ("--weights", "AAPL=1,AAPL=2", "more than once"),
        ("--weights", "AAPL=0,MSFT=0", "all zero"),
        ("--weights", "", "all zero"),
        ("--kind", "return", "did you mean 'returns'?"),
        ("--alpha", 0, "--alpha must be > 0"),
        ("--alpha", "nan", "--alpha must be > 0"),
        ("-o", "report.pdf", "must end in .html"),
        ("-o", "nowhere/report.html", "no folder 'nowhere'"),
    ],
)
def test_a_wrong_option_is_named(model: Path, option: str, value: object, words: str) -> None:
    ran = varimix("report", model, "p.parquet", option, value)
    assert (ran.code, ran.out) == (2, ""), ran
    assert words in ran.err
    assert not Path("report.html").exists()


@pytest.mark.parametrize("command", [("fit",), ("update", "model.vmx")])
def test_a_pipe_cannot_be_read_twice(model: Path, command: tuple[str, ...]) -> None:
    before = model.read_bytes()
    text = csv_of(PRICES).encode()
    ran = varimix(*command, "-", "--report", "x.html", stdin=text)
    assert (ran.code, "gives its rows once" in ran.err) == (2, True)
    assert model.read_bytes() == before
    assert not Path("x.html").exists()


def test_a_report_alone_takes_a_pipe(model: Path, asked: dict[str, Any]) -> None:
    assert varimix("report", model, "-", stdin=csv_of(PRICES).encode()).code == 0
    np.testing.assert_array_equal(asked["X"], log_returns(PRICES))
    assert asked["dates"] is None


def test_a_model_of_other_columns_is_told_with_both_sides(folder: Path, model: Path) -> None:
    (folder / "o.csv").write_text(csv_of(PRICES, ("AAPL", "IBM")))
    ran = varimix("report", model, "o.csv")
    assert ran.code == 3
    assert "no column 'MSFT'" in ran.err
    assert "the model has ['AAPL', 'MSFT'], the data have 'AAPL' (double), 'IBM'" in ran.err
    assert not Path("report.html").exists()


def test_an_absent_matplotlib_names_the_extra_before_anything_is_fitted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: str) -> None:
        raise ImportError("a report needs the package matplotlib: pip install 'varimix[plot]'")

    monkeypatch.setattr(reporting, "require_extra", absent)
    ran = varimix("fit", "p.parquet", "--report", "x.html")
    assert (ran.code, "varimix[plot]" in ran.err, ran.out) == (1, True, "")
    assert not (folder / "model.vmx").exists()


def test_an_interrupted_report_says_that_only_the_page_is_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "report", interrupted)
    ran = varimix("fit", "p.parquet", "--report", "x.html")
    assert (ran.code, "'x.html' was not written" in ran.err) == (130, True)
    assert (folder / "model.vmx").exists()


def test_what_the_library_refuses_leaves_the_model_and_says_that_the_page_is_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ValueError("X must show some value")

    monkeypatch.setattr(library, "report", refused)
    ran = varimix("fit", "p.parquet", "--report", "x.html")
    assert (ran.code, "'x.html' was not written: X must show some value" in ran.err) == (3, True)
    assert (folder / "model.vmx").exists()


# ---- Dates ----

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
