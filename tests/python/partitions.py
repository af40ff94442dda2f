"""Rows in partitions, and the fit that every engine has to meet in every bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import BatchEMFitter, EMResult, NormalInverseGaussian
from varimix.distributed import (
    e_step_partial,
    fit_partials,
    merge_in_order,
    merge_partials,
    model_bytes,
)

Array = NDArray[np.float64]

TRUTH = NormalInverseGaussian.from_classical(
    mu=(0, 0, 1),
    gamma=(0.4, -0.3, 0),
    sigma=((1, 0.3, 0), (0.3, 1, 0), (0, 0, 2)),
    mu_ig=1.0,
    lam=1.5,
)
X: Array = TRUTH.rvs(3000, seed=1)
CUTS = (0, 700, 701, 701, 1500, 2200, 3000)  # one partition of one row, one of none
PARTS = [X[a:b] for a, b in pairwise(CUTS)]
NAMES = ("a", "b", "c")
INIT = NormalInverseGaussian.default_init(X)
QUESTION = model_bytes(INIT)
EMPTY = e_step_partial(QUESTION, X[:0])


def split(values: Array) -> list[Array]:
    return [values[a:b] for a, b in pairwise(CUTS)]


def partials(question: bytes = QUESTION) -> list[bytes]:
    return [e_step_partial(question, part) for part in PARTS]


def asked(parts: Sequence[Any], weights: Sequence[Any] | None = None) -> Callable[[bytes], bytes]:
    """Return the E-step of parts, done here one after the other."""
    given = [None] * len(parts) if weights is None else weights

    def e_step(model_bytes: bytes) -> bytes:
        partials = [
            e_step_partial(model_bytes, part, w) for part, w in zip(parts, given, strict=True)
        ]
        return merge_in_order(partials, merge_partials)

    return e_step


def serial_fit(
    parts: Sequence[Any],
    weights: Sequence[Any] | None = None,
    init: NormalInverseGaussian = INIT,
    **options: Any,
) -> EMResult[NormalInverseGaussian]:
    return fit_partials(init, asked(parts, weights), BatchEMFitter(**options))


def same_bits(left: EMResult[Any], right: EMResult[Any]) -> bool:
    """Return whether two fits are the same but for the time that they took."""
    return bool(
        left.model == right.model
        and left.log_likelihoods.tolist() == right.log_likelihoods.tolist()
        and left.param_changes.tolist() == right.param_changes.tolist()
        and left.log_likelihood == right.log_likelihood
        and left.status == right.status
        and left.n_iter == right.n_iter
        and left.total_weight == right.total_weight
    )


def assert_same_fit(
    left: EMResult[NormalInverseGaussian], right: EMResult[NormalInverseGaussian]
) -> None:
    """Assert that two fits are the same to 1e-10, with the same outcomes."""
    assert left.n_iter == right.n_iter
    assert left.status == right.status
    assert left.model.same_law(right.model, 1e-10)
    assert left.log_likelihood is not None
    assert left.log_likelihood == pytest.approx(right.log_likelihood, rel=1e-10)
    assert left.total_weight == pytest.approx(right.total_weight, rel=1e-12)
    assert left.n_parameters == right.n_parameters
