"""Values of rows on dask's partitions are those of the model, in their order."""

import numpy as np
import pytest
from dask_collections import COUNTS, delayed_parts, holes, in_this_thread
from partitions import INIT, PARTS, TRUTH, X, split

from varimix.distributed import log_prob, posterior, rvs, score

_in_this_thread = pytest.fixture(autouse=True)(in_this_thread)


def test_the_score_is_the_mean_log_density_by_weight() -> None:
    densities = INIT.log_prob(X)
    assert score(delayed_parts(), INIT) == pytest.approx(densities.mean(), rel=1e-13)
    weighted = score(delayed_parts(), INIT, weights=delayed_parts(split(COUNTS)))
    assert weighted == pytest.approx(np.average(densities, weights=COUNTS), rel=1e-13)
    exact = score(delayed_parts(split(holes())), INIT, missing="exact")
    assert exact == pytest.approx(INIT.marginal_log_likelihood(holes(), "exact"), rel=1e-13)


def test_values_of_rows_are_those_of_the_model_in_their_order() -> None:
    densities = log_prob(delayed_parts(), INIT)
    assert densities.chunks == (tuple(len(part) for part in PARTS if len(part)),)
    some = [part for part in PARTS if len(part)]  # few rows and many are rounded in two ways
    expected = np.concatenate([INIT.log_prob(part) for part in some])
    np.testing.assert_array_equal(densities.compute(), expected)
    found = posterior(delayed_parts(), INIT)
    for name in ("E_inv_Y", "E_Y", "E_log_Y"):
        expected = np.concatenate([getattr(INIT.posterior(part), name) for part in some])
        np.testing.assert_array_equal(getattr(found, name).compute(), expected)


@pytest.mark.parametrize("size", [1, 7, 256, 1000, 5000])
def test_draws_are_those_of_the_model_in_any_partitions(size: int) -> None:
    n = 20 if size == 1 else 1000
    drawn = rvs(TRUTH, n, 5, partition_rows=size)
    np.testing.assert_array_equal(drawn.compute(), TRUTH.rvs(n, 5))


def test_draws_of_no_rows_and_of_a_generator() -> None:
    assert rvs(TRUTH, 0, 1).compute().shape == (0, 3)
    drawn = rvs(TRUTH, 10, np.random.default_rng(3)).compute()
    np.testing.assert_array_equal(drawn, rvs(TRUTH, 10, np.random.default_rng(3)).compute())
