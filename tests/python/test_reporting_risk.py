"""Intervals, contributions, tomorrow and the least expected shortfall of a report are right."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reports import LAW, Page, returns, with_holes

from varimix import (
    BatchEMFitter,
    MeanVarianceMixture,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    report,
)
from varimix.inference import expected_shortfall, inference, value_at_risk
from varimix.reporting import (
    ahead_section,
    contributions_section,
    intervals_section,
    least_shortfall_section,
)
from varimix.reporting.backtest import BATCH, MODEL, WARM_UP, prequential
from varimix.reporting.findings import Findings, find
from varimix.reporting.inputs import data_of, subject_of
from varimix.reporting.intervals import MOST_WORK, intervals_of, work_of
from varimix.reporting.least_shortfall import BATCHES_OF_A_CHOICE, Walk, why_no_choice
from varimix.reporting.portfolio import line_of
from varimix.reporting.risk import of_rows
from varimix.reporting.shortfall_test import shortfall_test
from varimix.reporting.words import words_of
from varimix.risk import backtest, minimum_expected_shortfall, portfolio

SECTIONS: dict[str, Callable[[Findings], str]] = {
    "intervals": intervals_section.intervals,
    "ahead": ahead_section.ahead,
    "contributions": contributions_section.contributions,
    "least": least_shortfall_section.least_shortfall,
}
EQUAL = np.full(3, 1.0 / 3.0)
NI = NormalInverseGamma.from_classical


def found(
    of: Any,
    X: Any,
    *,
    weights: Any = None,
    is_returns: bool = True,
    backtest: str = "auto",
    dates: Any = None,
    alpha: float = 0.01,
) -> Findings:
    subject = subject_of(of)
    data = data_of(X, subject.model.d, None, dates)
    words = words_of(data, is_returns=is_returns)
    return find(subject, data, words, weights, alpha, backtest, None)


def told(section: str, findings: Findings) -> str:
    return " ".join(Page(SECTIONS[section](findings)).text.split())


def cells(section: str, findings: Findings) -> list[list[str]]:
    """Return the cells of all rows of all tables of a section."""
    rows = re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", SECTIONS[section](findings), re.S)
    return [[Page(cell).text for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


@pytest.fixture(scope="module")
def market() -> Findings:
    return found(NormalInverseGaussian.fit(returns()), returns())


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


# ---- Tomorrow ----


def test_tomorrow_is_predicted_by_a_state_that_learned_all_rows(market: Findings) -> None:
    rows = returns().to_numpy()
    state = OnlineEM(NormalInverseGaussian.default_init(rows[:WARM_UP]), missing="exact")
    for first in range(WARM_UP, len(rows), BATCH):
        state.update(rows[first : first + BATCH])
    law: Any = state.model.project(EQUAL)
    table = cells("ahead", market)
    for row, level in zip(table, (0.01, 0.05), strict=False):
        risk = law.value_at_risk(alpha=level), law.expected_shortfall(alpha=level)
        assert row[1:3] == [f"{100 * x:.2f}%" for x in risk]
        of_model = market.law
        risk = of_model.value_at_risk(alpha=level), of_model.expected_shortfall(alpha=level)
        assert row[3:5] == [f"{100 * x:.2f}%" for x in risk]
    assert "up to 2022-04-19" in told("ahead", market)


def test_its_tests_are_those_of_varimix_risk(market: Findings) -> None:
    tested = market.backtest
    assert tested is not None
    assert tested.of_row is not None
    assert tested.means_beyond is not None
    laws = [tested.laws[k] for k in tested.of_row]
    shortfalls = np.array([law.expected_shortfall(alpha=0.01) for law in laws])
    np.testing.assert_array_equal(-tested.means_beyond, shortfalls)
    np.testing.assert_array_equal(tested.quantiles[MODEL][:, 0], [law.ppf(0.01) for law in laws])
    found_here = shortfall_test(tested, market.line, 0.01, is_returns=True)
    direct = backtest(
        tested.values, -tested.quantiles[MODEL][:, 0], shortfalls, alpha=0.01, laws=laws, seed=0,
        replicates=found_here.replicates,
    )  # fmt: skip
    assert found_here.found is not None
    assert found_here.found.to_dict() == direct.to_dict()
    table = {row[0]: row[1:] for row in cells("ahead", market)}
    assert direct.shortfall is not None
    z2 = direct.shortfall.acerbi_szekely_z2
    assert table["Acerbi-Szekely Z2"][0] == f"{z2.statistic:.2f}".replace("-", "−")
    assert z2.p_value is not None
    assert table["Acerbi-Szekely Z2"][1] == f"{z2.p_value:.3f}"


def test_tests_of_rows_do_not_depend_on_their_origin() -> None:
    tests = []
    for shift in (0.0, 64.0):
        rows = LAW.rvs(600, seed=3) + shift
        law = LAW.replace(mu=np.add(LAW.mu, shift))
        findings = found(law, rows, is_returns=False, weights=np.array([1.0, 0.0, 0.0]))
        one = shortfall_test(findings.backtest, findings.line, 0.01, is_returns=False)
        assert one.found is not None
        tests.append(one.found)
    assert tests[0].failures == tests[1].failures
    scores = [one.shortfall.acerbi_szekely_z2.statistic for one in tests if one.shortfall]
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


def test_what_cannot_be_tested_says_why() -> None:
    def why(findings: Findings) -> str:
        return told("ahead", findings)

    assert "no backtest predicted rows before they came" in why(found(LAW, returns()[:100]))
    up = returns().to_numpy() + 0.5
    assert "is no loss" in why(found(LAW.replace(mu=np.add(LAW.mu, 0.5)), up))
    heavy = NI(np.zeros(1), [-0.3], np.eye(1), 0.7, 1.0)
    text = why(found(heavy, heavy.rvs(600, seed=0)))
    assert "infinite" in text


# ---- The least expected shortfall ----


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


# ---- The page ----

HOSTILE: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "one row": (LAW, LAW.rvs(1, seed=0), {}),
    "unnamed": (LAW, LAW.rvs(50, seed=0), {}),
    "one column": (LAW.project([1, 0, 0]), LAW.rvs(50, seed=0)[:, :1], {}),
    "mostly missing": (LAW, returns().mask(returns() > -0.01), {}),
    "no means": (
        NI([0, 0], [0, 0], np.eye(2), 0.4, 1.0),
        np.random.default_rng(0).standard_cauchy((600, 2)),
        {},
    ),
    "no means, rows": (
        NI([0, 0], [0.1, 0], np.eye(2), 0.8, 1.0),
        np.random.default_rng(0).standard_cauchy((600, 2)),
        {"is_returns": False},
    ),
    "gains only": (LAW.replace(mu=np.add(LAW.mu, 0.5)), LAW.rvs(600, seed=0) + 0.5, {}),
    "shorts": (LAW, LAW.rvs(600, seed=0), {"weights": np.array([1.0, -2.0, 0.5])}),
    "wide tail": (LAW, LAW.rvs(600, seed=0), {"alpha": 0.25}),
    "deep tail": (LAW, LAW.rvs(600, seed=0), {"alpha": 1e-6}),
    "far off": (
        LAW.replace(mu=np.add(LAW.mu, 1e6)),
        LAW.rvs(600, seed=0) + 1e6,
        {"is_returns": False},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_section_fails_or_tells_a_number_that_is_none(name: str) -> None:
    law, rows, options = HOSTILE[name]
    findings = found(law, rows, **options)
    for section in SECTIONS:
        text = told(section, findings)
        assert not re.search(r"\b(nan|inf|None)\b", text), section
        assert len(text) > 40 or not findings.words.is_returns


def test_sections_stand_in_the_page_in_order(reports: dict[str, Path]) -> None:
    for name, path in reports.items():
        ids = re.findall(r'<section id="(\w+)">', path.read_text(encoding="utf-8"))
        expected = ["tails", "intervals", "backtest", "ahead", "weights", "contributions", "least"]
        if name == "rows":
            expected.remove("least")
        assert ids[: len(expected)] == expected


def test_a_picture_holds_names_that_cannot_be_drawn(tmp_path: Path) -> None:
    frame = pd.DataFrame(LAW.rvs(60, seed=0), columns=["日本", "$x", "x" * 40])
    text = report(LAW, frame, tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'id="contributions"' in text
