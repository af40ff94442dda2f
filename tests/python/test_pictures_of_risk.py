"""Pictures of contributions, intervals and stress show the numbers that they are given."""

from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from pictures_of_tests import (
    FORECASTS,
    HEAVY,
    INFERENCES,
    MODEL,
    NAMED,
    RETURNS,
    RISK,
    ROWS,
    STRESSED,
    WIDE,
    figures_closed,
    line_of,
    said,
)

from varimix import NormalInverseGamma, plotting
from varimix.inference import inference
from varimix.risk import portfolio, scenarios

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

DRAWS: dict[str, Callable[..., Axes]] = {
    "contributions": partial(plotting.contributions, RISK),
    "intervals": partial(plotting.intervals, INFERENCES),
    "backtest": partial(plotting.backtest, RETURNS, *FORECASTS),
    "cumulative_breaches": partial(plotting.cumulative_breaches, RETURNS, FORECASTS[0], alpha=0.05),
    "stress": partial(plotting.stress, STRESSED),
}


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
