"""Fits on dask's partitions, by its schedulers in this process, are those in memory."""

from pathlib import Path
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask.delayed import delayed
from dask_collections import COUNTS, FRAME, delayed_parts, holes, in_this_thread
from partitions import INIT, NAMES, PARTS, X, assert_same_fit, same_bits, serial_fit, split

from varimix import (
    BatchEMFitter,
    DegenerateDataWarning,
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
)
from varimix import fit_best as fit_best_in_memory
from varimix.distributed import default_init, fit, fit_best

_in_this_thread = pytest.fixture(autouse=True)(in_this_thread)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of Parquet files; part-10 comes after part-2."""
    path = tmp_path_factory.mktemp("rows")
    for k, (part, weights) in enumerate(zip(PARTS, split(COUNTS), strict=True)):
        number = k if k < 3 else k + 7
        table = pd.DataFrame(part, columns=list(NAMES)).assign(n=weights)
        pq.write_table(pa.Table.from_pandas(table), path / f"part-{number}.parquet")
    return path


# ---- The same fit from every collection ----


def test_delayed_parts_give_the_serial_fit_in_every_bit() -> None:
    assert same_bits(fit(delayed_parts(), init=INIT), serial_fit(PARTS))


def test_more_partitions_than_a_task_merges_give_the_serial_fit_in_every_bit() -> None:
    parts = np.array_split(X, 3 * 7)
    assert same_bits(fit(delayed_parts(parts), init=INIT), serial_fit(parts))


@pytest.mark.parametrize("persist", [False, True])
def test_parquet_files_give_the_serial_fit_in_every_bit(folder: Path, persist: bool) -> None:
    for collection in (folder, str(folder), f"{folder}/*.parquet"):
        result = fit(collection, init=INIT, columns=NAMES, persist=persist)
        assert same_bits(result, serial_fit(PARTS))
        assert result.model.columns == NAMES


def test_a_dask_array_in_any_chunks_is_cut_by_rows() -> None:
    array = da.from_array(X, chunks=(1000, 2))
    assert same_bits(fit(array, init=INIT), serial_fit([X[:1000], X[1000:2000], X[2000:]]))


def test_a_dataframe_knows_its_names_and_takes_the_models_order() -> None:
    frame = dd.from_pandas(FRAME[["c", "a", "b"]], npartitions=3)
    parts = [np.asarray(part.compute()[list(NAMES)]) for part in frame.partitions]
    result = fit(frame, init=INIT.with_columns(NAMES))
    assert result.model.columns == NAMES
    assert same_bits(result, serial_fit(parts))
    assert fit(frame, max_iter=1).model.columns == ("c", "a", "b")


@pytest.mark.parametrize(
    "form",
    [
        lambda part: pd.DataFrame(part, columns=list(NAMES)),
        lambda part: pl.DataFrame(part, schema=list(NAMES)),
        lambda part: pa.table({name: part[:, j] for j, name in enumerate(NAMES)}),
        lambda part: part.tolist() if len(part) else part,
        lambda part: np.asfortranarray(part),
    ],
)
def test_a_part_may_be_whatever_holds_rows(form: Any) -> None:
    parts = delayed_parts([form(part) for part in PARTS])
    assert same_bits(fit(parts, init=INIT), serial_fit(PARTS))


def test_float32_and_integers_are_read_as_in_memory() -> None:
    narrow = X.astype(np.float32)
    assert_same_fit(fit(delayed_parts(split(narrow)), init=INIT), BatchEMFitter().fit(INIT, narrow))
    whole = np.round(100 * X).astype(int)
    init = NormalInverseGaussian.default_init(whole)
    assert_same_fit(fit(delayed_parts(split(whole)), init=init), BatchEMFitter().fit(init, whole))


def test_one_delayed_part_is_a_collection() -> None:
    assert same_bits(fit(delayed(X), init=INIT), serial_fit([X]))


def test_weights_by_column_and_by_collection_are_the_same(folder: Path) -> None:
    expected = serial_fit(PARTS, split(COUNTS))
    assert same_bits(fit(folder, init=INIT, columns=NAMES, weights="n"), expected)
    assert same_bits(fit(folder, init=INIT, weights="n"), expected)
    given = delayed_parts(split(COUNTS))
    assert same_bits(fit(delayed_parts(), init=INIT, weights=given), expected)
    assert same_bits(fit(delayed_parts(), init=INIT, weights=given, persist=True), expected)
    chunks = (tuple(len(part) for part in PARTS),)
    array = da.from_array(X, chunks=(*chunks, -1))
    weights = da.from_array(COUNTS, chunks=chunks)
    assert same_bits(fit(array, init=INIT, weights=weights), expected)


def test_missing_values_are_exact() -> None:
    init = NormalInverseGaussian.default_init(holes(), missing="exact")
    result = fit(delayed_parts(split(holes())), init=init, missing="exact")
    assert_same_fit(result, BatchEMFitter(missing="exact").fit(init, holes()))


@pytest.mark.parametrize("family", ["VarianceGamma", VarianceGamma])
def test_a_family_goes_by_name_or_class(family: Any) -> None:
    result = fit(delayed_parts(), family, max_iter=3)
    assert isinstance(result.model, VarianceGamma)
    assert_same_fit(result, VarianceGamma.fit(X, max_iter=3))


def test_options_and_callback_are_the_fitters() -> None:
    seen: list[int] = []
    result = fit(delayed_parts(), init=INIT, symmetric=True, callback=lambda r: seen.append(r.step))
    assert np.all(result.model.gamma == 0)
    assert seen[-1] == len(result.log_likelihoods)


# ---- The initial model ----


@pytest.mark.parametrize(
    "family",
    [NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic],
)
def test_the_initial_model_is_that_of_all_rows(family: Any) -> None:
    assert default_init(delayed_parts(), family).same_law(family.default_init(X), 1e-11)
    parts = delayed_parts(split(holes()))
    expected = family.default_init(holes(), missing="exact")
    assert default_init(parts, family, missing="exact").same_law(expected, 1e-11)


def test_an_initial_model_that_bent_warns() -> None:
    flat = X.copy()
    flat[:, 1] = 2.0
    with pytest.warns(DegenerateDataWarning, match="column 1"):
        model = default_init(delayed_parts(split(flat)))
    with pytest.warns(DegenerateDataWarning, match="column 1"):
        assert model.same_law(NormalInverseGaussian.default_init(flat), 1e-9)


# ---- The best of several families ----


def test_the_best_fit_is_that_in_memory() -> None:
    best = fit_best(delayed_parts(), ["NormalInverseGaussian", VarianceGamma], n_starts=3)
    expected = fit_best_in_memory(X, ["NormalInverseGaussian", VarianceGamma], n_starts=3)
    assert [one.family for one in best.table] == [one.family for one in expected.table]
    for one, other in zip(best.table, expected.table, strict=True):
        assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-3)
        assert one.n_parameters == other.n_parameters
        assert one.bic == pytest.approx(other.bic, abs=1e-3)
        assert one.start_gap >= 0.0


def test_the_best_fit_is_of_a_sample_when_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    from varimix.distributed import best as module

    monkeypatch.setattr(module, "SAMPLE_ROWS", 900)
    best = fit_best(delayed_parts(), ["NormalInverseGaussian"], n_starts=3)
    assert best.table[0].log_likelihood == pytest.approx(serial_fit(PARTS).log_likelihood, abs=1e-3)
    again = fit_best(delayed_parts(), ["NormalInverseGaussian"], n_starts=3)
    assert again.model == best.model
