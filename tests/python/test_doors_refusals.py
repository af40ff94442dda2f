"""Every function of rows refuses what holds no rows of finite numbers, and says why."""

import array
import datetime
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import DOORS, X, decimals, frame, table
from numpy.typing import NDArray

Rows = NDArray[np.float64]
# These doors take, in turn, any number of columns, NaN, infinity, and no rows at all.
ANY_COLUMNS = {
    *("Model.default_init", "Model.fit", "fit_best", "open_source"),
    *("inference.gaussian_test", "inference.test_symmetry"),
}
TAKES_NAN = {"Model.impute", "Model.conditional", "open_source", "report"}
TAKES_INFINITY = {"open_source"}
TAKES_NONE = {"open_source", "fit_stream"}


def with_gap(complete: pd.DataFrame) -> pd.DataFrame:
    gaps = complete.copy()
    gaps.iloc[33, :] = pd.NA
    return gaps


NOT_FINITE: dict[str, Callable[[Rows], Any]] = {
    "NaN": lambda x: np.where(np.arange(60)[:, None] == 33, np.nan, x),
    "None": lambda x: [*x[:33].tolist(), [None, None], *x[34:].tolist()],
    "Float64 with NA": lambda x: with_gap(frame(x).astype("Float64")),
    "Int64 with NA": lambda x: with_gap(frame(x).astype("Int64")),
    "double[pyarrow] with NA": lambda x: with_gap(frame(x).astype("double[pyarrow]")),
    "decimals with None": lambda x: frame(
        np.where(np.arange(60)[:, None] == 33, None, decimals(x))
    ),
    "table with null": lambda x: pa.table(
        [pa.array([None if i == 33 else v for i, v in enumerate(column)]) for column in x.T],
        names=["a", "b"],
    ),
    "infinity": lambda x: np.where(np.arange(60)[:, None] == 33, np.inf, x),
    "infinity of long doubles": lambda x: np.where(
        np.arange(60)[:, None] == 33, np.longdouble("1e4000"), x.astype("g")
    ),
}
OTHER_COLUMNS: dict[str, Callable[[Rows], Any]] = {
    "one more": lambda x: np.column_stack([x, (x[:, :1] * 7) % 19]),
    "one fewer": lambda x: x[:, :1],
    "frame with one more": lambda x: frame(x).assign(c=(x[:, 0] * 7) % 19),
    "table with one fewer": lambda x: table(x, pa.float64()).select(["a"]),
    "list of frames with one more": lambda x: [frame(x).assign(c=(x[:, 0] * 7) % 19)],
    "series": lambda x: pd.Series(x[:, 0]),
    "one dimension": lambda x: x[:, 0],
    "range": lambda x: range(60),
    "array.array": lambda x: array.array("d", x[:, 0]),
    "Arrow array": lambda x: pa.array(x[:, 0]),
}
EMPTY: dict[str, Callable[[Rows], Any]] = {
    "no rows": lambda x: x[:0],
    "frame without rows": lambda x: frame(x[:0]),
    "table without rows": lambda x: table(x, pa.float64())[:0],
}
REFUSED: dict[str, tuple[Callable[[Rows], Any], str]] = {
    "three dimensions": (lambda x: x.reshape(30, 2, 2), "dimensions"),
    "no columns": (lambda x: x[:, :0], "columns?"),
    "ragged": (lambda x: [[1.0, 2.0], [3.0]], "real numbers, got"),
    "complex": (lambda x: x + 0j, "real numbers, got one of type complex128"),
    "strings": (lambda x: x.astype(str), "real numbers, got one of type <U"),
    "dates": (lambda x: x.astype("M8[s]"), "real numbers, got one of type datetime64"),
    "objects": (lambda x: np.full(x.shape, object()), "of type object with <object"),
    "dates as objects": (lambda x: np.full(x.shape, datetime.date(2024, 1, 1)), "object with"),
    "structured": (lambda x: np.zeros(3, [("a", "f8"), ("b", "f8")]), "real numbers, got"),
    "masked": (lambda x: np.ma.array(x), "without a mask, got a masked array"),
    "frame of strings": (lambda x: frame(x.astype(str)), "column 'a' must be of numbers"),
    "frame of dates": (
        lambda x: frame(x).assign(b=pd.date_range("2024-01-01", periods=60)),
        "column 'b' must be of numbers, got type timestamp",
    ),
    "frame of categories": (lambda x: frame(x).astype("category"), "'a' must be of numbers"),
    "frame of flags": (lambda x: frame(x > 50), "'a' must be of numbers, got type bool"),
    "frame of mixed objects": (
        lambda x: frame(x).assign(b=[1.0, "x"] * 30),
        "column 'b' must be of numbers",
    ),
    "columns of one name": (lambda x: pd.DataFrame(x, columns=["a", "a"]), "2 columns are named"),
    "table of strings": (lambda x: pa.table({"a": ["x"], "b": ["y"]}), "must be of numbers"),
    "dict": (lambda x: {"a": x[:, 0]}, "must be an array, .* got dict"),
    "set": (lambda x: {1.0, 2.0}, "must be an array, .* got set"),
    "bytes": (lambda x: b"rows", "must be an array, .* got bytes"),
    "lazy frame": (lambda x: pl.LazyFrame({"a": [1.0]}), "must be an array, .* got LazyFrame"),
    "no file": (lambda x: "there-is-none.parquet", "there is no file"),
    "generator of numbers": (lambda x: (v for v in [1.0]), "must be a table or a path, got float"),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_holds_no_rows_of_numbers_is_refused_with_its_name(door: str) -> None:
    for name, (form, message) in REFUSED.items():
        with pytest.raises(ValueError, match=message) as error:
            DOORS[door](form(X))
        called = "batch" if door.endswith(".update") else "source|X"
        assert re.match(called, str(error.value)), f"{name}: {error.value}"
        assert "`columns`" not in str(error.value) or door in ("fit_stream", "open_source"), name


@pytest.mark.parametrize("door", DOORS)
def test_none_at_all_is_no_rows(door: str) -> None:
    with pytest.raises(TypeError):
        DOORS[door](None)


@pytest.mark.parametrize("door", DOORS)
def test_values_that_are_not_finite_are_named_by_row_and_column(door: str) -> None:
    for name, form in NOT_FINITE.items():
        taken = TAKES_INFINITY if "inf" in name else TAKES_NAN
        if door in taken:
            DOORS[door](form(X))
            continue
        if door == "IncrementalEMFitter.fit" and "inf" not in name:
            continue  # which row is drawn is chance; another test has it
        with pytest.raises(
            ValueError, match=r"must be finite.*, got (nan|inf) in row 33\b.* column "
        ):
            DOORS[door](form(X))


@pytest.mark.parametrize("door", DOORS)
def test_another_number_of_columns_is_refused_where_it_is_known(door: str) -> None:
    for form in OTHER_COLUMNS.values():
        if door in ANY_COLUMNS:
            DOORS[door](form(X))
            continue
        with pytest.raises(ValueError, match=r"of 2 columns"):
            DOORS[door](form(X))


@pytest.mark.parametrize("door", DOORS)
def test_no_rows_are_refused_but_by_a_stream(door: str) -> None:
    for form in EMPTY.values():
        if door in TAKES_NONE:
            DOORS[door](form(X))
            continue
        with pytest.raises(ValueError, match="at least one row"):
            DOORS[door](form(X))
