"""What a report says of tomorrow is predicted by a state that learned all rows, and tested."""

from typing import Any

import numpy as np
import pytest
from findings_of_risk import EQUAL, NI, cells, found, market_findings, told
from reports import LAW, returns

from varimix import NormalInverseGaussian, OnlineEM
from varimix.reporting.backtest import BATCH, MODEL, WARM_UP
from varimix.reporting.findings import Findings
from varimix.reporting.shortfall_test import shortfall_test
from varimix.risk import backtest

market = pytest.fixture(scope="module")(market_findings)


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
