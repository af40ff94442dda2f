"""Pictures of backtests show the returns, forecasts and breaches that they are given."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pictures_of_tests import (
    FORECASTS,
    RETURNS,
    figures_closed,
    line_of,
    said,
)

from varimix import plotting
from varimix.plotting.envelopes import binomial_interval

_figures_closed = pytest.fixture(autouse=True)(figures_closed)


def test_breaches_are_the_returns_below_the_forecast() -> None:
    ax = plotting.backtest(RETURNS, *FORECASTS)
    hits = RETURNS.to_numpy() < -FORECASTS[0]
    x, y = line_of(ax, f"{hits.sum()} breaches")
    np.testing.assert_array_equal(y, RETURNS.to_numpy()[hits])
    np.testing.assert_array_equal(np.asarray(x, "M8[D]"), RETURNS.index.to_numpy("M8[D]")[hits])
    np.testing.assert_array_equal(line_of(ax, "−value at risk")[1], -FORECASTS[0])
    np.testing.assert_array_equal(line_of(ax, "−expected shortfall")[1], -FORECASTS[1])
    assert said(ax) == "date"


def test_the_count_of_breaches_ends_at_all_of_them_within_its_band() -> None:
    ax = plotting.cumulative_breaches(RETURNS, FORECASTS[0], alpha=0.05, level=0.9)
    _, counts = line_of(ax, "breaches")
    np.testing.assert_array_equal(counts, np.cumsum(RETURNS.to_numpy() < -FORECASTS[0]))
    _, expected = line_of(ax, "expected")
    assert expected[-1] == pytest.approx(0.05 * 250)
    (band,) = ax.collections
    low, high = binomial_interval(250, 0.05, 0.9)
    vertices = band.get_paths()[0].vertices
    at_end = vertices[vertices[:, 0] == vertices[:, 0].max(), 1]
    assert (at_end.min(), at_end.max()) == (low, high)


FORMS: dict[str, Callable[[NDArray[np.float64]], Any]] = {
    "list": lambda x: x.tolist(),
    "series": pd.Series,
    "polars": pl.Series,
    "arrow": pa.array,
    "column": lambda x: x[:, np.newaxis],
    "objects": lambda x: x.astype(object),
}


@pytest.mark.parametrize("form", FORMS)
def test_returns_of_every_form_give_the_same_picture(form: str) -> None:
    values = RETURNS.to_numpy()
    expected = plotting.backtest(values, 1.0, 2.0)
    ax = plotting.backtest(FORMS[form](values), FORMS[form](np.ones(250)), 2.0)
    for one, other in zip(ax.lines, expected.lines, strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
    assert said(ax) == "day"


def test_days_without_a_number_are_left_out_and_counted() -> None:
    holes = RETURNS.mask(np.arange(250) % 10 == 0)
    forecast = np.where(np.arange(250) == 5, np.nan, FORECASTS[0])
    ax = plotting.backtest(holes, forecast, np.full(250, np.inf))
    assert "left out: 26 of 250 rows, without a value" in said(ax)
    assert np.isnan(line_of(ax, "−expected shortfall")[1]).all()
    ax = plotting.cumulative_breaches(holes, forecast, alpha=0.05)
    assert len(line_of(ax, "breaches")[1]) == 224


def test_of_many_days_all_breaches_are_drawn() -> None:
    values = np.random.default_rng(0).standard_normal(50_000)
    ax = plotting.backtest(values, 2.0)
    count = int((values < -2.0).sum())
    assert len(line_of(ax, f"{count} breaches")[1]) == count
    assert len(line_of(ax, "−value at risk")[1]) <= 3000
    counts = line_of(plotting.cumulative_breaches(values, 2.0, alpha=0.02), "breaches")[1]
    assert counts[-1] == count
