"""Weights of portfolios come in every form, and what is no portfolio is refused by name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from laws_of_risk import named_space

from varimix import MeanVarianceMixture as Model
from varimix.risk import portfolio

space = pytest.fixture(named_space)

WEIGHTS: dict[str, Callable[[], Any]] = {
    "list": lambda: [0.5, 0.0, 0.25],
    "tuple": lambda: (0.5, 0.0, 0.25),
    "array": lambda: np.array([0.5, 0.0, 0.25]),
    "float32": lambda: np.array([0.5, 0.0, 0.25], dtype=np.float32),
    "strided": lambda: np.array([0.5, 9, 0.0, 9, 0.25, 9])[::2],
    "decimals": lambda: [Decimal("0.5"), Decimal(0), Decimal("0.25")],
    "dict": lambda: {"tea": 0.25, "oil": 0.5},
    "series by name": lambda: pd.Series({"tea": 0.25, "gold": 0.0, "oil": 0.5}),
    "series by number": lambda: pd.Series([0.5, 0.0, 0.25]),
    "polars": lambda: pl.Series([0.5, 0.0, 0.25]),
}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_come_in_every_form_and_are_aligned_by_their_names(space: Model, kind: str) -> None:
    assert portfolio(space, WEIGHTS[kind]()) == portfolio(space, [0.5, 0.0, 0.25])


BAD: dict[str, tuple[Callable[[Model], object], type[Exception], str]] = {
    "no model": (lambda _: portfolio("NIG", [1]), TypeError, "model must be a model of varimix"),
    "a class": (lambda m: portfolio(type(m), [1]), TypeError, "model must be a model"),
    "too few": (lambda m: portfolio(m, [1, 2]), ValueError, "w must be of dimension 3, got 2"),
    "no weights": (lambda m: portfolio(m, []), ValueError, "w must be of dimension 3, got 0"),
    "all zero": (lambda m: portfolio(m, [0, 0, 0]), ValueError, "w must be not zero"),
    "NaN": (lambda m: portfolio(m, [1, np.nan, 0]), ValueError, "w must be finite"),
    "infinite": (lambda m: portfolio(m, [1, np.inf, 0]), ValueError, "w must be finite"),
    "a matrix": (lambda m: portfolio(m, np.eye(3)), ValueError, "w"),
    "texts": (lambda m: portfolio(m, ["a", "b", "c"]), ValueError, "w must be an array of real"),
    "None": (lambda m: portfolio(m, None), ValueError, "w"),
    "unknown name": (lambda m: portfolio(m, {"goold": 1}), ValueError, "did you mean 'gold'"),
    "missing name": (
        lambda m: portfolio(m, pd.Series({"oil": 1.0, "tea": 0.0})),
        ValueError,
        "missing: \\['gold'\\]",
    ),
    "a text by name": (
        lambda m: portfolio(m, {"oil": "x"}),
        ValueError,
        r"w\['oil'\] must be an array",
    ),
    "i by name": (lambda m: portfolio(m, {"oil": 1j}), ValueError, r"w\['oil'\] must be an array"),
    "a list by name": (lambda m: portfolio(m, {"oil": [1]}), ValueError, r"w\['oil'\] must be one"),
    "400 digits by name": (
        lambda m: portfolio(m, {"oil": 10**400}),
        ValueError,
        r"w\['oil'\] must",
    ),
    "alpha 0": (lambda m: portfolio(m, [1, 0, 0], 0), ValueError, r"alpha must be in \(0, 1\)"),
    "alpha 1": (lambda m: portfolio(m, [1, 0, 0], 1), ValueError, r"alpha must be in \(0, 1\)"),
    "alpha NaN": (lambda m: portfolio(m, [1, 0, 0], np.nan), ValueError, "got nan"),
    "alpha None": (lambda m: portfolio(m, [1, 0, 0], None), ValueError, "alpha must"),  # type: ignore[arg-type]
    "alpha text": (lambda m: portfolio(m, [1, 0, 0], "5%"), ValueError, "alpha must"),  # type: ignore[arg-type]
    "alpha True": (lambda m: portfolio(m, [1, 0, 0], True), ValueError, "alpha must be one number"),
    "alphas": (lambda m: portfolio(m, [1, 0, 0], [0.1, 0.2]), ValueError, "one number"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_a_portfolio_is_refused_by_name(space: Model, kind: str) -> None:
    call, error, message = BAD[kind]
    with pytest.raises(error, match=message):
        call(space)


def test_names_need_a_model_with_names(space: Model) -> None:
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        portfolio(space.with_columns(None), {"oil": 1.0})


def test_a_caller_s_array_is_copied(space: Model) -> None:
    w = np.array([0.5, 0.2, 0.3])
    risk = portfolio(space, w)
    w[0] = 7.0
    assert risk.w[0] == 0.5
