"""The vocabulary of a report: what rows are, and how their numbers are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

import numpy as np

from varimix.reporting.inputs import Data
from varimix.reporting.numbers import count_of, percent, signed

UNKNOWN = "–"
INFINITE = "infinite"
SECONDS_PER_DAY = 86400.0
PERIODS = (
    (0.9, 4.0, "day", "Tomorrow", "tomorrow"),
    (6.0, 8.0, "week", "Next week", "next week"),
    (27.0, 32.0, "month", "Next month", "next month"),
    (88.0, 93.0, "quarter", "Next quarter", "next quarter"),
    (360.0, 371.0, "year", "Next year", "next year"),
)
"""Least and greatest median of days between rows, and what such a row is called."""
COLUMN_NUMBERS = re.compile(r"\bcolumns? (\d+(?:, \d+)*)")
SMALL_PERCENT = 0.1
"""Percentages below this have one more decimal than others."""


@dataclass(frozen=True)
class Words:
    """What things are called.

    Attributes
    ----------
    is_returns : whether rows are returns, written in percent, or any numbers
    row : a row, "day"; its plural ends in s
    ahead, ahead_inside : the row to come, at the start of a sentence and inside
    line : what w'X is called
    """

    is_returns: bool
    row: str
    ahead: str
    ahead_inside: str
    line: str

    def rows(self, count: int) -> str:
        """Write a number of rows."""
        return count_of(count, self.row)

    def number(self, value: float) -> str:
        """Write a value of w'X or of a column."""
        if isnan(value):
            return UNKNOWN
        if not isfinite(value):
            return INFINITE
        if not self.is_returns:
            return plain(value)
        return percent(value, 3 if abs(100.0 * value) < SMALL_PERCENT else 2)

    def label(self, data: Data, row: int) -> str:
        """Write which row this is: its date, its label, or its number."""
        if data.labels is None:
            return f"{self.row if not self.is_returns else 'row'} {row:,}"
        return label_of(data.labels[row])


def words_of(data: Data, *, is_returns: bool) -> Words:
    """Return the vocabulary for these rows."""
    if not is_returns:
        return Words(False, "row", "The next row", "the next row", "projection")
    row, ahead, inside = "row", "The next row", "the next row"
    if not data.has_dates:
        row, ahead, inside = "day", "Tomorrow", "tomorrow"
    elif len(data.values) > 1:
        seconds = np.sort(np.asarray(data.labels, dtype="datetime64[s]").astype(np.int64))
        gap = float(np.median(seconds[1:] - seconds[:-1])) / SECONDS_PER_DAY
        for low, high, *names in PERIODS:
            if low <= gap <= high:
                row, ahead, inside = names
    return Words(True, row, ahead, inside, "portfolio")


def named_columns(text: str, data: Data) -> str:
    """Give the columns that a sentence of the core names by number their names as well."""

    def named(match: re.Match[str]) -> str:
        numbers = [int(number) for number in match[1].split(", ")]
        names = [data.columns[j] for j in numbers if j < len(data.columns)]
        return f"{match[0]}: {', '.join(names)}" if names else match[0]

    return COLUMN_NUMBERS.sub(named, text)


def raised(text: str) -> str:
    """Return a text that begins a sentence."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return a text that begins inside a sentence."""
    return text[:1].lower() + text[1:]


def plain(value: float) -> str:
    """Write a number of any size to four digits, with a true minus sign."""
    return f"{value:.4g}".replace("-", "\u2212")


def label_of(label: Any) -> str:
    """Write a date without a time of zero, or any other label."""
    if isinstance(label, np.datetime64):
        return str(label.astype("datetime64[s]")).replace("T", " ").removesuffix(" 00:00:00")
    return str(label)


def probability(p: float) -> str:
    """Write a p-value."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def once(rows: float, words: Words) -> str:
    """Write how rarely something comes: "once in 260 days"."""
    if not isfinite(rows):
        return "never"
    if rows > 1e7:
        return f"once in {rows:.1g} {words.row}s".replace("e+", "e")
    return f"once in {signed(rows, 0 if rows >= 10 else 1)} {words.row}s"
