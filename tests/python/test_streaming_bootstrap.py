"""fit_stream teaches a BootstrapEM as it teaches an OnlineEM."""

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from varimix import (
    CheckpointError,
    EarlyStopping,
    EMResult,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    fit_stream,
)
from varimix.inference import BootstrapEM, BootstrapResult

LAW = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
ROWS = LAW.rvs(2000, seed=3)


def fresh(**options: Any) -> BootstrapEM[NormalInverseGaussian]:
    return BootstrapEM(LAW, 3, 7, **options)


def looped(batch: int = 100) -> BootstrapEM[NormalInverseGaussian]:
    state = fresh()
    for first in range(0, len(ROWS), batch):
        state.update(ROWS[first : first + batch])
    return state


def test_it_learns_as_a_loop_of_updates_does() -> None:
    state, alone = fresh(), OnlineEM(LAW)
    result = fit_stream(state, ROWS, batch_size=100)
    of_alone = fit_stream(alone, ROWS, batch_size=100)
    assert state.replicas == looped().replicas
    assert state.state == alone
    assert state.rows == 2000
    assert result.model == of_alone.model == state.model
    np.testing.assert_array_equal(result.log_likelihoods, of_alone.log_likelihoods)
    assert str(result.status) == str(of_alone.status)


def test_the_result_is_an_em_result_with_the_state() -> None:
    state = fresh()
    result = fit_stream(state, ROWS, batch_size=100)
    assert isinstance(result, BootstrapResult)
    assert isinstance(result, EMResult)
    assert result.state is state
    found = result.state.inference()
    assert found.model == result.model
    assert found.bse["mean_1"] > 0
    assert repr(result).startswith("BootstrapResult(EMResult(")
    with pytest.raises(AttributeError):
        result.state = fresh()  # type: ignore[misc]


def test_the_result_is_a_value() -> None:
    result = fit_stream(fresh(), ROWS, batch_size=100)
    for other in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert type(other) is BootstrapResult
        assert other == result
        assert other.state == result.state
    more = copy.deepcopy(result)
    more.state.update(ROWS[:10])
    assert more != result
    assert result != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)
    with pytest.raises(TypeError):
        BootstrapResult.__new__(BootstrapResult).__setstate__(("BootstrapResult", (1, 2), None))


@pytest.mark.parametrize("shuffle", [0, 300])
def test_stopped_and_resumed_it_has_the_bits_of_one_that_was_not(
    tmp_path: Path, shuffle: int
) -> None:
    for k, part in enumerate(np.split(ROWS, 4)):
        pq.write_table(pa.table({"oil": part[:, 0], "tea": part[:, 1]}), tmp_path / f"{k}.parquet")
    files = str(tmp_path / "*.parquet")
    undisturbed = fresh()
    fit_stream(undisturbed, files, batch_size=70, passes=2, shuffle_buffer=shuffle)
    path = tmp_path / "checkpoint"
    for _ in range(5):
        state = fresh()
        fit_stream(
            state, files, batch_size=70, passes=2, shuffle_buffer=shuffle, checkpoint=path,
            every=3, max_steps=13,
        )  # fmt: skip
    assert state == undisturbed
    assert BootstrapEM.load(path) == undisturbed
    assert state.columns == ("oil", "tea")
    assert state.rows == 2000


def test_new_files_are_learned_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    for k, part in enumerate(np.split(ROWS, 4)):
        np.save(tmp_path / f"{k}.npy", part)
        state = fresh()
        fit_stream(state, str(tmp_path / "*.npy"), batch_size=100, checkpoint=path)
    whole = fresh()
    fit_stream(whole, ROWS, batch_size=100)
    assert state.replicas == whole.replicas
    assert state.rows == 2000


def test_a_row_has_one_weight_in_all_passes() -> None:
    spread = {}
    for passes in (1, 4):
        state = BootstrapEM(LAW, 60, 7)
        fit_stream(state, ROWS, batch_size=100, passes=passes)
        spread[passes] = state.inference().bse["mean_1"]
    by_hand = BootstrapEM(LAW, 60, 7)
    for _ in range(4):
        fit_stream(by_hand, ROWS, batch_size=100)
    assert spread[4] == pytest.approx(spread[1], rel=0.2)
    assert by_hand.inference().bse["mean_1"] < 0.7 * spread[4]  # other rows, as it is told: 1/2
    assert by_hand.rows == 8000


def test_it_takes_what_a_state_takes() -> None:
    frame = pd.DataFrame(ROWS, columns=["oil", "tea"]).assign(w=1.0)
    state = fresh()
    fit_stream(state, frame, weights="w", batch_size=100)
    assert state.columns == ("oil", "tea")
    for source in (frame.drop(columns="w")[["tea", "oil"]], iter(np.array_split(ROWS, 7))):
        other = BootstrapEM(LAW.with_columns(["oil", "tea"]), 3, 7)
        fit_stream(other, source, batch_size=100, verbose=1)
        assert other.replicas == state.replicas
    stopped = fresh()
    result = fit_stream(stopped, ROWS, batch_size=100, stop_when=EarlyStopping(2, 10.0))
    assert "early" in str(result.status).lower()


def test_a_callback_stops_it_and_may_look_at_the_state() -> None:
    state = fresh()
    seen: list[int] = []

    def look(_report: object) -> bool:
        seen.append(state.rows)
        return len(seen) < 3

    result = fit_stream(state, ROWS, batch_size=100, callback=look)
    assert seen == [100, 200, 300]
    assert result.n_iter == 3
    assert state.rows == 300


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_call_leaves_the_steps_that_were_taken(error: type[BaseException]) -> None:
    state = fresh()

    def stop(_report: object) -> None:
        if state.rows == 500:
            raise error

    with pytest.raises(error):
        fit_stream(state, ROWS, batch_size=100, callback=stop)
    expected = fresh()
    for first in range(0, 500, 100):
        expected.update(ROWS[first : first + 100])
    assert state.replicas == expected.replicas


def test_other_threads_see_it_while_it_learns() -> None:
    state = fresh()
    seen: list[int] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            seen.append(state.rows)

    thread = threading.Thread(target=look)
    thread.start()
    fit_stream(state, ROWS, batch_size=10)
    is_over.set()
    thread.join()
    assert seen == sorted(seen)
    assert set(np.diff(np.unique(seen))) - {0} <= set(range(10, 2001, 10))
    assert state.replicas == looped(10).replicas


def test_what_cannot_be_learned_is_refused_and_changes_nothing() -> None:
    bad = ROWS.copy()
    bad[150, 1] = np.nan
    cases: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
        (bad[100:], {}, ValueError, "row 50 .*column '1'"),
        (ROWS[:, :1], {}, ValueError, "2 columns"),
        (iter([ROWS]), {"passes": 2}, ValueError, "gives its rows once"),
        (ROWS, {"rule": object()}, ValueError, "rule must be None for a BootstrapEM"),
        (ROWS, {"batch_size": 0}, ValueError, "batch_size"),
        (ROWS, {"callback": 3}, ValueError, "callback must be callable"),
    ]
    for source, options, error, words in cases:
        state = fresh()
        with pytest.raises(error, match=words):
            fit_stream(state, source, **{"batch_size": 100, **options})
        assert state == fresh()
        assert state.columns is None
    for wrong in (LAW, object(), OnlineEM):
        with pytest.raises(TypeError, match="state must be an OnlineEM or a BootstrapEM"):
            fit_stream(wrong, ROWS)  # type: ignore[call-overload]
    state = BootstrapEM(OnlineEM(LAW, score=False), 2)
    with pytest.raises(ValueError, match="stop_when"):
        fit_stream(state, ROWS, stop_when=EarlyStopping(2, 0.1))


def test_a_checkpoint_of_other_draws_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    fit_stream(fresh(), ROWS, checkpoint=path)
    others: list[tuple[Any, str]] = [
        (BootstrapEM(LAW, 3, 8), "same key and stream"),
        (fresh(stream=1), "same key and stream"),
        (BootstrapEM(LAW, 4, 7), "4 replicas, got 3"),
        (BootstrapEM(VarianceGamma.default_init(ROWS), 3, 7), "of VarianceGamma"),
    ]
    for state, words in others:
        with pytest.raises(ValueError, match=words):
            fit_stream(state, ROWS, checkpoint=path)
    with pytest.raises(CheckpointError, match="state"):
        fit_stream(OnlineEM(LAW), ROWS, checkpoint=path)
