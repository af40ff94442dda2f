"""Draws of a law, and of a law given some of its columns."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian
from varimix.conditional_sampling import draw_given
from varimix.sklearn import MeanVarianceMixture

Rows = NDArray[np.float64]

MANY = 20_000
FALSE_ALARM = 1e-4  # of a test by p-value; draws are keyed, so a pass stays a pass
STANDARD_ERRORS = 5.0


@pytest.fixture
def space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    return family.from_classical([0.5, -1.0, 0.0], [0.4, -0.3, 0.6], sigma, **shape)


def marginal_of(model: Model, columns: list[int]) -> Model:
    parameters = {name: getattr(model.subordinator(), name) for name in shape_names(model)}
    sigma = model.sigma()[np.ix_(columns, columns)]
    family: Any = type(model)
    return family.from_classical(model.mu[columns], model.gamma[columns], sigma, **parameters)


def shape_names(model: Model) -> list[str]:
    return [
        name for name in ("mu_ig", "lam", "alpha", "beta", "p", "a", "b") if hasattr(model, name)
    ]


@pytest.mark.parametrize("columns", [[0], [2, 0]])
def test_the_conditional_density_is_joint_over_marginal(space: Model, columns: list[int]) -> None:
    x = space.rvs(20, seed=5)
    free = [j for j in range(3) if j not in columns]
    for row in x:
        law = space.conditional_law(dict(zip(columns, row[columns].tolist(), strict=True)))
        joint = space.log_prob(row[None])[0]
        marginal = marginal_of(space, columns).log_prob(row[None, columns])[0]
        assert law.log_prob(row[None, free])[0] == pytest.approx(joint - marginal, abs=1e-9)


def test_draws_given_a_value_have_the_conditional_moments(space: Model) -> None:
    draws = draw_given(space, MANY, {1: 0.7}, [], key=1)
    assert (draws[:, 1] == 0.7).all()
    given = space.conditional(np.array([[np.nan, 0.7, np.nan]]))
    error = np.sqrt(np.diag(given.covariance[0])[[0, 2]] / MANY)
    difference = draws[:, [0, 2]].mean(axis=0) - given.mean[0, [0, 2]]
    assert (np.abs(difference) < STANDARD_ERRORS * error).all()
    law = space.conditional_law({1: 0.7}).project([1.0, 0.0])
    assert stats.kstest(draws[:, 0], law.cdf).pvalue > FALSE_ALARM


def test_each_draw_may_have_a_value_of_its_own(space: Model) -> None:
    values = np.repeat([-2.0, 3.0], MANY // 2)
    draws = draw_given(space, MANY, {"b": values}, ["a", "b", "c"], key=2)
    np.testing.assert_array_equal(draws[:, 1], values)
    for value in (-2.0, 3.0):
        law = space.conditional_law({1: value}).project([0.0, 1.0])
        assert stats.kstest(draws[values == value, 2], law.cdf).pvalue > FALSE_ALARM


BOUNDS: list[dict[int, Any]] = [
    {0: (1.0, 2.0)},
    {0: (1.0, np.inf), 2: (-1.0, 0.5)},
]


@pytest.mark.parametrize("bounds", BOUNDS)
def test_draws_within_bounds_have_the_law_of_rows_within_them(
    space: Model, bounds: dict[int, tuple[float, float]]
) -> None:
    rows = space.rvs(100_000, seed=6)
    for column, (low, high) in bounds.items():
        rows = rows[(low <= rows[:, column]) & (rows[:, column] <= high)]
    draws = draw_given(space, 4000, bounds, [], key=3)
    for column, (low, high) in bounds.items():
        assert ((low <= draws[:, column]) & (draws[:, column] <= high)).all()
    for column in range(3):
        assert stats.ks_2samp(draws[:, column], rows[:, column]).pvalue > FALSE_ALARM


def test_values_and_bounds_go_together(space: Model) -> None:
    draws = draw_given(space, 2000, {0: 1.0, 2: (0.0, 2.0)}, [], key=4)
    law = space.conditional_law({0: 1.0}).project([0.0, 1.0])
    below, within = law.cdf(0.0), law.cdf(2.0) - law.cdf(0.0)
    uniform = (law.cdf(draws[:, 2]) - below) / within
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM


def test_bounds_far_in_a_tail_are_drawn_from() -> None:
    model = NormalInverseGaussian.from_classical([0, 0], [0, 0], np.eye(2), 1.0, 1.0)
    for low, high in ((60.0, 61.0), (-61.0, -60.0)):
        x = draw_given(model, 100, {0: (low, high)}, [], key=5)[:, 0]
        assert ((low <= x) & (x <= high)).all()
        assert len(np.unique(x)) == 100


def test_the_same_key_gives_the_same_draws(space: Model) -> None:
    for given in ({}, {0: 1.0}, {0: (0.0, 1.0)}):
        first, again, other = (draw_given(space, 5, given, [], key=key) for key in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert not (first == other).all()


BAD: list[tuple[Any, type[Exception], str]] = [
    ({"z": 1.0}, ValueError, r"conditioning must be of columns \['a', 'b'\] or 0 to 1, got 'z'"),
    ({2: 1.0}, ValueError, "conditioning must be of columns .* got 2"),
    ({-1: 1.0}, ValueError, "conditioning must be of columns .* got -1"),
    ({True: 1.0}, ValueError, "conditioning must be of columns .* got True"),
    ({"a": 1.0, "b": 1.0}, ValueError, "conditioning must leave a column of the 2"),
    ({"a": 1.0, 0: 1.0}, ValueError, "conditioning must name a column once"),
    ({"a": np.nan}, ValueError, "conditioning of 'a' must be finite"),
    ({"a": "x"}, ValueError, "conditioning of 'a' must be an array of real numbers"),
    ({"a": [1.0, 2.0]}, ValueError, r"conditioning of 'a' must be one number or 3, got the shape"),
    ({"a": (2.0, 1.0)}, ValueError, "conditioning of 'a' must have low < high"),
    ({"a": (1.0, np.nan)}, ValueError, "conditioning of 'a' must have low < high"),
    ({"a": (1.0, 2.0, 3.0)}, ValueError, "conditioning of 'a' must be bounds"),
    ({"a": (1e200, 1e201)}, ValueError, "conditioning must hold some probability"),
    (["a"], TypeError, "conditioning must map columns to values"),
]


@pytest.mark.parametrize(("given", "error", "message"), BAD, ids=[str(case[0]) for case in BAD])
def test_bad_conditions_are_named(
    given: Any, error: type[Exception], message: str, truth: NormalInverseGaussian
) -> None:
    with pytest.raises(error, match=message):
        draw_given(truth, 3, given, ["a", "b"], key=0)


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
def test_a_bad_number_of_draws_is_named(n: Any, truth: NormalInverseGaussian) -> None:
    with pytest.raises((ValueError, TypeError), match="n_samples must be"):
        draw_given(truth, n, {}, [], key=0)


# ---- MeanVarianceMixture.sample and random_state ----


def test_sample_returns_an_array_alone(rows: Rows) -> None:
    mixture = MeanVarianceMixture(random_state=3).fit(rows)
    assert mixture.sample().shape == (1, 2)
    np.testing.assert_array_equal(mixture.sample(7), mixture.model_.rvs(7, seed=3))
    np.testing.assert_array_equal(mixture.sample(7), mixture.sample(7))
    np.testing.assert_array_equal(mixture.sample(7, random_state=4), mixture.model_.rvs(7, seed=4))


@pytest.mark.parametrize("generator", [np.random.default_rng, np.random.RandomState])
def test_a_generator_gives_new_draws_that_its_seed_decides(generator: Any, rows: Rows) -> None:
    drawn = []
    for seed in (0, 0, 1):
        mixture = MeanVarianceMixture(random_state=generator(seed)).fit(rows)
        drawn.append([mixture.sample(3), mixture.sample(3)])
    assert not (drawn[0][0] == drawn[0][1]).any()
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not (drawn[0][0] == drawn[2][0]).any()


def test_no_random_state_is_fresh_whatever_numpy_is_seeded_with(rows: Rows) -> None:
    mixture = MeanVarianceMixture().fit(rows)
    drawn = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002  # the seed that must not matter
        drawn.append(mixture.sample(3))
    assert not (drawn[0] == drawn[1]).any()


def test_conditions_go_by_the_names_of_the_fit(rows: Rows) -> None:
    mixture = MeanVarianceMixture(random_state=0).fit(pd.DataFrame(rows, columns=["a", "b"]))
    by_name = mixture.sample(4, conditioning={"b": 1.0})
    np.testing.assert_array_equal(by_name, mixture.sample(4, conditioning={1: 1.0}))
    assert (by_name[:, 1] == 1).all()


def test_bounds_that_exclude_each_other_are_given_up() -> None:
    together = NormalInverseGaussian.from_classical(
        [0, 0, 0], [0, 0, 0], [[1, 0.999, 0], [0.999, 1, 0], [0, 0, 1]], 1.0, 1.0
    )
    with pytest.raises(ValueError, match="conditioning must hold more probability: after 1000"):
        draw_given(together, 3, {0: (3.0, 4.0), 1: (-4.0, -3.0)}, [], key=0)
