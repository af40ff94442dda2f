"""An error names one place: the row of the source from 0, with file, row group and column."""

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

import varimix as vx

Rows = NDArray[np.float64]
N, CUT, GROUP = 1000, 400, 150  # rows in all, in the first file, in a row group
X: Rows = np.random.default_rng(1).standard_t(5, size=(N, 2))
FORGETS = vx.EWMAUpdate(half_life=datetime.timedelta(days=10_000))
INIT = vx.NormalInverseGaussian.default_init(X)


def table(x: Rows, weights: Rows, times: Rows) -> pa.Table:
    return pa.table({"w": weights, "A": x[:, 0], "t": times, "B": x[:, 1]})


def two(folder: Path, rows: pa.Table, form: str) -> list[Path]:
    paths = [folder / f"part{k}.{form}" for k in (1, 2)]
    for path, part in zip(paths, (rows[:CUT], rows[CUT:]), strict=True):
        if form == "parquet":
            pq.write_table(part, path, row_group_size=GROUP)
        elif form == "csv":
            part.to_pandas().to_csv(path, index=False, na_rep="nan")
        else:
            part.to_pandas().to_feather(path)
    return paths


def in_parts(rows: pa.Table) -> Iterator[pa.Table]:
    for first in range(0, N, 70):
        yield rows[first : first + 70]


SOURCES: dict[str, Callable[[Path, pa.Table], Any]] = {
    "table": lambda folder, rows: rows,
    "chunks": lambda folder, rows: pa.concat_tables([rows[:33], rows[33:500], rows[500:]]),
    "frame": lambda folder, rows: rows.to_pandas(),
    "iterator": lambda folder, rows: in_parts(rows),
    "list": lambda folder, rows: list(in_parts(rows)),
    "parquet": lambda folder, rows: two(folder, rows, "parquet"),
    "csv": lambda folder, rows: two(folder, rows, "csv"),
    "feather": lambda folder, rows: two(folder, rows, "feather"),
    "dataset": lambda folder, rows: ds.dataset(two(folder, rows, "parquet")),
    "filtered": lambda folder, rows: ds.dataset(two(folder, rows, "parquet")).filter(
        ds.field("t") > -1
    ),
    "function": lambda folder, rows: lambda skip: rows[skip:],
}


def place_of(source: str, row: int) -> str:
    """Return what the message says beside row and column."""
    if source in ("parquet", "csv", "feather", "dataset"):
        place = rf"part{1 if row < CUT else 2}\.\w+'"
        in_file = row if row < CUT else row - CUT
        is_grouped = source in ("parquet", "dataset")
        return place + (f", row group {in_file // GROUP}" if is_grouped else "")
    return f"item {row // 70}" if source in ("iterator", "list") else ""


MISTAKES: dict[str, tuple[str, float, str, str]] = {
    "nan": ("x", np.nan, "B", "source must be finite, got nan"),
    "infinity": ("x", -np.inf, "B", "source must be finite, got -inf"),
    "bad weight": ("w", -2.0, "w", "weights must be finite and >= 0, got -2"),
    "infinite weight": ("w", np.inf, "w", "weights must be finite and >= 0, got inf"),
    "bad time": ("t", np.inf, "t", "times must be finite, got inf"),
    "a time before": ("t", -5.0, "t", "times must be no earlier than the row before, got -5"),
}


def spoilt(mistake: str, row: int, *, has_gaps: bool) -> pa.Table:
    x, weights, times = X.copy(), np.ones(N), np.arange(N, dtype=float)
    if has_gaps:
        weights[::3] = 0.0
        weights[row] = 1.0
    column, value, _, _ = MISTAKES[mistake]
    {"x": x[:, 1], "w": weights, "t": times}[column][row] = value
    return table(x, weights, times)


def message_of(call: Callable[[], object]) -> str:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the message is looked at by the caller
        call()
    return str(raised.value)


def assert_placed(message: str, text: str, row: int, column: str) -> None:
    place = rf"{text} in row {row} of the source \(counted from 0\), column '{column}'"
    assert re.match(place, message), message


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("kind", SOURCES)
def test_the_row_is_that_of_the_source(kind: str, mistake: str, tmp_path: Path) -> None:
    _, _, column, text = MISTAKES[mistake]
    if kind == "filtered" and mistake == "a time before":
        pytest.skip("the filter leaves that row out")
    for row, batch_size, has_gaps in ((0, 256, False), (400, 7, True), (777, 64, True)):
        if mistake == "a time before" and row == 0:
            continue  # no row comes before
        rows = spoilt(mistake, row, has_gaps=has_gaps)
        message = message_of(
            lambda rows=rows, batch_size=batch_size: vx.fit_stream(
                vx.OnlineEM(INIT, FORGETS),
                SOURCES[kind](tmp_path, rows),
                columns=["A", "B"],
                weights="w",
                time="t",
                batch_size=batch_size,
            )
        )
        assert_placed(message, text, row, column)
        assert re.search(place_of(kind, row), message), message


@pytest.mark.parametrize("mistake", ["nan", "bad weight"])
@pytest.mark.parametrize("kind", SOURCES)
def test_the_row_of_a_shuffled_source_is_that_before(
    kind: str, mistake: str, tmp_path: Path
) -> None:
    _, _, column, text = MISTAKES[mistake]
    rows = spoilt(mistake, 777, has_gaps=True)
    message = message_of(
        lambda: vx.fit_stream(
            vx.OnlineEM(INIT),
            SOURCES[kind](tmp_path, rows),
            columns=["A", "B"],
            weights="w",
            batch_size=64,
            shuffle_buffer=300,
        )
    )
    assert_placed(message, text, 777, column)
    assert re.search(place_of(kind, 777), message), message


@pytest.mark.parametrize("shuffle_buffer", [0, 200])
@pytest.mark.parametrize("kind", SOURCES)
def test_a_stream_that_goes_on_counts_from_the_start(
    kind: str, shuffle_buffer: int, tmp_path: Path
) -> None:
    for has_gaps in (False, True):
        path = tmp_path / f"state-{has_gaps}"
        rows = spoilt("nan", 777, has_gaps=has_gaps)

        def learn(rows: pa.Table = rows, path: Path = path, **options: Any) -> None:
            vx.fit_stream(
                vx.OnlineEM(INIT),
                SOURCES[kind](tmp_path, rows),
                columns=["A", "B"],
                weights="w",
                batch_size=50,
                shuffle_buffer=shuffle_buffer,
                checkpoint=path,
                **options,
            )

        learn(max_steps=4)
        message = message_of(learn)
        assert re.match(r"source must be finite, got nan in row 777 of the source", message)
        assert re.search(place_of(kind, 777), message), message


@pytest.mark.parametrize("kind", ["table", "frame", "iterator", "parquet", "feather", "function"])
@pytest.mark.parametrize("column", ["w", "t"])
def test_a_null_among_weights_or_times_has_its_place(
    kind: str, column: str, tmp_path: Path
) -> None:
    whole = table(X, np.ones(N), np.arange(N, dtype=float))
    for row in (5, 399, 777):
        values = whole[column].to_pylist()
        values[row] = None
        rows = whole.set_column(whole.schema.get_field_index(column), column, pa.array(values))
        state = vx.OnlineEM(INIT, FORGETS)
        message = message_of(
            lambda state=state, rows=rows: vx.fit_stream(
                state, SOURCES[kind](tmp_path, rows), columns=["A", "B"], weights="w", time="t"
            )
        )
        name = {"w": "weights", "t": "times"}[column]
        assert_placed(message, f"{name} must be .*(null|nan)", row, column)
        assert re.search(place_of(kind, row), message), message


@pytest.mark.parametrize("row", [0, 777])
def test_a_row_of_an_array_has_its_number(row: int) -> None:
    x = X.copy()
    x[row, 1] = np.inf
    message = message_of(lambda: vx.fit_stream(vx.OnlineEM(INIT), x, batch_size=33))
    assert message.startswith(f"source must be finite, got inf in row {row} of the source")
    assert "column '1'" in message
    named = pd.DataFrame(x, columns=["A", "B"])
    assert "column 'B'" in message_of(lambda: vx.fit_stream(vx.OnlineEM(INIT), named))


def test_a_text_in_csv_has_its_row_in_the_source(tmp_path: Path) -> None:
    for name in ("a", "b"):
        frame = pd.DataFrame(X[:500], columns=["A", "B"]).astype(object)
        if name == "b":
            frame.iloc[123, 1] = "oops"
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    schema = pa.schema({"B": pa.float64()})
    state = vx.OnlineEM(INIT)
    message = message_of(lambda: vx.fit_stream(state, str(tmp_path / "*.csv"), schema=schema))
    assert re.search(r"b\.csv': column 'B': .*'oops', in row 623 of the source", message), message
