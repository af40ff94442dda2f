"""Fits of partials, as any engine runs them, are the plain fits."""

import concurrent.futures
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from partitions import (
    INIT,
    NAMES,
    PARTS,
    QUESTION,
    Array,
    X,
    asked,
    assert_same_fit,
    partials,
    same_bits,
    serial_fit,
    split,
)

from varimix import (
    BatchEMFitter,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
)
from varimix.distributed import (
    describe_partial,
    e_step_partial,
    fit_partials,
    m_step,
    merge_in_order,
    merge_partials,
    model_bytes,
    model_from_bytes,
)

FAMILIES = [NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic]


def test_a_model_comes_back_from_its_bytes_with_its_names() -> None:
    for family in FAMILIES:
        model = family.default_init(X).with_columns(NAMES)
        again = model_from_bytes(model_bytes(model))
        assert again == model
        assert again.columns == NAMES


@pytest.mark.parametrize("family", FAMILIES)
def test_one_m_step_is_that_of_the_model(family: Any) -> None:
    model = family.default_init(X).with_columns(NAMES)
    stepped = model_from_bytes(m_step(partials(model_bytes(model))))
    assert stepped.same_law(model.m_step(model.e_step(X).eta), 1e-12)
    assert stepped.columns == NAMES


def test_steps_of_plain_em_raise_the_likelihood() -> None:
    question, seen = QUESTION, []
    for _ in range(5):
        merged = merge_in_order(partials(question), merge_partials)
        seen.append(describe_partial(merged)["log_likelihood"])
        question = m_step(merged)
    assert seen == sorted(seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_fit_is_the_plain_fit(family: Any) -> None:
    init = family.default_init(X)
    options: dict[str, Any] = {"tol": 1e-7, "max_iter": 60}
    assert_same_fit(serial_fit(PARTS, init=init, **options), BatchEMFitter(**options).fit(init, X))


@pytest.mark.parametrize(
    "options",
    [
        {"acceleration": "none", "max_iter": 8},
        {"max_iter": 0},
        {"max_iter": 1},
        {"symmetric": True},
        {"fixed": ["mu"]},
        {"regularization": "det_sigma_one"},
        {"eta_update": Shrinkage(IdentityUpdate(), eta0_from_model(INIT), 0.1)},
    ],
)
def test_every_option_of_the_fitter_counts(options: dict[str, Any]) -> None:
    assert_same_fit(serial_fit(PARTS, **options), BatchEMFitter(**options).fit(INIT, X))


def test_weights_count_as_in_memory_and_rows_of_weight_0_are_absent() -> None:
    weights = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)
    weights[701:1500] = 0.0  # a whole partition
    plain = BatchEMFitter().fit(INIT, X, weights)
    assert_same_fit(serial_fit(PARTS, split(weights)), plain)


def gaps() -> Array:
    holes = X.copy()
    holes[np.random.default_rng(1).random(X.shape) < 0.2] = np.nan
    holes[701:1500] = np.nan  # a partition that shows nothing
    return holes


def test_missing_values_are_exact() -> None:
    init = NormalInverseGaussian.default_init(gaps(), missing="exact")
    plain = BatchEMFitter(missing="exact").fit(init, gaps())
    assert_same_fit(serial_fit(split(gaps()), init=init, missing="exact"), plain)


def test_reports_come_after_every_pass_and_stop_the_fit() -> None:
    reports: list[Any] = []

    def stop(report: Any) -> bool:
        reports.append(report)
        return len(reports) < 3

    result = fit_partials(INIT, asked(PARTS), callback=stop)
    assert result.status.codes == ["interrupted"]
    assert [report.step for report in reports] == [1, 2, 3]
    assert {report.rows for report in reports} == {len(X)}
    assert {report.weight for report in reports} == {len(X)}


def test_constant_columns_and_few_rows_are_told() -> None:
    flat = X.copy()
    flat[:, 1] = 2.0
    with pytest.warns(UserWarning, match="column 1"):
        init = NormalInverseGaussian.default_init(flat)
    plain = BatchEMFitter(max_iter=20).fit(init, flat)
    result = serial_fit(split(flat), init=init, max_iter=20)
    assert "constant_column" in result.status
    assert [entry.code for entry in result.status.entries] == [
        entry.code for entry in plain.status.entries
    ]
    few = serial_fit([X[:1], X[1:3]], max_iter=3)
    assert "too_few_rows" in few.status


def test_a_spike_over_several_partitions_is_found() -> None:
    tied = X.copy()
    tied[1000:] = 0.0
    init = VarianceGamma.default_init(tied)
    plain = BatchEMFitter(max_iter=60).fit(init, tied)
    result = fit_partials(init, asked(split(tied)), BatchEMFitter(max_iter=60))
    assert "mode_trap" in plain.status
    assert result.status == plain.status


def test_threads_in_any_order_give_the_same_bits() -> None:
    expected = serial_fit(PARTS)
    for workers in (1, 2, 3):
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:

            def e_step(question: bytes, run: concurrent.futures.ThreadPoolExecutor = pool) -> bytes:
                futures = {
                    run.submit(e_step_partial, question, part): k for k, part in enumerate(PARTS)
                }
                done = {futures[f]: f.result() for f in concurrent.futures.as_completed(futures)}
                return merge_in_order([done[k] for k in sorted(done)], merge_partials)

            assert same_bits(fit_partials(INIT, e_step), expected)


def test_a_fit_lets_other_threads_run() -> None:
    ran = threading.Event()
    threading.Timer(0.01, ran.set).start()

    def e_step(question: bytes) -> bytes:
        ran.wait(10)
        return asked(PARTS)(question)

    assert fit_partials(INIT, e_step, BatchEMFitter(max_iter=1)).n_iter == 1
    assert ran.is_set()


# ---- Names ----


@pytest.mark.parametrize(
    "frame",
    [
        lambda table: table,
        lambda table: pl.from_pandas(table),
        lambda table: pa.Table.from_pandas(table, preserve_index=False),
    ],
)
def test_named_columns_are_put_into_the_models_order(frame: Any) -> None:
    named = INIT.with_columns(NAMES)
    table = pd.DataFrame(PARTS[0], columns=list(NAMES))
    expected = e_step_partial(model_bytes(named), PARTS[0])
    assert e_step_partial(model_bytes(named), frame(table[["c", "a", "b"]])) == expected
    result = fit_partials(named, asked([table, PARTS[4]]), BatchEMFitter(max_iter=2))
    assert result.model.columns == NAMES


def test_other_columns_are_named() -> None:
    table = pd.DataFrame(PARTS[0], columns=["a", "b", "x"])
    with pytest.raises(ValueError, match="missing: \\['c'\\]; unknown: 'x'"):
        e_step_partial(model_bytes(INIT.with_columns(NAMES)), table)
