"""Times E-steps and updates from Python as rows, columns, threads and batches grow.

Times of one thread are CPU time, so that what else runs on the machine counts little; times of
threads are wall time. Cases take turns, so that a drift of the machine's speed meets all of them.
"""

import itertools
import os
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from varimix import EWMAUpdate, NormalInverseGaussian, OnlineEM, set_threads

Rows = NDArray[np.float64]
Work = Callable[[], object]
Clock = Callable[[], float]
State = OnlineEM[NormalInverseGaussian]
Case = TypeVar("Case", bound=Hashable)

NS, US = 1e9, 1e6
CORRELATION = 0.3
NUMBERS = 4_000_000  # of the rows of every d: beyond the second-level cache, as in e_step.cpp
FEWEST_ROWS = 4096  # from 2048 on every order has a table of Bessel values
ROW_DIMENSIONS = (2, 10)
DIMENSIONS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)
LARGE_DIMENSION = 2000  # seconds for each E-step
LARGE_ROWS = 10**8  # of two columns alone: 1.6 GB
THREAD_ROWS = 1_000_000
PAIRS = 5
UPDATE_COLUMNS = 2
LARGEST_BATCH = 65_536
STEP = 0.001  # so small that batches of one row do no harm
WARM_ROWS = 4096  # the rows before, so that a batch is a small share of what is known
SLACK = 0.1  # nats a row by which a law that learns the same rows again and again may be worse


@dataclass(frozen=True)
class Effort:
    """The length of a measurement: the least of `repetitions` of at least `seconds` each."""

    repetitions: int
    seconds: float
    most_rows: int
    most_columns: int
    large: bool = False  # LARGE_ROWS and LARGE_DIMENSION as well


@dataclass(frozen=True)
class Growth:
    """The results, by what grows."""

    rows: dict[int, dict[int, float]]  # d, rows: ns a row
    columns: dict[int, float]  # d: ns a row
    threads: dict[int, list[float]]  # d: time of one thread over that of two, of every pair
    steps: dict[str, dict[int, float]]  # rule, rows of a batch: us a step


def law_of(d: int) -> NormalInverseGaussian:
    """Return the law of bench/e_step.cpp."""
    sigma = (1.0 - CORRELATION) * np.eye(d) + CORRELATION
    return NormalInverseGaussian.from_classical(
        mu=np.linspace(-0.1, 0.1, d),
        gamma=np.linspace(0.3, -0.3, d),
        sigma=sigma,
        mu_ig=1.0,
        lam=1.5,
    )


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let the library use so many threads."""
    set_threads(count)
    try:
        yield
    finally:
        set_threads(0)


def seconds_of(work: Work, least: float, clock: Clock = time.process_time) -> float:
    """Return the time of one call, of as many as take `least` seconds."""
    calls, start = 0, clock()
    while True:
        work()
        calls += 1
        taken = clock() - start
        if taken >= least:
            return taken / calls


def least(work: dict[Case, Work], effort: Effort) -> dict[Case, float]:
    """Return the least seconds of every case; the first round is a warm-up."""
    taken: dict[Case, list[float]] = {case: [] for case in work}
    for repetition in range(effort.repetitions + 1):
        for case, each in work.items():
            once = seconds_of(each, effort.seconds)
            if repetition > 0:
                taken[case].append(once)
    return {case: min(times) for case, times in taken.items()}


def e_step_of(law: NormalInverseGaussian, x: Rows) -> Work:
    """Return the work of an E-step, after a check that it reads every row."""
    mean = np.asarray(law.e_step(x).eta.E_X)
    assert np.allclose(mean, x.mean(axis=0), rtol=1e-9, atol=1e-12)
    return lambda: law.e_step(x)


def by_rows(d: int, effort: Effort) -> dict[int, float]:
    """Return ns a row against the number of rows, 1000 to 10 million."""
    counts = [10**k for k in range(3, 8) if 10**k <= effort.most_rows]
    if effort.large and d == min(ROW_DIMENSIONS):
        counts.append(LARGE_ROWS)
    law = law_of(d)
    x = law.rvs(counts[-1], seed=1)
    with threads(1):
        seconds = least({n: e_step_of(law, x[:n]) for n in counts}, effort)
    return {n: NS * taken / n for n, taken in seconds.items()}


def by_columns(effort: Effort) -> dict[int, float]:
    """Return ns a row against d."""
    dimensions = [d for d in DIMENSIONS if d <= effort.most_columns]
    found = {}
    for d in [*dimensions, *([LARGE_DIMENSION] if effort.large else [])]:
        law = law_of(d)
        x = law.rvs(max(NUMBERS // d, FEWEST_ROWS), seed=1)
        with threads(1):
            found[d] = NS * least({d: e_step_of(law, x)}, effort)[d] / len(x)
    return found


def by_threads(d: int, effort: Effort) -> list[float]:
    """Return the wall time of one thread over that of two, in pairs one after the other."""
    law = law_of(d)
    work = e_step_of(law, law.rvs(min(THREAD_ROWS, effort.most_rows), seed=1))
    ratios = []
    for _ in range(PAIRS):
        pair = []
        for count in (1, 2):
            with threads(count):
                pair.append(seconds_of(work, effort.seconds, time.perf_counter))
        ratios.append(pair[0] / pair[1])
    return ratios


def update_of(law: NormalInverseGaussian, state: State, x: Rows, rows: int) -> Work:
    """Return the work of one update of so many rows, which go through x again and again."""
    state.update(x[:WARM_ROWS])
    starts = itertools.cycle(range(0, len(x) - rows + 1, rows))

    def work() -> None:
        first = next(starts)
        state.update(x[first : first + rows])

    work()
    assert state.model.marginal_log_likelihood(x) > law.marginal_log_likelihood(x) - SLACK
    return work


def by_batches(effort: Effort) -> dict[str, dict[int, float]]:
    """Return us a step against the rows of a batch, of two rules and without scores."""
    law = law_of(UPDATE_COLUMNS)
    states: dict[str, Callable[[], State]] = {
        "EWMAUpdate, no scores": lambda: OnlineEM(law, EWMAUpdate(w=STEP), score=False),
        "EWMAUpdate": lambda: OnlineEM(law, EWMAUpdate(w=STEP)),
        "default rule": lambda: OnlineEM(law),
    }
    x = law.rvs(2 * LARGEST_BATCH, seed=1)
    sizes = [4**k for k in range(9)]
    with threads(1):
        work = {
            (rule, rows): update_of(law, start(), x, rows)
            for rows in sizes
            for rule, start in states.items()
        }
        seconds = least(work, effort)
    return {rule: {rows: US * seconds[rule, rows] for rows in sizes} for rule in states}


def dimensions_of_threads() -> Iterable[int]:
    """Return the d of the pairs; none where there are not two cores."""
    return ROW_DIMENSIONS if (os.cpu_count() or 1) > 1 else ()


def growth(effort: Effort) -> Growth:
    """Return all results."""
    return Growth(
        rows={d: by_rows(d, effort) for d in ROW_DIMENSIONS},
        columns=by_columns(effort),
        threads={d: by_threads(d, effort) for d in dimensions_of_threads()},
        steps=by_batches(effort),
    )
