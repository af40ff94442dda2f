"""market_report names a bad price file, by line and column, and refuses it with status 2."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from market_report.__main__ import main
from market_report.prices import PriceFileError, read_returns
from market_report.study import WARM_UP_DAYS

PRICES = Path(__file__).resolve().parents[2] / "data" / "sp500_20_daily_prices.csv.gz"


def write_prices(path: Path, lines: list[str]) -> Path:
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
    return path


def test_prices_become_log_returns_of_the_later_day(tmp_path: Path) -> None:
    lines = ["Date,A,B", "2020-01-31,1,8", "2020-02-03,2,4", "2020-02-04,4,4"]
    for path in (write_prices(tmp_path / "p.csv.gz", lines), tmp_path / "p.csv"):
        if path.suffix == ".csv":
            path.write_text("\n".join(lines))
        returns = read_returns(path)
        assert returns.stocks == ["A", "B"]
        assert [str(day) for day in returns.dates] == ["2020-02-03", "2020-02-04"]
        np.testing.assert_allclose(returns.values, np.log(2.0) * np.array([[1, -1], [1, 0]]))


def test_the_market_file_is_read_whole() -> None:
    returns = read_returns(PRICES)
    assert returns.values.shape == (8312, 20)
    assert (str(returns.dates[0]), str(returns.dates[-1])) == ("1990-01-03", "2022-12-28")


BAD_FILES = {
    "nothing": ([], "line 1: the first column must be named 'Date', got ''"),
    "no date": (["Day,A", "2020-01-31,1"], "line 1: the first column must be named 'Date'"),
    "no stock": (["Date", "2020-01-31"], "line 1: no column of prices"),
    "no name": (["Date,A,", "2020-01-31,1,2"], "line 1: stocks need names"),
    "twice": (["Date,A,A", "2020-01-31,1,2"], "line 1: stocks need names, each its own, got 'A'"),
    "a field missing": (["Date,A,B", "2020-01-31,1"], "line 2: 3 fields expected, got 2"),
    "a bad date": (["Date,A", "31.1.2020,1"], "line 2: a date like 1990-01-31 expected"),
    "an empty date": (["Date,A", ",1"], "line 2: a date like 1990-01-31 expected, got ''"),
    "back in time": (["Date,A", "2020-01-31,1", "2020-01-31,1"], "line 3: dates must increase"),
    "no price": (["Date,A", "2020-01-31,"], "line 2, column A: a price > 0 expected, got ''"),
    "a zero": (["Date,A", "2020-01-31,0"], "line 2, column A: a price > 0 expected, got '0'"),
    "nan": (["Date,A", "2020-01-31,nan"], "line 2, column A: a price > 0 expected, got 'nan'"),
    "inf": (["Date,A", "2020-01-31,inf"], "line 2, column A: a price > 0 expected, got 'inf'"),
    "one day": (["Date,A", "2020-01-31,1"], "at least two days of prices are needed, got 1"),
}


@pytest.mark.parametrize(("lines", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_named_by_line_and_column(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    path = write_prices(tmp_path / "bad.csv.gz", lines)
    with pytest.raises(PriceFileError, match=re.escape(message)):
        read_returns(path)


def no_file(folder: Path) -> Path:
    return folder / "missing.csv.gz"


def no_gzip(folder: Path) -> Path:
    path = folder / "plain.csv.gz"
    path.write_text("Date,A\n")
    return path


def cut_off(folder: Path) -> Path:
    path = folder / "cut.csv.gz"
    path.write_bytes(PRICES.read_bytes()[:1000])
    return path


def bad_columns(folder: Path) -> Path:
    return write_prices(folder / "bad.csv.gz", ["Day,A", "2020-01-31,1"])


def too_short(folder: Path) -> Path:
    return write_prices(folder / "short.csv.gz", ["Date,A", "2020-01-30,1", "2020-01-31,2"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (no_file, "missing.csv.gz: No such file"),
        (no_gzip, "not a readable csv file"),
        (cut_off, "not a readable csv file"),
        (bad_columns, "the first column must be named 'Date'"),
        (too_short, f"more than {WARM_UP_DAYS} days of returns are needed, got 1"),
    ],
)
def test_the_command_refuses_a_bad_file_with_status_2(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], Path],
    message: str,
) -> None:
    path = make(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main([str(path), "--output", str(tmp_path / "report.html")])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert path.name in error
    assert not (tmp_path / "report.html").exists()


def test_the_command_says_where_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stopped:
        main([str(PRICES), "--output", str(tmp_path / "file" / "report.html")])
    assert stopped.value.code == 2
    assert f"error: {tmp_path / 'file'}: " in capsys.readouterr().err
