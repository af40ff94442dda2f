"""A model or state knows its columns: rows with names are put in its order at every door."""

import copy
import datetime
import pickle
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import DOORS, MODEL, X, is_same
from hypothesis import given
from hypothesis import strategies as st
from named_doors import (
    FITS,
    FORMS,
    FRAME,
    NAMED,
    NAMES,
    OF_A_MODEL,
    REORDERED,
    WITHOUT_NAMES,
    model_of,
)

from varimix import NormalInverseGaussian, OnlineEM, SampleWeightedUpdate, fit_best

BOTH = r"must have the columns \['a', 'b'\], got "


def test_every_door_of_rows_is_here() -> None:
    tests = {door for door in DOORS if door.startswith("inference.")} - {*OF_A_MODEL}
    of_no_model = {"open_source", *tests}
    assert {*OF_A_MODEL, *FITS} == {*DOORS} - of_no_model


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_reordered_columns_are_put_right(door: str, tmp_path: Path) -> None:
    expected = model_of(OF_A_MODEL[door](NAMED, X))
    backwards = model_of(OF_A_MODEL[door](NAMED, X[:, ::-1]))
    assert not is_same(backwards, expected), "the order matters here"
    for form, made in FORMS.items():
        for frame in (FRAME, REORDERED):
            found = model_of(OF_A_MODEL[door](NAMED, made(tmp_path, frame)))
            assert is_same(found, expected), form


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_missing_and_unknown_columns_are_an_error_that_lists_both_sides(
    door: str, tmp_path: Path
) -> None:
    others = {
        r"\['b'\]; missing: \['a'\]": FRAME[["b"]],
        r"\['a', 'c', 'b'\]; unknown: 'c'; .*columns": FRAME.assign(c=1.0)[["a", "c", "b"]],
        r"\['b', 'c'\]; missing: \['a'\]; unknown: 'c'": FRAME.rename(columns={"a": "c"}),
        r"\['A', 'b'\]; missing: \['a'\]; unknown: 'A'": FRAME.rename(columns={"a": "A"}),
    }
    for sides, frame in others.items():
        if "'b', 'c'" in sides:
            frame = frame[["b", "c"]]
        for form in ("frame", "table", "polars", "generator of frames", "open source", "csv"):
            with pytest.raises(ValueError, match=BOTH + sides):
                OF_A_MODEL[door](NAMED, FORMS[form](tmp_path, frame.astype(float)))


def test_a_misspelt_column_has_its_nearest_name_in_the_message() -> None:
    model = NAMED.with_columns(["AAPL", "MSFT"])
    frame = pd.DataFrame(X, columns=["AAPL", "MSTF"])
    with pytest.raises(ValueError, match=r"unknown: 'MSTF' \(did you mean 'MSFT'\?\)"):
        model.log_prob(frame)


def test_of_many_columns_a_message_lists_the_first() -> None:
    names = [f"c{j}" for j in range(30)]
    rows = np.random.default_rng(0).normal(size=(50, 30))
    model = NormalInverseGaussian.default_init(pd.DataFrame(rows, columns=names))
    with pytest.raises(ValueError, match=r"'c19', \.\.\.\], got \['c0', .*unknown: 'other'"):
        model.log_prob(pd.DataFrame(rows, columns=[*names[:-1], "other"]))


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_columns_of_one_name_are_refused(door: str) -> None:
    twice = pd.DataFrame(X, columns=["a", "a"])
    for model in (NAMED, MODEL):
        with pytest.raises(ValueError, match="2 columns are named 'a'"):
            OF_A_MODEL[door](model, twice)


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_rows_without_names_are_taken_by_position(door: str, tmp_path: Path) -> None:
    for x in (X, X[:, ::-1]):
        expected = model_of(OF_A_MODEL[door](MODEL, x))
        for form, made in WITHOUT_NAMES.items():
            found = model_of(OF_A_MODEL[door](NAMED, made(tmp_path, x)))
            assert is_same(found, expected), form


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_a_model_without_names_takes_rows_by_position(door: str) -> None:
    expected = OF_A_MODEL[door](MODEL, X[:, ::-1])
    assert is_same(OF_A_MODEL[door](MODEL, REORDERED), expected)


@pytest.mark.parametrize("door", FITS)
def test_what_is_fitted_from_named_columns_knows_them(door: str, tmp_path: Path) -> None:
    for form, made in FORMS.items():
        found = FITS[door](made(tmp_path, FRAME))
        assert found.columns == model_of(found).columns == NAMES, form
    assert FITS[door](REORDERED).columns == ("b", "a")
    for form, made in WITHOUT_NAMES.items():
        assert FITS[door](made(tmp_path, X)).columns is None, form


@pytest.mark.parametrize("door", sorted({*FITS} & {*OF_A_MODEL}))
def test_a_fit_keeps_the_names_of_its_start(door: str) -> None:
    for data in (X, FRAME, REORDERED):
        found = OF_A_MODEL[door](NAMED, data)
        assert found.columns == model_of(found).columns == NAMES


def test_every_family_of_the_best_fit_has_the_names() -> None:
    best = fit_best(FRAME, n_starts=1)
    assert [fit.model.columns for fit in best.table] == [NAMES] * 4


@pytest.mark.parametrize(
    "labels",
    [
        [7, 3],
        [1, 0],
        [("x", 1), ("y", 2)],
        [datetime.date(2024, 1, 2), datetime.date(2024, 1, 1)],
        ["Größe", "📈"],
        ["a'b", 'c"d'],
        [" a", "a"],
    ],
    ids=str,
)
def test_labels_of_any_kind_are_names_by_their_text(labels: list[Any]) -> None:
    frame = FRAME.set_axis(pd.Index(labels, tupleize_cols=False), axis=1)
    model = NormalInverseGaussian.default_init(frame)
    assert model.columns == tuple(map(str, labels))
    expected = model.log_prob(X)
    np.testing.assert_array_equal(model.log_prob(frame[frame.columns[::-1]]), expected)
    by_text = frame.set_axis([str(label) for label in labels], axis=1)
    np.testing.assert_array_equal(model.log_prob(by_text.iloc[:, ::-1]), expected)


def test_one_column_may_be_a_series() -> None:
    model = NormalInverseGaussian.fit(FRAME["a"], max_iter=3).model
    assert model.columns == ("a",)
    expected = model.log_prob(X[:, :1])
    for same in (FRAME["a"], FRAME[["a"]], pl.Series("a", X[:, 0]), pl.DataFrame({"a": X[:, 0]})):
        np.testing.assert_array_equal(model.log_prob(same), expected)
    unnamed = (pd.Series(X[:, 0]), pl.Series(X[:, 0]), pa.array(X[:, 0]), X[:, 0])
    for rows in unnamed:
        np.testing.assert_array_equal(model.log_prob(rows), expected)
        assert NormalInverseGaussian.default_init(rows).columns is None
    for other in (FRAME["b"], pl.Series("b", X[:, 0])):
        with pytest.raises(ValueError, match=r"the columns \['a'\], got \['b'\]"):
            model.log_prob(other)


def test_a_name_must_not_be_empty_where_it_is_to_be_kept() -> None:
    frame = pd.DataFrame(X, columns=["a", ""])
    state = OnlineEM(MODEL)
    with pytest.raises(ValueError, match="name 1 of the columns must be a text that is not empty"):
        state.update(frame)
    assert state == OnlineEM(MODEL)
    with pytest.raises(ValueError, match="name 1 of the columns"):
        NormalInverseGaussian.default_init(frame)
    np.testing.assert_array_equal(MODEL.log_prob(frame), MODEL.log_prob(X))


@pytest.mark.parametrize("door", {*OF_A_MODEL} - {"IncrementalEMFitter.fit"})
def test_a_bad_number_is_named_by_its_column(door: str) -> None:
    bad = X.copy()
    bad[33, 1] = np.inf
    frame = pd.DataFrame(bad, columns=["a", "b"])[["b", "a"]]
    for rows in (frame, pl.DataFrame(dict(frame)), bad, bad.tolist()):
        with pytest.raises(ValueError, match=r"got inf in row 33\b.*, column 'b'"):
            OF_A_MODEL[door](NAMED, rows)
    frame = pd.DataFrame(bad, columns=["x", "y"])
    with pytest.raises(ValueError, match=r"got inf in row 33\b.*, column 'y'"):
        OF_A_MODEL[door](MODEL, frame)


@pytest.mark.parametrize("door", sorted({*FITS} - {"IncrementalEMFitter.fit"}))
def test_a_bad_number_is_named_by_its_column_before_there_is_a_model(door: str) -> None:
    frame = pd.DataFrame(X, columns=["x", "y"])
    frame.iloc[33, 1] = np.inf
    with pytest.raises(ValueError, match=r"got inf in row 33\b.*, column 'y'"):
        FITS[door](frame)


@pytest.mark.parametrize("door", OF_A_MODEL)
def test_a_text_is_shown_with_its_column_and_row(door: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3,n/a x\n")
    texts = {
        "objects": pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, "n/a x"]}),
        "strings": pd.DataFrame({"a": [1.0, 2.0], "b": ["1", "n/a x"]}),
        "polars": pl.DataFrame({"a": [1.0, 2.0], "b": ["1", "n/a x"]}),
        "table": pa.table({"a": [1.0, 2.0], "b": [None, "n/a x"]}),
        "csv": tmp_path / "x.csv",
    }
    for rows in texts.values():
        with pytest.raises(
            ValueError, match=r"column 'b' must be of numbers.* 'n/a x',? in row 1 of the source"
        ):
            OF_A_MODEL[door](NAMED, rows)
    for array in ([[1.0, 2.0], [3.0, "n/a x"]], np.array([[1, 2], [3, "n/a x"]], dtype=object)):
        with pytest.raises(ValueError, match=r"with 'n/a x' in row 1, column 1 \(counted from 0\)"):
            OF_A_MODEL[door](NAMED, array)


def test_a_state_without_names_takes_those_of_the_first_rows_that_it_learns() -> None:
    state, by_array = OnlineEM(MODEL), OnlineEM(MODEL)
    bad = FRAME.copy()
    bad.iloc[3, 0] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        state.update(bad)
    state.update(FRAME, weights=np.zeros(len(X)))
    assert state.columns is None, "nothing was learned"
    state.update(X[:10])
    assert state.columns is None
    state.update(FRAME[10:30])
    assert state.columns == state.model.columns == state.driving_model.columns == NAMES
    state.update(REORDERED[30:])
    for first, end in ((0, 10), (10, 30), (30, None)):
        by_array.update(X[first:end])
    assert state == by_array


def test_names_go_with_copies_and_pickles_forks_and_files(tmp_path: Path) -> None:
    for rule in (None, SampleWeightedUpdate()):
        state = OnlineEM(NAMED, rule)
        state.update(X)
        state.save(tmp_path / "s")
        same = [
            OnlineEM.load(tmp_path / "s"),
            OnlineEM.from_bytes(state.to_bytes()),
            pickle.loads(pickle.dumps(state)),
            copy.copy(state),
            copy.deepcopy(state),
            state.fork(),
        ]
        for other in same:
            assert other.columns == NAMES
            assert pickle.loads(pickle.dumps(other.model)).columns == NAMES
            assert copy.deepcopy(other.model).columns == NAMES


def test_states_of_other_names_do_not_merge() -> None:
    trunk = OnlineEM(MODEL)
    trunk.update(X[:20])
    left, right, unnamed = trunk.fork(), trunk.fork(), trunk.fork()
    left.update(FRAME[20:40])
    right.update(REORDERED[40:])
    unnamed.update(X[50:])
    with pytest.raises(ValueError, match=r"a state of the columns \['a', 'b'\], got \['b', 'a'\]"):
        left.merge(right)
    left.merge(unnamed)
    trunk.merge(left)
    assert trunk.columns == left.columns == NAMES


@given(st.permutations(range(5)))
def test_any_order_of_the_columns_gives_the_same_bits(order: list[int]) -> None:
    rows = np.random.default_rng(0).standard_t(5, size=(40, 5))
    frame = pd.DataFrame(rows, columns=list("vwxyz"))
    model = NormalInverseGaussian.default_init(frame)
    other = frame.iloc[:, order]
    np.testing.assert_array_equal(model.log_prob(other), model.log_prob(rows))
    states = [OnlineEM(model), OnlineEM(model)]
    states[0].update(other)
    states[1].update(rows)
    assert states[0].to_bytes() == states[1].to_bytes()


def test_threads_may_bring_the_columns_in_any_order_to_a_named_state() -> None:
    state, alone = OnlineEM(NAMED), OnlineEM(NAMED)
    frames = [FRAME, REORDERED] * 4
    threads = [Thread(target=state.update, args=(frame,)) for frame in frames]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in frames:
        alone.update(X)
    assert state == alone
