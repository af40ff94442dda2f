"""``varimix report``: its options are those of the library, and what it cannot do is named."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import NAMES, csv_of, log_returns, varimix, write_parquet
from command_reports import PRICES, asked_of_the_library, fitted_model, folder_of_prices

import varimix as library
from varimix.command_line import reporting

folder = pytest.fixture(autouse=True)(folder_of_prices)
model = pytest.fixture(fitted_model)
asked = pytest.fixture(asked_of_the_library)


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
