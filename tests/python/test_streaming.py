"""Streams into one state, with weights, times, checkpoints, merges and users' own rules."""

import copy
import datetime
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import varimix as vx

BATCH = 100


@pytest.fixture(scope="module")
def rows() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a thousand rows of two columns."""
    true = vx.NormalInverseGaussian.from_classical(
        mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
    )
    return true.rvs(1000, seed=0)


def start(rows: Any, **options: Any) -> vx.OnlineEM[Any]:
    return vx.OnlineEM(vx.NormalInverseGaussian.default_init(rows), **options)


def streamed(rows: Any, source: Any, **options: Any) -> vx.OnlineEM[Any]:
    state = start(rows)
    vx.fit_stream(state, source, batch_size=BATCH, **options)
    return state


def test_every_source_of_the_same_rows_gives_the_same_state(rows: Any, tmp_path: Path) -> None:
    table = pa.table({"a": rows[:, 0], "b": rows[:, 1]})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=137)
    np.save(tmp_path / "rows.npy", rows)
    whole = streamed(rows, rows)
    for source in (
        np.asfortranarray(rows),
        table,
        table.to_reader(max_chunksize=33),
        table.to_pandas(),
        tmp_path / "rows.parquet",
        str(tmp_path / "*.npy"),
        iter(np.array_split(rows, 29)),
        lambda skip: table.slice(skip),
    ):
        state = streamed(rows, source)
        assert (state.model, state.eta, state.status) == (whole.model, whole.eta, whole.status)
        assert state.rows_read == 1000


def test_it_is_a_loop_over_update(rows: Any) -> None:
    state = start(rows)
    for first in range(0, 1000, BATCH):
        state.update(rows[first : first + BATCH])
    assert state.model == streamed(rows, rows).model
    assert state.log_score.weight == 1000


def test_a_live_iterator_is_not_read_ahead(rows: Any) -> None:
    state = start(rows)
    seen = []

    def live() -> Iterator[Any]:
        for first in range(0, 1000, BATCH):
            seen.append(state.step)
            yield rows[first : first + BATCH]

    vx.fit_stream(state, live(), batch_size=BATCH)
    assert seen == list(range(10))


def test_stopped_and_resumed_it_has_the_same_bits(rows: Any, tmp_path: Path) -> None:
    undisturbed = streamed(rows, rows, passes=2, shuffle_buffer=250)
    path = tmp_path / "state"
    for _ in range(4):
        state = start(rows)
        vx.fit_stream(
            state,
            rows,
            batch_size=BATCH,
            passes=2,
            shuffle_buffer=250,
            max_steps=6,
            checkpoint=path,
            every=2,
        )
    assert vx.OnlineEM.load(path) == undisturbed
    assert (tmp_path / "state.prev").exists()


def test_what_goes_wrong_in_the_source_is_raised_as_it_is(rows: Any) -> None:
    class GoneError(Exception):
        pass

    def broken() -> Iterator[Any]:
        yield rows[:150]
        raise GoneError("the feed ended")

    state = start(rows)
    with pytest.raises(GoneError, match="the feed ended"):
        vx.fit_stream(state, broken(), batch_size=BATCH)
    assert state.step == 1


def test_weights_and_times_come_from_columns(rows: Any) -> None:
    weights = np.arange(1000) % 3
    table = pa.table({"a": rows[:, 0], "w": weights.astype(float), "b": rows[:, 1]})
    by_column = start(rows)
    vx.fit_stream(by_column, table, weights="w", batch_size=1000)
    by_hand = start(rows)
    by_hand.update(rows, weights)
    assert by_column.model == by_hand.model
    assert by_column.total_weight == weights.sum()

    seconds = np.cumsum(np.random.default_rng(0).exponential(60, 1000))
    timed = pa.table(
        {"a": rows[:, 0], "b": rows[:, 1], "t": (seconds * 1e6).astype("datetime64[us]")}
    )
    rule = vx.EWMAUpdate(half_life=datetime.timedelta(hours=1))
    assert rule.half_life == datetime.timedelta(hours=1)
    state = start(rows, eta_update=rule)
    vx.fit_stream(state, timed, time="t", batch_size=BATCH)
    assert state.total_weight == 1000
    with pytest.raises(ValueError, match="times must be given"):
        start(rows, eta_update=rule).update(rows)


def test_a_state_is_a_value(rows: Any, tmp_path: Path) -> None:
    state = streamed(rows, rows)
    state.save(tmp_path / "state")
    for same in (
        copy.copy(state),
        pickle.loads(pickle.dumps(state)),
        vx.OnlineEM.from_bytes(state.to_bytes()),
        vx.OnlineEM.load(tmp_path / "state"),
    ):
        assert same == state
        same.update(rows[:50])
        assert same != state
    assert len(state.to_bytes()) < 8192


def test_merge_of_forks_is_one_pass(rows: Any) -> None:
    def learned(state: vx.OnlineEM[Any], part: Any) -> vx.OnlineEM[Any]:
        state.update(part)
        return state

    begin = start(rows, eta_update=vx.SampleWeightedUpdate(), frozen=True)
    trunk = learned(copy.copy(begin), rows[:200])
    left, right = learned(trunk.fork(), rows[200:500]), learned(trunk.fork(), rows[500:])
    left.merge(right)
    whole = learned(copy.copy(begin), rows)
    assert left.total_weight == 1000
    assert left.model.same_law(whole.model, 1e-11)
    trunk.merge(right)
    assert trunk.total_weight == 700, "a parent takes in its fork"
    never_forked = learned(copy.copy(begin), rows[:200])
    other = learned(copy.copy(never_forked), rows[300:])
    with pytest.raises(ValueError, match=r"fork\(\)"):
        learned(copy.copy(never_forked), rows[200:300]).merge(other)


class Halves:
    """A rule of the user's own."""

    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        assert info.batch_weight > 0
        return halfway(running, batch)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Halves)


def halfway(running: vx.Eta, batch: vx.Eta) -> vx.Eta:
    mean = [
        0.5 * (getattr(running, name) + getattr(batch, name))
        for name in ("E_inv_Y", "E_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")
    ]
    return vx.Eta(mean[0], mean[1], None, mean[2], mean[3], mean[4])


def test_a_rule_of_the_users_own_works_everywhere(rows: Any, tmp_path: Path) -> None:
    own = start(rows, eta_update=Halves())
    ours = start(rows, eta_update=vx.AffineUpdate(b=0.5, c=0.5))
    for state in (own, ours):
        vx.fit_stream(state, rows, batch_size=BATCH)
    assert own.model.same_law(ours.model, 1e-9)
    own.save(tmp_path / "own")
    with pytest.raises(vx.CheckpointError, match="give that rule"):
        vx.OnlineEM.load(tmp_path / "own")
    loaded = vx.OnlineEM.load(tmp_path / "own", rule=Halves())
    assert loaded == own
    fitter = vx.IncrementalEMFitter(eta_update=Halves(), max_steps=5)
    assert fitter.fit(vx.NormalInverseGaussian.default_init(rows), rows, key=0).n_iter == 5


def test_what_a_users_rule_raises_leaves_the_state_as_it_was(rows: Any) -> None:
    class Broken:
        def accumulate(self, *_: object) -> object:
            raise KeyError("mine")

    state = start(rows, eta_update=Broken())
    with pytest.raises(KeyError, match="mine"):
        state.update(rows)
    assert state.step == 0
    assert state.log_score.weight == 0

    class Wrong:
        def accumulate(self, *_: object) -> object:
            return 3

    with pytest.raises(TypeError, match="accumulate of an update rule must return Eta"):
        start(rows, eta_update=Wrong()).update(rows)
    with pytest.raises(TypeError, match="eta_update must be an update rule, got 3"):
        start(rows, eta_update=3)


def test_callbacks_see_reports_and_stop_fits(rows: Any) -> None:
    reports: list[vx.BatchReport] = []

    def until_three(report: vx.BatchReport) -> bool:
        reports.append(report)
        return report.step < 3

    init = vx.NormalInverseGaussian.default_init(rows)
    result = vx.fit_stream(vx.OnlineEM(init), rows, batch_size=BATCH, callback=until_three)
    assert result.n_iter == 3
    assert vx.IncrementalEMFitter().fit(init, rows, key=0, callback=until_three).n_iter == 3
    assert vx.BatchEMFitter().fit(init, rows, callback=until_three).n_iter == 3
    assert [report.step for report in reports] == [1, 2, 3] * 3
    assert reports[0].rows == BATCH
    assert np.isfinite(reports[0].log_likelihood)

    def broken(_: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vx.fit_stream(vx.OnlineEM(init), rows, callback=broken)


def test_two_threads_do_not_disturb_each_other(rows: Any) -> None:
    alone = streamed(rows, rows, passes=5)
    states: list[vx.OnlineEM[Any]] = []
    threads = [
        threading.Thread(target=lambda: states.append(streamed(rows, rows, passes=5)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [alone, alone]


def test_missing_values_are_an_error_unless_asked_for(rows: Any) -> None:
    gaps = rows.copy()
    gaps[::7, 0] = np.nan
    with pytest.raises(ValueError, match=r"missing=.exact"):
        streamed(rows, gaps)
    state = start(rows, missing="exact")
    vx.fit_stream(state, gaps, batch_size=BATCH)
    table = pa.table({"a": pa.array(gaps[:, 0], from_pandas=True), "b": gaps[:, 1]})
    assert table["a"].null_count == 143
    nulls = start(rows, missing="exact")
    vx.fit_stream(nulls, table, batch_size=BATCH)
    assert nulls == state


def test_fitters_take_any_source(rows: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": rows[:, 0], "b": rows[:, 1]}), tmp_path / "rows.parquet")
    init = vx.NormalInverseGaussian.default_init(rows)
    plain = vx.BatchEMFitter().fit(init, rows).model
    assert vx.BatchEMFitter().fit(init, tmp_path / "rows.parquet").model == plain
    fitter = vx.IncrementalEMFitter(max_steps=3)
    assert (
        fitter.fit(init, str(tmp_path / "*.parquet"), key=1).model
        == fitter.fit(init, rows, key=1).model
    )


def test_a_checkpoint_does_not_take_the_place_of_what_a_state_has_learned(
    rows: Any, tmp_path: Path
) -> None:
    path = tmp_path / "state"
    streamed(rows, rows[:100], checkpoint=path)
    state = start(rows)
    state.update(rows[:50])
    before = state.to_bytes()
    with pytest.raises(ValueError, match="state must be new, or one that began with the rows"):
        vx.fit_stream(state, rows, checkpoint=path)
    assert state.to_bytes() == before
    vx.fit_stream(state, rows[500:], checkpoint=tmp_path / "own")
    rebuilt = start(rows)  # as a program would do that runs again
    rebuilt.update(rows[:50])
    vx.fit_stream(rebuilt, rows[500:], checkpoint=tmp_path / "own")
    assert rebuilt.total_weight == 550
    other = vx.OnlineEM(vx.NormalInverseGaussian.default_init(rows), key=3)
    with pytest.raises(ValueError, match="the same key"):
        vx.fit_stream(other, rows, checkpoint=path)
    again = start(rows)
    vx.fit_stream(again, rows[:100], checkpoint=path)
    assert again.total_weight == 100
    vx.fit_stream(again, rows[:200], checkpoint=path)  # this state has learned from the stream
    assert again.total_weight == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": np.ones(3)}, "weights must be the name of a column, got ndarray"),
        ({"time": [1.0]}, "time must be the name of a column, got list"),
        ({"batch_size": 1.5}, "batch_size must be a whole number, got 1.5"),
        ({"every": None}, "every must be a whole number, got None"),
        ({"max_steps": "3"}, "max_steps must be a whole number, got '3'"),
        ({"stop_when": 5}, "stop_when must be an EarlyStopping, or None, got 5"),
        ({"columns": 5}, "columns: a list of names expected, got 5"),
    ],
)
def test_arguments_of_another_type_are_named(
    rows: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        vx.fit_stream(start(rows), rows, **options)


def test_states_of_a_users_rule_are_told_that_they_do_not_merge(rows: Any) -> None:
    class Mine:
        def accumulate(self, running: Any, batch: Any, info: Any) -> Any:
            return batch

    a, b = (vx.OnlineEM(start(rows).model, Mine()) for _ in range(2))
    with pytest.raises(ValueError, match=r"a rule that averages.*got a rule of yours"):
        a.merge(b)
