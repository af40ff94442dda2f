"""Results of scenarios: summaries by weight, and what is shown, compared and copied."""

import copy
import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from laws_of_risk import NAMES, named_space

import varimix
from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian
from varimix.risk import Scenarios, scenarios

space = pytest.fixture(named_space)


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
