"""``varimix fit``: what it learns is what Python learns, whatever the rows come in."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
from command import NAMES, csv_of, log_returns, prices_of, table_of, varimix, write_parquet
from fits_of_prices import INITIAL_ROWS, PRICES, in_python, own_folder
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import (
    EWMAUpdate,
    GeneralizedHyperbolic,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    fit_stream,
)
from varimix.command_line.arrow import batch_of, matrix_of
from varimix.command_line.returns import Returns
from varimix.sources.blocks import Block, Item

folder = pytest.fixture(autouse=True)(own_folder)


def test_the_line_that_people_copy_learns_the_log_returns(folder: Path) -> None:
    write_parquet(folder / "prices.parquet", PRICES)
    ran = varimix("fit", "prices.parquet", "--returns", "log", "-o", "model.vmx")
    assert ran.code == 0
    assert "4,999 log returns of 2 columns (AAPL, MSFT)" in ran.out
    state = OnlineEM.load(folder / "model.vmx")
    assert state.model == in_python(log_returns(PRICES)).model
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.vmx", "model.vmx.source.json", "prices.parquet",
    ]  # fmt: skip


def test_simple_returns_are_ratios_less_one(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    assert varimix("fit", "p.parquet", "--returns", "simple").code == 0
    simple = PRICES[1:] / PRICES[:-1] - 1
    assert OnlineEM.load("model.vmx").model == in_python(simple).model


def test_every_format_gives_the_same_model(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES, row_group=700)
    (folder / "p.csv").write_text(csv_of(PRICES))
    np.save(folder / "p.npy", PRICES)
    pa.feather.write_feather(table_of(PRICES), folder / "p.arrow")
    whole = in_python(log_returns(PRICES)).model
    for name in ("p.parquet", "p.csv", "p.npy", "p.arrow"):
        assert varimix("fit", name, "--returns", "log").code == 0, name
        assert OnlineEM.load("model.vmx").model == whole, name


def arrow_stream() -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table_of(PRICES).schema) as writer:
        writer.write_table(table_of(PRICES), max_chunksize=900)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("options", [(), ("--format", "csv")])
def test_a_pipe_of_csv_gives_the_same_model(options: tuple[str, ...]) -> None:
    ran = varimix("fit", "-", "--returns", "log", *options, stdin=csv_of(PRICES).encode())
    assert ran.code == 0, ran.err
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(PRICES)).model


def test_a_pipe_longer_than_the_bytes_looked_at_is_read_to_its_end() -> None:
    prices = prices_of(30_000)
    text = csv_of(prices)
    assert len(text) > 2 * (1 << 19)
    assert varimix("fit", "-", "--returns", "log", stdin=text.encode()).code == 0
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(prices)).model


@pytest.mark.parametrize("options", [(), ("--format", "arrow")])
def test_a_pipe_of_an_arrow_stream_is_recognised(options: tuple[str, ...]) -> None:
    assert varimix("fit", "-", "--returns", "log", *options, stdin=arrow_stream()).code == 0
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(PRICES)).model


def test_returns_run_on_across_files_in_order(folder: Path) -> None:
    write_parquet(folder / "p1.parquet", PRICES[:1700], row_group=300)
    write_parquet(folder / "p2.parquet", PRICES[1700:1701])
    write_parquet(folder / "p10.parquet", PRICES[1701:])
    whole = in_python(log_returns(PRICES)).model
    assert varimix("fit", "p1.parquet", "p2.parquet", "p10.parquet", "--returns", "log").code == 0
    assert OnlineEM.load("model.vmx").model == whole
    assert varimix("fit", "p*.parquet", "--returns", "log").code == 0
    assert OnlineEM.load("model.vmx").model == whole


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.sampled_from(["log", "simple"]))
def test_returns_do_not_depend_on_the_blocks(sizes: list[int], how: str) -> None:
    prices = prices_of(sum(sizes) + 1)
    edges = np.cumsum([0, *sizes, 1])
    parts = [prices[a:b] for a, b in pairwise(edges)]
    schema = batch_of(prices, list(NAMES)).schema

    def items() -> list[Item]:
        return [
            Item(lambda part=part: iter([block(part)]), str(number), "")
            for number, part in enumerate(parts)
        ]

    def block(part: NDArray[np.float64]) -> Block:
        return Block(schema, len(part), "", lambda names: [batch_of(part, list(names))])

    returns = Returns(NAMES, how, "error")
    found, told = [], 0
    for item in returns.of(lambda: iter(items())):
        for each in item.blocks():
            told += each.rows or 0
            found += [matrix_of(batch) for batch in each.read(list(NAMES))]
    relative = prices[1:] / prices[:-1]
    right = np.log(relative) if how == "log" else relative - 1
    np.testing.assert_array_equal(np.concatenate([np.empty((0, 2)), *found]), right)
    assert told == len(right)
    assert returns.last_row() == prices[-1].tolist()


# ---- Ways to fit ----


def test_rule_and_family_are_those_asked_for(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--rule", "ewma:half_life=500", "--family", "gh")
    assert ran.code == 0
    right = in_python(PRICES, GeneralizedHyperbolic, eta_update=EWMAUpdate(half_life=500))
    assert OnlineEM.load("model.vmx").model == right.model


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--rule", "emwa", "did you mean 'ewma'?"),
        ("--rule", "ewma:halflife=5", "did you mean 'half_life'?"),
        ("--rule", "ewma:half_life=five", "must be a number, got 'five'"),
        ("--rule", "ewma:w=2", "w must be in (0, 1]"),
        ("--rule", "identity:x=1", "none"),
        ("--rule", "block_incremental", "its settings are blocks"),
        ("--family", "nigg", "did you mean 'nig'?"),
        ("--returns", "lg", "did you mean 'log'?"),
        ("--missing", "exect", "did you mean 'exact'?"),
        ("--decimal", ",,", "one character"),
        ("--csv", "x", "NAME=VALUE"),
        ("--format", "csv", "the ending of a file"),
    ],
)
def test_a_misspelt_option_is_told_its_nearest(
    folder: Path, option: str, value: str, words: str
) -> None:
    (folder / "p.csv").write_text(csv_of(PRICES))
    ran = varimix("fit", "p.csv", option, value)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize("source", ["p.parquet", "-"])
def test_to_maximum_ends_at_the_maximum_and_counts_the_rows(folder: Path, source: str) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    stdin = csv_of(PRICES).encode() if source == "-" else None
    assert varimix("fit", source, "--returns", "log", "--to-maximum", stdin=stdin).code == 0
    rows = log_returns(PRICES)
    state = OnlineEM.load("model.vmx")
    best = fit_best(rows, [NormalInverseGaussian])
    assert state.total_weight == len(rows)
    assert state.model.marginal_log_likelihood(rows) == pytest.approx(
        best.log_likelihood / len(rows), rel=1e-10
    )


def test_the_best_family_is_that_of_fit_best(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--returns", "log", "--family", "best", "--json")
    best = fit_best(log_returns(PRICES))
    assert ran.json["family"] == best.family
    assert [row["family"] for row in ran.json["table"]] == [row.family for row in best.table]


@pytest.mark.parametrize("option", ["--rule=ewma", "--passes=2", "--checkpoint=x"])
def test_options_of_a_stream_are_refused_to_the_maximum(folder: Path, option: str) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--to-maximum", option)
    assert (ran.code, option.partition("=")[0] in ran.err) == (2, True)


def test_two_passes_read_the_rows_twice(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    assert varimix("fit", "p.parquet", "--returns", "log", "--passes", 2).code == 0
    rows = log_returns(PRICES)
    state = OnlineEM(NormalInverseGaussian.default_init(rows[:INITIAL_ROWS]))
    fit_stream(state, rows, batch_size=512, passes=2)
    assert OnlineEM.load("model.vmx").model == state.model
    assert varimix("fit", "-", "--passes", 2, stdin=b"A\n1\n").code == 2


def test_a_model_that_was_there_is_kept(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    varimix("fit", "p.parquet")
    before = (folder / "model.vmx").read_bytes()
    varimix("fit", "p.parquet", "--returns", "log")
    assert (folder / "model.vmx.prev").read_bytes() == before
