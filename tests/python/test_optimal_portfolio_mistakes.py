"""What cannot be asked of an optimal portfolio is refused by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from optimal_portfolios import NAMES, named_space

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGamma, NormalInverseGaussian
from varimix.risk import equal_contribution, minimum_expected_shortfall

space = pytest.fixture(named_space)

Call = Callable[[Any], object]
minimum = minimum_expected_shortfall
BAD: dict[str, tuple[Call, type[Exception], str]] = {
    "no model": (lambda m: minimum("m"), TypeError, "model must be a model"),
    "no model of equal": (lambda m: equal_contribution(None), TypeError, "model must be a model"),
    "alpha 0": (lambda m: minimum(m, 0), ValueError, r"alpha must be in \(0, 1\), got 0"),
    "alpha NaN": (lambda m: minimum(m, np.nan), ValueError, "alpha must be one finite number"),
    "alpha text": (lambda m: minimum(m, "5%"), ValueError, "alpha must"),  # type: ignore[arg-type]
    "alpha True": (lambda m: minimum(m, True), ValueError, "alpha must be one finite number"),
    "alphas": (lambda m: minimum(m, [0.1, 0.2]), ValueError, "alpha must be one"),  # type: ignore[arg-type]
    "alpha of equal": (lambda m: equal_contribution(m, 1.0), ValueError, "alpha must be in"),
    "target text": (
        lambda m: minimum(m, target_return="x"),  # type: ignore[arg-type]
        ValueError,
        "target_return must",
    ),
    "target inf": (lambda m: minimum(m, target_return=np.inf), ValueError, "target_return must"),
    "budget NaN": (lambda m: minimum(m, budget=np.nan), ValueError, "budget must be one finite"),
    "no budget": (lambda m: minimum(m, budget=None), ValueError, "w = 0"),
    "budget 0": (lambda m: minimum(m, budget=0), ValueError, "w = 0"),
    "lower size": (lambda m: minimum(m, lower=[0, 0]), ValueError, "lower must be a number, or 3"),
    "lower NaN": (lambda m: minimum(m, lower=[0, np.nan, 0]), ValueError, "got nan in 'gold'"),
    "lower inf": (lambda m: minimum(m, lower=np.inf), ValueError, "lower must leave room"),
    "lower text": (lambda m: minimum(m, lower="0"), ValueError, "lower must be"),
    "lower True": (lambda m: minimum(m, lower=True), ValueError, "lower must be a number"),
    "order": (lambda m: minimum(m, lower=0.5, upper={"tea": 0.1}), ValueError, "in 'tea'"),
    "unknown": (lambda m: minimum(m, upper={"goold": 1}), ValueError, "did you mean 'gold'"),
    "value of a name": (lambda m: minimum(m, upper={"tea": "x"}), ValueError, "array of real"),
    "column of a bound": (lambda m: minimum(m, upper={3: 1}), ValueError, "columns from 0 to 2"),
    "kind of column": (lambda m: minimum(m, upper={1.5: 1}), TypeError, "by name or number"),
    "series": (
        lambda m: minimum(m, upper=pd.Series([1.0, 1.0, 1.0], index=["oil", "tea", "tea"])),
        ValueError,
        "upper must have each name once",
    ),
    "groups list": (lambda m: minimum(m, groups=[1]), TypeError, "groups must map"),
    "group": (lambda m: minimum(m, groups={"a": ["oil"]}), TypeError, r"groups\['a'\] must be"),
    "group column": (
        lambda m: minimum(m, groups={"a": (["oi"], 0, 1)}),
        ValueError,
        r"groups\['a'\].*did you mean 'oil'",
    ),
    "group text": (lambda m: minimum(m, groups={"a": ("oil", 0, 1)}), TypeError, "list of col"),
    "group twice": (
        lambda m: minimum(m, groups={"a": (["oil", 0], 0, 1)}),
        ValueError,
        "different columns",
    ),
    "empty group": (lambda m: minimum(m, groups={"a": ([], 0, 1)}), ValueError, "at least one"),
    "group order": (lambda m: minimum(m, groups={"a": ([0], 1, 0)}), ValueError, "low <= high"),
    "group NaN": (lambda m: minimum(m, groups={"a": ([0], np.nan, 1)}), ValueError, "low must be"),
    "linear": (lambda m: minimum(m, linear=np.eye(3)), TypeError, "linear must be"),
    "A size": (lambda m: minimum(m, linear=(np.eye(2), 0, 1)), ValueError, "rows of 3 columns"),
    "A NaN": (lambda m: minimum(m, linear=([[np.nan] * 3], 0, 1)), ValueError, "A must be finite"),
    "A names": (
        lambda m: minimum(m, linear=(pd.DataFrame([[1, 2, 3]], columns=list("abc")), 0, 1)),
        ValueError,
        "must have the columns",
    ),
    "limits": (lambda m: minimum(m, linear=(np.eye(3), [0, 1], 1)), ValueError, "low must be"),
    "limits' order": (lambda m: minimum(m, linear=(np.eye(3), 2, 1)), ValueError, "in row 0"),
    "budgets size": (lambda m: equal_contribution(m, budgets=[1, 2]), ValueError, "budgets must"),
    "budgets 0": (
        lambda m: equal_contribution(m, budgets=[1, 0, 1]),
        ValueError,
        "budgets must be finite and > 0, got 0.0 for 'gold'",
    ),
    "budgets lack": (
        lambda m: equal_contribution(m, budgets={"oil": 1.0}),
        ValueError,
        "got nan for 'gold'",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_constraint_is_refused_by_name(kind: str) -> None:
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    space = NormalInverseGaussian.from_classical([0.05, -0.1, 0], [0.1, 0, 0], sigma, 1.0, 0.8)
    call, error, message = BAD[kind]
    with pytest.raises(error, match=message):
        call(space.with_columns(NAMES))


def test_names_need_a_model_with_names(space: Model) -> None:
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        minimum_expected_shortfall(space.with_columns(None), upper={"oil": 1})


def test_a_target_needs_a_mean() -> None:
    heavy = NormalInverseGamma.from_classical([0, 0], [0.2, 0.1], np.eye(2), 0.9, 0.9)
    with pytest.raises(ValueError, match="target_return must be none where the mean"):
        minimum_expected_shortfall(heavy, target_return=0.1)
