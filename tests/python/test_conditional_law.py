"""The law of some columns given the others, as a model."""

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from varimix import (
    GeneralizedHyperbolic,
    NormalInverseGamma,
    VarianceGamma,
)
from varimix import MeanVarianceMixture as Model

NAMES = ["oil", "gold", "tea"]
IDENTITY = 3e-15


@pytest.fixture
def space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family, with names."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    law: Model = family.from_classical([0.5, -1.0, 0.0], [0.4, -0.3, 0.6], sigma, **shape)
    return law.with_columns(NAMES)


@pytest.mark.parametrize("columns", [[0], [2], [2, 0]])
def test_the_density_is_joint_over_marginal(space: Model, columns: list[int]) -> None:
    x = space.rvs(100, seed=5)
    free = [j for j in range(3) if j not in columns]
    shown = x.copy()
    shown[:, free] = np.nan
    joint, marginal = space.log_prob(x), space.log_prob(shown, missing="exact")
    for row, of_all, of_given in zip(x, joint, marginal, strict=True):
        law = space.conditional_law(dict(zip(columns, row[columns], strict=True)))
        found = law.log_prob(row[None, free])[0]
        size = max(1.0, abs(of_all), abs(of_given))
        assert abs(of_all - of_given - found) <= IDENTITY * size


def test_it_is_a_model_by_the_names_of_what_is_left(space: Model) -> None:
    law = space.conditional_law({"gold": -2.0})
    assert isinstance(law, GeneralizedHyperbolic)
    assert law.columns == ("oil", "tea")
    assert law.rvs(5, seed=1).shape == (5, 2)
    assert pickle.loads(pickle.dumps(law)) == law
    assert law == space.conditional_law({1: -2.0}) == space.conditional_law({np.int64(1): -2})
    row = [[np.nan, -2.0, np.nan]]
    assert law.mean() == pytest.approx(space.impute(row)[0, [0, 2]], rel=1e-12)
    assert space.with_columns(None).conditional_law({1: -2.0}).columns is None


def test_draws_have_the_moments_of_the_law(space: Model) -> None:
    law = space.conditional_law({"oil": 1.0})
    draws = law.rvs(20_000, seed=3)
    errors = (draws.mean(axis=0) - law.mean()) / (draws.std(axis=0) / np.sqrt(len(draws)))
    assert np.abs(errors).max() < 5.0


FORMS: dict[str, Callable[[], Any]] = {
    "dict": lambda: {"oil": 1.5, "tea": 0.25},
    "other order": lambda: {"tea": 0.25, "oil": 1.5},
    "name and number": lambda: {"oil": 1.5, 2: 0.25},
    "series": lambda: pd.Series({"oil": 1.5, "tea": 0.25}),
    "decimals": lambda: {"oil": Decimal("1.5"), "tea": np.float32(0.25)},
    "arrays of no dimension": lambda: {"oil": np.array(1.5), "tea": np.array(0.25)},
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_given_comes_in_every_form(space: Model, form: str) -> None:
    expected = space.conditional_law({0: 1.5, 2: 0.25})
    assert space.conditional_law(FORMS[form]()).same_law(expected, tolerance=1e-14)


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing": ({}, ValueError, "given must have some of the 3 columns, not all, got none"),
    "all": ({0: 1, 1: 1, 2: 1}, ValueError, "not all, got all of them"),
    "a list": ([1.0], TypeError, "given must map columns to values, got list"),
    "None": (None, TypeError, "given must map columns to values, got NoneType"),
    "unknown name": ({"goold": 1.0}, ValueError, "did you mean 'gold'"),
    "unknown number": ({3: 1.0}, ValueError, "given must be of columns from 0 to 2, got 3"),
    "negative number": ({-1: 1.0}, ValueError, "from 0 to 2, got -1"),
    "twice": ({"oil": 1.0, 0: 1.0}, ValueError, "given must have each column once, got 0 again"),
    "a column of a half": ({0.5: 1.0}, TypeError, "by name or number, got 0.5"),
    "True": ({True: 1.0}, TypeError, "by name or number, got True"),
    "NaN": ({"oil": np.nan}, ValueError, r"given\['oil'\] must be finite, got nan"),
    "None as value": ({"oil": None}, ValueError, r"given\['oil'\] must be finite"),
    "infinite": ({"oil": np.inf}, ValueError, r"given\['oil'\] must be finite, got inf"),
    "text": ({"oil": "much"}, ValueError, r"given\['oil'\] must be an array of real numbers"),
    "bounds": ({"oil": (0.0, 1.0)}, ValueError, r"given\['oil'\] must be one number"),
    "too far": ({"oil": 1e300}, ValueError, "values must be within 1e150 standard units"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_given_is_refused_by_name(space: Model, kind: str) -> None:
    value, error, message = BAD[kind]
    with pytest.raises(error, match=message):
        space.conditional_law(value)


def test_names_need_a_model_with_names(space: Model) -> None:
    with pytest.raises(ValueError, match="have no names"):
        space.with_columns(None).conditional_law({"oil": 1.0})


def test_faces_are_their_own_families() -> None:
    sigma = np.eye(3)
    t = NormalInverseGamma.from_classical([0, 0, 0], [0, 0.4, -0.3], sigma, 2.0, 1.5)
    given_symmetric = t.conditional_law({0: 3.0})
    assert isinstance(given_symmetric, NormalInverseGamma)
    assert (given_symmetric.alpha, given_symmetric.beta) == (2.5, 6.0)
    assert isinstance(t.conditional_law({1: 3.0}), GeneralizedHyperbolic)
    vg = VarianceGamma.from_classical([0, 0, 0], [0, 0, 0], sigma, 2.0, 1.0)
    assert isinstance(vg.conditional_law({0: 0.0}), VarianceGamma)
    assert isinstance(vg.conditional_law({0: 0.1}), GeneralizedHyperbolic)
    with pytest.raises(ValueError, match="values must be other than mu"):
        vg.replace(alpha=0.4).conditional_law({0: 0.0})
