"""Streams into one state: sources, weights, times, missing values, callbacks and arguments."""

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streams import BATCH, ROWS, start, streamed

import varimix as vx


def test_every_source_of_the_same_rows_gives_the_same_state(tmp_path: Path) -> None:
    table = pa.table({"a": ROWS[:, 0], "b": ROWS[:, 1]})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=137)
    np.save(tmp_path / "rows.npy", ROWS)
    whole = streamed(ROWS)
    for source in (
        np.asfortranarray(ROWS),
        table,
        table.to_reader(max_chunksize=33),
        table.to_pandas(),
        tmp_path / "rows.parquet",
        str(tmp_path / "*.npy"),
        iter(np.array_split(ROWS, 29)),
        lambda skip: table.slice(skip),
    ):
        state = streamed(source)
        assert (state.model, state.eta, state.status) == (whole.model, whole.eta, whole.status)
        assert state.rows_read == 1000


def test_it_is_a_loop_over_update() -> None:
    state = start()
    for first in range(0, 1000, BATCH):
        state.update(ROWS[first : first + BATCH])
    assert state.model == streamed(ROWS).model
    assert state.log_score.weight == 1000


def test_a_live_iterator_is_not_read_ahead() -> None:
    state = start()
    seen = []

    def live() -> Iterator[Any]:
        for first in range(0, 1000, BATCH):
            seen.append(state.step)
            yield ROWS[first : first + BATCH]

    vx.fit_stream(state, live(), batch_size=BATCH)
    assert seen == list(range(10))


def test_what_goes_wrong_in_the_source_is_raised_as_it_is() -> None:
    class GoneError(Exception):
        pass

    def broken() -> Iterator[Any]:
        yield ROWS[:150]
        raise GoneError("the feed ended")

    state = start()
    with pytest.raises(GoneError, match="the feed ended"):
        vx.fit_stream(state, broken(), batch_size=BATCH)
    assert state.step == 1


def test_weights_and_times_come_from_columns() -> None:
    weights = np.arange(1000) % 3
    table = pa.table({"a": ROWS[:, 0], "w": weights.astype(float), "b": ROWS[:, 1]})
    by_column = start()
    vx.fit_stream(by_column, table, weights="w", batch_size=1000)
    by_hand = start()
    by_hand.update(ROWS, weights)
    assert by_column.model == by_hand.model
    assert by_column.total_weight == weights.sum()

    seconds = np.cumsum(np.random.default_rng(0).exponential(60, 1000))
    timed = pa.table(
        {"a": ROWS[:, 0], "b": ROWS[:, 1], "t": (seconds * 1e6).astype("datetime64[us]")}
    )
    rule = vx.EWMAUpdate(half_life=datetime.timedelta(hours=1))
    assert rule.half_life == datetime.timedelta(hours=1)
    state = start(eta_update=rule)
    vx.fit_stream(state, timed, time="t", batch_size=BATCH)
    assert state.total_weight == 1000
    with pytest.raises(ValueError, match="times must be given"):
        start(eta_update=rule).update(ROWS)


def test_callbacks_see_reports_and_stop_fits() -> None:
    reports: list[vx.BatchReport] = []

    def until_three(report: vx.BatchReport) -> bool:
        reports.append(report)
        return report.step < 3

    init = vx.NormalInverseGaussian.default_init(ROWS)
    result = vx.fit_stream(vx.OnlineEM(init), ROWS, batch_size=BATCH, callback=until_three)
    assert result.n_iter == 3
    assert vx.IncrementalEMFitter().fit(init, ROWS, key=0, callback=until_three).n_iter == 3
    assert vx.BatchEMFitter().fit(init, ROWS, callback=until_three).n_iter == 3
    assert [report.step for report in reports] == [1, 2, 3] * 3
    assert reports[0].rows == BATCH
    assert np.isfinite(reports[0].log_likelihood)

    def broken(_: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vx.fit_stream(vx.OnlineEM(init), ROWS, callback=broken)


def test_two_threads_do_not_disturb_each_other() -> None:
    alone = streamed(ROWS, passes=5)
    states: list[vx.OnlineEM[Any]] = []
    threads = [
        threading.Thread(target=lambda: states.append(streamed(ROWS, passes=5))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [alone, alone]


def test_missing_values_are_an_error_unless_asked_for() -> None:
    gaps = ROWS.copy()
    gaps[::7, 0] = np.nan
    with pytest.raises(ValueError, match=r"missing=.exact"):
        streamed(gaps)
    state = start(missing="exact")
    vx.fit_stream(state, gaps, batch_size=BATCH)
    table = pa.table({"a": pa.array(gaps[:, 0], from_pandas=True), "b": gaps[:, 1]})
    assert table["a"].null_count == 143
    nulls = start(missing="exact")
    vx.fit_stream(nulls, table, batch_size=BATCH)
    assert nulls == state


def test_fitters_take_any_source(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ROWS[:, 0], "b": ROWS[:, 1]}), tmp_path / "rows.parquet")
    init = vx.NormalInverseGaussian.default_init(ROWS)
    plain = vx.BatchEMFitter().fit(init, ROWS).model
    assert vx.BatchEMFitter().fit(init, tmp_path / "rows.parquet").model == plain
    fitter = vx.IncrementalEMFitter(max_steps=3)
    assert (
        fitter.fit(init, str(tmp_path / "*.parquet"), key=1).model
        == fitter.fit(init, ROWS, key=1).model
    )


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
def test_arguments_of_another_type_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        vx.fit_stream(start(), ROWS, **options)
