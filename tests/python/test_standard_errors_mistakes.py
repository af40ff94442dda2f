"""A mistake in what standard errors are asked of is named."""

from collections.abc import Callable

import numpy as np
import pytest
from fit_with_errors import FIT, X

from varimix.inference import cdf, function_of_model, inference, value_at_risk

BAD: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no model": (lambda: inference("model", X), TypeError, "model must be a model"),
    "no rows": (lambda: inference(FIT, X[:0]), ValueError, "X must"),
    "one row": (lambda: inference(FIT, X[:1]), ValueError, "2 rows or more"),
    "another column": (lambda: inference(FIT, X[:, :1]), ValueError, "X must"),
    "infinity": (
        lambda: inference(FIT, np.where(X > 1, np.inf, X)),
        ValueError,
        "X must be finite",
    ),
    "texts": (lambda: inference(FIT, [["a", "b"]] * 3), (TypeError, ValueError), "X"),  # type: ignore[dict-item]
    "cov_type": (lambda: inference(FIT, X, "white"), ValueError, "cov_type must be"),
    "cov_type of another type": (lambda: inference(FIT, X, 3), TypeError, "cov_type must"),  # type: ignore[arg-type]
    "half a cosine": (lambda: inference(FIT, X, cosines=2.5), TypeError, "cosines must"),  # type: ignore[arg-type]
    "lags of another type": (lambda: inference(FIT, X, maxlags="a"), TypeError, "maxlags must"),  # type: ignore[arg-type]
    "missing of another type": (lambda: inference(FIT, X, missing=1), TypeError, "missing must"),  # type: ignore[arg-type]
    "symmetric": (lambda: inference(FIT, X, symmetric="yes"), TypeError, "symmetric must"),  # type: ignore[arg-type]
    "a number that is fixed": (lambda: inference(FIT, X, fixed=[1]), TypeError, "fixed must"),  # type: ignore[list-item]
    "cosines": (lambda: inference(FIT, X, "hac", cosines=0), ValueError, "cosines must"),
    "maxlags": (lambda: inference(FIT, X, "hac", maxlags=400), ValueError, "lags must"),
    "missing": (lambda: inference(FIT, X, missing="drop"), ValueError, "missing must"),
    "fixed": (lambda: inference(FIT.model, X, fixed=["nu"]), ValueError, "fixed must"),
    "weights": (lambda: inference(FIT, X, weights=[1.0]), ValueError, "weights must"),
    "alpha": (lambda: inference(FIT, X).conf_int(1.0), ValueError, "alpha must"),
    "nothing": (lambda: inference(FIT, X, defaults=False), ValueError, "functionals must"),
    "a list": (lambda: inference(FIT, X, functionals=[cdf([1, 0], 0)]), TypeError, "functionals"),  # type: ignore[arg-type]
    "a number": (lambda: inference(FIT, X, functionals={"a": 3}), TypeError, "callable"),
    "a name twice": (
        lambda: inference(FIT, X, functionals={"sd_1": cdf([1, 0], 0)}),
        ValueError,
        "different names",
    ),
    "no name": (lambda: inference(FIT, X, functionals={"": cdf([1, 0], 0)}), ValueError, "name"),
    "a name that is none": (
        lambda: inference(FIT, X, functionals={1: cdf([1, 0], 0)}),  # type: ignore[dict-item]
        TypeError,
        "texts as names",
    ),
    "too few weights": (
        lambda: inference(FIT, X, functionals={"a": cdf([1.0], 0)}),
        ValueError,
        "of dimension 2",
    ),
    "a tail of 0": (
        lambda: inference(FIT, X, functionals={"a": value_at_risk([1, 0], 0.0)}),
        ValueError,
        "alpha must",
    ),
    "a tail that is a text": (lambda: value_at_risk([1, 0], "a"), (TypeError, ValueError), "alpha"),  # type: ignore[arg-type,dict-item]
    "no rows at all": (lambda: inference(FIT, None), TypeError, "X must be rows, got None"),  # type: ignore[arg-type]
    "defaults": (lambda: inference(FIT, X, defaults=None), TypeError, "defaults must be True"),  # type: ignore[arg-type]
    "cosines that no one needs": (lambda: inference(FIT, X, cosines=0), ValueError, "cosines must"),
    "lags that no one needs": (lambda: inference(FIT, X, maxlags=-1), ValueError, "maxlags must"),
    "cosines of 400 digits": (
        lambda: inference(FIT, X, cosines=10**400),
        ValueError,
        "cosines must be within",
    ),
    "an array of no weights": (lambda: inference(FIT, X, weights=[]), ValueError, "weights must"),
    "weights of nothing": (
        lambda: inference(FIT, X, weights=np.full(len(X), 1e-300)),
        ValueError,
        "the sum of weights must be 0 or from 1e-100 to 1e100",
    ),
    "weights of worlds": (
        lambda: inference(FIT, X, weights=np.full(len(X), 1e300)),
        ValueError,
        "the sum of weights must be 0 or from 1e-100 to 1e100",
    ),
    "texts as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(["x", "y"], 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "times as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(np.array([1, 2], "m8[s]"), 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "complex numbers as a portfolio": (
        lambda: inference(FIT, X, functionals={"a": cdf(np.array([1j, 2]), 0)}),
        ValueError,
        "w must be an array of real numbers",
    ),
    "a text as alpha": (lambda: inference(FIT, X).conf_int("0.05"), ValueError, "alpha must"),  # type: ignore[arg-type]
    "a table for None": (lambda: inference(FIT, X).summary(None), ValueError, "alpha must"),  # type: ignore[arg-type]
    "a scale": (lambda: function_of_model(len, "sqrt"), ValueError, "scale must"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_named(name: str) -> None:
    mistake, error, message = BAD[name]
    with pytest.raises(error, match=message):
        mistake()
