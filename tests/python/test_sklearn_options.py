"""varimix.sklearn: bad options are named by fit, and what is not fitted says so."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from varimix.sklearn import MeanVarianceMixture

Rows = NDArray[np.float64]

BAD_OPTIONS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"family": "nigg"}, ValueError, "family must be .* got 'nigg'; did you mean 'nig'"),
    ({"family": "GeneralisedHyperbolic"}, ValueError, "did you mean 'GeneralizedHyperbolic'"),
    ({"family": "zzz"}, ValueError, "or 'best', got 'zzz'$"),
    ({"family": 3}, TypeError, "family must be a word, got 3"),
    ({"rule": "emwa"}, ValueError, "did you mean 'ewma'"),
    ({"rule": 3}, TypeError, "rule must be an update rule, got 3"),
    ({"shrinkage": -1}, ValueError, "shrinkage must be >= 0, got -1"),
    ({"shrinkage": float("nan")}, ValueError, "shrinkage must be >= 0, got nan"),
    ({"shrinkage": "much"}, TypeError, "shrinkage must be a number"),
    ({"shrinkage_target": "diag"}, ValueError, "did you mean 'diagonal'"),
    ({"symmetric": "yes"}, TypeError, "symmetric must be True or False"),
    ({"alpha_min": "densty"}, ValueError, "did you mean 'density'"),
    ({"missing": "exat"}, ValueError, "did you mean 'exact'"),
    ({"max_iter": 0}, ValueError, "max_iter must be >= 1, got 0"),
    ({"max_iter": 1.5}, TypeError, "max_iter must be a whole number, got 1.5"),
    ({"tol": -1.0}, ValueError, "tol must be >= 0"),
    ({"batch_size": 0}, ValueError, "batch_size must be >= 1"),
    ({"passes": True}, TypeError, "passes must be a whole number, got True"),
    ({"n_starts": 0}, ValueError, "n_starts must be >= 1"),
    ({"contamination": 0.6}, ValueError, r"contamination must be in \(0, 0.5\], got 0.6"),
    ({"random_state": -1}, ValueError, "random_state must be >= 0 and below 2"),
    ({"random_state": "a"}, TypeError, "random_state must be an integer, a numpy.random.Generator"),
    ({"family": "best", "rule": "ewma"}, ValueError, "family must be one family where rule"),
    ({"family": "best", "shrinkage": 1.0}, ValueError, "family must be one family where rule"),
]


@pytest.mark.parametrize(("options", "error", "message"), BAD_OPTIONS)
def test_a_bad_option_is_named_by_both_fits(
    options: dict[str, Any], error: type[Exception], message: str, rows: Rows
) -> None:
    mixture = MeanVarianceMixture(**options)  # which checks nothing: scikit-learn's rule
    for fit in (mixture.fit, mixture.partial_fit):
        with pytest.raises(error, match=message):
            fit(rows)
    assert not hasattr(mixture, "model_")


@pytest.mark.parametrize(
    "method",
    ["score_samples", "score", "aic", "bic", "decision_function", "predict", "transform"],
)
def test_an_estimator_that_is_not_fitted_says_so(method: str, rows: Rows) -> None:
    with pytest.raises(NotFittedError):
        getattr(MeanVarianceMixture(), method)(rows)
    with pytest.raises(NotFittedError):
        MeanVarianceMixture().sample()
    assert not hasattr(MeanVarianceMixture(), "offset_")


def test_a_fit_that_failed_leaves_an_estimator_that_is_not_fitted(rows: Rows) -> None:
    mixture = MeanVarianceMixture()
    with pytest.raises(ValueError, match="sample_weight must be >= 0"):
        mixture.fit(rows, sample_weight=-np.ones(len(rows)))
    with pytest.raises(NotFittedError):
        check_is_fitted(mixture)
    check_is_fitted(mixture.fit(rows))
