"""Any number of threads gives the same bits; other Python threads go on; fits do not meet."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    EMResult,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    set_threads,
    threads,
)

Rows = NDArray[np.float64]


@pytest.fixture(autouse=True)
def all_cores() -> Iterator[None]:
    """Leave the limit as it was."""
    limit = threads()
    yield
    set_threads(limit)


def test_the_limit_is_what_was_set() -> None:
    for limit in (1, 7, 0):
        set_threads(limit)
        assert threads() == limit


WORK: dict[str, Callable[[NormalInverseGaussian, Rows], object]] = {
    "rvs": lambda model, x: model.rvs(len(x), seed=5).tobytes(),
    "log_prob": lambda model, x: model.log_prob(x).tobytes(),
    "marginal_log_likelihood": lambda model, x: model.marginal_log_likelihood(x),
    "e_step": lambda model, x: model.e_step(x).eta,
    "default_init": lambda model, x: NormalInverseGaussian.default_init(x),
    "batch EM": lambda model, x: (
        IncrementalEMFitter(eta_update=IdentityUpdate(), batch_size=len(x), max_steps=3)
        .fit(model, x, key=1)
        .model
    ),
    "default rule": lambda model, x: (
        IncrementalEMFitter(batch_size=5000, max_steps=10).fit(model, x, key=1).model
    ),
}


@pytest.mark.parametrize("work", WORK)
def test_any_number_of_threads_gives_the_same_bits(
    work: str, truth: NormalInverseGaussian, many: Rows
) -> None:
    results = []
    for limit in (1, 2, 7, 0):
        set_threads(limit)
        results.append(WORK[work](truth, many))
    assert all(result == results[0] for result in results[1:])
    assert WORK[work](truth, many[1:]) != results[0], "the work does not depend on its rows"


def test_other_python_threads_go_on_during_a_fit(truth: NormalInverseGaussian, many: Rows) -> None:
    """A fit that kept the interpreter's lock would not be seen between first and last step."""
    steps = 2000
    fitter = IncrementalEMFitter(batch_size=1000, max_steps=steps)
    state = fitter.start(truth)
    finished = threading.Event()
    seen: set[int] = set()

    def watch() -> None:
        while not finished.is_set():
            seen.add(state.step)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        fitter.run(state, many, key=0)
    finally:
        finished.set()
        watcher.join()
    assert len(seen - {0, steps}) > 10


def fit(truth: NormalInverseGaussian, x: Rows, key: int) -> EMResult:
    return IncrementalEMFitter(batch_size=500, max_steps=20, verbose=1).fit(truth, x, key=key)


def test_fits_at_once_give_what_they_give_one_after_the_other(
    truth: NormalInverseGaussian, many: Rows
) -> None:
    keys = range(6)
    one_after_the_other = [fit(truth, many, key) for key in keys]
    with ThreadPoolExecutor(max_workers=3) as pool:
        at_once = list(pool.map(lambda key: fit(truth, many, key), keys))
    for left, right in zip(one_after_the_other, at_once, strict=True):
        assert left.model == right.model
        np.testing.assert_array_equal(left.log_likelihoods, right.log_likelihoods)


def test_models_may_be_read_from_many_threads(truth: NormalInverseGaussian, many: Rows) -> None:
    expected = truth.log_prob(many)
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(lambda _: truth.log_prob(many), range(8)))
    for result in results:
        np.testing.assert_array_equal(result, expected)


class MeetingFitter(IncrementalEMFitter):
    """A fitter whose fits wait for each other once each has its state: the worst schedule."""

    def __init__(self, meeting: threading.Barrier) -> None:
        super().__init__(batch_size=500, max_steps=5)
        self.meeting = meeting
        self.states: list[OnlineEM | None] = []
        self.ran: list[OnlineEM] = []

    @property
    def state(self) -> OnlineEM | None:
        return self.states[-1]

    @state.setter
    def state(self, value: OnlineEM | None) -> None:
        self.states.append(value)
        self.meeting.wait(timeout=60)

    def run(self, state: OnlineEM, *args: object, **options: object) -> EMResult:
        self.ran.append(state)
        self.meeting.wait(timeout=60)
        assert len({id(ran) for ran in self.ran}) == 2, "both fits run on one state"
        return super().run(state, *args, **options)  # type: ignore[arg-type]


def test_one_fitter_may_fit_in_two_threads(truth: NormalInverseGaussian, many: Rows) -> None:
    expected = [
        IncrementalEMFitter(batch_size=500, max_steps=5).fit(truth, many, key=key).model
        for key in (0, 1)
    ]
    fitter = MeetingFitter(threading.Barrier(2))
    with ThreadPoolExecutor(max_workers=2) as pool:
        models = list(pool.map(lambda key: fitter.fit(truth, many, key=key).model, (0, 1)))
    assert models == expected
