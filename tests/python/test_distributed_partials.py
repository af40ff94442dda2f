"""Partials are bytes, the same for the same rows; they merge in a fixed tree, and know damage."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from partitions import EMPTY, INIT, NAMES, PARTS, QUESTION, X, partials

from varimix import CheckpointError, NormalInverseGaussian, OnlineEM, VarianceGamma
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

MOST_BYTES_OF_NOTHING = 64


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


@pytest.mark.parametrize("answer", [None, "text", 3, bytearray(b"x"), INIT])
def test_anything_but_bytes_is_a_type_error(answer: Any) -> None:
    with pytest.raises(TypeError, match="e_step must return the bytes of a partial, got"):
        fit_partials(INIT, lambda _: answer)


# ---- Damaged bytes ----

GARBAGE_TRIALS = 300


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
