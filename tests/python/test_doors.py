"""Every function of rows, each a door, takes the same rows in every form."""

import array
import datetime
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from numpy.typing import NDArray

import varimix
from varimix import (
    BatchEMFitter,
    Gamma,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    fit_stream,
    open_source,
)

Rows = NDArray[np.float64]
MODEL = NormalInverseGaussian.from_classical(
    mu=[40, 40], gamma=[4, -3], sigma=[[90, 30], [30, 90]], mu_ig=1.0, lam=1.5
)
# Whole numbers from 0 to 100, which every type of number holds.
X: Rows = np.clip(np.round(MODEL.rvs(60, seed=0)), 0, 100)

# ---- The doors ----


def updated(data: Any) -> object:
    state = OnlineEM(MODEL)
    state.update(data)
    return state


def streamed(data: Any) -> object:
    state = OnlineEM(MODEL)
    fit_stream(state, data, batch_size=16)
    return state.model


def best(data: Any) -> object:
    return fit_best(data, families=["NormalInverseGaussian"], n_starts=1).best.model


DOORS: dict[str, Callable[[Any], object]] = {
    "BatchEMFitter.fit": lambda data: BatchEMFitter(max_iter=3).fit(MODEL, data).model,
    "IncrementalEMFitter.fit": lambda data: (
        IncrementalEMFitter(batch_size=16, max_steps=3).fit(MODEL, data, key=0).model
    ),
    "Model.conditional": lambda data: np.array(MODEL.conditional(data).mean),
    "Model.default_init": NormalInverseGaussian.default_init,
    "Model.e_step": lambda data: MODEL.e_step(data).eta,
    "Model.fit": lambda data: NormalInverseGaussian.fit(data, max_iter=3).model,
    "Model.posterior": lambda data: MODEL.posterior(data).E_Y,
    "Model.impute": MODEL.impute,
    "Model.log_pdf": MODEL.log_pdf,
    "Model.log_prob": MODEL.log_prob,
    "Model.marginal_log_likelihood": MODEL.marginal_log_likelihood,
    "Model.pdf": MODEL.pdf,
    "OnlineEM.update": updated,
    "fit_best": best,
    "fit_stream": streamed,
    "open_source": lambda data: open_source(data).gather(np.float64),
}
# These take any number of columns, NaN, infinity, or no rows at all.
ANY_COLUMNS = {"Model.default_init", "Model.fit", "fit_best", "open_source"}
TAKES_NAN = {"Model.impute", "Model.conditional", "open_source"}
TAKES_INFINITY = {"open_source"}
TAKES_NONE = {"open_source", "fit_stream"}

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
        name
        for public in varimix.__all__
        for name, function in functions_of(public, getattr(varimix, public))
        if callable(function) and parameters_of(function) & ROW_PARAMETERS
    }
    inherited = {"BatchEMFitter.run", "IncrementalEMFitter.run"}  # `fit` calls these
    assert found - inherited == set(DOORS)


# ---- The inputs that are the same rows ----


def unaligned(x: Rows) -> Rows:
    buffer = np.zeros(x.nbytes + 1, dtype=np.uint8)
    view = buffer[1:].view(np.float64).reshape(x.shape)
    view[...] = x
    return view


def read_only(x: Rows) -> Rows:
    view = x.copy()
    view.setflags(write=False)
    return view


def decimals(x: Rows) -> NDArray[Any]:
    return np.array([[Decimal(int(v)) for v in row] for row in x], dtype=object)


def frame(x: Any) -> pd.DataFrame:
    return pd.DataFrame(x, columns=["a", "b"])


def table(x: Rows, kind: pa.DataType) -> pa.Table:
    columns = [pa.array([Decimal(int(v)) for v in column]).cast(kind) for column in x.T]
    return pa.table(columns, names=["a", "b"])


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


def is_same(a: object, b: object) -> bool:
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


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


# ---- The inputs that are refused, and what the message says of each ----


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
        called = "batch" if door == "OnlineEM.update" else "source|X"
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


def test_one_row_is_taken() -> None:
    for door in set(DOORS) - {"Model.default_init", "Model.fit", "fit_best"}:
        DOORS[door](X[:1])
        DOORS[door](frame(X[:1]))


# ---- Single numbers: weights, and functions where d = 1 ----

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
