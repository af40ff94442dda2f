"""Reads and checks the price file, and gives daily log-returns."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

DATE_COLUMN = "Date"
FIRST_DATA_LINE = 2  # line 1 is the header
GZIP_SUFFIX = ".gz"


class PriceFileError(ValueError):
    """The file is not a table of daily prices; the message names the line and the column."""


@dataclass(frozen=True)
class Returns:
    """Daily log-returns of some stocks.

    Attributes
    ----------
    dates : (n) days, increasing; the day on which the return ends
    stocks : (d) names
    values : (n, d) log-returns, log(price today / price the day before); unitless
    """

    dates: DateArray
    stocks: list[str]
    values: FloatArray


def read_returns(path: Path) -> Returns:
    """Read a csv file: a column ``Date``, then one of prices for each stock.

    It is gzipped if its name ends in .gz.

    Raises
    ------
    PriceFileError
        For a header that is not ``Date`` and at least one stock, a stock named twice, a line
        with another number of fields, a date that is not ISO or not after the one before, a price
        that is not a positive finite number, or fewer than two days.
    OSError
        If the file cannot be read.
    """
    try:
        with _open_text(path) as file:
            return _returns_of(csv.reader(file))
    except (EOFError, UnicodeDecodeError, csv.Error, gzip.BadGzipFile) as error:
        raise PriceFileError(f"not a readable csv file: {error}") from error


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    if path.suffix == GZIP_SUFFIX:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file


def _returns_of(lines: Iterator[list[str]]) -> Returns:
    stocks = _stocks(next(lines, []))
    dates: list[np.datetime64] = []
    prices: list[list[float]] = []
    for number, fields in enumerate(lines, start=FIRST_DATA_LINE):
        if len(fields) != len(stocks) + 1:
            raise PriceFileError(
                f"line {number}: {len(stocks) + 1} fields expected, got {len(fields)}"
            )
        dates.append(_date(fields[0], number))
        if len(dates) > 1 and dates[-1] <= dates[-2]:
            raise PriceFileError(
                f"line {number}: dates must increase, got {dates[-1]} after {dates[-2]}"
            )
        prices.append([_price(f, number, name) for f, name in zip(fields[1:], stocks, strict=True)])
    if len(dates) <= 1:
        raise PriceFileError(f"at least two days of prices are needed, got {len(dates)}")
    return Returns(np.array(dates[1:]), stocks, np.diff(np.log(np.array(prices)), axis=0))


def _stocks(header: list[str]) -> list[str]:
    first, *stocks = header or [""]
    if first != DATE_COLUMN:
        raise PriceFileError(
            f"line 1: the first column must be named {DATE_COLUMN!r}, got {first!r}"
        )
    if not stocks:
        raise PriceFileError(f"line 1: no column of prices beside {DATE_COLUMN!r}")
    for name in stocks:
        if not name or stocks.count(name) > 1:
            raise PriceFileError(f"line 1: stocks need names, each its own, got {name!r}")
    return stocks


def _date(field: str, line: int) -> np.datetime64:
    try:
        return np.datetime64(date.fromisoformat(field), "D")
    except ValueError:
        raise PriceFileError(
            f"line {line}: a date like 1990-01-31 expected, got {field!r}"
        ) from None


def _price(field: str, line: int, stock: str) -> float:
    try:
        price = float(field)
    except ValueError:
        price = np.nan
    if not 0.0 < price < np.inf:
        raise PriceFileError(f"line {line}, column {stock}: a price > 0 expected, got {field!r}")
    return price
