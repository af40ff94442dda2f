"""A source is made of items (files, tables), and a checkpoint knows how far each was read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from numpy.typing import NDArray

import varimix as vx

Rows = NDArray[np.float64]
X: Rows = np.random.default_rng(0).standard_t(5, size=(3000, 2))
INIT = vx.NormalInverseGaussian.default_init(X)
DAYS = [X[:1000], X[1000:2000], X[2000:]]


def write(folder: Path, day: int, x: Rows, form: str) -> Path:
    frame = pd.DataFrame(x, columns=["A", "B"])
    path = folder / f"day{day}.{form}"
    match form:
        case "parquet":
            frame.to_parquet(path, row_group_size=300)
        case "csv":
            frame.to_csv(path, index=False, float_format="%.17g")
        case "feather":
            frame.to_feather(path)
        case _:
            np.save(path, x)
    return path


def learn(source: Any, folder: Path, **options: Any) -> tuple[vx.OnlineEM[Any], Any]:
    state = vx.OnlineEM(INIT)
    result = vx.fit_stream(state, source, batch_size=100, checkpoint=folder / "state", **options)
    return state, result


FORMS = ["parquet", "csv", "feather", "npy"]


@pytest.mark.parametrize("shuffle_buffer", [0, 150])
@pytest.mark.parametrize("form", FORMS)
def test_tomorrows_file_is_new_and_yesterdays_is_not_read_twice(
    form: str, shuffle_buffer: int, tmp_path: Path
) -> None:
    for day, x in enumerate(DAYS, start=9):  # day10 comes after day9
        write(tmp_path, day, x, form)
        state, result = learn(str(tmp_path / f"*.{form}"), tmp_path, shuffle_buffer=shuffle_buffer)
        assert state.total_weight == 1000 * (day - 8)
        assert result.n_iter == 10
    state, result = learn(str(tmp_path / f"*.{form}"), tmp_path, shuffle_buffer=shuffle_buffer)
    assert state.total_weight == 3000
    assert result.n_iter == 0
    assert "no_rows" in result.status
    assert "not_started" not in result.status
    if shuffle_buffer == 0:
        at_once = vx.OnlineEM(INIT)
        vx.fit_stream(at_once, X, batch_size=100)
        assert state.model == at_once.model


GROWN: dict[str, Callable[[Path, Rows], Any]] = {
    "array": lambda folder, x: x,
    "list": lambda folder, x: x.tolist(),
    "frame": lambda folder, x: pd.DataFrame(x),
    "frame of two types": lambda folder, x: pd.DataFrame({"a": x[:, 0], "b": x[:, 1].astype("f4")}),
    "table": lambda folder, x: vx.sources.open_source(x).stream().read_all(),
    "dataset": lambda folder, x: ds.dataset(write(folder, 1, x, "parquet")),
    "iterator": lambda folder, x: (part for part in np.array_split(x, 7)),
    "list of frames": lambda folder, x: [
        pd.DataFrame(x[i : i + 400]) for i in range(0, len(x), 400)
    ],
    "function": lambda folder, x: lambda rows: x[rows:],
    **{form: lambda folder, x, form=form: write(folder, 1, x, form) for form in FORMS},
}


@pytest.mark.parametrize("shuffle_buffer", [0, 150])
@pytest.mark.parametrize("kind", GROWN)
def test_what_has_grown_is_gone_on_with_after_its_last_row(
    kind: str, shuffle_buffer: int, tmp_path: Path
) -> None:
    for rows in (700, 1500, 1500):
        state, _ = learn(GROWN[kind](tmp_path, X[:rows]), tmp_path, shuffle_buffer=shuffle_buffer)
        assert state.total_weight == rows
        assert state.rows_read == rows


def test_new_rows_of_any_item_are_learned_once(tmp_path: Path) -> None:
    write(tmp_path, 1, X[:500], "npy")
    write(tmp_path, 3, X[500:900], "npy")
    learn(str(tmp_path / "*.npy"), tmp_path)
    write(tmp_path, 1, X[:600], "npy")  # this file has grown
    write(tmp_path, 2, X[1000:1300], "npy")  # this file came late, between the two
    write(tmp_path, 3, X[500:1000], "npy")
    state, _ = learn(str(tmp_path / "*.npy"), tmp_path)
    assert state.total_weight == 600 + 300 + 500
    state, result = learn(str(tmp_path / "*.npy"), tmp_path)
    assert (state.total_weight, result.n_iter) == (1400, 0)


@pytest.mark.parametrize("max_steps", [1, 10, 13, 20])
@pytest.mark.parametrize("form", FORMS)
def test_a_fit_that_was_stopped_goes_on_in_the_file_where_it_was(
    form: str, max_steps: int, tmp_path: Path
) -> None:
    paths = [write(tmp_path, day, x, form) for day, x in enumerate(DAYS)]
    undisturbed = vx.OnlineEM(INIT)
    vx.fit_stream(undisturbed, paths, batch_size=100)
    learn(paths, tmp_path, max_steps=max_steps)
    state, _ = learn(paths, tmp_path)
    assert state == undisturbed


def paths_of(folder: Path, form: str = "parquet") -> list[Path]:
    return [write(folder, day, x, form) for day, x in enumerate(DAYS[:2], start=1)]


UNMATCHED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "gone": (lambda folder: [write(folder, 2, DAYS[1], "parquet")], r"day1\.parquet'.* is gone"),
    "renamed": (
        lambda folder: [
            (folder / "day1.parquet").rename(folder / "day01.parquet"),
            folder / "day2.parquet",
        ],
        r"day1\.parquet'.* is gone",
    ),
    "reordered": (
        lambda folder: [folder / "day2.parquet", folder / "day1.parquet"],
        r"day2\.parquet'.* not come in the same order",
    ),
    "shorter": (
        lambda folder: [folder / "day1.parquet", write(folder, 2, DAYS[1][:990], "parquet")],
        r"day2\.parquet' has become shorter: 10 of",
    ),
    "an array": (lambda folder: X[:2000], r"is gone"),
}


@pytest.mark.parametrize("case", UNMATCHED)
def test_what_was_learned_and_is_not_there_is_an_error(case: str, tmp_path: Path) -> None:
    learn(paths_of(tmp_path), tmp_path)
    before = (tmp_path / "state").read_bytes()
    change, message = UNMATCHED[case]
    state = vx.OnlineEM(INIT)
    untouched = state.to_bytes()
    with pytest.raises(ValueError, match=message):
        vx.fit_stream(state, change(tmp_path), checkpoint=tmp_path / "state")
    assert state.to_bytes() == untouched
    assert (tmp_path / "state").read_bytes() == before


@pytest.mark.parametrize("kind", ["array", "frame of two types", "table", "iterator"])
def test_another_table_is_not_taken_for_the_one_that_was_learned(kind: str, tmp_path: Path) -> None:
    learn(GROWN[kind](tmp_path, X[:700]), tmp_path)
    with pytest.raises(ValueError, match=r"is gone|does not start with the row"):
        learn(GROWN[kind](tmp_path, X[1:1500]), tmp_path)
    with pytest.raises(ValueError, match="shorter"):
        learn(GROWN[kind](tmp_path, X[:650]), tmp_path)


def test_an_array_goes_on_where_a_frame_of_the_same_rows_was(tmp_path: Path) -> None:
    learn(pd.DataFrame({"a": X[:700, 0], "b": X[:700, 1]}), tmp_path)
    assert learn(X[:900], tmp_path)[0].total_weight == 900


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_shuffled_pass_goes_on_with_the_same_rows_alone(form: str, tmp_path: Path) -> None:
    paths = paths_of(tmp_path, form)
    undisturbed = vx.OnlineEM(INIT)
    vx.fit_stream(undisturbed, paths, batch_size=100, shuffle_buffer=1200)
    # After 9 steps the buffer holds the end of the source; after 5 steps it does not.
    for steps, is_at_end in ((5, False), (9, True)):
        for change in ("none", "later file", "longer last", "shorter last", "longer first"):
            (tmp_path / "state").unlink(missing_ok=True)
            paths = paths_of(tmp_path, form)
            learn(paths, tmp_path, shuffle_buffer=1200, max_steps=steps)
            match change:
                case "later file":
                    paths.append(write(tmp_path, 3, DAYS[2], form))
                case "longer last":
                    write(tmp_path, 2, X[1000:2100], form)
                case "shorter last":
                    write(tmp_path, 2, X[1000:1600], form)
                case "longer first":
                    write(tmp_path, 1, np.concatenate([DAYS[0], X[2500:2600]]), form)
            is_other = change in ("shorter last", "longer first")
            is_grown = change in ("later file", "longer last")
            if is_other or (is_grown and is_at_end):
                with pytest.raises(ValueError, match="middle of a shuffled pass"):
                    learn(paths, tmp_path, shuffle_buffer=1200)
                continue
            state, _ = learn(paths, tmp_path, shuffle_buffer=1200)
            rows = {"none": 2000, "later file": 3000, "longer last": 2100}
            assert state.total_weight == rows[change]
            if change == "none":
                assert state == undisturbed
    (tmp_path / "state").unlink()
    paths = paths_of(tmp_path, form)
    learn(paths, tmp_path, shuffle_buffer=1200, max_steps=5)
    with pytest.raises(ValueError, match="shuffle_buffer must be 1200"):
        learn(paths, tmp_path, shuffle_buffer=10)
