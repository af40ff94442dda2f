"""Conditions of scenarios come in every form, and what is none is refused by name."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from laws_of_risk import INF, NAMES, named_space

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian, VarianceGamma
from varimix.risk import scenarios

space = pytest.fixture(named_space)

CONDITIONS: dict[str, Callable[[], Any]] = {
    "tuple": lambda: {"oil": (-INF, -1.0), "tea": 1.0},
    "list": lambda: {"oil": [-INF, -1], "tea": 1},
    "array": lambda: {"oil": np.array([-INF, -1.0]), "tea": np.float64(1)},
    "numbers": lambda: {0: (-INF, -1.0), np.int64(2): 1.0},
    "decimals": lambda: {"oil": (Decimal("-inf"), Decimal(-1)), "tea": Decimal(1)},
    "series": lambda: pd.Series({"oil": (-INF, -1.0), "tea": 1.0}),
    "polars": lambda: {"oil": pl.Series([-INF, -1.0]), "tea": (1.0, 1.0)},
    "another order": lambda: {"tea": 1.0, "oil": (-INF, -1.0)},
}


@pytest.mark.parametrize("kind", CONDITIONS)
def test_conditions_come_in_every_form(space: Model, kind: str) -> None:
    expected = scenarios(space, {"oil": (-INF, -1.0), "tea": 1.0}, n=50, seed=1)
    found = scenarios(space, CONDITIONS[kind](), n=50, seed=1)
    assert np.array_equal(found.x, expected.x)
    assert sorted(found.conditions) == [(0, -INF, -1.0), (2, 1.0, 1.0)]


def refused(conditions: Any, message: str, error: type[Exception] = ValueError) -> Any:
    return conditions, error, message


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "none": refused({}, "conditions must be on some of the 3 columns, got none"),
    "no mapping": refused([(0, 1)], "conditions must map columns to values, got list", TypeError),
    "None": refused(None, "conditions must map columns", TypeError),
    "unknown": refused({"goold": 1.0}, "did you mean 'gold'"),
    "a number too large": refused({3: 1.0}, "conditions must be of columns from 0 to 2, got 3"),
    "negative": refused({-1: 1.0}, "from 0 to 2, got -1"),
    "a float": refused({0.5: 1.0}, "by name or number, got 0.5", TypeError),
    "a boolean": refused({True: 1.0}, "by name or number, got True", TypeError),
    "twice": refused({"oil": 1.0, 0: (1, 2)}, "conditions must have each column once, got 0 again"),
    "upside down": refused({"oil": (1.0, 0.0)}, r"\['oil'\] must be bounds lower <= upper"),
    "NaN": refused({"oil": math.nan}, r"conditions\['oil'\] must be finite, got nan"),
    "a bound NaN": refused({"oil": (math.nan, 1)}, "must be bounds lower <= upper, got nan and 1"),
    "an infinite value": refused({"oil": INF}, "must be finite, got inf"),
    "beyond all numbers": refused({"oil": (INF, INF)}, "must hold a finite number"),
    "one bound": refused({"oil": (1.0,)}, "must be a number or two bounds"),
    "three bounds": refused({"oil": (1, 2, 3)}, "must be a number or two bounds"),
    "text": refused({"oil": "low"}, r"conditions\['oil'\] must be an array of real numbers"),
    "None as a bound": refused({"oil": (None, 1.0)}, "must be bounds lower <= upper, got nan"),
    "a flag": refused({"oil": True}, "must be a number or two bounds, got True"),
    "values of all": refused({0: 1, 1: 1, 2: 1}, "must leave one of the 3 columns free"),
    "hardly possible": refused({0: (1e-300, 2e-300)}, "such that draws can be"),
    "beyond doubles": refused({0: (1e200, INF)}, "met within 1e150 standard units of mu"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_a_condition_is_refused_by_name(kind: str) -> None:
    conditions, error, message = BAD[kind]
    model = NormalInverseGaussian.from_classical(np.zeros(3), np.ones(3), np.eye(3), 1.0, 1.5)
    with pytest.raises(error, match=message):
        scenarios(model.with_columns(NAMES), conditions)


def test_other_arguments_are_checked(space: Model) -> None:
    given = {"oil": 1.0}
    with pytest.raises(TypeError, match="model must be a model of varimix, got str"):
        scenarios("NIG", given)  # type: ignore[arg-type]
    for n in (0, -1):
        with pytest.raises(ValueError, match="n must be from 1 to"):
            scenarios(space, given, n=n)
    for n in (1.5, True, "3", None):
        with pytest.raises(TypeError, match="n must be a whole number"):
            scenarios(space, given, n=n)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must be"):
        scenarios(space, given, n=1, seed=-1)
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        scenarios(space.with_columns(None), given)


def test_a_value_at_which_the_density_is_unbounded_is_refused() -> None:
    model = VarianceGamma.from_classical([0.0, 0.0], [0.1, 0.2], np.eye(2), 0.4, 0.4)
    with pytest.raises(ValueError, match="density of these columns is unbounded"):
        scenarios(model, {0: 0.0, 1: (0, 1)})
