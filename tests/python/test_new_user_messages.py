"""What a new user is told where a first try goes wrong: enough to go on without the source."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from command import csv_of, prices_of, varimix

from varimix import NormalInverseGaussian, OnlineEM, fit_stream, open_source
from varimix.sklearn import MeanVarianceMixture

X = pd.DataFrame(np.random.default_rng(0).standard_t(5, size=(60, 2)), columns=["AAPL", "MSFT"])
DATED = X.assign(Date=pd.date_range("2026-01-01", periods=60))
INIT = NormalInverseGaussian.default_init(X)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def message_of(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises((ValueError, TypeError)) as caught:
        call(*arguments, **options)
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


# ---- Python ----


def test_a_model_or_a_result_where_a_state_belongs_is_told_how_to_become_one() -> None:
    with pytest.raises(TypeError, match=r"state must be an OnlineEM or .*OnlineEM\(model\) is one"):
        fit_stream(INIT, X)  # type: ignore[call-overload]
    result = NormalInverseGaussian.fit(X, max_iter=2)
    with pytest.raises(TypeError, match=r"got EMResult; OnlineEM\(result.model\) is one"):
        fit_stream(result, X)  # type: ignore[call-overload]
    with pytest.raises(
        TypeError, match=r"state must be an OnlineEM or a BootstrapEM, got DataFrame$"
    ):
        fit_stream(X, INIT)  # type: ignore[call-overload]


def test_a_date_column_is_to_be_left_out_and_no_delimiter_is_blamed(folder: Path) -> None:
    DATED.to_csv("dated.csv", index=False)
    for rows in (DATED, pl.from_pandas(DATED), "dated.csv"):
        text = message_of(NormalInverseGaussian.fit, rows)
        assert "column 'Date' must be of numbers" in text
        assert "leave it out" in text
        assert "open_source(..., columns=[...])" in text
        assert "delimiter" not in text
    assert "name in `columns`" in message_of(fit_stream, OnlineEM(INIT), "dated.csv")
    text = message_of(OnlineEM(INIT).update, "dated.csv")
    assert "the columns wanted are ['AAPL', 'MSFT']; leave others out" in text
    assert "open_source(..., columns=[...])" in text


def test_a_text_of_a_csv_is_explained_by_what_it_looks_like(folder: Path) -> None:
    X.to_csv("german.csv", sep=";", decimal=",", index=False)
    text = message_of(NormalInverseGaussian.fit, "german.csv")
    assert "open_source(path, csv={'delimiter': ';'})" in text
    text = message_of(open_source, "german.csv", csv={"delimiter": ";"})
    assert "'decimal_point': ','" in text
    gaps = X.astype(object)
    gaps.iloc[0, 0] = "k.A."
    gaps.to_csv("gaps.csv", index=False)
    text = message_of(NormalInverseGaussian.fit, "gaps.csv", columns=["AAPL", "MSFT"])
    assert "with 'k.A.' in row 0" in text
    assert "csv={'null_values': [" in text
    assert "delimiter" not in text
    rows = open_source("gaps.csv", csv={"null_values": ["", "k.A."]})
    assert NormalInverseGaussian.fit(rows, missing="exact", max_iter=2).model.d == 2


def test_an_option_of_csv_that_is_a_list_is_no_text(folder: Path) -> None:
    X.to_csv("x.csv", index=False)
    for name in ("null_values", "column_names", "timestamp_parsers"):
        text = message_of(open_source, "x.csv", csv={name: "k.A."})
        assert f"csv: {name!r} must be a list, got 'k.A.'" in text


def test_a_row_as_a_series_is_told_to_be_one_column() -> None:
    for call in (INIT.log_prob, OnlineEM(INIT).update):
        text = message_of(call, X.iloc[0])
        assert "which is one column; one row is frame.iloc[[0]]" in text
    one = INIT.project({"AAPL": 1.0})
    assert one.log_prob(X["AAPL"]).shape == (60,)


def test_lazy_frames_and_dicts_are_told_what_has_rows() -> None:
    lazy = pl.from_pandas(X).lazy()
    assert "got LazyFrame; its .collect() is a frame" in message_of(NormalInverseGaussian.fit, lazy)
    columns = {"AAPL": [1.0], "MSFT": [2.0]}
    text = message_of(OnlineEM(INIT).update, columns)
    assert "got dict; a frame of it has rows" in text


def write_thousands(path: Path) -> None:
    """Write prices like 1.502,12, which pandas reads if it is told."""
    numbers = [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in PRICES]
    path.write_text("\n".join(["Datum;DAX", *map(";".join, zip(DAYS, numbers, strict=True))]))


PRICES = 1500 + np.arange(60.0) ** 1.5
DAYS = [f"{day:%Y%m%d}" for day in pd.date_range("2026-01-01", periods=60)]


def test_separators_of_thousands_are_told_and_no_decimal_comma_is_blamed(folder: Path) -> None:
    write_thousands(folder / "x.csv")
    csv = {"delimiter": ";", "decimal_point": ","}
    text = message_of(open_source, "x.csv", csv=csv, columns=["DAX"])
    assert "with '1.500,00' in row 0" in text
    assert "separators of thousands are read by pandas" in text
    assert "delimiter" not in text
    frame = pd.read_csv("x.csv", sep=";", thousands=".", decimal=",", index_col="Datum")
    np.testing.assert_allclose(frame["DAX"], PRICES, atol=0.01)


def test_another_encoding_is_told_as_such(folder: Path) -> None:
    (folder / "x.csv").write_bytes("Münch\n1.5\n2.5\n".encode("latin1"))
    text = message_of(NormalInverseGaussian.fit, "x.csv")
    assert "open_source(path, csv={'encoding': 'latin1'})" in text
    assert "delimiter" not in text
    assert "--csv encoding=latin1" in varimix("fit", "x.csv").err


@pytest.mark.parametrize("frame", [DATED, pl.from_pandas(DATED)], ids=["pandas", "polars"])
def test_dates_are_no_numbers_to_the_estimator_either(frame: Any) -> None:
    text = message_of(MeanVarianceMixture().fit, frame)
    assert "X: column 'Date' must be of numbers" in text
    assert "leave it out" in text


def test_the_estimator_says_what_to_do_about_rows_that_scikit_learn_refuses() -> None:
    estimator = MeanVarianceMixture(rule="natural_gradient").fit(X)
    assert "missing='exact' takes NaN" in message_of(estimator.fit, X.mask(X > 1))
    assert "X[model.feature_names_in_]" in message_of(estimator.score, X[["MSFT", "AAPL"]])
    named = X.assign(Ticker="A")
    assert "column 'Ticker' is of type" in message_of(MeanVarianceMixture().fit, named)


def test_todays_file_alone_with_the_checkpoint_is_told_what_it_wants(folder: Path) -> None:
    X.to_csv("yesterday.csv", index=False)
    X.to_csv("today.csv", index=False)
    fit_stream(OnlineEM(INIT), "yesterday.csv", checkpoint="law.state")
    text = message_of(fit_stream, OnlineEM(INIT), "today.csv", checkpoint="law.state")
    assert "file 'yesterday.csv', of which rows were learned, is gone" in text
    assert "rows without it are learned by OnlineEM.load(checkpoint)" in text


# ---- Command line ----


def test_a_file_without_a_column_of_the_first_is_an_error_and_no_traceback(folder: Path) -> None:
    X.to_csv("a.csv", index=False)
    X.rename(columns={"MSFT": "MSTF"}).to_csv("b.csv", index=False)
    ran = varimix("fit", "a.csv", "b.csv")
    assert (ran.code, ran.out) == (3, "")
    assert "file 'b.csv': column 'MSFT' is gone; renamed? New is 'MSTF'" in ran.err


def test_a_model_and_data_in_the_wrong_order_are_told(folder: Path) -> None:
    X.to_csv("x.csv", index=False)
    assert varimix("fit", "x.csv").code == 0
    ran = varimix("score", "x.csv", "model.vmx")
    assert (ran.code, "MODEL, a file that fit wrote, comes first; got data" in ran.err) == (2, True)
    assert varimix("score", "model.vmx", "x.csv").code == 0


def test_one_column_is_not_one_columns(folder: Path) -> None:
    X[["AAPL"]].to_csv("x.csv", index=False)
    varimix("fit", "x.csv")
    assert "of 1 column," in varimix("inspect", "model.vmx").out


def test_prices_fitted_as_they_are_are_told_of_returns(folder: Path) -> None:
    (folder / "prices.csv").write_text(csv_of(prices_of(2000)))
    hint = "if they are prices, --returns log learns their returns"
    assert hint in varimix("fit", "prices.csv").err
    assert hint not in varimix("fit", "prices.csv", "--returns", "log").err
    X.to_csv("x.csv", index=False)
    assert hint not in varimix("fit", "x.csv").err


def test_a_format_of_dates_is_taken_and_asked_for(folder: Path) -> None:
    american = DATED.assign(Date=DATED["Date"].dt.strftime("%m/%d/%Y"))
    american.to_csv("x.csv", index=False)
    varimix("fit", "x.csv")
    ran = varimix("report", "model.vmx", "x.csv")
    assert "rows are numbered, as column 'Date' has no dates like" in ran.err
    ran = varimix("report", "model.vmx", "x.csv", "--csv", "timestamp_parsers=%m/%d/%Y")
    assert "dates of the rows are of column 'Date'" in ran.err
    assert "2026-01-01 to 2026-03-01" in ran.out


def test_a_column_of_days_as_numbers_is_left_out(folder: Path) -> None:
    days = X.assign(Handelstag=[int(day) for day in DAYS])
    days.to_csv("x.csv", index=False)
    ran = varimix("fit", "x.csv", "--json")
    assert ran.json["columns"] == ["AAPL", "MSFT"]
    assert "columns left out: 'Handelstag'" in ran.err
    days["Handelstag"] = days["Handelstag"].astype(float)
    days.loc[59, "Handelstag"] = np.inf
    days.to_csv("z.csv", index=False)
    assert "must be finite, got inf in row 59" in varimix("fit", "z.csv").err
    days.assign(Handelstag=[int(day) for day in DAYS][::-1]).to_csv("y.csv", index=False)
    assert "Handelstag" in varimix("fit", "y.csv", "--json").json["columns"]


def test_prices_with_separators_of_thousands_are_not_left_out_in_silence(folder: Path) -> None:
    write_thousands(folder / "x.csv")
    ran = varimix("fit", "x.csv", "--delimiter", ";", "--decimal", ",")
    assert (ran.code, ran.out) == (3, "")
    assert "'DAX' is of text, but looks like numbers: separators of thousands" in ran.err
