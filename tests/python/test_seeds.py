"""Seeds and keys: an integer, an array of them, a generator of numpy, or None."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import IncrementalEMFitter, InverseGaussian, NormalInverseGaussian, OnlineEM, fit_best

MODEL = NormalInverseGaussian.from_classical([0], [0.5], [[1]], 1.0, 1.5)
X = MODEL.rvs(300, seed=0)


def incremental(seed: Any) -> NDArray[np.float64]:
    fitter = IncrementalEMFitter(batch_size=16, max_steps=3)
    return np.array(fitter.fit(MODEL, X, key=seed).model.mu)


def best(seed: Any) -> NDArray[np.float64]:
    # the starts are seen before they are polished
    from varimix import BatchEMFitter

    table = fit_best(
        X,
        families=["GeneralizedHyperbolic"],
        n_starts=4,
        key=seed,
        fitter=BatchEMFitter(max_iter=0),
    )
    return np.array(table.best.model.mu)


DOORS: dict[str, Callable[[Any], NDArray[np.float64]]] = {
    "Model.rvs": lambda seed: MODEL.rvs(5, seed=seed),
    "InverseGaussian.rvs": lambda seed: InverseGaussian(1.0, 2.0).rvs(5, seed=seed),
    "monte_carlo_kl_divergence": lambda seed: np.array(
        [MODEL.monte_carlo_kl_divergence(MODEL.replace(mu=[1.0]), 100, seed).value]
    ),
    "IncrementalEMFitter.fit": incremental,
    "fit_best": best,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_none_is_fresh_randomness(door: Callable[[Any], NDArray[np.float64]]) -> None:
    assert not np.array_equal(door(None), door(None))


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_gives_the_same_draws_once_more_from_its_seed(
    make: Callable[[int], Any], door: Callable[[Any], NDArray[np.float64]]
) -> None:
    assert np.array_equal(door(make(7)), door(make(7)))
    generator = make(7)
    assert not np.array_equal(door(generator), door(generator))


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(
    "seed", [0, 2**64 - 1, np.int32(3), [1, 2], np.array([5], dtype=np.uint64)]
)
def test_a_number_gives_the_same_draws_at_every_call(
    seed: Any, door: Callable[[Any], NDArray[np.float64]]
) -> None:
    assert np.array_equal(door(seed), door(seed))


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "1", True, [], [None]])
def test_anything_else_is_refused(seed: Any, door: Callable[[Any], NDArray[np.float64]]) -> None:
    with pytest.raises(ValueError, match=r"^(seed|key) must be an integer >= 0 and below 2\^64"):
        door(seed)


def test_a_state_takes_a_generator_for_its_key() -> None:
    one, other = (OnlineEM(MODEL, key=np.random.default_rng(3)) for _ in range(2))
    assert one == other
    assert OnlineEM(MODEL, key=None) != OnlineEM(MODEL, key=None)


def test_draws_without_a_seed_are_fresh() -> None:
    assert not np.array_equal(MODEL.rvs(5), MODEL.rvs(5))
