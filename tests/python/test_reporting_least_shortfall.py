"""The least expected shortfall of a report is chosen before the rows that judge it."""

from typing import Any

import numpy as np
import pytest
from findings_of_risk import EQUAL, NI, cells, found, market_findings, told
from reports import LAW, returns

from varimix import MeanVarianceMixture, NormalInverseGaussian
from varimix.reporting.backtest import BATCH, WARM_UP, prequential
from varimix.reporting.findings import Findings
from varimix.reporting.least_shortfall import BATCHES_OF_A_CHOICE, Walk, why_no_choice
from varimix.reporting.portfolio import line_of
from varimix.reporting.risk import of_rows
from varimix.risk import minimum_expected_shortfall, portfolio

market = pytest.fixture(scope="module")(market_findings)


def walked(rows: Any, weights: Any) -> tuple[Walk, list[tuple[int, int, MeanVarianceMixture]]]:
    """Return a walk through a backtest of the rows, and what it was called with."""
    walk, calls = Walk(rows, weights, 0.05), []

    def visit(first: int, last: int, model: Any) -> None:
        walk(first, last, model)
        calls.append((first, last, model))

    line = line_of(rows, weights)
    prequential(NormalInverseGaussian, rows, line, (0.05,), None, alpha=0.05, visit=visit)
    return walk, calls


def test_weights_are_chosen_by_the_model_of_the_rows_before() -> None:
    rows = LAW.rvs(2 * WARM_UP, seed=4)
    given = np.array([1.2, 0.8, 0.0])
    walk, calls = walked(rows, given)
    assert walk.choices == 2
    values, told_of = [], []
    for k, (first, last, model) in enumerate(calls):
        if k % BATCHES_OF_A_CHOICE == 0:
            chosen = minimum_expected_shortfall(model, 0.05, budget=2.0)
            assert chosen.weights is not None
            assert (chosen.weights >= 0.0).all()
            assert chosen.weights.sum() == pytest.approx(2.0)
        risk = portfolio(model, chosen.weights, 0.05)
        values.append(rows[first:last] @ chosen.weights)
        told_of += [(risk.value_at_risk, risk.expected_shortfall)] * (last - first)
    least = walk.judged("least")
    np.testing.assert_allclose(least.values, np.concatenate(values), rtol=1e-12)
    mean_risk = np.mean(told_of, axis=0)
    assert (least.value_at_risk, least.expected_shortfall) == pytest.approx(tuple(mean_risk))
    assert least.breaches == (least.values < -np.array(told_of)[:, 0]).sum()
    np.testing.assert_allclose(walk.judged("given").values, rows[WARM_UP:] @ given, rtol=1e-12)


def test_later_rows_change_no_earlier_choice() -> None:
    rows = LAW.rvs(WARM_UP + 12 * BATCH, seed=5)
    change = WARM_UP + BATCHES_OF_A_CHOICE * BATCH
    changed = rows.copy()
    changed[change:] = 3.0 * rows[change:, ::-1]
    before, after = (walked(x, EQUAL)[0].judged("least").values for x in (rows, changed))
    np.testing.assert_array_equal(before[: change - WARM_UP], after[: change - WARM_UP])


def test_rows_with_holes_judge_neither() -> None:
    rows = LAW.rvs(2 * WARM_UP, seed=6)
    rows[WARM_UP::2, 1] = np.nan
    walk, _ = walked(rows, EQUAL)
    assert walk.days == WARM_UP // 2
    np.testing.assert_allclose(walk.judged("given").values, rows[WARM_UP + 1 :: 2] @ EQUAL)


def test_the_table_has_what_was_predicted_and_what_came(market: Findings) -> None:
    least = market.least
    assert least is not None
    assert least.given is not None
    assert least.least is not None
    table = {row[0]: row[1:] for row in cells("least", market)}
    for k, one in enumerate((least.given, least.least)):
        realised = of_rows(one.values, 0.01)
        pair = slice(2 * k, 2 * k + 2)
        assert table["VaR 1%"][pair] == [
            f"{100 * one.value_at_risk:.2f}%", f"{-100 * realised.quantile:.2f}%",
        ]  # fmt: skip
        assert table["ES 1%"][pair] == [
            f"{100 * one.expected_shortfall:.2f}%", f"{-100 * realised.mean_beyond:.2f}%",
        ]  # fmt: skip
        assert table["Breaches of VaR 1%"][pair] == ["3.5", str(one.breaches)]
    assert least.chosen is not None
    assert least.chosen.weights is not None
    for name, weight in zip(market.data.columns, least.chosen.weights, strict=True):
        assert table[name] == ["33.3%", f"{100 * weight:.1f}%"]


def test_where_no_portfolio_is_chosen_the_reason_stands() -> None:
    rows = returns().to_numpy()
    assert told("least", found(LAW, rows, is_returns=False)) == ""
    neutral = found(LAW, rows, weights=np.array([1.0, -1.0, 0.0]))
    assert "no long-only portfolio has weights of the sum 0" in told("least", neutral)
    assert "101 columns" in why_no_choice(np.ones(101))
    assert why_no_choice(np.ones(100)) == ""
    one = LAW.project([1.0, 0.0, 0.0])
    assert "one column" in told("least", found(one, one.rvs(50, seed=0)))
    few = told("least", found(LAW, rows[:100]))
    assert "It is not judged here: no backtest predicted rows before they came" in few
    heavy = NI(np.zeros(2), [-0.1, -0.2], np.eye(2), 0.8, 1.0)
    assert "No such portfolio" in told("least", found(heavy, heavy.rvs(100, seed=0)))
