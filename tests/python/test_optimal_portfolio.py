"""Portfolios of the least expected shortfall and of equal contributions, with certificates."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from optimal_portfolios import STOCKS, named_space, numbers, rows_of, weights_of
from scipy.optimize import LinearConstraint, minimize

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian
from varimix.risk import equal_contribution, minimum_expected_shortfall, portfolio

space = pytest.fixture(named_space)

SHORTFALL = 1e-10  # relative; these are what the table promises of itself
WEIGHTS = {
    "equal_contribution": 1e-9,
    "long_only": 1e-6,
    "target_return": 1e-6,
    "budget_only": 1e-6,
}
SAME_WEIGHTS = 1e-6
"""Of two searches: the shortfall is flat at its minimum."""


@pytest.mark.parametrize(
    "case", rows_of("optimal_portfolios.csv"), ids=lambda case: f"{case['kind']}-{case['alpha']}"
)
def test_portfolios_of_twenty_stocks_are_those_of_another_program(case: dict[str, str]) -> None:
    kind, alpha = case["kind"], float(case["alpha"])
    found = {
        "equal_contribution": lambda: equal_contribution(STOCKS, alpha),
        "long_only": lambda: minimum_expected_shortfall(STOCKS, alpha),
        "target_return": lambda: minimum_expected_shortfall(
            STOCKS, alpha, target_return=float(case["mean"])
        ),
        "budget_only": lambda: minimum_expected_shortfall(STOCKS, alpha, lower=None),
    }[kind]()
    assert found.status == "ok"
    assert 0.0 <= found.gap < SHORTFALL
    assert found.expected_shortfall == pytest.approx(float(case["es"]), rel=SHORTFALL)
    np.testing.assert_allclose(
        weights_of(found), numbers(case["weights"]), rtol=0, atol=WEIGHTS[kind]
    )


def slsqp(model: Any, alpha: float, constraints: list[Any], bounds: Any) -> float:
    """Return the least expected shortfall that another algorithm finds."""

    def shortfall(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        risk = portfolio(model, w, alpha)
        assert risk.expected_shortfall_gradient is not None
        return risk.expected_shortfall, risk.expected_shortfall_gradient

    start = np.full(model.d, 1.0 / model.d)
    options = {"ftol": 1e-14, "maxiter": 500}
    found = minimize(
        shortfall, start, jac=True, method="SLSQP", bounds=bounds, constraints=constraints,
        options=options,
    )  # fmt: skip
    return float(found.fun)


def test_another_algorithm_finds_no_less_under_boxes_groups_and_rows(space: Model) -> None:
    rows = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 2.0]])
    found = minimum_expected_shortfall(
        space, 0.05, lower=-0.5, upper={"tea": 0.45}, groups={"metal": (["oil", "gold"], 0.3, 0.7)},
        linear=([rows[1]], None, 0.9),
    )  # fmt: skip
    other = slsqp(
        space,
        0.05,
        [
            LinearConstraint(np.ones(3), 1, 1),
            LinearConstraint(rows, [0.3, -np.inf], [0.7, 0.9]),
        ],
        [(-0.5, None), (-0.5, None), (-0.5, 0.45)],
    )
    assert found.status == "ok"
    assert found.expected_shortfall == pytest.approx(other, rel=1e-7)
    assert found.expected_shortfall <= other * (1 + 1e-12)


def test_another_algorithm_finds_no_less_of_twenty_stocks() -> None:
    energy = [STOCKS.columns.index(name) for name in ("CVX", "XOM", "RRC")]
    row = np.zeros(20)
    row[energy] = 1.0
    found = minimum_expected_shortfall(
        STOCKS, upper=0.15, groups={"energy": (["CVX", "XOM", "RRC"], 0.2, None)}
    )
    other = slsqp(
        STOCKS,
        0.05,
        [LinearConstraint(np.ones(20), 1, 1), LinearConstraint(row, 0.2, np.inf)],
        [(0, 0.15)] * 20,
    )
    assert found.expected_shortfall == pytest.approx(other, rel=1e-7)
    assert found.expected_shortfall <= other * (1 + 1e-12)


@given(
    st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3),
    st.sampled_from([1e-6, 0.01, 0.05, 0.3]),
)
@settings(max_examples=25)
def test_the_gap_bounds_the_distance_to_every_portfolio(shares: list[float], alpha: float) -> None:
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    model = NormalInverseGaussian.from_classical(
        [0.05, -0.1, 0], [0.1, -0.1, 0.15], sigma, 1.0, 0.8
    )
    found = minimum_expected_shortfall(model, alpha)
    w = np.array(shares) / sum(shares)
    other = portfolio(model, w, alpha).expected_shortfall
    assert other >= found.expected_shortfall * (1 - found.gap)
    gradient = found.risk.expected_shortfall_gradient
    assert gradient is not None
    on_the_simplex = 1 - gradient.min() / found.expected_shortfall
    assert found.gap == pytest.approx(max(on_the_simplex, 0.0), abs=1e-14)


def test_contributions_are_in_the_ratios_of_the_budgets(space: Model) -> None:
    found = equal_contribution(space, 0.05, {"tea": 3.0, "oil": 1.0, "gold": 2.0})
    parts = found.risk.expected_shortfall_contributions
    assert parts is not None
    np.testing.assert_allclose(parts / found.expected_shortfall, [1 / 6, 2 / 6, 3 / 6], atol=1e-13)
    assert weights_of(found).sum() == pytest.approx(1.0, abs=1e-15)
    equal = equal_contribution(space).risk.expected_shortfall_contributions
    assert equal is not None
    np.testing.assert_allclose(equal, equal.mean(), rtol=1e-12)


def test_weights_do_not_depend_on_units_or_order(space: Model) -> None:
    model: Any = space
    found = minimum_expected_shortfall(model, upper=0.5)
    order = [2, 0, 1]
    changed = type(model).from_classical(
        100 * model.mu[order],
        100 * model.gamma[order],
        1e4 * model.sigma()[np.ix_(order, order)],
        **{name: model.to_dict()[name] for name in model.to_dict() if name in OF_Y},
    )
    other = minimum_expected_shortfall(changed, upper=0.5)
    assert other.expected_shortfall == pytest.approx(100 * found.expected_shortfall, rel=1e-12)
    np.testing.assert_allclose(
        weights_of(other), weights_of(found)[order], rtol=0, atol=SAME_WEIGHTS
    )


OF_Y = ("mu_ig", "lam", "alpha", "beta", "p", "a", "b")
