"""A callback, a source or a rule may use the state that learns by it, if it does no harm."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from together import PATIENCE, STEPS, together

from varimix import (
    Eta,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    StepInfo,
    fit_stream,
)

Rows = NDArray[np.float64]


def test_a_callback_may_read_and_change_the_state_that_learns(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    """The callback does so in its own thread, and in another one for which it waits."""
    state = OnlineEM(truth)
    steps: list[tuple[int, int]] = []
    with ThreadPoolExecutor(max_workers=1) as pool:

        def callback(report: object) -> None:
            steps.append((state.step, pool.submit(lambda: state.step).result(timeout=PATIENCE)))
            if state.step == 2:
                state.update(many[:10])

        together(lambda: fit_stream(state, many[:1000], batch_size=100, callback=callback))
    assert steps == [(k, k) for k in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11)]
    assert state.total_weight == 1010


def test_a_source_may_look_at_the_state_that_learns_it(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    """Such a source may choose its next rows: an iterator's rows are read when they are wanted."""
    state = OnlineEM(truth)
    seen: list[int] = []

    def rows() -> Iterator[Rows]:
        for k in range(5):
            seen.append(state.step)
            yield many[k * 100 : (k + 1) * 100]

    together(lambda: fit_stream(state, rows(), batch_size=100))
    assert seen == [0, 1, 2, 3, 4]


def test_a_reader_ahead_may_look_at_the_state_too(truth: NormalInverseGaussian, many: Rows) -> None:
    """The reader's thread must not wait for the one that waits for its rows."""
    pa = pytest.importorskip("pyarrow")
    state = OnlineEM(truth)
    seen: list[int] = []
    schema = pa.schema([("a", pa.float64()), ("b", pa.float64())])

    def batches() -> Iterator[object]:
        for k in range(20):
            seen.append(state.step)
            x = many[k * 100 : (k + 1) * 100]
            yield pa.record_batch([pa.array(x[:, 0].copy()), pa.array(x[:, 1].copy())], schema)

    source = pa.RecordBatchReader.from_batches(schema, batches())
    together(lambda: fit_stream(state, source, batch_size=100))
    assert state.step == 20
    assert len(seen) == 20


class Meddler:
    """A rule that does something with the state in the middle of its update."""

    state: OnlineEM

    def __init__(self, meddle: Callable[["Meddler"], object]) -> None:
        self.meddle = meddle
        self.error: Exception | None = None

    def __deepcopy__(self, memo: object) -> "Meddler":
        return self

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        self.meddle(self)
        return batch


def test_a_rule_may_read_the_state_that_asks_it(truth: NormalInverseGaussian, many: Rows) -> None:
    steps: list[int] = []
    rule = Meddler(lambda self: steps.append(self.state.step))
    rule.state = state = OnlineEM(truth, rule)
    state.update(many[:100])
    state.update(many[100:200])
    assert steps == [0, 1]


@pytest.mark.parametrize(
    "meddle",
    [
        lambda self: self.state.update(np.zeros((3, 2))),
        lambda self: self.state.merge(OnlineEM(self.state.model), force=True),
        lambda self: fit_stream(self.state, np.zeros((3, 2))),
        lambda self: IncrementalEMFitter(max_steps=1).run(self.state, np.zeros((3, 2)), key=0),
    ],
)
def test_a_rule_may_not_change_the_state_that_asks_it(
    meddle: Callable[[Meddler], object], truth: NormalInverseGaussian, many: Rows
) -> None:
    rule = Meddler(meddle)
    rule.state = state = OnlineEM(truth, rule)
    with pytest.raises(RuntimeError, match="middle of an update"):
        state.update(many[:100])
    assert state.step == 0
    rule.meddle = lambda self: None
    state.update(many[:100])
    assert state.step == 1


def test_a_rule_in_python_and_its_readers_share_the_interpreter(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    """The rule holds the state and needs the interpreter's lock; readers need the state."""
    rule = Meddler(lambda self: time.sleep(0))
    state = OnlineEM(truth, rule)

    def learn() -> None:
        for k in range(STEPS):
            state.update(many[k * 100 : (k + 1) * 100])

    def watch() -> None:
        while state.step < STEPS:
            state.model  # noqa: B018
            len(state.to_bytes())

    together(learn, watch, watch)
    assert state.step == STEPS
