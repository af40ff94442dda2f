"""Constraints on optimal portfolios: many ways to say them, and those that leave one or none."""

import math
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from optimal_portfolios import NAMES, named_space, weights_of

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma, NormalInverseGaussian
from varimix.risk import equal_contribution, minimum_expected_shortfall, portfolio

space = pytest.fixture(named_space)

# ---- Ways to say the same ----


def same(space: Any, one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = (minimum_expected_shortfall(space, **limits) for limits in (one, other))
    np.testing.assert_array_equal(weights_of(a), weights_of(b))


def test_bounds_are_numbers_lists_series_and_mappings(space: Model) -> None:
    upper = [0.5, np.inf, 0.3]
    for other in (
        np.array(upper),
        tuple(upper),
        pd.Series([0.3, 0.5, np.inf], index=["tea", "oil", "gold"]),
        {"oil": 0.5, "tea": 0.3},
        {"oil": Decimal("0.5"), "tea": 0.3, "gold": np.inf},
    ):
        same(space, {"upper": upper}, {"upper": other})
    same(space, {"lower": 0}, {"lower": {}})
    same(space, {"lower": None}, {"lower": -np.inf})
    same(space.with_columns(None), {"upper": upper}, {"upper": {0: 0.5, np.int64(2): 0.3}})
    same(space, {"upper": upper}, {"upper": {0: 0.5, "tea": 0.3}})


def test_groups_are_rows(space: Model) -> None:
    groups = {"a": (["oil", "tea"], 0.6, None), "b": (("gold",), None, 0.2)}
    rows = [[1, 0, 1], [0, 1, 0]]
    same(space, {"groups": groups}, {"linear": (rows, [0.6, -np.inf], [np.inf, 0.2])})
    frames = [
        pd.DataFrame(rows, columns=NAMES),
        pd.DataFrame(rows, columns=NAMES)[["tea", "oil", "gold"]],
        pl.DataFrame(dict(zip(NAMES, np.array(rows).T, strict=True))),
    ]
    for frame in frames:
        same(space, {"groups": groups}, {"linear": (frame, [0.6, -np.inf], [np.inf, 0.2])})


def test_equal_bounds_pin_a_weight(space: Model) -> None:
    found = minimum_expected_shortfall(space, lower={"gold": 0.25}, upper={"gold": 0.25})
    assert weights_of(found)[1] == 0.25
    assert found.status == "ok"
    all_pinned = minimum_expected_shortfall(space, lower=[0.5, 0.2, 0.3], upper=[0.5, 0.2, 0.3])
    np.testing.assert_array_equal(weights_of(all_pinned), [0.5, 0.2, 0.3])


def test_a_model_of_one_column_has_one_portfolio() -> None:
    one = NormalInverseGaussian.from_classical([0.1], [0.2], [[1.0]], 1.0, 1.0)
    assert weights_of(minimum_expected_shortfall(one)) == [1.0]
    assert weights_of(equal_contribution(one)) == [1.0]


# ---- Where there is none ----


def test_constraints_that_contradict_each_other_are_infeasible(space: Model) -> None:
    for constraints in (
        {"upper": 0.3},
        {"groups": {"a": (["oil"], 0.6, 1), "b": (["gold"], 0.6, None)}},
        {"linear": ([[1, 1, 1]], 2, 2)},
        {"target_return": 1e3},
        {"lower": 0.4, "upper": 0.4},
    ):
        found = minimum_expected_shortfall(space, **constraints)
        assert found.status == "infeasible", constraints
        assert found.weights is None
        assert found.expected_shortfall == found.gap == np.inf
        assert found.mean is None
        assert "no portfolio" in found.reason
        with pytest.raises(ValueError, match="must have weights, got none: no portfolio meets"):
            found.as_frame()
        assert "nan" not in repr(found) + found._repr_html_()
        assert pickle.loads(pickle.dumps(found)) == found


def test_a_spread_without_risk_is_unbounded() -> None:
    rich = NormalInverseGaussian.from_classical([5, 0], [0, 0], np.eye(2), 1.0, 1.0)
    found = minimum_expected_shortfall(rich, lower=None)
    assert found.status == "unbounded"
    assert found.expected_shortfall == -np.inf
    assert minimum_expected_shortfall(rich).status == "ok"
    assert equal_contribution(rich).status == "nonpositive_shortfall"


def test_a_tail_without_a_mean_is_named() -> None:
    left = NormalInverseGamma.from_classical([0, 0], [-0.2, -0.1], np.eye(2), 0.9, 0.9)
    assert minimum_expected_shortfall(left).status == "infinite_expected_shortfall"
    assert equal_contribution(left).status == "infinite_expected_shortfall"
    mixed = NormalInverseGamma.from_classical([0, 0], [-0.2, 0.3], np.eye(2), 0.9, 0.9)
    found = minimum_expected_shortfall(mixed)
    assert found.status == "ok"
    assert weights_of(found) @ mixed.gamma > 0
    assert found.mean == math.inf


def test_a_law_of_another_size_is_never_said_to_be_solved_where_it_is_not() -> None:
    for size in (1e20, 1e100, 1e150):
        law = NormalInverseGaussian.from_classical(
            [0.5, -size], [0.4, -0.3 * size], [[1, 0.3 * size], [0.3 * size, size**2]], 1.0, 1.5
        )
        found = minimum_expected_shortfall(law)
        alone = portfolio(law, [1.0, 0.0], 0.05).expected_shortfall
        assert found.status == "not_converged" or found.expected_shortfall <= alone * (1 + 1e-9)
        assert found.weights is None or found.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("first", [0.1, 0.3, 0.5, 0.07])
@pytest.mark.parametrize("second", [-0.2, 0.05, 0.33])
def test_equalities_that_leave_one_portfolio_find_it(first: float, second: float) -> None:
    law = NormalInverseGaussian.from_classical(
        [first, second], [0.1, 0.05], [[1, 0.3], [0.3, 1]], 1.0, 1.5
    )
    mean = float(np.array([0.5, 0.5]) @ law.mean())
    found = minimum_expected_shortfall(law, target_return=mean, upper=0.5)
    assert found.status == "ok"
    np.testing.assert_allclose(weights_of(found), 0.5, rtol=1e-9)
    above = minimum_expected_shortfall(law, target_return=mean + 1e-6, upper=0.5)
    assert above.status == "infeasible"


def test_a_search_that_leaves_the_doubles_has_not_converged() -> None:
    law = NormalInverseGaussian.from_classical([1e300, -1e300], [0.4, -0.3], np.eye(2), 1.0, 1.5)
    found = minimum_expected_shortfall(law, lower=None, upper=None)
    assert found.status in ("ok", "unbounded", "not_converged")


@pytest.mark.parametrize("size", [1e4, 1e8, 1e10, 1e14])
@pytest.mark.parametrize("high", [1.0, 2.0])
def test_constraints_that_leave_a_thin_set_are_not_infeasible(
    space: Model, size: float, high: float
) -> None:
    found = minimum_expected_shortfall(space, linear=([[size, 1.0, 1.0]], 0, high))
    assert found.status in ("ok", "not_converged")
    if found.weights is not None:
        assert abs(found.weights[0]) <= 1e-9 + (high - 1.0) / (size - 1.0)
