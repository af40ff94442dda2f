"""Pictures of risk, intervals, backtests and stress show the numbers that they are given."""

from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pictures_of_tests import (
    FORECASTS,
    INFERENCES,
    MODEL,
    NAMED,
    RETURNS,
    RISK,
    ROWS,
    STRESSED,
    WIDE,
    line_of,
    said,
)

from varimix import NormalInverseGamma, plotting
from varimix.inference import inference
from varimix.plotting.envelopes import binomial_interval
from varimix.risk import portfolio, scenarios

DRAWS: dict[str, Callable[..., Axes]] = {
    "contributions": partial(plotting.contributions, RISK),
    "intervals": partial(plotting.intervals, INFERENCES),
    "backtest": partial(plotting.backtest, RETURNS, *FORECASTS),
    "cumulative_breaches": partial(plotting.cumulative_breaches, RETURNS, FORECASTS[0], alpha=0.05),
    "stress": partial(plotting.stress, STRESSED),
}
HEAVY = NormalInverseGamma.from_classical([0.0, 0.0], [0.0, 0.0], np.eye(2), 0.4, 1.0)


@pytest.fixture(autouse=True)
def _figures_closed() -> object:
    yield
    plt.close("all")


def names_of(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("name", DRAWS)
def test_axes_that_are_given_are_drawn_on_and_others_refused(name: str) -> None:
    ax = Figure().subplots()
    assert DRAWS[name](ax=ax) is ax
    assert ax.has_data()
    with pytest.raises(TypeError, match="ax must be matplotlib's Axes, or None, got Figure"):
        DRAWS[name](ax=Figure())
    assert plt.get_fignums() == []


# ---- Contributions ----


@pytest.mark.parametrize("of", ["expected_shortfall", "value_at_risk"])
def test_bars_are_contributions_the_largest_at_the_top(of: str) -> None:
    ax = plotting.contributions(RISK, of=of)
    (bars,) = [c for c in ax.containers if isinstance(c, BarContainer)]
    parts = getattr(RISK, f"{of}_contributions")
    assert names_of(ax) == ["a", "b", "d"]
    np.testing.assert_array_equal([bar.get_width() for bar in bars], parts[[0, 1, 3]])
    diamonds, _ = line_of(ax, "by weight alone")
    np.testing.assert_allclose(diamonds, getattr(RISK, of) * RISK.w[[0, 1, 3]] / 1.1)
    assert "left out: 1 column of weight 0" in said(ax)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_centered_contributions_do_not_depend_on_where_columns_lie() -> None:
    def widths(model: Any) -> list[float]:
        ax = plotting.contributions(portfolio(model, RISK.w, 0.05), centered=True)
        (bars,) = [c for c in ax.containers if isinstance(c, BarContainer)]
        return [bar.get_width() for bar in bars]

    moved = NAMED.replace(mu=np.add(NAMED.mu, [100.0, -50.0, 3.0, 7.0]))
    np.testing.assert_allclose(widths(moved), widths(NAMED), rtol=1e-9)
    expected = RISK.expected_shortfall + RISK.w @ NAMED.mean()
    assert sum(widths(NAMED)) == pytest.approx(expected)


def test_columns_without_room_are_counted_with_their_share() -> None:
    ax = plotting.contributions(RISK, most=1)
    share = RISK.expected_shortfall_contributions[[1, 3]].sum() / RISK.expected_shortfall
    assert names_of(ax) == ["a"]
    assert f"not drawn: 2 columns, {100 * share:.0f}% of the whole" in said(ax)
    assert names_of(plotting.contributions(portfolio(WIDE, [1, 1, 1, 1]))) == [
        "column 3", "column 1", "column 2", "column 0",
    ]  # fmt: skip


# ---- Intervals ----


def test_lines_are_intervals_from_end_to_end() -> None:
    ax = plotting.intervals(INFERENCES, names=["VaR", "sd_AAPL"], alpha=0.1)
    assert names_of(ax) == ["VaR", "sd_AAPL"]
    for name, found in INFERENCES.items():
        x, y = line_of(ax, name)
        np.testing.assert_array_equal(x, [found.params["VaR"], found.params["sd_AAPL"]])
        ends = [line for line in ax.lines if line.get_label() == "_end"]
        for k, number in enumerate(("VaR", "sd_AAPL")):
            here = [tuple(line.get_xdata()) for line in ends if line.get_ydata()[0] == y[k]]
            assert here == [found.conf_int(0.1)[number]]
    assert "90% intervals" in said(ax)


def test_relative_intervals_are_those_over_the_first_estimate() -> None:
    robust, hac = INFERENCES.values()
    ax = plotting.intervals(INFERENCES, names=["VaR"], relative=True)
    ends = [line.get_xdata() for line in ax.lines if line.get_label() == "_end"]
    expected = [np.array(one.conf_int()["VaR"]) / robust.params["VaR"] for one in (robust, hac)]
    np.testing.assert_allclose(ends, expected)


def test_an_inference_without_errors_has_points_and_says_why() -> None:
    spiked = np.where(np.arange(250)[:, None] < 200, 0.0, ROWS)
    still = inference(MODEL, np.c_[spiked[:, 0], np.zeros(250)])
    assert still.bse == {}
    ax = plotting.intervals({"still": still})
    assert [line for line in ax.lines if line.get_label() == "_end"] == []
    assert f"still: no intervals ({', '.join(word for word, _, _ in still.notes)})" in said(ax)


def test_more_numbers_than_find_room_are_counted() -> None:
    wide = WIDE.rvs(400, seed=1)
    many = {f"n{k}": (lambda law, k=k: float(law.mean()[0] + k)) for k in range(45)}
    found = inference(WIDE, wide, functionals=many, defaults=False)
    ax = plotting.intervals(found)
    assert names_of(ax) == [f"n{k}" for k in range(40)]
    assert "5 numbers not drawn" in said(ax)


# ---- Backtests ----


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


# ---- Stress ----


def test_bars_before_and_given_are_quantiles_of_law_and_rows() -> None:
    w = np.array([0.25, 0.25, 0.25, 0.25])
    ax = plotting.stress(STRESSED, w=w, level=0.8)
    assert names_of(ax) == ["portfolio w'x", "a", "b", "c", "d"]
    bars = [np.asarray(line.get_xdata()) for line in ax.lines if line.get_label() == "_range"]
    q = np.array([0.1, 0.9])
    before = [NAMED.project(v).ppf(q) for v in (w, *np.eye(4))]
    given = [[-STRESSED.value_at_risk(w, level) for level in q], *STRESSED.quantile(q).T]
    np.testing.assert_allclose(bars, np.array([*before, *given]))
    np.testing.assert_allclose(
        line_of(ax, "before")[0], [NAMED.mean() @ w, *NAMED.mean()], atol=1e-15
    )
    np.testing.assert_allclose(
        line_of(ax, "given the condition")[0], [STRESSED.mean() @ w, *STRESSED.mean()]
    )


def test_a_conditional_law_stands_beside_its_columns_by_name() -> None:
    law = NAMED.conditional_law({"b": -2.0})
    ax = plotting.stress(law, NAMED)
    assert names_of(ax) == ["a", "c", "d"]
    np.testing.assert_allclose(line_of(ax, "before")[0], NAMED.mean()[[0, 2, 3]])
    np.testing.assert_allclose(line_of(ax, "given the condition")[0], law.mean())


def test_a_law_of_other_order_has_the_same_portfolio() -> None:
    order = [2, 0, 3, 1]
    turned = NormalInverseGamma.from_classical(
        NAMED.mu[order],
        NAMED.gamma[order],
        NAMED.sigma()[np.ix_(order, order)],
        NAMED.alpha,
        NAMED.beta,
    ).with_columns([NAMED.columns[j] for j in order])
    ax = plotting.stress(turned, NAMED, w={"a": 1.0, "d": -0.5})
    np.testing.assert_allclose(
        line_of(ax, "before")[0][0], line_of(ax, "given the condition")[0][0]
    )
    bars = [np.asarray(line.get_xdata()) for line in ax.lines if line.get_label() == "_range"]
    np.testing.assert_allclose(bars[:5], bars[5:])


def test_means_that_do_not_exist_are_left_out() -> None:
    ax = plotting.stress(scenarios(HEAVY, {0: (-np.inf, -1.0)}, n=500, seed=1))
    assert "left out: 2 means that do not exist" in said(ax)


# ---- Refusals ----

Refused = tuple[Callable[[], object], type[Exception], str]
REFUSED: dict[str, Refused] = {
    "no risk": (lambda: plotting.contributions(MODEL), TypeError, "risk must be a PortfolioRisk"),
    "of what": (lambda: plotting.contributions(RISK, of="ES"), ValueError, "of must be one of"),
    "infinite": (
        lambda: plotting.contributions(portfolio(HEAVY, [1, 1])),
        ValueError,
        "risk must have contributions, got none: infinite_expected_shortfall",
    ),
    "no mean": (
        lambda: plotting.contributions(portfolio(HEAVY, [1, 1]), of="value_at_risk", centered=True),
        ValueError,
        "risk must be of columns that have means",
    ),
    "most": (lambda: plotting.contributions(RISK, most=0), ValueError, "most must be >= 1, got 0"),
    "no inference": (lambda: plotting.intervals(MODEL), TypeError, "must be an Inference, or a"),
    "no inferences": (lambda: plotting.intervals({}), ValueError, "at least one Inference"),
    "one no inference": (
        lambda: plotting.intervals({"a": 3}),
        TypeError,
        r"inferences\['a'\] must be an Inference, got int",
    ),
    "names a text": (
        lambda: plotting.intervals(INFERENCES, names="VaR"),
        TypeError,
        "names must be a sequence of texts",
    ),
    "name unknown": (
        lambda: plotting.intervals(INFERENCES, names=["ES"]),
        ValueError,
        "names must be of the numbers mean_AAPL.*got 'ES'",
    ),
    "name twice": (
        lambda: plotting.intervals(INFERENCES, names=["VaR", "VaR"]),
        ValueError,
        "at least one, each once",
    ),
    "alpha": (lambda: plotting.intervals(INFERENCES, alpha=1), ValueError, "alpha must be > 0"),
    "relative to 0": (
        lambda: plotting.intervals(
            inference(MODEL, ROWS, functionals={"zero": lambda law: 0.0 * law.mean()[0]}),
            relative=True,
        ),
        ValueError,
        "relative must be False where an estimate is 0, as that of 'zero'",
    ),
    "lengths": (
        lambda: plotting.backtest([0.1, 0.2], [1.0]),
        ValueError,
        "value_at_risk must be 2 numbers, as there are returns, got 1",
    ),
    "infinite return": (
        lambda: plotting.backtest([0.1, np.inf], 1.0),
        ValueError,
        "returns must be finite or NaN, got inf on day 1",
    ),
    "no days": (lambda: plotting.backtest([], 1.0), ValueError, "returns must be a number a day"),
    "only NaN": (lambda: plotting.backtest([np.nan], 1.0), ValueError, "got none in 1"),
    "texts": (lambda: plotting.backtest(["a"], 1.0), ValueError, "returns must be"),
    "level of breaches": (
        lambda: plotting.cumulative_breaches([0.1], 1.0, alpha=0.05, level=0),
        ValueError,
        "level must be > 0 and < 1, got 0",
    ),
    "breaches at 2": (
        lambda: plotting.cumulative_breaches([0.1], 1.0, alpha=2),
        ValueError,
        "alpha must be > 0 and < 1, got 2",
    ),
    "no scenarios": (lambda: plotting.stress(3), TypeError, "given must be Scenarios or a model"),
    "no before": (lambda: plotting.stress(NAMED), ValueError, "before must be the law without"),
    "before a text": (lambda: plotting.stress(NAMED, "x"), TypeError, "before must be a model"),
    "other names": (
        lambda: plotting.stress(NAMED, WIDE.with_columns(list("abcx"))),
        ValueError,
        "before must have the columns of given, got none named 'd'",
    ),
    "fewer columns": (
        lambda: plotting.stress(MODEL, WIDE),
        ValueError,
        "before must have the 2 columns of given",
    ),
    "w of a part": (
        lambda: plotting.stress(NAMED.conditional_law({"a": 1.0}), NAMED, w=[1, 1, 1]),
        ValueError,
        "w must be None for a law of 3 of 4 columns",
    ),
    "w zero": (lambda: plotting.stress(STRESSED, w=[0] * 4), ValueError, "w must be 4 finite"),
    "stress level": (
        lambda: plotting.stress(STRESSED, level=1.0),
        ValueError,
        "level must be > 0 and < 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_its_name_and_leaves_no_figure(name: str) -> None:
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        call()
    assert plt.get_fignums() == []
