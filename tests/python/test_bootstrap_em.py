"""BootstrapEM: a state with replicas, its rows, names, copies, bytes and merges."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import DOORS, MODEL, X
from states_with_errors import BATCHES, LAW, ROWS, bootstrapped, fitted

import varimix
from varimix import (
    CheckpointError,
    OnlineEM,
    VarianceGamma,
)
from varimix.inference import (
    BootstrapEM,
    value_at_risk,
)


def test_names_of_columns_are_those_of_the_rows() -> None:
    table = pd.DataFrame(ROWS, columns=["oil", "tea"])
    state = BootstrapEM(LAW, 3)
    assert state.columns is None
    state.update(table)
    assert state.columns == ("oil", "tea")
    state.update(table[["tea", "oil"]])  # put into their order
    assert "corr_tea_oil" in state.inference({"VaR": value_at_risk({"oil": 1})}).params
    with pytest.raises(ValueError, match="gas"):
        state.update(table.rename(columns={"oil": "gas"}))


def test_rows_that_are_refused_give_no_names() -> None:
    state = BootstrapEM(LAW, 2)
    before = copy.copy(state)
    with pytest.raises(ValueError, match="finite"):
        state.update(pd.DataFrame({"oil": [np.inf], "tea": [1.0]}))
    assert state.columns is None
    assert state == before


def test_a_bootstrap_of_a_tested_state_learns() -> None:
    tested = bootstrapped(OnlineEM(LAW, gaussian_test=True))
    assert tested.replicas == bootstrapped().replicas
    assert tested.state.gaussian_test.n == 1940  # the first 60 rows are not tested
    again = BootstrapEM.from_bytes(tested.to_bytes())
    assert again == tested
    assert tested.to_bytes()[8] == 3  # the schema


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_change_nothing(threads: int) -> None:
    varimix.set_threads(threads)
    try:
        state = bootstrapped()
    finally:
        varimix.set_threads(0)
    assert state == bootstrapped()


def test_it_is_pickled_copied_and_saved_to_the_same_bits(tmp_path: Path) -> None:
    state = bootstrapped()
    state.save(tmp_path / "fit.bootstrap")
    again = [
        pickle.loads(pickle.dumps(state)),
        copy.copy(state),
        copy.deepcopy(state),
        BootstrapEM.from_bytes(state.to_bytes()),
        BootstrapEM.load(tmp_path / "fit.bootstrap"),
    ]
    state.update(ROWS[:50])
    for other in again:
        assert other != state
        other.update(ROWS[:50])
        assert other == state


def test_streams_of_other_places_are_merged() -> None:
    left, right = (BootstrapEM(LAW, 3, stream=k) for k in range(2))
    for k, batch in enumerate(BATCHES):
        (left, right)[k % 2].update(batch)
    both = copy.copy(left)
    both.merge(right)
    assert both.rows == 2000
    assert both.state.total_weight == 2000
    before = copy.copy(both)
    for other in (right, left, both):
        with pytest.raises(ValueError, match="a bootstrap of other streams"):
            both.merge(other)
    with pytest.raises(ValueError, match="3 replicas"):
        both.merge(bootstrapped(stream=9))
    with pytest.raises(ValueError, match="same family"):
        both.merge(BootstrapEM(VarianceGamma.default_init(ROWS), 3, stream=9))
    with pytest.raises(TypeError):
        both.merge(fitted())
    assert both == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replicas": 1}, "replicas must be >= 2, got 1"),
        ({"stream": -1}, "stream must be from 0"),
        ({"key": -1}, "key"),
        ({"start": fitted()}, "a state that has learned nothing, got 20 updates"),
    ],
)
def test_arguments_outside_their_domains_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BootstrapEM(**{"start": LAW, **given})


def test_a_rule_of_the_users_own_is_named() -> None:
    class Halving:
        def accumulate(self, running: Any, batch: Any, info: Any) -> Any:
            return running

    with pytest.raises(ValueError, match="eta_update must be one of varimix's own"):
        BootstrapEM(OnlineEM(LAW, Halving()))


@pytest.mark.parametrize("start", [None, ROWS, "model", 3])
def test_what_is_no_start_is_refused(start: Any) -> None:
    with pytest.raises(TypeError):
        BootstrapEM(start)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, list, pa.table, np.float32, object])
def test_rows_of_every_kind_are_learned(kind: Any) -> None:
    plain = BootstrapEM(MODEL, 2)
    plain.update(X)
    if kind in (pd.DataFrame, pl.DataFrame):
        given = kind({"a": X[:, 0], "b": X[:, 1]})
    elif kind is pa.table:
        given = pa.table({"a": X[:, 0], "b": X[:, 1]})
    else:
        given = X.tolist() if kind is list else X.astype(kind)
    state = BootstrapEM(MODEL, 2)
    state.update(given)
    assert state == plain
    assert "OnlineEM.update" in DOORS


@pytest.mark.parametrize(
    "bad", [np.empty((0, 2)), ROWS[:, :1], ROWS[0], [["a", "b"]], [[np.inf, 1.0]], [[np.nan, 1.0]]]
)
def test_bad_rows_change_nothing(bad: Any) -> None:
    state = bootstrapped(replicas=2)
    before = copy.copy(state)
    with pytest.raises((ValueError, TypeError)):
        state.update(bad)
    for weights in ([1.0], np.full(2000, -1.0), np.full(2000, np.nan), []):
        with pytest.raises(ValueError, match="weights"):
            state.update(ROWS, weights)
    assert state == before


def test_damaged_bytes_are_refused() -> None:
    data = bootstrapped(replicas=2).to_bytes()
    for bad in (b"", data[:100], data[:-1], data[:50] + b"x" + data[51:], fitted().to_bytes()):
        with pytest.raises(CheckpointError):
            BootstrapEM.from_bytes(bad)
    with pytest.raises(CheckpointError):
        OnlineEM.from_bytes(data)
    with pytest.raises(TypeError):
        BootstrapEM.__new__(BootstrapEM).__setstate__(("BootstrapEM", 3, None))
