"""Streams of dask's partitions: in forks, merged, by weights and names."""

import pytest
from dask_collections import COUNTS, FRAME, delayed_parts, in_this_thread
from partitions import INIT, NAMES, PARTS, X

from varimix import NormalInverseGaussian, OnlineEM, SampleWeightedUpdate
from varimix.distributed import fit_stream

_in_this_thread = pytest.fixture(autouse=True)(in_this_thread)


def test_a_frozen_pass_is_exact_in_any_number_of_forks() -> None:
    def frozen() -> OnlineEM[NormalInverseGaussian]:
        return OnlineEM(INIT, SampleWeightedUpdate(), frozen=True)

    one = frozen()
    one.update(X)
    for forks, sync_every in ((1, 500), (2, 300), (3, 10**6), (20, 999)):
        state = fit_stream(frozen(), delayed_parts(), forks=forks, sync_every=sync_every)
        assert state.total_weight == len(X)
        assert state.model.same_law(one.model, 1e-11)


def test_one_fork_without_merges_is_the_stream() -> None:
    serial = OnlineEM(INIT)
    for part in PARTS:
        for begin in range(0, len(part), 100):
            serial.update(part[begin : begin + 100])
    stream = fit_stream(OnlineEM(INIT), delayed_parts(), forks=1, sync_every=len(X), batch_size=100)
    assert stream.model == serial.model
    assert stream.step == serial.step


def test_forks_learn_every_row_once_and_do_not_touch_the_state() -> None:
    begin = OnlineEM(INIT)
    state = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert begin == OnlineEM(INIT)
    assert state.total_weight == len(X)
    assert state.model.marginal_log_likelihood(X) > INIT.marginal_log_likelihood(X)
    again = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert again == state


def test_forks_merge_the_test_of_a_gaussian() -> None:
    begin = OnlineEM(INIT, gaussian_test=True)
    state = fit_stream(begin, delayed_parts(), forks=2, sync_every=350, batch_size=64)
    assert state.gaussian_test is not None
    assert len(X) - 2 * 20 * 4 <= state.gaussian_test.n < len(X)
    assert state.gaussian_test.log_p_value < -50  # type: ignore[operator]


def test_a_stream_goes_by_weights_and_names() -> None:
    frame = FRAME[["c", "b", "a"]].assign(n=COUNTS)
    parts = delayed_parts([frame[a:b] for a, b in ((0, 1000), (1000, 3000))])
    state = fit_stream(
        OnlineEM(INIT.with_columns(NAMES)), parts, forks=2, sync_every=500, weights="n"
    )
    assert state.total_weight == COUNTS.sum()
    assert state.columns == NAMES
    unnamed = fit_stream(OnlineEM(INIT), delayed_parts([FRAME]), forks=1, sync_every=500)
    assert unnamed.columns == NAMES
