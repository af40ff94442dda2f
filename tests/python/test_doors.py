"""Every function of rows, each a door, takes the same rows in every form."""

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from doors import DOORS, X, decimals, frame, is_same, table
from layouts import read_only, unaligned
from numpy.typing import NDArray

import varimix
import varimix.inference
from varimix import open_source

Rows = NDArray[np.float64]
ROW_PARAMETERS = {"X", "batch", "rows", "source", "frame", "table"}
FAMILIES = typing.get_args(varimix.MeanVarianceMixture)


def parameters_of(function: Any) -> set[str]:
    """Return the names of the parameters of a function, of Python or of the extension."""
    signatures = getattr(function, "__nb_signature__", None)
    if signatures is None:
        return set(inspect.signature(function).parameters) if inspect.isroutine(function) else set()
    return {name for text, *_ in signatures for name in re.findall(r"[(,*] *(\w+)(?=[:,)])", text)}


def functions_of(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not inspect.isclass(value) or issubclass(value, BaseException):
        yield name, value
        return
    name = "Model" if value in FAMILIES else name
    for attribute in dir(value):
        member = getattr(value, attribute, None)
        if not attribute.startswith("_") and callable(member):
            is_object = type(member).__module__ == "varimix._varimix"
            yield f"{name}.{attribute}", type(member).__call__ if is_object else member


def test_every_public_function_of_rows_is_a_door_here() -> None:
    found = {
        prefix + name
        for module, prefix in ((varimix, ""), (varimix.inference, "inference."))
        for public in module.__all__
        for name, function in functions_of(public, getattr(module, public))
        if callable(function) and parameters_of(function) & ROW_PARAMETERS
    }
    inherited = {"BatchEMFitter.run", "IncrementalEMFitter.run"}  # `fit` calls these
    assert found - inherited == set(DOORS)


def chunked(x: Rows) -> pa.Table:
    return pa.concat_tables([table(x[:7], pa.float64()), table(x[7:], pa.float64())])


SAME: dict[str, Callable[[Rows], Any]] = {
    **{
        kind: lambda x, kind=kind: x.astype(kind)
        for kind in ("f2", "f4", "f8", "g", ">f4", ">f8", "i1", "i8", ">i4", "u2", "u8")
    },
    "fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(np.repeat(x, 3, 0), 2, 1)[::3, ::2],
    "reversed": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": read_only,
    "unaligned": unaligned,
    "matrix": lambda x: x.view(np.matrix),
    "list": lambda x: x.tolist(),
    "tuple of arrays": tuple,
    "memoryview": memoryview,
    "objects": lambda x: x.astype(object),
    "decimals": decimals,
    "frame": frame,
    "frame of two types": lambda x: frame(x).astype({"a": "f4", "b": "i8"}),
    "frame of float32": lambda x: frame(x.astype("f4")),
    "Float64": lambda x: frame(x).astype("Float64"),
    "Int64": lambda x: frame(x).astype("Int64"),
    "convert_dtypes": lambda x: frame(x).convert_dtypes(),
    "double[pyarrow]": lambda x: frame(x).astype("double[pyarrow]"),
    "frame of decimals": lambda x: frame(decimals(x)),
    "frame of objects": lambda x: frame(x.astype(object)),
    "frame by date": lambda x: frame(x).set_index(pd.date_range("2024-01-01", periods=len(x))),
    "frame by hour and number": lambda x: frame(x).set_index([[1] * len(x), list(range(len(x)))]),
    "MultiIndex columns": lambda x: pd.DataFrame(
        x, columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
    ),
    "numbered columns": pd.DataFrame,
    "polars": lambda x: pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}),
    "polars of integers": lambda x: pl.DataFrame({"a": x[:, 0], "b": x[:, 1].astype("i2")}),
    "polars decimals": lambda x: pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}).cast(pl.Decimal(9, 2)),
    "table": lambda x: table(x, pa.float64()),
    "record batch": lambda x: table(x, pa.float64()).to_batches()[0],
    "chunked table": chunked,
    "reader": lambda x: chunked(x).to_reader(),
    "decimal32": lambda x: table(x, pa.decimal32(5, 1)),
    "decimal64": lambda x: table(x, pa.decimal64(12, 4)),
    "decimal128": lambda x: table(x, pa.decimal128(30, 10)),
    "decimal256": lambda x: table(x, pa.decimal256(60, 3)),
    "dataset": lambda x: ds.dataset(table(x, pa.float32())),
    "list of frames": lambda x: [frame(x[:20]), frame(x[20:])],
    "list of arrays": lambda x: [x[:20], x[20:]],
    "generator of arrays": lambda x: (part for part in (x[:20], x[20:])),
    "source": lambda x: open_source(frame(x)),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_form_of_the_same_rows_gives_the_same(door: str) -> None:
    expected = DOORS[door](X)
    different = [n for n, form in SAME.items() if not is_same(DOORS[door](form(X)), expected)]
    assert not different


def test_files_are_rows_at_every_door(tmp_path: Any) -> None:
    path = tmp_path / "rows.parquet"
    frame(X).to_parquet(path)
    for door, function in DOORS.items():
        assert is_same(function(path), function(X)), door
        assert is_same(function([str(path)]), function(X)), door


def test_one_row_is_taken() -> None:
    fitting = {"Model.default_init", "Model.fit", "fit_best"}
    two_rows = ("inference", "test_symmetry", "test_distinguishability", "vuong")
    inferring = {door for door in DOORS if door.endswith(two_rows)}
    for door in set(DOORS) - fitting - inferring:
        DOORS[door](X[:1])
        DOORS[door](frame(X[:1]))
