"""Draws given values and bounds of columns, against quadrature and rejection."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from laws_of_risk import INF, named_space
from scipy.integrate import quad

import varimix
from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma, NormalInverseGaussian, VarianceGamma
from varimix.risk import scenarios

space = pytest.fixture(named_space)

ERRORS = 5.0
"""Standard errors that an estimate may be off: a false alarm in 1.7 million comparisons."""


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
