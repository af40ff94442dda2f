"""The same bits from worker processes, few or many, and when some of them die."""

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from dask.delayed import delayed
from distributed import Client, LocalCluster
from partitions import INIT, NAMES, PARTS, TRUTH, X, same_bits, serial_fit, split

from varimix import OnlineEM, set_threads
from varimix.distributed import fit, fit_stream, rvs, score

KILLS = 20 if os.environ.get("VARIMIX_FULL") else 1
SECONDS_TO_A_KILL = 0.5
SEED = 20261128


def one_thread() -> None:
    set_threads(1)


@contextmanager
def workers(count: int) -> Iterator[Client]:
    """Yield a client of so many workers, processes of this machine."""
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(n_workers=count, **options) as cluster, Client(cluster) as of_them:
        of_them.run(one_thread)
        yield of_them


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with workers(2) as of_two:
        yield of_two


@pytest.mark.parametrize("persist", [False, True])
def test_two_workers_give_the_serial_fit_in_every_bit(client: Client, persist: bool) -> None:
    parts = [delayed(part) for part in PARTS]
    result = fit(parts, init=INIT, client=client, persist=persist)
    assert same_bits(result, serial_fit(PARTS))


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_workers_gives_the_same_bits(count: int) -> None:
    """Each number has a cluster of its own: one that was scaled may fail as it closes."""
    parts = [delayed(part) for part in PARTS]
    with workers(count) as of_them:
        assert same_bits(fit(parts, init=INIT, client=of_them), serial_fit(PARTS))


def test_values_draws_and_streams_do_not_depend_on_workers(client: Client) -> None:
    parts = [delayed(part) for part in PARTS]
    assert score(parts, INIT, client=client) == pytest.approx(INIT.log_prob(X).mean(), rel=1e-13)
    drawn = rvs(TRUTH, 500, 3, partition_rows=150)
    np.testing.assert_array_equal(client.compute(drawn).result(), TRUTH.rvs(500, 3))
    state = fit_stream(OnlineEM(INIT), parts, client=client, forks=2, sync_every=400)
    assert state == fit_stream(OnlineEM(INIT), parts, client=client, forks=2, sync_every=400)
    assert state.total_weight == len(X)


def test_a_bad_row_is_told_by_name_and_not_by_the_engine(client: Client) -> None:
    bad = pd.DataFrame(X, columns=list(NAMES))
    bad.iloc[1503, 1] = np.nan
    with pytest.raises(ValueError, match=r"^partition 4: .* in row 3 .*, column 'b'") as caught:
        fit([delayed(part) for part in split(bad)], init=INIT, client=client)
    assert "distributed" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_worker_that_dies_costs_no_bit(kill: int) -> None:
    """Each kill has a cluster of its own: a nanny that is hit twice may give up its worker."""
    chance = random.Random(SEED + kill)
    parts = [delayed(part) for part in PARTS]
    with workers(3) as client:
        victim = chance.choice(sorted(client.run(os.getpid).values()))
        seconds = chance.uniform(0.0, SECONDS_TO_A_KILL)
        timer = threading.Timer(seconds, os.kill, (victim, signal.SIGKILL))
        timer.start()
        result = fit(parts, init=INIT, client=client, persist=kill % 2 == 1, tol=0.0, max_iter=25)
        timer.join()
    assert same_bits(result, serial_fit(PARTS, tol=0.0, max_iter=25))
