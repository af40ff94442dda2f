"""Intervals and contributions of a report are right."""

from typing import Any

import numpy as np
import pytest
from findings_of_risk import EQUAL, NI, cells, found, market_findings, told
from reports import LAW, returns, with_holes

from varimix import BatchEMFitter, NormalInverseGaussian
from varimix.inference import expected_shortfall, inference, value_at_risk
from varimix.reporting.findings import Findings
from varimix.reporting.inputs import data_of, subject_of
from varimix.reporting.intervals import MOST_WORK, intervals_of, work_of
from varimix.reporting.words import words_of
from varimix.risk import portfolio

market = pytest.fixture(scope="module")(market_findings)

# ---- Intervals ----


def test_intervals_are_those_of_inference(market: Findings) -> None:
    direct = inference(
        NormalInverseGaussian.fit(returns()), returns(), "hac", defaults=False,
        functionals={
            "VaR 1%": value_at_risk(EQUAL, 0.01), "ES 1%": expected_shortfall(EQUAL, 0.01),
        },
    )  # fmt: skip
    table = {row[0]: row[1:] for row in cells("intervals", market)}
    for name, value in direct.params.items():
        low, high = direct.conf_int()[name]
        shown = [f"{100 * x:.2f}%" for x in (value, direct.bse[name], low, high)]
        assert table[name] == shown
    assert list(table) == [
        "VaR 1%", "ES 1%", "VaR 5%", "ES 5%", "Mean", "Standard deviation", "Tail weight",
    ]  # fmt: skip
    law: Any = market.law
    assert table["Standard deviation"][0] == f"{100 * law.cov()[0, 0] ** 0.5:.2f}%"
    assert table["Tail weight"][0] == f"{market.model.tail_weight():.4g}"
    assert table["Mean"][0] == f"{100 * law.mean()[0]:.3f}%"


def test_rows_in_order_of_time_have_intervals_that_allow_for_it() -> None:
    fit, frame = NormalInverseGaussian.fit(returns()), returns()
    turned = frame[::-1]
    numbers = frame.to_numpy()
    for is_returns, X, kind in (
        (True, frame, "hac"), (True, turned, "robust"), (True, numbers, "hac"),
        (False, frame, "hac"), (False, numbers, "robust"),
    ):  # fmt: skip
        findings = found(fit, X, is_returns=is_returns)
        assert findings.intervals.cov_type == kind
        assert findings.intervals.found is not None
        assert findings.intervals.found.cov_type == kind
        assert f"({kind})" in told("intervals", findings)


def test_what_a_fit_held_is_known_to_its_intervals() -> None:
    rows = returns().to_numpy()
    start = NormalInverseGaussian.default_init(rows)
    symmetric = BatchEMFitter(symmetric=True).fit(start, rows)
    free = found(symmetric, rows).intervals.found
    assert free is not None
    assert free.free_parameters == symmetric.n_parameters


def test_where_there_are_no_intervals_the_reason_stands() -> None:
    assert "there are too few rows, 5 days" in told("intervals", found(LAW, returns()[:5]))
    still = returns().assign(still=0.0).to_numpy()
    with pytest.warns(Warning, match="do not vary"):
        fit = NormalInverseGaussian.fit(still)
    text = told("intervals", found(fit, still, backtest="in_sample"))
    assert "These numbers have no intervals" in text
    assert "not positive definite" in text or "depend" in text
    assert "is not at its maximum at this model" in told("intervals", found(LAW, returns()))


def test_missing_values_count_by_what_is_shown() -> None:
    holes = with_holes()
    findings = found(LAW, holes)
    direct = inference(
        LAW, holes.to_numpy(), "hac", defaults=False, missing="exact",
        functionals={"VaR 1%": value_at_risk(EQUAL, 0.01)},
    )  # fmt: skip
    assert findings.intervals.found is not None
    assert findings.intervals.found.bse["VaR 1%"] == pytest.approx(direct.bse["VaR 1%"], rel=1e-9)


def test_intervals_that_would_take_long_are_left_out() -> None:
    n = 3 * int(MOST_WORK / work_of(1, 3, 7))
    data = data_of(np.broadcast_to(LAW.rvs(1, seed=0), (n, 3)), 3)
    words = words_of(data, is_returns=True)
    none = intervals_of(subject_of(LAW), data, words, EQUAL, (0.01, 0.05))
    assert none.found is None
    assert "would take long" in none.why_not


# ---- Contributions ----


def test_contributions_are_those_of_the_portfolio(market: Findings) -> None:
    risk = portfolio(market.model, EQUAL, 0.01)
    parts = risk.expected_shortfall_contributions
    assert parts is not None
    table = {row[0]: row[1:] for row in cells("contributions", market)}
    for name, part in zip(market.data.columns, parts, strict=True):
        assert table[name] == [
            "33.3%", f"{100 * part:.2f}%", f"{100 * part / risk.expected_shortfall:.1f}%",
        ]  # fmt: skip
    ordered = [market.data.columns[j] for j in np.argsort(-parts)]
    assert list(table) == ordered
    assert f"{ordered[0]} adds most" in told("contributions", market)


def test_contributions_of_rows_do_not_depend_on_their_origin() -> None:
    moved = LAW.replace(mu=np.add(LAW.mu, [100.0, -7.0, 0.0]))
    tables = [
        cells("contributions", found(law, law.rvs(60, seed=1), is_returns=False))
        for law in (LAW, moved)
    ]
    assert tables[0] == tables[1]


def test_a_shortfall_that_does_not_exist_has_no_contributions() -> None:
    heavy = NI(np.zeros(2), np.zeros(2), np.eye(2), 0.4, 1.0)
    text = told("contributions", found(heavy, heavy.rvs(100, seed=0)))
    assert "the mean beyond the quantile does not exist" in text
    one = LAW.project([1.0, 0.0, 0.0])
    assert "there is one column" in told("contributions", found(one, one.rvs(50, seed=0)))
