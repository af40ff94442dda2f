"""Tail risk of portfolios: what they contribute, and how sure the numbers are."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws_of_risk import named_space

from varimix import GeneralizedHyperbolic, NormalInverseGamma, NormalInverseGaussian
from varimix import MeanVarianceMixture as Model
from varimix.risk import portfolio

space = pytest.fixture(named_space)

GOLD = Path(__file__).parents[1] / "data" / "portfolio_risk.csv"
GOLD_TOLERANCE = 1e-12
HESSIAN_TOLERANCE = 1e-10


def gold_cases() -> list[dict[str, str]]:
    with GOLD.open() as file:
        return list(csv.DictReader(file))


def numbers(text: str) -> Any:
    return np.array(text.split(), dtype=float)


def gold_model(case: dict[str, str]) -> GeneralizedHyperbolic:
    sigma = numbers(case["sigma"]).reshape(3, 3)
    p, a, b = (float(case[name]) for name in "pab")
    return GeneralizedHyperbolic.from_classical(
        numbers(case["mu"]), numbers(case["gamma"]), sigma, p, a, b
    )


@pytest.mark.parametrize("case", gold_cases(), ids=lambda case: case["name"])
def test_every_number_meets_mpmath(case: dict[str, str]) -> None:
    risk = portfolio(gold_model(case), numbers(case["w"]), alpha=float(case["alpha"]))
    var, es = float(case["var"]), float(case["es"])
    assert risk.status == "ok"
    assert risk.value_at_risk == pytest.approx(var, rel=GOLD_TOLERANCE)
    assert risk.expected_shortfall == pytest.approx(es, rel=GOLD_TOLERANCE)
    assert risk.expected_shortfall / risk.value_at_risk - 1 == pytest.approx(
        float(case["es_minus_var_over_var"]), rel=GOLD_TOLERANCE
    )
    close = np.testing.assert_allclose
    close(risk.value_at_risk_contributions, numbers(case["var_parts"]), atol=GOLD_TOLERANCE * var)
    close(
        risk.expected_shortfall_contributions, numbers(case["es_parts"]), atol=GOLD_TOLERANCE * es
    )
    gradient = numbers(case["es_gradient"])
    close(risk.expected_shortfall_gradient, gradient, atol=GOLD_TOLERANCE * abs(gradient).max())
    hessian = numbers(case["es_hessian"]).reshape(3, 3)
    close(
        risk.expected_shortfall_hessian,
        hessian,
        rtol=0,
        atol=HESSIAN_TOLERANCE * abs(hessian).max(),
    )


def test_the_portfolios_of_twenty_stocks_meet_the_solvers(shared: Path) -> None:
    gold = json.loads((shared / "reference" / "gold_portfolios.json").read_text())
    model = NormalInverseGaussian.from_classical(
        gold["mu"], gold["gamma"], gold["sigma"], 1.0, gold["lam"]
    ).with_columns(gold["columns"])
    for case in gold["portfolios"]:
        weights = dict(zip(gold["columns"], case["weights"], strict=True))
        risk = portfolio(model, weights, alpha=case["alpha"])
        # The weights are printed to 1e-9, and their error is multiplied by the gradient.
        assert risk.expected_shortfall == pytest.approx(case["es"], rel=1e-8), case["kind"]
        if case["kind"].startswith("equal"):
            np.testing.assert_allclose(
                risk.expected_shortfall_contributions, risk.expected_shortfall / 20, rtol=1e-7
            )
        if case["kind"] == "minimum ES, long only, fully invested":
            assert risk.expected_shortfall_gradient is not None
            gap = risk.expected_shortfall - risk.expected_shortfall_gradient.min()
            assert 0 <= gap < 1e-7 * risk.expected_shortfall
            assert risk.value_at_risk == pytest.approx(case["var"], rel=1e-8)


@given(
    w=st.lists(st.floats(-3, 3), min_size=3, max_size=3).filter(lambda w: max(map(abs, w)) > 0.01),
    log_alpha=st.floats(-27, -0.1),
)
def test_contributions_sum_to_the_whole_and_the_hessian_ignores_the_size(
    w: list[float], log_alpha: float
) -> None:
    model = NormalInverseGaussian.from_classical(
        [0.1, 0.0, -0.1], [0.4, -0.3, 0.2], np.eye(3) + 0.3, 1.0, 1.5
    )
    risk = portfolio(model, w, alpha=float(np.exp(log_alpha)))
    assert risk.value_at_risk_contributions is not None
    assert risk.expected_shortfall_contributions is not None
    size = max(abs(risk.value_at_risk), risk.expected_shortfall) + float(np.abs(w).sum())
    assert abs(risk.value_at_risk_contributions.sum() - risk.value_at_risk) < 1e-13 * size
    assert abs(risk.expected_shortfall_contributions.sum() - risk.expected_shortfall) < 1e-13 * size
    hessian = risk.expected_shortfall_hessian
    assert np.abs(hessian @ risk.w).max() < 1e-12 * np.abs(hessian).max() * np.abs(w).max()
    assert np.linalg.eigvalsh(hessian)[0] > -1e-12 * np.abs(hessian).max()


def test_it_is_the_risk_of_the_projection(space: Model) -> None:
    w = [0.5, -0.2, 0.7]
    law = space.project(w)
    risk = portfolio(space, w, alpha=0.025)
    assert risk.value_at_risk == pytest.approx(law.value_at_risk(0.975), rel=1e-12)
    assert risk.expected_shortfall == pytest.approx(law.expected_shortfall(0.975), rel=1e-12)


def test_a_law_takes_alpha_itself_where_a_level_has_no_digits_left() -> None:
    law = NormalInverseGaussian.from_classical([0], [0.2], [[1]], 1.0, 1.0)
    alpha = np.array([0.5, 0.01, 1e-12, 1e-100])
    assert law.value_at_risk(alpha=alpha) == pytest.approx(-law.ppf(alpha), rel=1e-14)
    of_alpha, of_level = law.expected_shortfall(alpha=alpha), law.expected_shortfall(1 - alpha)
    assert of_alpha[:2] == pytest.approx(of_level[:2], rel=1e-12)
    assert abs(of_alpha[2] / of_level[2] - 1) > 1e-7
    assert of_alpha[3] > of_alpha[2]
    assert law.value_at_risk(level=0.99) == law.value_at_risk(0.99)
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\), got 1"):
        law.expected_shortfall(alpha=1.0)
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\], got -1"):
        law.value_at_risk(alpha=-1.0)
    with pytest.raises(TypeError):
        law.value_at_risk(0.99, alpha=0.01)


def test_an_infinite_shortfall_is_named_and_nothing_is_nan() -> None:
    model = NormalInverseGamma.from_classical([0, 0], [-0.2, -0.1], np.eye(2), 0.9, 0.9)
    risk = portfolio(model, [0.5, 0.5])
    assert risk.status == "infinite_expected_shortfall"
    assert risk.expected_shortfall == np.inf
    assert risk.expected_shortfall_contributions is None
    assert risk.value_at_risk_contributions is not None
    assert np.isfinite(risk.value_at_risk_contributions).all()
    assert "status='infinite_expected_shortfall'" in repr(risk)
    assert "expected_shortfall_gradient" not in risk.as_frame()
    assert "<td>inf</td>" in risk._repr_html_()
    assert "nan" not in risk._repr_html_()
    with pytest.raises(ValueError, match="the status of the portfolio must be 'ok'"):
        _ = risk.expected_shortfall_hessian


@pytest.mark.parametrize("size", [1e4, 1e8, 1e20, 1e100])
def test_the_hessian_of_columns_of_other_sizes_is_semidefinite(size: float) -> None:
    law = NormalInverseGaussian.from_classical(
        [0.5, -size], [0.4, -0.3 * size], [[1.0, 0.3 * size], [0.3 * size, size * size]], 1.0, 1.5
    )
    hessian = portfolio(law, [1.0, 1.0]).expected_shortfall_hessian
    assert (np.diag(hessian) >= 0).all()
    root = np.sqrt(hessian[0, 0] * hessian[1, 1])
    assert abs(hessian[0, 1]) <= root * (1 + 1e-12) or root == 0


def test_a_hessian_beyond_the_doubles_is_refused(space: Model) -> None:
    law = NormalInverseGaussian.from_classical([0, 0], [1e6, -1e6], np.eye(2), 1.0, 1.5)
    of = portfolio(law, [1e-300, 1e-300], 1e-300)
    assert np.isfinite(of.expected_shortfall)
    with pytest.raises(ValueError, match="the Hessian must be within doubles"):
        _ = of.expected_shortfall_hessian
