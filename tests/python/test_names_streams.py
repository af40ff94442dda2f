"""A stream is learned by name, also where it is stopped and gone on with, to the same bits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from varimix import NormalInverseGaussian, OnlineEM, fit_stream, open_source

NAMES = ["AAPL", "MSFT", "Zürich"]
ORDERS = [["AAPL", "MSFT", "Zürich"], ["Zürich", "AAPL", "MSFT"], ["MSFT", "Zürich", "AAPL"]]
X: NDArray[np.float64] = np.random.default_rng(0).standard_t(5, size=(600, 3)) + np.array(
    [0, 10, 20]
)
FRAME = pd.DataFrame(X, columns=NAMES)
INIT = NormalInverseGaussian.default_init(X)
NAMED = INIT.with_columns(NAMES)


def learned(
    state: OnlineEM[Any], source: Any, checkpoint: Path | None = None, **options: Any
) -> OnlineEM[Any]:
    fit_stream(state, source, batch_size=50, checkpoint=checkpoint, every=1, **options)
    return state


def files(folder: Path, frame: pd.DataFrame, form: str) -> str:
    for k, part in enumerate((frame[:250], frame[250:])):
        path = folder / f"part{k}.{form}"
        if form == "parquet":
            part.to_parquet(path, row_group_size=100)
        else:
            part.to_csv(path, index=False, float_format="%.17g")
    return str(folder / f"*.{form}")


def pieces(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for first in range(0, len(frame), 70):
        yield frame[first : first + 70]


SOURCES: dict[str, Callable[[Path, pd.DataFrame], Any]] = {
    "frame": lambda _, frame: frame,
    "frame in one array": lambda _, frame: pd.DataFrame(frame.to_numpy().copy(), columns=[*frame]),
    "polars": lambda _, frame: pl.DataFrame(dict(frame)),
    "table": lambda _, frame: pa.table(dict(frame)),
    "list": lambda _, frame: list(pieces(frame)),
    "iterator": lambda _, frame: pieces(frame),
    "function": lambda _, frame: lambda rows: frame[rows:],
    "open": lambda _, frame: open_source(frame),
    "parquet": lambda folder, frame: files(folder, frame, "parquet"),
    "csv": lambda folder, frame: files(folder, frame, "csv"),
}


@pytest.mark.parametrize(
    ("form", "shuffle_buffer"),
    [
        *((form, 0) for form in SOURCES),
        *((form, 120) for form in SOURCES if form != "function"),  # which gives only rows left
    ],
)
@pytest.mark.parametrize("init", [INIT, NAMED], ids=["unnamed", "named"])
def test_a_resumed_stream_of_reordered_columns_goes_on_to_the_same_bits(
    init: NormalInverseGaussian, form: str, shuffle_buffer: int, tmp_path: Path
) -> None:
    made = SOURCES[form]
    options = {"shuffle_buffer": shuffle_buffer}
    undisturbed = learned(OnlineEM(init), made(tmp_path, FRAME), **options)
    for order, steps in zip(ORDERS, (3, 4, None), strict=True):
        state = learned(
            OnlineEM(init),
            made(tmp_path, FRAME[order]),
            tmp_path / "fit.state",
            max_steps=steps,
            **options,
        )
        assert state.columns == state.model.columns == tuple(NAMES)
    assert state.to_bytes() == undisturbed.to_bytes()


def test_a_state_that_is_loaded_goes_on_by_name(tmp_path: Path) -> None:
    learned(OnlineEM(NAMED), FRAME[:300]).save(tmp_path / "fit.state")
    state = OnlineEM.load(tmp_path / "fit.state")
    state.update(FRAME[300:][ORDERS[1]])
    other = learned(OnlineEM(INIT), X[:300])
    other.update(X[300:])
    assert state.model == other.model


def test_each_file_may_have_its_own_order(tmp_path: Path) -> None:
    for k, order in enumerate(ORDERS):
        pq.write_table(pa.table(dict(FRAME[200 * k : 200 * k + 200][order])), tmp_path / f"{k}.pq")
    state = learned(OnlineEM(NAMED), str(tmp_path / "*.pq"))
    assert state.model == learned(OnlineEM(INIT), X).model


@pytest.mark.parametrize("form", SOURCES)
def test_other_columns_are_refused_before_anything_is_learned(form: str, tmp_path: Path) -> None:
    others = {
        r"got \['AAPL', 'MSFT'\]; missing: \['Zürich'\]": FRAME[["AAPL", "MSFT"]],
        r"unknown: 'volume'; `columns` chooses among": FRAME.assign(volume=1.0),
        r"missing: \['Zürich'\]; unknown: 'Zuerich' \(did you mean 'Zürich'\?\)": FRAME.rename(
            columns={"Zürich": "Zuerich"}
        ),
    }
    for message, frame in others.items():
        state = OnlineEM(NAMED)
        with pytest.raises(
            ValueError, match=r"source must have the columns \['AAPL', .*" + message
        ):
            learned(state, SOURCES[form](tmp_path, frame))
        assert state.to_bytes() == OnlineEM(NAMED).to_bytes()


def test_a_date_beside_the_prices_is_refused_with_what_to_do() -> None:
    frame = FRAME.assign(date=pd.date_range("2024-01-01", periods=len(FRAME)))
    for init in (INIT, NAMED):
        with pytest.raises(ValueError, match=r"column 'date' .*; name in `columns` those to fit"):
            learned(OnlineEM(init), frame)
        state = learned(OnlineEM(init), frame, columns=ORDERS[2])
        assert state.columns == (tuple(NAMES) if init is NAMED else tuple(ORDERS[2]))
    assert state.model == learned(OnlineEM(INIT), X).model


def test_weights_and_times_are_no_columns_of_x() -> None:
    weights = np.random.default_rng(1).uniform(size=len(X))
    frame = FRAME[ORDERS[1]].assign(w=weights)[["Zürich", "w", "AAPL", "MSFT"]]
    state = learned(OnlineEM(NAMED), frame, weights="w")
    by_position = learned(OnlineEM(INIT), FRAME.assign(w=weights), weights="w")
    assert state.model == by_position.model


@pytest.mark.parametrize("form", ["frame", "list", "iterator", "function"])
def test_a_stream_that_fails_at_once_leaves_a_state_without_names(form: str) -> None:
    bad = FRAME.copy()
    bad.iloc[3, 1] = np.inf
    state = OnlineEM(INIT)
    with pytest.raises(ValueError, match=r"got inf in row 3 of the source.*, column 'MSFT'"):
        learned(state, SOURCES[form](Path(), bad[ORDERS[1]]))
    assert state.columns is None
    bad.iloc[3, 1] = 0.0
    bad.iloc[333, 1] = np.inf
    with pytest.raises(ValueError, match=r"got inf in row 333 of the source.*, column 'MSFT'"):
        learned(state, SOURCES[form](Path(), bad[ORDERS[1]]))
    assert (state.step, state.columns) == (6, tuple(ORDERS[1]))


def test_arrays_go_on_a_named_stream_by_position(tmp_path: Path) -> None:
    state = learned(OnlineEM(NAMED), X, tmp_path / "fit.state", max_steps=5)
    state = learned(OnlineEM(NAMED), X, tmp_path / "fit.state")
    assert state.columns == tuple(NAMES)
    assert state.model == learned(OnlineEM(INIT), X).model


def test_a_checkpoint_of_other_names_is_refused(tmp_path: Path) -> None:
    learned(OnlineEM(NAMED), FRAME, tmp_path / "fit.state", max_steps=3)
    other = OnlineEM(INIT.with_columns(ORDERS[1]))
    with pytest.raises(ValueError, match=r"a fit of the columns \['Zürich', .*got \['AAPL', "):
        learned(other, FRAME, tmp_path / "fit.state")


def test_a_checkpoint_without_names_takes_those_of_the_state(tmp_path: Path) -> None:
    learned(OnlineEM(INIT), X, tmp_path / "fit.state", max_steps=3)
    state = learned(OnlineEM(NAMED), FRAME[ORDERS[1]], tmp_path / "fit.state")
    assert state.columns == tuple(NAMES)
    assert state.model == learned(OnlineEM(INIT), X).model


def test_a_source_knows_whether_its_columns_have_names() -> None:
    named = {
        "frame": FRAME,
        "table": pa.table(dict(FRAME)),
        "iterator": iter([FRAME]),
        "series": FRAME["MSFT"],
    }
    for form, source in named.items():
        assert open_source(source).names == (("MSFT",) if form == "series" else tuple(NAMES))
    unnamed = {
        "array": X,
        "numbered": pd.DataFrame(X),
        "series": pd.Series(X[:, 0]),
        "polars series": pl.Series(X[:, 0]),
        "arrow array": pa.array(X[:, 0]),
    }
    for form, source in unnamed.items():
        assert open_source(source).names is None, form
    assert open_source(X, columns=[2, 0]).names is None
    assert open_source(pd.DataFrame(X), columns=[2, 0]).names == ("2", "0")


def test_a_source_gives_its_rows_in_any_order_of_its_columns() -> None:
    for source in (open_source(FRAME), open_source([FRAME[:100], FRAME[100:]])):
        np.testing.assert_array_equal(source.gather(columns=ORDERS[1]), X[:, [2, 0, 1]])
        np.testing.assert_array_equal(source.gather(), X)
        assert source.stream().read_all().column_names == NAMES
