"""Backtests take numbers in every form, and name what they refuse."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from backtests import ALPHA, LAW, PLANE, RETURNS, counts_of
from numpy.typing import NDArray

from varimix import NormalInverseGamma
from varimix.risk import (
    BacktestCounts,
    acerbi_szekely,
    backtest,
    diebold_mariano,
    e_backtest,
    fz0_score,
    mcneil_frey,
)

FORMS: dict[str, Callable[[NDArray[np.float64]], Any]] = {
    "list": lambda x: x.tolist(),
    "float32": lambda x: x.astype("f4"),
    "big-endian": lambda x: x.astype(">f8"),
    "strided": lambda x: np.repeat(x, 2)[::2],
    "objects": lambda x: x.astype(object),
    "decimals": lambda x: [Decimal(float(v)) for v in x],
    "series of dates": lambda x: pd.Series(x, pd.date_range("2024-01-01", periods=len(x))),
    "series of Float64": lambda x: pd.Series(x).astype("Float64"),
    "frame": lambda x: pd.DataFrame({"r": x}),
    "polars": pl.Series,
    "Arrow": pa.array,
    "one column": lambda x: x[:, None],
}
GRID = np.round(RETURNS * 64) / 64  # numbers that float32 holds


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_numbers_is_the_same_backtest(form: str) -> None:
    var, es = np.full(600, 2.25), np.full(600, 3.0)
    expected = backtest(GRID, var, es, alpha=ALPHA, replicates=50).to_dict()
    make = FORMS[form]
    assert (
        backtest(make(GRID), make(var), make(es), alpha=ALPHA, replicates=50).to_dict() == expected
    )
    assert backtest(make(GRID), 2.25, 3.0, alpha=ALPHA, replicates=50).to_dict() == expected


def test_integers_and_booleans_are_numbers() -> None:
    result = backtest([-2, 1, 0], 1, 2, alpha=0.5)
    assert result.failures == 1
    assert backtest(np.array([True, False]), 1.0, 2.0, alpha=0.5).failures == 0


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "nan": (
        lambda: backtest([0.0, np.nan], 1.0, alpha=0.1),
        r"returns\[1\] must be finite, got nan",
    ),
    "infinite": (
        lambda: backtest([0.0], np.inf, alpha=0.1),
        r"value_at_risk\[0\] must be finite, got inf",
    ),
    "lengths": (
        lambda: backtest([0.0, 1.0], [1.0, 1.0, 1.0], alpha=0.1),
        "the days of value_at_risk must be those of returns, 2, got 3",
    ),
    "lengths of ES": (
        lambda: backtest([0.0, 1.0], 1.0, [2.0], alpha=0.1),
        "the days of expected_shortfall must be those of returns, 2, got 1",
    ),
    "no days": (lambda: backtest([], 1.0, alpha=0.1), "returns must have at least one day"),
    "two columns": (
        lambda: backtest(np.zeros((3, 2)), 1.0, alpha=0.1),
        r"returns must be of one dimension, got shape \(3, 2\)",
    ),
    "texts": (lambda: backtest(["a"], 1.0, alpha=0.1), "returns"),
    "alpha": (lambda: backtest([0.0], 1.0, alpha=1.0), r"alpha must be in \(0, 1\), got 1"),
    "alpha is nan": (lambda: backtest([0.0], 1.0, alpha=np.nan), "alpha must be .* got nan"),
    "ES below VaR": (
        lambda: backtest([0.0], 1.0, 0.5, alpha=0.1),
        r"expected_shortfall\[0\] must be > 0 and above value_at_risk\[0\], got 0.5",
    ),
    "laws without ES": (
        lambda: backtest([0.0], 1.0, alpha=0.1, laws=LAW),
        "laws must be None without expected_shortfall",
    ),
    "too few laws": (
        lambda: backtest([0.0] * 3, 1.0, 2.0, alpha=0.1, laws=[LAW] * 2),
        "laws must be one, or one of each day, 3, got 2",
    ),
    "law of two columns": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, laws=PLANE),
        "the model must be one-dimensional for laws",
    ),
    "replicates": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, replicates=0),
        "replicates must be from 1 to 100000000, got 0",
    ),
    "test_level": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, test_level=0.0),
        r"test_level must be in \(0, 1\), got 0",
    ),
    "seed": (lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, seed=-1), "seed must be"),
    "stake": (
        lambda: e_backtest([0.0], [1.0], [2.0], 0.1, stake=0.7),
        r"stake must be in \[0, 0.5\], got 0.7",
    ),
    "maxlags": (lambda: diebold_mariano([0.0], [1.0], maxlags=1), "maxlags must be"),
    "other": (lambda: diebold_mariano([0.0], [1.0, 2.0]), "the size of other must be"),
    "scores": (lambda: fz0_score([0.0], [1.0], [np.nan], 0.1), r"expected_shortfall\[0\] must be"),
    "bootstrap": (lambda: mcneil_frey([0.0], [1.0], [2.0], 0.1, replicates=-1), "replicates must"),
    "statistics": (lambda: acerbi_szekely([1e60], [1.0], [2.0], 0.1), r"returns\[0\] must be"),
    "counts": (lambda: BacktestCounts().kupiec(0.1), "days must be >= 1, got 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("laws", ["nig", 3, [1], [LAW, None]])
def test_laws_that_are_no_models_are_refused(laws: Any) -> None:
    with pytest.raises(TypeError, match=r"laws must be models, got (str|int|NoneType)$"):
        backtest([0.0, 0.0], 1.0, 2.0, alpha=0.1, laws=laws)


WRONG_TYPES: dict[str, tuple[dict[str, Any], str]] = {
    "alpha": ({"alpha": None}, "alpha must be in"),
    "a text as alpha": ({"alpha": "5%"}, "alpha must be an array of real numbers"),
    "test_level": ({"test_level": "5%"}, "test_level must be"),
    "replicates": ({"replicates": 2.5}, "replicates must be a whole number"),
    "seed": ({"seed": None}, "seed must be an integer"),
}


@pytest.mark.parametrize("kind", WRONG_TYPES)
def test_a_wrong_type_is_named_by_the_argument_of_backtest(kind: str) -> None:
    given, message = WRONG_TYPES[kind]
    with pytest.raises((TypeError, ValueError), match=message):
        backtest([0.0, 0.0], 1.0, 2.0, **{"alpha": 0.1, **given})


def test_laws_whose_draws_leave_the_doubles_are_named() -> None:
    # Losses of 1e300 by a law of hardly any moments, and any loss by an ES that is next to nothing.
    tails = NormalInverseGamma.from_classical([0.0], [0.0], [[1.0]], 0.01, 0.01)
    with pytest.raises(ValueError, match=r"laws\[0\] must be of returns within 1e150"):
        backtest([0.0, 0.0], 1.0, 2.0, alpha=0.05, laws=tails, replicates=20)
    with pytest.raises(ValueError, match=r"laws\[0\] must be of returns within 1e150"):
        backtest([0.0, 0.0], 0.0, 1e-300, alpha=0.05, laws=LAW, replicates=20)


def test_counts_are_unchanged_by_bad_days() -> None:
    counts = counts_of([True, False])
    with pytest.raises(ValueError, match=r"returns\[1\] must be finite"):
        counts.add([-2.0, np.inf], [1.0, 1.0])
    with pytest.raises(TypeError):
        counts.merge(3)  # type: ignore[arg-type]
    assert counts == counts_of([True, False])
