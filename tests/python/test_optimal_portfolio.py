"""Portfolios of the least expected shortfall and of equal contributions, with certificates."""

import copy
import csv
import json
import math
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma, NormalInverseGaussian
from varimix.risk import (
    OptimalPortfolio,
    equal_contribution,
    minimum_expected_shortfall,
    portfolio,
)

DATA = Path(__file__).parents[1] / "data"
SHORTFALL = 1e-10  # relative; these are what the table promises of itself
WEIGHTS = {
    "equal_contribution": 1e-9,
    "long_only": 1e-6,
    "target_return": 1e-6,
    "budget_only": 1e-6,
}
NAMES = ["oil", "gold", "tea"]
SAME_WEIGHTS = 1e-6
"""Of two searches: the shortfall is flat at its minimum."""


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def numbers(text: str) -> Any:
    return np.array(text.split(), dtype=float)


def law_of_stocks() -> NormalInverseGaussian:
    law = rows_of("optimal_portfolios_law.csv")
    model = NormalInverseGaussian.from_classical(
        [float(row["mu"]) for row in law],
        [float(row["gamma"]) for row in law],
        [numbers(row["sigma"]) for row in law],
        1.0,
        float(law[0]["lam"]),
    )
    return model.with_columns([row["column"] for row in law])


STOCKS: Any = law_of_stocks()


@pytest.fixture
def space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family, with names."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    law: Model = family.from_classical([0.05, -0.1, 0.0], [0.1, -0.1, 0.15], sigma, **shape)
    return law.with_columns(NAMES)


def weights_of(found: OptimalPortfolio) -> NDArray[np.float64]:
    assert found.weights is not None, found
    return found.weights


# ---- What they are ----


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


# ---- Mistakes ----

Call = Callable[[Any], object]
minimum = minimum_expected_shortfall
BAD: dict[str, tuple[Call, type[Exception], str]] = {
    "no model": (lambda m: minimum("m"), TypeError, "model must be a model"),
    "no model of equal": (lambda m: equal_contribution(None), TypeError, "model must be a model"),
    "alpha 0": (lambda m: minimum(m, 0), ValueError, r"alpha must be in \(0, 1\), got 0"),
    "alpha NaN": (lambda m: minimum(m, np.nan), ValueError, "alpha must be one finite number"),
    "alpha text": (lambda m: minimum(m, "5%"), ValueError, "alpha must"),  # type: ignore[arg-type]
    "alpha True": (lambda m: minimum(m, True), ValueError, "alpha must be one finite number"),
    "alphas": (lambda m: minimum(m, [0.1, 0.2]), ValueError, "alpha must be one"),  # type: ignore[arg-type]
    "alpha of equal": (lambda m: equal_contribution(m, 1.0), ValueError, "alpha must be in"),
    "target text": (
        lambda m: minimum(m, target_return="x"),  # type: ignore[arg-type]
        ValueError,
        "target_return must",
    ),
    "target inf": (lambda m: minimum(m, target_return=np.inf), ValueError, "target_return must"),
    "budget NaN": (lambda m: minimum(m, budget=np.nan), ValueError, "budget must be one finite"),
    "no budget": (lambda m: minimum(m, budget=None), ValueError, "w = 0"),
    "budget 0": (lambda m: minimum(m, budget=0), ValueError, "w = 0"),
    "lower size": (lambda m: minimum(m, lower=[0, 0]), ValueError, "lower must be a number, or 3"),
    "lower NaN": (lambda m: minimum(m, lower=[0, np.nan, 0]), ValueError, "got nan in 'gold'"),
    "lower inf": (lambda m: minimum(m, lower=np.inf), ValueError, "lower must leave room"),
    "lower text": (lambda m: minimum(m, lower="0"), ValueError, "lower must be"),
    "lower True": (lambda m: minimum(m, lower=True), ValueError, "lower must be a number"),
    "order": (lambda m: minimum(m, lower=0.5, upper={"tea": 0.1}), ValueError, "in 'tea'"),
    "unknown": (lambda m: minimum(m, upper={"goold": 1}), ValueError, "did you mean 'gold'"),
    "value of a name": (lambda m: minimum(m, upper={"tea": "x"}), ValueError, "array of real"),
    "column of a bound": (lambda m: minimum(m, upper={3: 1}), ValueError, "columns from 0 to 2"),
    "kind of column": (lambda m: minimum(m, upper={1.5: 1}), TypeError, "by name or number"),
    "series": (
        lambda m: minimum(m, upper=pd.Series([1.0, 1.0, 1.0], index=["oil", "tea", "tea"])),
        ValueError,
        "upper must have each name once",
    ),
    "groups list": (lambda m: minimum(m, groups=[1]), TypeError, "groups must map"),
    "group": (lambda m: minimum(m, groups={"a": ["oil"]}), TypeError, r"groups\['a'\] must be"),
    "group column": (
        lambda m: minimum(m, groups={"a": (["oi"], 0, 1)}),
        ValueError,
        r"groups\['a'\].*did you mean 'oil'",
    ),
    "group text": (lambda m: minimum(m, groups={"a": ("oil", 0, 1)}), TypeError, "list of col"),
    "group twice": (
        lambda m: minimum(m, groups={"a": (["oil", 0], 0, 1)}),
        ValueError,
        "different columns",
    ),
    "empty group": (lambda m: minimum(m, groups={"a": ([], 0, 1)}), ValueError, "at least one"),
    "group order": (lambda m: minimum(m, groups={"a": ([0], 1, 0)}), ValueError, "low <= high"),
    "group NaN": (lambda m: minimum(m, groups={"a": ([0], np.nan, 1)}), ValueError, "low must be"),
    "linear": (lambda m: minimum(m, linear=np.eye(3)), TypeError, "linear must be"),
    "A size": (lambda m: minimum(m, linear=(np.eye(2), 0, 1)), ValueError, "rows of 3 columns"),
    "A NaN": (lambda m: minimum(m, linear=([[np.nan] * 3], 0, 1)), ValueError, "A must be finite"),
    "A names": (
        lambda m: minimum(m, linear=(pd.DataFrame([[1, 2, 3]], columns=list("abc")), 0, 1)),
        ValueError,
        "must have the columns",
    ),
    "limits": (lambda m: minimum(m, linear=(np.eye(3), [0, 1], 1)), ValueError, "low must be"),
    "limits' order": (lambda m: minimum(m, linear=(np.eye(3), 2, 1)), ValueError, "in row 0"),
    "budgets size": (lambda m: equal_contribution(m, budgets=[1, 2]), ValueError, "budgets must"),
    "budgets 0": (
        lambda m: equal_contribution(m, budgets=[1, 0, 1]),
        ValueError,
        "budgets must be finite and > 0, got 0.0 for 'gold'",
    ),
    "budgets lack": (
        lambda m: equal_contribution(m, budgets={"oil": 1.0}),
        ValueError,
        "got nan for 'gold'",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_constraint_is_refused_by_name(kind: str) -> None:
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    space = NormalInverseGaussian.from_classical([0.05, -0.1, 0], [0.1, 0, 0], sigma, 1.0, 0.8)
    call, error, message = BAD[kind]
    with pytest.raises(error, match=message):
        call(space.with_columns(NAMES))


def test_names_need_a_model_with_names(space: Model) -> None:
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        minimum_expected_shortfall(space.with_columns(None), upper={"oil": 1})


def test_a_target_needs_a_mean() -> None:
    heavy = NormalInverseGamma.from_classical([0, 0], [0.2, 0.1], np.eye(2), 0.9, 0.9)
    with pytest.raises(ValueError, match="target_return must be none where the mean"):
        minimum_expected_shortfall(heavy, target_return=0.1)


# ---- A value ----


def test_it_is_a_value(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert other == found
        assert other.risk == found.risk
        with pytest.raises(ValueError, match="read-only"):
            weights_of(other)[0] = 1.0
    assert found != minimum_expected_shortfall(space, 0.02)
    assert found != "a portfolio"
    with pytest.raises(AttributeError):
        found.alpha = 0.5  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)


def test_it_shows_itself_shortly(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    assert repr(found).startswith("OptimalPortfolio(d=3, alpha=0.05, expected_shortfall=")
    assert repr(found).endswith("status='ok')")
    assert "<td>oil</td>" in found._repr_html_()
    assert "<td>AMD</td>" not in minimum_expected_shortfall(STOCKS)._repr_html_()
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["weights"] == weights_of(found).tolist()
    model: Any = space
    assert type(model).from_dict(values["model"]) == model


def test_a_frame_has_a_row_for_each_name(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    frame = found.as_frame()
    assert list(frame.index) == NAMES
    assert found.columns == tuple(NAMES)
    assert frame["weights"].sum() == pytest.approx(1.0)
    total = frame["expected_shortfall_contributions"].sum()
    assert total == pytest.approx(found.expected_shortfall)
    assert found.mean == pytest.approx(float(frame["weights"] @ space.mean()))


def test_threads_share_a_model() -> None:
    expected = minimum_expected_shortfall(STOCKS)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: minimum_expected_shortfall(STOCKS), range(40)))
    assert all(one == expected for one in found)
