"""Every function of single numbers takes the same numbers in every form, and refuses others."""

import array
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import MODEL, X, is_same
from numpy.typing import NDArray

from varimix import BatchEMFitter, Gamma, OnlineEM

Rows = NDArray[np.float64]
# These are functions of single numbers, with d = 1.
LINE = MODEL.project([1, 0])
LAW = Gamma(alpha=2.0, beta=0.05)
ELEMENTWISE: dict[str, Callable[[Any], object]] = {
    "Model.cdf": LINE.cdf,
    "Model.sf": LINE.sf,
    "Model.log_cdf": LINE.log_cdf,
    "Model.log_sf": LINE.log_sf,
    "Model.log_pdf": LINE.log_pdf,
    "Law.cdf": LAW.cdf,
    "Law.log_prob": LAW.log_prob,
    "Law.fit": lambda data: Gamma.fit(data).law,
    "weights": lambda w: BatchEMFitter(max_iter=2).fit(MODEL, X, weights=w).model,
    "OnlineEM weights": lambda w: OnlineEM(MODEL).update(X, weights=w).log_likelihood,
}
LINES: dict[str, Callable[[Rows], Any]] = {
    "list": lambda x: x.tolist(),
    "integers": lambda x: x.astype("i4"),
    "big-endian": lambda x: x.astype(">f8"),
    "strided": lambda x: np.repeat(x, 2)[::2],
    "objects": lambda x: x.astype(object),
    "decimals": lambda x: [Decimal(int(v)) for v in x],
    "series": pd.Series,
    "Float64": lambda x: pd.Series(x).astype("Float64"),
    "Int64": lambda x: pd.Series(x).astype("Int64"),
    "double[pyarrow]": lambda x: pd.Series(x).astype("double[pyarrow]"),
    "series of decimals": lambda x: pd.Series([Decimal(int(v)) for v in x]),
    "polars": pl.Series,
    "Arrow array": pa.array,
    "Arrow chunks": lambda x: pa.chunked_array([x[:5], x[5:]]),
    "Arrow decimals": lambda x: pa.array([Decimal(int(v)) for v in x]).cast(pa.decimal128(20, 3)),
    "array.array": lambda x: array.array("d", x),
}
NO_LINES: dict[str, Any] = {
    "strings": ["a"] * 60,
    "a string": "a",
    "complex": X[:, 0] + 0j,
    "masked": np.ma.array(X[:, 0]),
    "dates": np.zeros(60, "M8[s]"),
    "dict": {"a": 1.0},
    "series of strings": pd.Series(["a"] * 60),
    "Arrow strings": pa.array(["a"] * 60),
}


@pytest.mark.parametrize("door", ELEMENTWISE)
def test_every_form_of_the_same_numbers_gives_the_same(door: str) -> None:
    values = X[:, 0] + 1
    expected = ELEMENTWISE[door](values)
    different = [
        n for n, form in LINES.items() if not is_same(ELEMENTWISE[door](form(values)), expected)
    ]
    assert not different
    for name, data in NO_LINES.items():
        with pytest.raises(ValueError, match=r"numbers|mask|no file|got dict"):
            pytest.fail(f"{name} is taken: {ELEMENTWISE[door](data)}")
