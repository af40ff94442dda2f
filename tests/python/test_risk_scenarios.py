"""Draws given values and bounds of columns, against quadrature and rejection."""

import copy
import itertools
import json
import math
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.integrate import quad

import varimix
from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma, NormalInverseGaussian, VarianceGamma
from varimix.risk import Scenarios, scenarios

NAMES = ["oil", "gold", "tea"]
ERRORS = 5.0
"""Standard errors that an estimate may be off: a false alarm in 1.7 million comparisons."""
INF = math.inf


@pytest.fixture
def space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family, with names."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    law: Model = family.from_classical([0.5, -1.0, 0.0], [0.4, -0.3, 0.6], sigma, **shape)
    return law.with_columns(NAMES)


def joint_probability(
    model: Model, first: tuple[float, float], second: tuple[float, float]
) -> float:
    """Return the probability of bounds on both columns by quadrature over the first."""
    marginal = model.project([1.0, 0.0])

    def of_both(x: float) -> float:
        law = model.conditional_law({0: x})
        low, high = law.cdf(second[0]), law.cdf(second[1])
        tail = law.sf(second[0]) - law.sf(second[1]) if low > 0.5 else high - low
        return float(tail * marginal.pdf([x])[0])

    ends = [np.clip(end, -400.0, 400.0) for end in first]
    cuts = [*sorted({*ends, *np.clip([-40, -10, -5, -3, -1, 1, 3, 5, 10, 40], *ends)})]
    return sum(quad(of_both, a, b, epsabs=0)[0] for a, b in itertools.pairwise(cuts))


JOINT: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "both fall": ((-INF, -1.0), (-INF, -1.0)),
    "a band": ((-0.5, 0.5), (0.0, 0.1)),
    "a tail and a band": ((2.0, INF), (-1.0, 1.0)),
    "against the correlation": ((2.0, INF), (-INF, -2.0)),
    "rare": ((-INF, -9.0), (8.0, INF)),
}


@pytest.mark.parametrize("name", JOINT)
def test_the_probability_of_bounds_is_that_of_quadrature(
    family: type[Model], shape: dict[str, float], name: str
) -> None:
    model = family.from_classical([0.1, -0.2], [0.3, -0.4], [[1.0, 0.5], [0.5, 1.5]], **shape)
    found = scenarios(model, dict(enumerate(JOINT[name])), n=4000, seed=1)
    expected = joint_probability(model, *JOINT[name])
    assert found.method == "importance"
    assert abs(found.probability / expected - 1) < ERRORS * found.relative_error + 1e-7
    assert found.effective_sample_size > 2000
    assert found.status == "ok"


def test_a_rare_joint_event_has_the_law_of_quadrature() -> None:
    model = NormalInverseGaussian.from_classical(
        [0.0, 0.0], [-0.2, 0.1], [[1.0, 0.6], [0.6, 1.0]], 1.0, 1.5
    )
    bounds = ((-INF, -14.0), (-INF, -13.0))
    found = scenarios(model, dict(enumerate(bounds)), n=20_000, seed=2)
    assert found.probability < 1e-8
    expected = joint_probability(model, *bounds)
    assert abs(found.probability / expected - 1) < ERRORS * found.relative_error
    below = found.weights @ (found.x[:, 0] < -16.0)
    exact = joint_probability(model, (-INF, -16.0), bounds[1]) / expected
    error = math.sqrt(found.weights**2 @ ((found.x[:, 0] < -16.0) - below) ** 2)
    assert abs(below - exact) < ERRORS * error


def test_many_bounds_at_once_keep_most_of_the_rows() -> None:
    d = 12
    sigma = np.full((d, d), 0.5) + 0.5 * np.eye(d)
    model = NormalInverseGaussian.from_classical(np.zeros(d), np.full(d, -0.1), sigma, 1.0, 1.0)
    found = scenarios(model, dict.fromkeys(range(10), (-INF, -7.0)), n=4000, seed=1)
    assert found.probability < 1e-6
    assert found.effective_sample_size > 2000
    assert (found.x[:, :10] <= -5).all()


def test_one_bound_is_the_law_of_the_column_beyond_it(space: Model) -> None:
    law = space.project([0, 1, 0])
    for q in (0.3, 1e-4, 1e-12):
        end = float(law.ppf(q))
        found = scenarios(space, {"gold": (-INF, end)}, n=5000, seed=4)
        assert (found.method, found.effective_sample_size, found.probability_error) == (
            "exact",
            5000.0,
            0.0,
        )
        assert found.probability == pytest.approx(q, rel=1e-10)
        u = np.sort(law.cdf(found.x[:, 1])) / q
        gap = np.abs(u - (np.arange(5000) + 0.5) / 5000).max()
        assert gap < 2.8 / math.sqrt(5000)  # Kolmogorov: P < 3.2e-7


def test_values_and_bounds_are_met_by_the_conditional_law(space: Model) -> None:
    found = scenarios(space, {"oil": 1.5, "tea": (0.0, 2.0)}, n=5000, seed=4)
    law = space.conditional_law({"oil": 1.5})
    tea = law.project([0, 1])
    assert found.probability == pytest.approx(tea.cdf(2.0) - tea.cdf(0.0), rel=1e-10)
    assert (found.x[:, 0] == 1.5).all()
    assert ((found.x[:, 2] >= 0) & (found.x[:, 2] <= 2)).all()
    free = law.rvs(100_000, seed=9)
    free = free[(free[:, 1] >= 0) & (free[:, 1] <= 2)]
    error = math.hypot(found.mean_error()[1], free[:, 0].std() / math.sqrt(len(free)))
    assert abs(found.mean()[1] - free[:, 0].mean()) < ERRORS * error


def test_values_alone_draw_the_conditional_law(space: Model) -> None:
    found = scenarios(space, {"oil": 1.5}, n=20_000, seed=4)
    law = space.conditional_law({"oil": 1.5})
    assert (found.method, found.log_probability) == ("exact", 0.0)
    assert (np.abs(found.mean()[1:] - law.mean()) < ERRORS * found.mean_error()[1:]).all()
    tail = law.project([0.5, 0.5])
    u = np.sort(tail.cdf(found.x[:, 1:] @ [0.5, 0.5]))
    assert np.abs(u - (np.arange(20_000) + 0.5) / 20_000).max() < 2.8 / math.sqrt(20_000)


def test_all_columns_may_have_bounds(space: Model) -> None:
    bounds = {"oil": (-1.0, 1.0), "gold": (-2.0, 0.0), "tea": (0.0, INF)}
    found = scenarios(space, bounds, n=4000, seed=3)
    x = space.rvs(200_000, seed=5)
    low, high = np.array(list(bounds.values())).T
    inside = ((x >= low) & (x <= high)).all(axis=1)
    share = inside.mean()
    error = math.hypot(found.probability_error, math.sqrt(share * (1 - share) / len(x)))
    assert abs(found.probability - share) < ERRORS * error


CONDITIONS: dict[str, Callable[[], Any]] = {
    "tuple": lambda: {"oil": (-INF, -1.0), "tea": 1.0},
    "list": lambda: {"oil": [-INF, -1], "tea": 1},
    "array": lambda: {"oil": np.array([-INF, -1.0]), "tea": np.float64(1)},
    "numbers": lambda: {0: (-INF, -1.0), np.int64(2): 1.0},
    "decimals": lambda: {"oil": (Decimal("-inf"), Decimal(-1)), "tea": Decimal(1)},
    "series": lambda: pd.Series({"oil": (-INF, -1.0), "tea": 1.0}),
    "polars": lambda: {"oil": pl.Series([-INF, -1.0]), "tea": (1.0, 1.0)},
    "another order": lambda: {"tea": 1.0, "oil": (-INF, -1.0)},
}


@pytest.mark.parametrize("kind", CONDITIONS)
def test_conditions_come_in_every_form(space: Model, kind: str) -> None:
    expected = scenarios(space, {"oil": (-INF, -1.0), "tea": 1.0}, n=50, seed=1)
    found = scenarios(space, CONDITIONS[kind](), n=50, seed=1)
    assert np.array_equal(found.x, expected.x)
    assert sorted(found.conditions) == [(0, -INF, -1.0), (2, 1.0, 1.0)]


def refused(conditions: Any, message: str, error: type[Exception] = ValueError) -> Any:
    return conditions, error, message


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "none": refused({}, "conditions must be on some of the 3 columns, got none"),
    "no mapping": refused([(0, 1)], "conditions must map columns to values, got list", TypeError),
    "None": refused(None, "conditions must map columns", TypeError),
    "unknown": refused({"goold": 1.0}, "did you mean 'gold'"),
    "a number too large": refused({3: 1.0}, "conditions must be of columns from 0 to 2, got 3"),
    "negative": refused({-1: 1.0}, "from 0 to 2, got -1"),
    "a float": refused({0.5: 1.0}, "by name or number, got 0.5", TypeError),
    "a boolean": refused({True: 1.0}, "by name or number, got True", TypeError),
    "twice": refused({"oil": 1.0, 0: (1, 2)}, "conditions must have each column once, got 0 again"),
    "upside down": refused({"oil": (1.0, 0.0)}, r"\['oil'\] must be bounds lower <= upper"),
    "NaN": refused({"oil": math.nan}, r"conditions\['oil'\] must be finite, got nan"),
    "a bound NaN": refused({"oil": (math.nan, 1)}, "must be bounds lower <= upper, got nan and 1"),
    "an infinite value": refused({"oil": INF}, "must be finite, got inf"),
    "beyond all numbers": refused({"oil": (INF, INF)}, "must hold a finite number"),
    "one bound": refused({"oil": (1.0,)}, "must be a number or two bounds"),
    "three bounds": refused({"oil": (1, 2, 3)}, "must be a number or two bounds"),
    "text": refused({"oil": "low"}, r"conditions\['oil'\] must be an array of real numbers"),
    "None as a bound": refused({"oil": (None, 1.0)}, "must be bounds lower <= upper, got nan"),
    "a flag": refused({"oil": True}, "must be a number or two bounds, got True"),
    "values of all": refused({0: 1, 1: 1, 2: 1}, "must leave one of the 3 columns free"),
    "hardly possible": refused({0: (1e-300, 2e-300)}, "such that draws can be"),
    "beyond doubles": refused({0: (1e200, INF)}, "met within 1e150 standard units of mu"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_a_condition_is_refused_by_name(kind: str) -> None:
    conditions, error, message = BAD[kind]
    model = NormalInverseGaussian.from_classical(np.zeros(3), np.ones(3), np.eye(3), 1.0, 1.5)
    with pytest.raises(error, match=message):
        scenarios(model.with_columns(NAMES), conditions)


def test_other_arguments_are_checked(space: Model) -> None:
    given = {"oil": 1.0}
    with pytest.raises(TypeError, match="model must be a model of varimix, got str"):
        scenarios("NIG", given)  # type: ignore[arg-type]
    for n in (0, -1):
        with pytest.raises(ValueError, match="n must be from 1 to"):
            scenarios(space, given, n=n)
    for n in (1.5, True, "3", None):
        with pytest.raises(TypeError, match="n must be a whole number"):
            scenarios(space, given, n=n)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must be"):
        scenarios(space, given, n=1, seed=-1)
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        scenarios(space.with_columns(None), given)


def test_a_value_at_which_the_density_is_unbounded_is_refused() -> None:
    model = VarianceGamma.from_classical([0.0, 0.0], [0.1, 0.2], np.eye(2), 0.4, 0.4)
    with pytest.raises(ValueError, match="density of these columns is unbounded"):
        scenarios(model, {0: 0.0, 1: (0, 1)})


def test_bounds_around_an_unbounded_density_are_met() -> None:
    model = VarianceGamma.from_classical([1.0, 0.0], [0.1, 0.2], np.eye(2), 0.02, 0.02)
    found = scenarios(model, {0: (0.0, 1.5)}, n=20_000, seed=1)
    law = model.project([1, 0])
    expected = law.cdf(1.5) - law.cdf(0.0)
    assert found.method == "importance"
    assert abs(found.probability / expected - 1) < ERRORS * found.relative_error
    assert np.isfinite(found.x).all()


def test_laws_without_moments_have_scenarios() -> None:
    model = NormalInverseGamma.from_classical([0.0, 0.0], [-0.2, -0.1], np.eye(2), 0.4, 0.5)
    bounds = ((-INF, -1e3), (-INF, -1e2))
    found = scenarios(model, dict(enumerate(bounds)), n=4000, seed=1)
    assert np.isfinite(found.x).all()
    assert found.effective_sample_size > 2000
    x = model.rvs(400_000, seed=3)
    share = ((x[:, 0] < -1e3) & (x[:, 1] < -1e2)).mean()
    error = math.hypot(found.probability_error, math.sqrt(share / len(x)))
    assert abs(found.probability - share) < ERRORS * error


def test_probabilities_below_the_doubles_keep_their_logarithm() -> None:
    model = NormalInverseGaussian.from_classical([0, 0], [0, 0], np.eye(2), 1.0, 1.0)
    found = scenarios(model, {0: (900.0, INF), 1: (-INF, -900.0)}, n=2000, seed=1)
    assert found.probability == 0
    assert found.probability_error == 0
    assert -1400 < found.log_probability < -1200
    assert found.effective_sample_size > 1000
    assert "probability=10^-5" in repr(found)


def test_narrow_bounds_are_nearly_a_value() -> None:
    model = NormalInverseGaussian.from_classical([0, 0], [0.2, 0.1], np.eye(2) + 0.5, 1.0, 1.0)
    narrow = scenarios(model, {0: (2.0, 2.0 + 1e-9)}, n=4000, seed=1)
    assert narrow.probability == pytest.approx(1e-9 * model.project([1, 0]).pdf([2.0])[0], rel=1e-2)
    assert abs(narrow.mean()[1] - model.conditional_law({0: 2.0}).mean()[0]) < (
        ERRORS * narrow.mean_error()[1]
    )


def test_the_first_rows_do_not_depend_on_n_nor_bits_on_threads(space: Model) -> None:
    given = {"oil": (-INF, 0.0), "tea": (0.0, 1.0)}
    before = varimix.threads()
    try:
        varimix.set_threads(1)
        one = scenarios(space, given, n=1000, seed=7)
        varimix.set_threads(2)
        assert scenarios(space, given, n=1000, seed=7) == one
        assert np.array_equal(scenarios(space, given, n=10, seed=7).x, one.x[:10])
    finally:
        varimix.set_threads(before)
    assert scenarios(space, given, n=10, seed=8) != scenarios(space, given, n=10, seed=9)
    assert scenarios(space, given, n=10) != scenarios(space, given, n=10)
    generators = [np.random.default_rng(5) for _ in range(2)]
    assert scenarios(space, given, 10, generators[0]) == scenarios(space, given, 10, generators[1])


def test_threads_share_a_model(space: Model) -> None:
    given = {"oil": (-INF, 0.0), "tea": (0.0, 1.0)}
    expected = scenarios(space, given, n=300, seed=7)
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda _: scenarios(space, given, n=300, seed=7), range(20))
    assert all(result == expected for result in found)


def weighted(x: Any, weights: Any) -> Scenarios:
    d = np.shape(x)[1]
    model = NormalInverseGaussian.from_classical(np.zeros(d), np.zeros(d), np.eye(d), 1, 1)
    array = np.array(weights, dtype=float)
    return Scenarios(
        model, ((0, 0.0, 9.0),), np.array(x, dtype=float), array, 1 / (array @ array), 0.0, 0.0,
        "importance", "ok",
    )  # fmt: skip


def test_summaries_take_the_weights_into_account() -> None:
    found = weighted([[1, 10], [2, 30], [4, 20]], [0.25, 0.5, 0.25])
    repeated = np.array([[1, 10], [2, 30], [2, 30], [4, 20]], dtype=float)
    assert found.mean() == pytest.approx(repeated.mean(axis=0))
    biased = np.cov(repeated.T, ddof=0)
    assert found.cov() == pytest.approx(biased / (1 - found.weights @ found.weights))
    assert found.std() == pytest.approx(np.sqrt(np.diag(found.cov())))
    assert found.quantile(0.25).tolist() == [1, 10]
    assert found.quantile([0, 0.5, 0.75, 0.76, 1]).tolist() == [
        [1, 10], [2, 20], [2, 30], [4, 30], [4, 30],
    ]  # fmt: skip
    assert found.value_at_risk([-1, 0], 0.25) == 4
    assert found.value_at_risk([-1, 0], 0.3) == 2
    assert found.expected_shortfall([-1, 0], 0.25) == 4
    assert found.expected_shortfall([-1, 0], 0.5) == pytest.approx((0.25 * 4 + 0.25 * 2) / 0.5)


def test_equal_weights_give_numpy_s_numbers(space: Model) -> None:
    found = scenarios(space, {"oil": 1.0}, n=100, seed=1)
    assert found.cov() == pytest.approx(np.cov(found.x.T))
    assert found.quantile(0.3) == pytest.approx(
        np.quantile(found.x, 0.3, axis=0, method="inverted_cdf")
    )
    assert found.value_at_risk({"tea": 1.0}, 0.05) == -np.sort(found.x[:, 2])[4]
    assert found.expected_shortfall({"tea": 1.0}, 0.05) == pytest.approx(
        -np.sort(found.x[:, 2])[:5].mean()
    )


def test_summaries_check_their_arguments(space: Model) -> None:
    found = scenarios(space, {"oil": 1.0}, n=5, seed=1)
    for q in (-0.1, 1.1, math.nan, [[0.5]]):
        with pytest.raises(ValueError, match="q must be a number in"):
            found.quantile(q)
    for alpha in (0.0, 1.0, math.nan, -1):
        with pytest.raises(ValueError, match=r"alpha must be in \(0, 1\)"):
            found.value_at_risk([1, 0, 0], alpha)
        with pytest.raises(ValueError, match=r"alpha must be in \(0, 1\)"):
            found.expected_shortfall([1, 0, 0], alpha)
    with pytest.raises(ValueError, match="w must be of dimension 3"):
        found.value_at_risk([1, 0])
    with pytest.raises(ValueError, match="w must be finite"):
        found.value_at_risk([1, 0, math.nan])
    with pytest.raises(ValueError, match="did you mean 'gold'"):
        found.value_at_risk({"goold": 1})
    with pytest.raises(ValueError, match="cov needs weight on two rows"):
        scenarios(space, {"oil": 1.0}, n=1, seed=1).cov()


def test_summaries_of_rows_near_the_largest_double_are_finite_or_named() -> None:
    found = weighted([[1e200, 1.0], [-1e200, 2.0], [1e308, 3.0], [-1e308, 5.0]], [0.25] * 4)
    plain = weighted([[1e2, 1.0], [-1e2, 2.0], [1e110, 3.0], [-1e110, 5.0]], [0.25] * 4)
    np.testing.assert_allclose(found.mean(), [0.0, 2.75])
    np.testing.assert_allclose(found.mean_error(), plain.mean_error() * [1e198, 1.0])
    np.testing.assert_allclose(found.std(), plain.std() * [1e198, 1.0])
    np.testing.assert_allclose(plain.std(), np.sqrt(np.diag(plain.cov())))
    with pytest.raises(ValueError, match="cov needs a covariance within doubles"):
        found.cov()
    with pytest.raises(ValueError, match="w must keep w'x of all rows within doubles"):
        found.expected_shortfall([1e10, 0.0])


def test_a_small_effective_sample_size_is_named() -> None:
    found = weighted([[1.0]] * 20, [0.9, *[0.1 / 19] * 19])
    named = copy.copy(found)
    object.__setattr__(named, "status", "small_effective_sample_size")
    assert "status='small_effective_sample_size'" in repr(named)
    assert "small_effective_sample_size" in named._repr_html_()


def test_it_is_a_value(space: Model) -> None:
    found = scenarios(space, {"oil": (0.0, 1.0), "gold": (-1.0, 0.0)}, n=20, seed=1)
    for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert other == found
        for array in (other.x, other.weights):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
    assert found != "scenarios"
    with pytest.raises(AttributeError):
        found.status = "ok"  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)
    assert len(found) == 20


def test_it_shows_itself_shortly(space: Model) -> None:
    found = scenarios(space, {"oil": (0.0, 1.0), "gold": 1.0}, n=20, seed=1)
    assert repr(found).startswith("Scenarios(n=20, d=3, method='exact', effective_sample_size=20")
    assert len(repr(found)) < 120
    html = found._repr_html_()
    assert "<td>0 to 1</td>" in html
    assert "<td>gold</td><td>1</td>" in html
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["conditions"] == [[0, 0.0, 1.0], [1, 1.0, 1.0]]
    assert type(space).from_dict(values["model"]) == space
    assert list(found.as_frame().columns) == NAMES
    assert found.columns == tuple(NAMES)
    unnamed = scenarios(space.with_columns(None), {0: (0.0, 1.0)}, n=5, seed=1)
    assert list(unnamed.as_frame().columns) == [0, 1, 2]


def test_a_table_of_many_columns_is_short() -> None:
    model = NormalInverseGaussian.from_classical(np.zeros(30), np.zeros(30), np.eye(30), 1.0, 1.0)
    html = scenarios(model, {29: 1.0}, n=3, seed=1)._repr_html_()
    assert "... 30 in all" in html


def test_the_module_is_there_without_an_import() -> None:
    assert varimix.risk.scenarios is scenarios
    assert varimix.risk.Scenarios is Scenarios
