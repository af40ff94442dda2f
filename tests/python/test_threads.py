"""Any number of threads gives the same bits; other Python threads go on; fits do not meet."""

import pickle
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    EMResult,
    Eta,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    StepInfo,
    fit_stream,
    set_threads,
    threads,
)

Rows = NDArray[np.float64]

# Blocks of 256 rows go out in at most 64 chunks: there are several of each, and a rest.
MANY = 256 * 150 + 37


@pytest.fixture(autouse=True)
def all_cores() -> Iterator[None]:
    """Leave the limit as it was."""
    limit = threads()
    yield
    set_threads(limit)


@pytest.fixture(scope="module")
def many(truth: NormalInverseGaussian) -> Rows:
    return truth.rvs(MANY, seed=2)


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


# ---- One state in many threads ----

# Seconds suffice for a test that waits for something; one that waits for ever fails after them.
PATIENCE = 60.0
STEPS = 60


def together(*works: Callable[[], object]) -> list[object]:
    """Run the works at once; fail if one raises, or they wait for each other."""
    results: dict[int, object] = {}
    errors: list[BaseException] = []

    def run(k: int, work: Callable[[], object]) -> None:
        try:
            results[k] = work()
        except BaseException as error:
            errors.append(error)

    threads_ = [
        threading.Thread(target=run, args=(k, work), daemon=True) for k, work in enumerate(works)
    ]
    for thread in threads_:
        thread.start()
    for thread in threads_:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads_), "they wait for each other"
    if errors:
        raise errors[0]
    return [results[k] for k in range(len(works))]


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
