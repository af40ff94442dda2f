"""Rows, arguments and answers that partials and their fits refuse."""

from typing import Any

import numpy as np
import pytest
from partitions import EMPTY, INIT, PARTS, QUESTION, X, asked, partials, serial_fit

from varimix import VarianceGamma
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
