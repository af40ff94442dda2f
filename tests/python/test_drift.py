"""Tests of the drift signal on returns that come one day at a time."""

import csv
import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from varimix import EWMAUpdate, NormalInverseGaussian, OnlineEM

PRICES = Path(__file__).parents[2] / "data" / "sp500_20_daily_prices.csv.gz"
STOCKS = 5
FIRST_ROWS = 252  # the fit starts from a year


def returns() -> tuple[list[str], NDArray[np.float64]]:
    with gzip.open(PRICES, "rt") as file:
        table = list(csv.reader(file))[1:]
    prices = np.array([[float(price) for price in row[1 : STOCKS + 1]] for row in table])
    return [row[0] for row in table[1:]], np.diff(np.log(prices), axis=0)


def signals_from(start: str, until: str) -> list[str]:
    """Return the days of the signals of a state that saw one day at a time."""
    days, rows = returns()
    state = OnlineEM(
        NormalInverseGaussian.default_init(rows[:FIRST_ROWS]), EWMAUpdate(half_life=500)
    )
    begin = next(i for i, day in enumerate(days) if day >= start)
    seen = []
    for day, row in zip(days[begin:], rows[begin:], strict=True):
        if day > until:
            break
        report = state.update(row[None, :])
        assert report.change == (abs(report.drift) >= 1)
        if report.change:
            seen.append(day)
    return seen


def test_the_crash_of_march_2020_is_seen_within_its_first_days() -> None:
    seen = signals_from("2016-01-01", "2020-03-31")
    assert any("2020-02-24" <= day <= "2020-03-16" for day in seen), seen


def test_the_crisis_of_2008_is_seen_in_its_first_months() -> None:
    seen = signals_from("2004-01-01", "2008-12-31")
    assert any("2008-07-01" <= day <= "2008-10-10" for day in seen), seen


def test_what_rows_are_compared_with_is_shown() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_t(5, (700, 2))
    state = OnlineEM(NormalInverseGaussian.default_init(rows))
    for k in range(7):
        state.update(rows[100 * k : 100 * (k + 1)])
    assert state.drift.rows == 700
    assert state.drift.changes == state.changes == 0
    assert 0 < state.drift.standard_deviation < 5
    assert abs(state.drift.mean - state.log_score.mean) < 0.1
    assert abs(state.drift.level) < 1
    assert "DriftDetector(level=" in repr(state.drift)
