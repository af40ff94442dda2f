"""Partials: what any engine needs to run a fit, as bytes."""

import concurrent.futures
import random
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from partitions import (
    INIT,
    NAMES,
    PARTS,
    Array,
    X,
    asked,
    assert_same_fit,
    same_bits,
    serial_fit,
    split,
)

from varimix import (
    BatchEMFitter,
    CheckpointError,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
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

QUESTION = model_bytes(INIT)
EMPTY = e_step_partial(QUESTION, X[:0])
FAMILIES = [NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic]
MOST_BYTES_OF_NOTHING = 64
GARBAGE_TRIALS = 300


def partials(question: bytes = QUESTION) -> list[bytes]:
    return [e_step_partial(question, part) for part in PARTS]


def test_no_rows_give_a_few_bytes_that_are_neutral_to_the_bit() -> None:
    assert len(EMPTY) < MOST_BYTES_OF_NOTHING
    for partial in partials():
        assert merge_partials(EMPTY, partial) == partial
        assert merge_partials(partial, EMPTY) == partial
    assert merge_partials(EMPTY, EMPTY) == EMPTY
    assert describe_partial(EMPTY) == {
        "rows": 0, "weight": 0.0, "log_likelihood": None, "eta": None,
    }  # fmt: skip


def test_merged_partials_are_the_e_step_of_all_rows() -> None:
    found = describe_partial(merge_in_order(partials(), merge_partials))
    expected = INIT.e_step(X)
    assert found["rows"] == len(X)
    assert found["weight"] == len(X)
    assert found["log_likelihood"] == pytest.approx(expected.log_lik, rel=1e-13)
    np.testing.assert_allclose(found["eta"].E_XXT_inv_Y, expected.eta.E_XXT_inv_Y, rtol=1e-12)
    assert found["eta"].E_inv_Y == pytest.approx(expected.eta.E_inv_Y, rel=1e-13)


def test_partials_have_the_same_bytes_for_any_layout_of_the_same_rows() -> None:
    expected = e_step_partial(QUESTION, PARTS[0])
    assert e_step_partial(QUESTION, np.asfortranarray(PARTS[0])) == expected
    assert e_step_partial(QUESTION, PARTS[0].tolist()) == expected
    assert e_step_partial(QUESTION, PARTS[0], np.ones(len(PARTS[0]))) == expected


@given(st.integers(1, 40))
def test_the_tree_of_merges_is_that_of_aligned_groups(count: int) -> None:
    """An engine may merge eight neighbours at a time: text shows the tree."""
    leaves = [str(k) for k in range(count)]

    def merge(left: str, right: str) -> str:
        return f"({left}{right})"

    groups = [merge_in_order(leaves[i : i + 8], merge) for i in range(0, count, 8)]
    assert merge_in_order(groups, merge) == merge_in_order(leaves, merge)


def test_nothing_to_merge_is_an_error() -> None:
    with pytest.raises(ValueError, match="partials must be one or more, got none"):
        merge_in_order([], merge_partials)


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


# ---- What is refused ----


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_named_with_row_and_column(value: float) -> None:
    bad = X[:50].copy()
    bad[7, 2] = value
    with pytest.raises(ValueError, match="in row 7, column 2"):
        e_step_partial(QUESTION, bad)


def test_a_number_that_turns_bad_between_passes_is_named() -> None:
    rows = X[:400].copy()
    calls = []

    def e_step(question: bytes) -> bytes:
        calls.append(question)
        if len(calls) == 3:
            rows[7, 2] = np.nan
        return e_step_partial(question, rows)

    with pytest.raises(ValueError, match="in row 7, column 2"):
        fit_partials(INIT, e_step)


@pytest.mark.parametrize(
    ("rows", "weights", "message"),
    [
        (X[:5, :2], None, "columns"),
        (X[:0, :2], None, "columns"),
        (X[:5], np.ones(4), "one for each row, 5"),
        (X[:5], -np.ones(5), r"weights\[0\]"),
        (X[:5], np.full(5, np.nan), r"weights\[0\]"),
        ("no such file.parquet", None, "no such file"),
        (X[:5, 0], None, "two-dimensional"),
    ],
)
def test_wrong_rows_are_refused(rows: Any, weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        e_step_partial(QUESTION, rows, weights)


def test_partials_of_other_models_do_not_merge() -> None:
    one = e_step_partial(QUESTION, PARTS[0])
    others = [
        e_step_partial(model_bytes(INIT.replace(mu=INIT.mu + 1.0)), PARTS[0]),
        e_step_partial(model_bytes(VarianceGamma.default_init(X)), PARTS[0]),
        e_step_partial(model_bytes(INIT.with_columns(NAMES)), PARTS[0]),
        e_step_partial(model_bytes(INIT, "exact"), PARTS[0]),
        e_step_partial(model_bytes(INIT.replace(gamma=INIT.gamma + 1.0)), PARTS[0]),
        e_step_partial(model_bytes(NormalInverseGaussian.default_init(X[:, :2])), X[:9, :2]),
    ]
    for other in others:
        with pytest.raises(ValueError, match="partial must be the answer to the same request"):
            merge_partials(one, other)


@pytest.mark.parametrize("partial", [EMPTY, [EMPTY, EMPTY], []])
def test_an_m_step_of_no_rows_is_refused(partial: Any) -> None:
    with pytest.raises(ValueError, match="partials must be"):
        m_step(partial)


def test_a_fit_of_no_rows_or_no_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="X must be one row or more, got none"):
        serial_fit([X[:0], X[:0]])
    with pytest.raises(ValueError, match="the sum of weights"):
        serial_fit([X[:5]], [np.zeros(5)])


def test_an_answer_to_another_question_is_refused() -> None:
    old = merge_in_order(partials(), merge_partials)
    with pytest.raises(ValueError, match="partial must be the answer to the request"):
        fit_partials(INIT, lambda _: old)
    other = e_step_partial(model_bytes(VarianceGamma.default_init(X)), X)
    with pytest.raises(ValueError, match="partial must be the answer to the request"):
        fit_partials(INIT, lambda _: other)


@pytest.mark.parametrize("answer", [None, "text", 3, bytearray(b"x"), INIT])
def test_anything_but_bytes_is_a_type_error(answer: Any) -> None:
    with pytest.raises(TypeError, match="e_step must return the bytes of a partial, got"):
        fit_partials(INIT, lambda _: answer)


def test_wrong_arguments_are_type_errors() -> None:
    with pytest.raises(TypeError, match="e_step must be callable, got 3"):
        fit_partials(INIT, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="fitter must be a BatchEMFitter or None"):
        fit_partials(INIT, asked(PARTS), 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing"):
        model_bytes(INIT, "maybe")
    for function in (model_from_bytes, describe_partial, m_step):
        with pytest.raises(TypeError):
            function(3)  # type: ignore[operator]


def test_what_the_callers_function_raises_passes_through() -> None:
    def e_step(_: bytes) -> bytes:
        raise LookupError("the engine is gone")

    with pytest.raises(LookupError, match="the engine is gone"):
        fit_partials(INIT, e_step)


# ---- Damaged bytes ----


def readers() -> list[Any]:
    one = e_step_partial(QUESTION, PARTS[0])
    return [
        model_from_bytes,
        lambda data: e_step_partial(data, X[:5]),
        describe_partial,
        m_step,
        lambda data: merge_partials(data, one),
        lambda data: merge_partials(one, data),
        lambda data: fit_partials(INIT, lambda _: data),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"x", b"garbage" * 9, QUESTION[:-1], EMPTY[:-1], EMPTY + b"0"]
)
def test_bytes_that_are_none_of_ours_are_refused(data: bytes) -> None:
    for read in readers():
        with pytest.raises(CheckpointError):
            read(data)


def test_bytes_of_another_kind_are_refused() -> None:
    state = OnlineEM(INIT).to_bytes()
    for read in readers():
        with pytest.raises(CheckpointError):
            read(state)
    for read in readers()[:2]:
        with pytest.raises(CheckpointError):
            read(e_step_partial(QUESTION, PARTS[0]))
    for read in readers()[2:]:
        with pytest.raises(CheckpointError):
            read(QUESTION)


def test_no_flipped_byte_goes_unnoticed() -> None:
    chance = random.Random(5)
    for good, read in ((QUESTION, model_from_bytes), (partials()[0], describe_partial)):
        for _ in range(GARBAGE_TRIALS):
            bad = bytearray(good)
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            with pytest.raises(CheckpointError):
                read(bytes(bad))
        for _ in range(GARBAGE_TRIALS):
            with pytest.raises(CheckpointError):
                read(good[: chance.randrange(len(good))])
