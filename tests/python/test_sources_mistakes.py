"""A message names the argument that is no source, or has not the columns asked for."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from varimix.sources import open_source


def read(source: object, **how: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = open_source(source, **how).stream().read_all().to_pydict()
    return found


TABLE = pa.table({"a": [1.0], "b": [2.0], "s": ["x"], "n": pa.array([None], pa.float64())})
MISTAKES: dict[str, tuple[object, dict[str, Any], type[Exception], str]] = {
    "no_source": (3, {}, TypeError, r"^source must be an array, .* got int"),
    "none": (None, {}, TypeError, r"^source must be .* got NoneType"),
    "mapping": ({"a": [1.0]}, {}, TypeError, r"^source must be .* got dict"),
    "lazy": (pl.LazyFrame({"a": [1]}), {}, TypeError, r"^source must be .* got LazyFrame"),
    "text": (TABLE, {}, ValueError, r"^source: column 's' .* got type string, with 'x' in row 0 "),
    "absent": (TABLE, {"columns": ["c"]}, ValueError, r"^columns: no column 'c' .* 'a', 'b', 's'"),
    "empty": (TABLE, {"columns": []}, ValueError, r"^columns: at least one"),
    "not_a_list": (TABLE, {"columns": "a"}, TypeError, r"^columns: a list of names"),
    "not_a_label": (TABLE, {"columns": [0.5]}, TypeError, r"^columns: a column's name .* 0.5"),
    "twice": (TABLE, {"columns": ["a", "a"]}, ValueError, r"must be different columns"),
    "weights": (TABLE, {"weights": "c"}, ValueError, r"^weights: no column 'c'"),
    "text_weights": (TABLE, {"weights": "s"}, ValueError, r"^weights: column 's' must be of num"),
    "text_time": (TABLE, {"time": "s"}, ValueError, r"^time: column 's' must be of timestamps"),
    "shared": (
        TABLE,
        {"columns": ["a"], "weights": "a"},
        ValueError,
        r"^columns, weights and time must be different",
    ),
    "namesakes": (
        pa.table([[1.0], [2.0]], names=["a", "a"]),
        {},
        ValueError,
        r"^source: 2 columns are named 'a'",
    ),
    "category": (
        pd.DataFrame({"a": pd.Categorical([1.0])}),
        {},
        ValueError,
        r"'a' must be of numbers, got type dictionary",
    ),
    "objects": (pd.DataFrame({"a": [object()]}), {}, ValueError, r"'a' must be of numbers"),
    "flags": (pa.table({"a": [True]}), {}, ValueError, r"'a' must be of numbers, got type bool"),
    "complex": (np.array([[1j]]), {}, ValueError, r"real numbers, got one of type complex128"),
    "masked": (np.ma.array([[1.0]]), {}, ValueError, r"without a mask, got a masked array"),
    "cube": (np.ones((1, 1, 1)), {}, ValueError, r"must have 1 or 2 dimensions, got shape \(1, 1"),
    "no_columns": (np.ones((3, 0)), {}, ValueError, r"at least one column, got shape \(3, 0\)"),
    "column": (pa.chunked_array([["a"]]), {}, ValueError, r"must be of numbers, got type string"),
    "csv": (TABLE, {"csv": {"delimiter": ";"}}, ValueError, r"^csv: is of CSV files"),
    "schema": (TABLE, {"schema": pa.schema({})}, ValueError, r"^schema: is of CSV files"),
    "no_items": (iter([]), {}, ValueError, r"^source: there are no rows"),
    "bad_item": (iter([3]), {}, TypeError, r"^source: item 0 must be a table or a path, got int"),
    "drifting_items": (
        iter([np.ones((1, 2)), np.ones((1, 3))]),
        {},
        ValueError,
        r"^source: item 1 has 3 columns, 2 expected",
    ),
    "narrowing_items": (
        iter([np.ones((1, 1)), np.ones((1, 1), np.float32)]),
        {},
        ValueError,
        r"^source: item 1: column '0' is of type float, double expected",
    ),
    "null_weight": (
        TABLE,
        {"columns": ["a"], "weights": "n"},
        ValueError,
        r"^weights must be numbers, got null in row 0 .* 'n'",
    ),
    "null_time": (
        TABLE,
        {"columns": ["a"], "time": "n"},
        ValueError,
        r"^times must be numbers, got null in row 0 .* 'n'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str) -> None:
    source, how, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        read(source, **how)


def test_rows_to_skip_are_a_number_not_below_0() -> None:
    with pytest.raises(ValueError, match="skip_rows must be >= 0, got -1"):
        open_source(TABLE, columns=["a"]).stream(-1)


def test_a_null_time_is_named_by_its_row_in_the_source() -> None:
    table = pa.table({"x": np.ones(5), "t": [1, 2, 3, 4, None]})
    reader = open_source(ds.dataset(table), time="t").stream(2)
    with pytest.raises(ValueError, match=r"times must be numbers, got null in row 4 .* 't'"):
        reader.read_all()
