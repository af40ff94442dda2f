"""What tests of fits cannot test is refused with its reason."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fits_to_test import GH, NIG, SYMMETRIC, TRUE, VG, X

from varimix import (
    BatchEMFitter,
    EMResult,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    Shrinkage,
    eta0_from_model,
    inference,
)
from varimix.inference import goodness_of_fit, likelihood_ratio, vuong


def with_prior() -> EMResult[NormalInverseGaussian]:
    prior = Shrinkage(IdentityUpdate(), eta0_from_model(TRUE), tau=0.1)
    return BatchEMFitter(eta_update=prior, symmetric=True).fit(TRUE, X)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "not nested": (lambda: likelihood_ratio(NIG, VG), "small must be a law within that of large"),
    "the wrong order": (lambda: likelihood_ratio(NIG, SYMMETRIC), "all that large holds"),
    "the same law": (lambda: likelihood_ratio(NIG, NIG), "fewer free parameters"),
    "other rows": (
        lambda: likelihood_ratio(NormalInverseGaussian.fit(X[1:], symmetric=True), NIG),
        "total_weight",
    ),
    "other columns": (
        lambda: likelihood_ratio(NormalInverseGaussian.fit(X[:, :1], symmetric=True), NIG),
        "dimension",
    ),
    "another fitter": (
        lambda: likelihood_ratio(IncrementalEMFitter(max_steps=3).fit(TRUE, X, key=0), GH),
        "small must be a fit of BatchEMFitter",
    ),
    "a prior": (lambda: likelihood_ratio(with_prior(), NIG), "one with a prior"),
    "weights that count nothing": (
        lambda: likelihood_ratio(
            BatchEMFitter(symmetric=True).fit(TRUE, X, weights=np.full(400, 0.4995)),
            BatchEMFitter().fit(TRUE, X, weights=np.full(400, 0.4995)),
        ),
        "weights count rows",
    ),
    "Gaussian rows": (
        lambda: inference.test_symmetry(np.random.default_rng(0).normal(size=(2000, 2))),
        "gaussian_limit",
    ),
    "a Gaussian's symmetry weights": (
        lambda: inference.test_symmetry(X, weights=np.full(400, 0.5)),
        "weights must be whole numbers",
    ),
    "another family's name": (
        lambda: inference.test_symmetry(X, "NormalInverseGausian"),
        "is it 'NormalInverseGaussian'",
    ),
    "no passes": (lambda: inference.test_symmetry(X, max_iter=0), "max_iter must be >= 1"),
    "a tolerance below 0": (lambda: inference.test_symmetry(X, tol=-1.0), "tol"),
    "missing values": (
        lambda: inference.test_symmetry(np.where(X > 2, np.nan, X)),
        "X",
    ),
    "nested laws for Vuong": (lambda: vuong(NIG, GH, X), "likelihood_ratio tests those that do"),
    "one family for Vuong": (lambda: vuong(SYMMETRIC, NIG, X), "do not nest"),
    "another correction": (lambda: vuong(NIG, VG, X, correction="hqic"), "'none', 'aic' or 'bic'"),
    "too many lags": (lambda: vuong(NIG, VG, X, maxlags=400), "maxlags"),
    "one row for Vuong": (lambda: vuong(NIG, VG, X[:1]), "two rows"),
    "density 0 for Vuong": (
        lambda: vuong(NIG, VG, np.vstack([X, [[1e300, 0.0]]])),
        "in row 400 must be finite",
    ),
    "replicates below 0": (lambda: goodness_of_fit(NIG, X, replicates=-1), "replicates"),
    "no directions": (lambda: goodness_of_fit(NIG, X, directions=np.zeros((0, 2))), "directions"),
    "direction 0": (lambda: goodness_of_fit(NIG, X, directions=0), "directions must be >= 1"),
    "directions of another d": (
        lambda: goodness_of_fit(NIG, X, directions=np.ones((1, 3))),
        "directions",
    ),
    "a vector as directions": (lambda: goodness_of_fit(NIG, X, directions=[1, 1]), "shape"),
    "a fitter that holds less": (
        lambda: goodness_of_fit(SYMMETRIC, X, fitter=BatchEMFitter()),
        r"fitter must hold what the fit held, \['gamma'\], got \[\]",
    ),
    "a prior that replicates lack": (lambda: goodness_of_fit(with_prior(), X), "fitter must be"),
    "a prior that the fit lacked": (
        lambda: goodness_of_fit(
            NIG,
            X,
            fitter=BatchEMFitter(
                eta_update=Shrinkage(IdentityUpdate(), eta0_from_model(TRUE), tau=0.1)
            ),
        ),
        "the fit had none",
    ),
    "NaN": (lambda: goodness_of_fit(NIG, np.where(X > 2, np.nan, X)), "X"),
    "no rows": (lambda: goodness_of_fit(NIG, X[:0]), "X"),
    "another column": (lambda: goodness_of_fit(NIG, X[:, :1]), "X"),
    "text": (lambda: goodness_of_fit(NIG, [["a", "b"]]), "X"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_tested_is_refused_with_its_reason(name: str) -> None:
    call, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        call()


WRONG_TYPES: dict[str, tuple[Callable[[], Any], str]] = {
    "a model for a fit": (lambda: likelihood_ratio(NIG.model, GH), "small must be an EMResult"),  # type: ignore[arg-type]
    "None for a fit": (lambda: likelihood_ratio(NIG, None), "large must be an EMResult"),  # type: ignore[arg-type]
    "no model": (lambda: vuong(NIG, 3, X), "model_b must be a model"),  # type: ignore[arg-type]
    "a half lag": (lambda: vuong(NIG, VG, X, maxlags=0.5), "maxlags must be an int"),  # type: ignore[arg-type]
    "no fit": (lambda: goodness_of_fit("NIG", X), "fit must be a model"),  # type: ignore[arg-type]
    "half a replicate": (
        lambda: goodness_of_fit(NIG, X, replicates=0.5),  # type: ignore[arg-type]
        "replicates must be an int",
    ),
    "a rule as fitter": (
        lambda: goodness_of_fit(NIG, X, fitter=IdentityUpdate()),  # type: ignore[arg-type]
        "fitter must be a BatchEMFitter",
    ),
    "no rows": (lambda: inference.test_symmetry(None), "X must be rows, got None"),  # type: ignore[arg-type]
    "no rows of a fit": (lambda: goodness_of_fit(NIG, None), "X must be rows, got None"),  # type: ignore[arg-type]
    "fitted": (lambda: goodness_of_fit(NIG, X, fitted=None), "fitted must be True or False"),  # type: ignore[arg-type]
    "no missing": (lambda: inference.test_symmetry(X, missing=None), "missing must be a text"),  # type: ignore[arg-type]
    "no missing of two": (lambda: vuong(NIG, VG, X, missing=None), "missing must be a text"),  # type: ignore[arg-type]
    "a number as correction": (
        lambda: vuong(NIG, VG, X, correction=2),
        "correction must be a text",
    ),  # type: ignore[arg-type]
    "a number as family": (lambda: inference.test_symmetry(X, 3), "family must be a class"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_wrong_type_is_named(name: str) -> None:
    call, reason = WRONG_TYPES[name]
    with pytest.raises(TypeError, match=reason):
        call()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("maxlags", lambda: vuong(NIG, VG, X, maxlags=10**400)),
        ("directions", lambda: goodness_of_fit(NIG, X, directions=10**400)),
        ("replicates", lambda: goodness_of_fit(NIG, X, replicates=-(10**400))),
        ("max_iter", lambda: inference.test_symmetry(X, max_iter=10**400)),
    ],
)
def test_whole_numbers_beyond_those_of_the_core_are_named(
    name: str, call: Callable[[], Any]
) -> None:
    with pytest.raises(ValueError, match=f"{name} must be within 2,147,483,647, got"):
        call()
