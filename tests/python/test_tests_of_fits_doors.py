"""Tests of fits take the same rows in every form, and give the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import X, decimals, frame, table
from layouts import read_only, unaligned
from numpy.typing import NDArray

from varimix import NormalInverseGaussian, VarianceGamma, inference, open_source
from varimix.inference import goodness_of_fit, test_distinguishability, vuong

Rows = NDArray[np.float64]
NIG, VG = NormalInverseGaussian.fit(X), VarianceGamma.fit(X)

DOORS: dict[str, Callable[[Any], Any]] = {
    "test_symmetry": lambda data: inference.test_symmetry(data).test,
    "vuong": lambda data: vuong(NIG, VG, data),
    "test_distinguishability": lambda data: test_distinguishability(NIG, VG, data),
    "goodness_of_fit": lambda data: (
        goodness_of_fit(NIG.model, data, replicates=3).to_dict() | {"columns": None}
    ),
}

FORMS: dict[str, Callable[[Rows], Any]] = {
    **{kind: lambda x, kind=kind: x.astype(kind) for kind in ("f4", ">f8", "i8", "u1")},
    "fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, 0)[::2],
    "read-only": read_only,
    "unaligned": unaligned,
    "list": lambda x: x.tolist(),
    "objects": lambda x: x.astype(object),
    "decimals": decimals,
    "frame": frame,
    "frame of decimals": lambda x: frame(decimals(x)),
    "Int64": lambda x: frame(x).astype("Int64"),
    "by date": lambda x: frame(x).set_index(pd.date_range("2024-01-01", periods=len(x))),
    "polars": lambda x: pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}),
    "table": lambda x: table(x, pa.float64()),
    "decimal128": lambda x: table(x, pa.decimal128(30, 10)),
    "list of frames": lambda x: [frame(x[:20]), frame(x[20:])],
    "generator of arrays": lambda x: (part for part in (x[:20], x[20:])),
    "source": lambda x: open_source(frame(x)),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_form_of_the_same_rows_gives_the_same(door: str, tmp_path: Any) -> None:
    expected = DOORS[door](X)
    assert not [name for name, form in FORMS.items() if DOORS[door](form(X)) != expected]
    path = tmp_path / "rows.parquet"
    frame(X).to_parquet(path)
    assert DOORS[door](path) == expected


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 2)),
        [["a", "b"]],
        np.array([[1.0, np.nan], [2.0, 3.0]]),
        np.array([[1.0, np.inf], [2.0, 3.0]]),
        np.array([[1j, 2.0], [2.0, 3.0]]),
        pd.DataFrame({"a": ["x"], "b": ["y"]}),
        {"a": object()},
        None,
        3.0,
    ],
    ids=["none", "text", "NaN", "inf", "complex", "text frame", "object", "None", "a number"],
)
def test_rows_that_are_none_are_refused(door: str, bad: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        DOORS[door](bad)


def test_a_frame_with_other_names_is_refused() -> None:
    named = NormalInverseGaussian.fit(frame(X))
    other = frame(X).rename(columns={"a": "c"})
    for call in (
        lambda: goodness_of_fit(named, other, replicates=0),
        lambda: vuong(named, VG, other),
        lambda: test_distinguishability(named, VG, other),
    ):
        with pytest.raises(ValueError, match="c"):
            call()


def test_columns_are_known_by_name() -> None:
    named = NormalInverseGaussian.fit(frame(X))
    law = VG.model
    other_way = VarianceGamma.from_classical(
        law.mu[::-1], law.gamma[::-1], law.sigma()[::-1, ::-1], law.alpha, law.beta
    ).with_columns(["b", "a"])
    plain = vuong(NIG, VG, X).statistic
    assert vuong(named, other_way, frame(X)[["b", "a"]]).statistic == pytest.approx(plain, rel=1e-8)
    first_step = test_distinguishability(NIG, VG, X)
    by_name = test_distinguishability(named, other_way, frame(X)[["b", "a"]])
    assert by_name.p_value == pytest.approx(first_step.p_value, rel=1e-5)
    with pytest.raises(ValueError, match="model_b"):
        vuong(named, VG.model.with_columns(["a", "c"]), X)
    swapped = goodness_of_fit(named, frame(X)[["b", "a"]], replicates=0)
    np.testing.assert_array_equal(
        swapped.statistics, goodness_of_fit(NIG, X, replicates=0).statistics
    )


def test_one_column_may_be_numbers() -> None:
    line = NormalInverseGaussian.from_classical([0], [0.5], [[1]], 1, 1).rvs(200, seed=1)[:, 0]
    fit = NormalInverseGaussian.fit(line)
    assert goodness_of_fit(fit, line, replicates=3).p_value is not None
    assert inference.test_symmetry(line).degrees == 1
    assert vuong(fit, VarianceGamma.fit(line), line).rows == len(line)
    assert test_distinguishability(fit, VarianceGamma.fit(line), line).rows == len(line)
