"""Many threads may read, update and merge one state at once."""

import pickle
import threading
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from together import PATIENCE, STEPS, together

from varimix import NormalInverseGaussian, OnlineEM, PolyakRuppertUpdate, fit_stream

Rows = NDArray[np.float64]


def read_all(state: OnlineEM) -> None:
    """Read everything that a state shows; it belongs together, or an assertion fails."""
    assert np.isfinite(state.model.mu).all()
    assert np.isfinite(state.driving_model.L_Sigma).all()
    assert np.isfinite(state.eta.E_X).all()
    assert len(str(state.status)) > 0
    assert "OnlineEM(step=" in repr(state)
    assert OnlineEM.from_bytes(state.to_bytes()).step <= STEPS * 3
    assert pickle.loads(pickle.dumps(state)).total_weight >= 0
    assert state.fork().log_score.weight >= 0
    assert (state == state.fork()) in (True, False)


def test_a_state_is_read_while_it_learns(truth: NormalInverseGaussian, many: Rows) -> None:
    """With missing values, allocations differ from step to step: races would show here first."""
    state = OnlineEM(truth, PolyakRuppertUpdate(), missing="exact")
    expected = OnlineEM(truth, PolyakRuppertUpdate(), missing="exact")
    for k in range(STEPS):
        expected.update(many[k * 100 : (k + 1) * 100])
    finished = threading.Event()

    def learn() -> None:
        try:
            for k in range(STEPS):
                state.update(many[k * 100 : (k + 1) * 100])
        finally:
            finished.set()

    def watch() -> int:
        seen = 0
        while not finished.is_set():
            read_all(state)
            seen += 1
        return seen

    together(learn, watch, watch)
    assert state.model == expected.model  # a fork leaves its mark and nothing else
    assert state.eta == expected.eta
    assert state.log_score == expected.log_score
    assert (state.step, state.total_weight) == (expected.step, expected.total_weight)


def test_updates_of_one_state_from_two_threads_are_all_learned(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    state = OnlineEM(truth)

    def learn(first: int) -> None:
        for k in range(first, first + STEPS):
            state.update(many[k * 50 : (k + 1) * 50])

    together(lambda: learn(0), lambda: learn(STEPS), lambda: read_all(state))
    assert state.step == 2 * STEPS
    assert state.total_weight == 2 * STEPS * 50


def test_states_that_merge_into_each_other_do_not_wait_for_ever(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    left, right = OnlineEM(truth), OnlineEM(truth)
    left.update(many[:100])
    right.update(many[100:200])

    def merge(into: OnlineEM, other: OnlineEM) -> None:
        for _ in range(20):
            into.merge(other, force=True)
            assert (into == other) in (True, False)

    together(lambda: merge(left, right), lambda: merge(right, left))
    assert left.total_weight > 100
    assert np.isfinite(left.model.mu).all()


def test_a_stream_can_be_watched_while_it_waits_for_rows(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    state = OnlineEM(truth)
    asked, go_on = threading.Event(), threading.Event()

    def rows() -> Iterator[Rows]:
        yield many[:100]
        asked.set()
        assert go_on.wait(PATIENCE)
        yield many[100:200]

    def watch() -> int:
        assert asked.wait(PATIENCE)
        step = state.step
        go_on.set()
        return step

    assert together(lambda: fit_stream(state, rows(), batch_size=100), watch)[1] == 1


def test_a_state_can_be_merged_into_while_it_fits(truth: NormalInverseGaussian, many: Rows) -> None:
    state, other = OnlineEM(truth), OnlineEM(truth)
    other.update(many[-100:])
    started = threading.Event()

    def merge() -> None:
        assert started.wait(PATIENCE)
        state.merge(other, force=True)

    def slowly(report: object) -> None:
        started.set()
        time.sleep(0.01)

    together(lambda: fit_stream(state, many[:1000], batch_size=100, callback=slowly), merge)
    assert state.total_weight == 1100
