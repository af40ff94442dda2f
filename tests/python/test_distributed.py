"""Fits and values of rows on dask's partitions, by its schedulers in this process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask.delayed import Delayed, delayed
from partitions import (
    INIT,
    NAMES,
    PARTS,
    TRUTH,
    X,
    assert_same_fit,
    same_bits,
    serial_fit,
    split,
)

from varimix import (
    BatchEMFitter,
    DegenerateDataWarning,
    GeneralizedHyperbolic,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    SampleWeightedUpdate,
    VarianceGamma,
)
from varimix import fit_best as fit_best_in_memory
from varimix.distributed import (
    default_init,
    fit,
    fit_best,
    fit_stream,
    log_prob,
    posterior,
    rvs,
    score,
)

FRAME = pd.DataFrame(X, columns=list(NAMES))
COUNTS = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)


@pytest.fixture(autouse=True)
def _in_this_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


def delayed_parts(parts: Any = PARTS) -> list[Delayed]:
    return [delayed(part) for part in parts]


def holes() -> Any:
    gaps = X.copy()
    gaps[np.random.default_rng(1).random(X.shape) < 0.2] = np.nan
    return gaps


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


# ---- Values of rows ----


def test_the_score_is_the_mean_log_density_by_weight() -> None:
    densities = INIT.log_prob(X)
    assert score(delayed_parts(), INIT) == pytest.approx(densities.mean(), rel=1e-13)
    weighted = score(delayed_parts(), INIT, weights=delayed_parts(split(COUNTS)))
    assert weighted == pytest.approx(np.average(densities, weights=COUNTS), rel=1e-13)
    exact = score(delayed_parts(split(holes())), INIT, missing="exact")
    assert exact == pytest.approx(INIT.marginal_log_likelihood(holes(), "exact"), rel=1e-13)


def test_values_of_rows_are_those_of_the_model_in_their_order() -> None:
    densities = log_prob(delayed_parts(), INIT)
    assert densities.chunks == (tuple(len(part) for part in PARTS if len(part)),)
    some = [part for part in PARTS if len(part)]  # few rows and many are rounded in two ways
    expected = np.concatenate([INIT.log_prob(part) for part in some])
    np.testing.assert_array_equal(densities.compute(), expected)
    found = posterior(delayed_parts(), INIT)
    for name in ("E_inv_Y", "E_Y", "E_log_Y"):
        expected = np.concatenate([getattr(INIT.posterior(part), name) for part in some])
        np.testing.assert_array_equal(getattr(found, name).compute(), expected)


@pytest.mark.parametrize("size", [1, 7, 256, 1000, 5000])
def test_draws_are_those_of_the_model_in_any_partitions(size: int) -> None:
    n = 20 if size == 1 else 1000
    drawn = rvs(TRUTH, n, 5, partition_rows=size)
    np.testing.assert_array_equal(drawn.compute(), TRUTH.rvs(n, 5))


def test_draws_of_no_rows_and_of_a_generator() -> None:
    assert rvs(TRUTH, 0, 1).compute().shape == (0, 3)
    drawn = rvs(TRUTH, 10, np.random.default_rng(3)).compute()
    np.testing.assert_array_equal(drawn, rvs(TRUTH, 10, np.random.default_rng(3)).compute())


# ---- Streams ----


def test_a_frozen_pass_is_exact_in_any_number_of_forks() -> None:
    def frozen() -> OnlineEM[NormalInverseGaussian]:
        return OnlineEM(INIT, SampleWeightedUpdate(), frozen=True)

    one = frozen()
    one.update(X)
    for forks, sync_every in ((1, 500), (2, 300), (3, 10**6), (20, 999)):
        state = fit_stream(frozen(), delayed_parts(), forks=forks, sync_every=sync_every)
        assert state.total_weight == len(X)
        assert state.model.same_law(one.model, 1e-11)


def test_one_fork_without_merges_is_the_stream() -> None:
    serial = OnlineEM(INIT)
    for part in PARTS:
        for begin in range(0, len(part), 100):
            serial.update(part[begin : begin + 100])
    stream = fit_stream(OnlineEM(INIT), delayed_parts(), forks=1, sync_every=len(X), batch_size=100)
    assert stream.model == serial.model
    assert stream.step == serial.step


def test_forks_learn_every_row_once_and_do_not_touch_the_state() -> None:
    begin = OnlineEM(INIT)
    state = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert begin == OnlineEM(INIT)
    assert state.total_weight == len(X)
    assert state.model.marginal_log_likelihood(X) > INIT.marginal_log_likelihood(X)
    again = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert again == state


def test_forks_merge_the_test_of_a_gaussian() -> None:
    begin = OnlineEM(INIT, gaussian_test=True)
    state = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert state.gaussian_test is not None
    assert len(X) - 2 * 20 * 4 <= state.gaussian_test.n < len(X)
    assert state.gaussian_test.log_p_value < -50  # type: ignore[operator]


def test_a_stream_goes_by_weights_and_names() -> None:
    frame = FRAME[["c", "b", "a"]].assign(n=COUNTS)
    parts = delayed_parts([frame[a:b] for a, b in ((0, 1000), (1000, 3000))])
    state = fit_stream(
        OnlineEM(INIT.with_columns(NAMES)), parts, forks=2, sync_every=500, weights="n"
    )
    assert state.total_weight == COUNTS.sum()
    assert state.columns == NAMES
    unnamed = fit_stream(OnlineEM(INIT), delayed_parts([FRAME]), forks=1, sync_every=500)
    assert unnamed.columns == NAMES


# ---- What is refused ----


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("persist", [False, True])
def test_a_bad_row_is_named_with_its_partition_and_column(value: float, persist: bool) -> None:
    bad = FRAME.copy()
    bad.iloc[1503, 1] = value
    parts = delayed_parts(split(bad))
    place = r"partition 4: .* in row 3 .*, column 'b'"
    with pytest.raises(ValueError, match=place):
        fit(parts, init=INIT, persist=persist)
    with pytest.raises(ValueError, match=place):
        default_init(parts, persist=persist)
    with pytest.raises(ValueError, match=place):
        score(parts, INIT)
    with pytest.raises(ValueError, match=place):
        log_prob(parts, INIT).compute()
    with pytest.raises(ValueError, match=place):
        fit_stream(OnlineEM(INIT), parts, forks=2, sync_every=300, persist=persist)


def test_a_bad_row_of_a_weighted_stream_keeps_its_number() -> None:
    bad = FRAME.assign(n=[0.0] * 1000 + [1.0] * 2000)
    bad.iloc[1503, 1] = np.inf
    with pytest.raises(ValueError, match=r"partition 0: .* in row 1503 .*, column 'b'"):
        fit_stream(OnlineEM(INIT), delayed([bad][0]), forks=1, sync_every=300, weights="n")


def test_the_first_of_several_bad_partitions_is_named() -> None:
    bad = FRAME.copy()
    bad.iloc[[800, 2900], 0] = np.nan
    with pytest.raises(ValueError, match="partition 3: "):
        fit(delayed_parts(split(bad)), init=INIT)


def test_a_text_among_numbers_is_named() -> None:
    parts = split(FRAME)
    parts[4] = parts[4].astype(object)
    parts[4].iloc[3, 1] = "n/a"
    with pytest.raises(ValueError, match=r"partition 4: .*'b'.*'n/a'"):
        fit(delayed_parts(parts), init=INIT)


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([], {}, "one partition or more, got none"),
        ([X[:0]], {}, "X must be one row or more, got none"),
        ([X, X[:, :2]], {}, "partition 1: .*columns"),
        ([FRAME, FRAME.rename(columns={"b": "x"})], {}, "partition 1: .*missing: .'b'.*unknown"),
        ([FRAME], {"columns": ["a", "z"]}, "partition 0: .*'z'"),
        ([FRAME], {"weights": "z"}, "partition 0: .*'z'"),
        ([FRAME, FRAME], {"weights": [delayed(COUNTS)]}, "partitions of the collection, 2, got 1"),
        ([X], {"weights": [delayed(-COUNTS)]}, r"partition 0: weights\["),
        ([X], {"weights": [delayed(COUNTS[:3])]}, "partition 0: weights must be one for each row"),
        ([X], {"weights": [delayed(0 * COUNTS)]}, "the sum of weights"),
        ([X], {"tol": -1.0}, "tol"),
        ([X], {"family": "Gaussian"}, "Gaussian"),
    ],
)
def test_wrong_arguments_are_named(parts: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(delayed_parts(parts), **options)


@pytest.mark.parametrize("collection", [3, None, X, [X], {"a": 1}, object()])
def test_what_is_no_collection_is_a_type_error(collection: Any) -> None:
    with pytest.raises(TypeError, match="collection"):
        fit(collection)


def test_other_wrong_arguments() -> None:
    parts = delayed_parts()
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        fit(da.zeros((2, 2, 2)))
    with pytest.raises(TypeError, match="family must be the name or the class"):
        fit(parts, family=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"client must be a distributed.Client or None"):
        fit(parts, client=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model must be a model"):
        score(parts, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="state must be an OnlineEM"):
        fit_stream(INIT, parts, forks=1, sync_every=1)  # type: ignore[arg-type]
    for name in ("forks", "sync_every", "batch_size"):
        with pytest.raises(ValueError, match=f"{name} must be >= 1, got 0"):
            fit_stream(OnlineEM(INIT), parts, **{"forks": 1, "sync_every": 9, name: 0})
    with pytest.raises(ValueError, match="families must be"):
        fit_best(parts, [])
    with pytest.raises(ValueError, match="each named once"):
        fit_best(parts, ["VarianceGamma", VarianceGamma])
    with pytest.raises(ValueError, match="n must be >= 0"):
        rvs(TRUTH, -1)
    with pytest.raises(ValueError, match="partition_rows must be >= 1"):
        rvs(TRUTH, 3, partition_rows=0)
    with pytest.raises(ValueError, match="rows that count"):
        score([delayed(X[:0])], INIT)


def test_a_rule_that_forgets_does_not_merge() -> None:
    state = OnlineEM(INIT, NaturalGradientUpdate(half_life=500))
    with pytest.raises(ValueError, match="merge"):
        fit_stream(state, delayed_parts(), forks=2, sync_every=100)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file"):
        fit(tmp_path / "none.parquet")
    with pytest.raises(FileNotFoundError, match="no file"):
        fit(tmp_path)
