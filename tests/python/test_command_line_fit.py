"""``varimix fit``: what it learns is what Python learns, whatever the rows come in."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from command import (
    NAMES,
    csv_of,
    log_returns,
    prices_of,
    table_of,
    varimix,
    write_parquet,
)
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import (
    EWMAUpdate,
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    fit_stream,
)
from varimix.command_line.arrow import batch_of, matrix_of
from varimix.command_line.returns import Returns
from varimix.sources.blocks import Block, Item

ROWS = 5000
PRICES = prices_of(ROWS)
INITIAL_ROWS = 2048


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_python(
    rows: NDArray[np.float64],
    family: type[MeanVarianceMixture] = NormalInverseGaussian,
    **how: object,
) -> OnlineEM:
    state = OnlineEM(family.default_init(rows[:INITIAL_ROWS]), **how)
    fit_stream(state, rows, batch_size=512)
    return state


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


# ---- Columns ----


def test_columns_of_dates_and_text_are_left_out_and_named(folder: Path) -> None:
    days = pa.array(np.datetime64("2000-01-01") + np.arange(ROWS))
    table = table_of(PRICES).add_column(0, "day", days)
    table = table.append_column("note", pa.array(["ok"] * ROWS))
    table = table.append_column("Date", pa.array(np.arange(ROWS)))
    pq.write_table(table, folder / "p.parquet")
    ran = varimix("fit", "p.parquet", "--returns", "log", "--json")
    assert ran.json["columns"] == list(NAMES)
    assert "columns left out: 'day' (date32[day]), 'note' (string), 'Date' (int64)" in ran.err
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(PRICES)).model


def test_the_numbered_index_of_a_frame_is_no_column(folder: Path) -> None:
    pd.DataFrame(PRICES, columns=NAMES).to_parquet(folder / "p.parquet")
    ran = varimix("fit", "p.parquet", "--returns", "log", "--json")
    assert ran.json["columns"] == list(NAMES)


def test_columns_are_chosen_in_the_order_given(folder: Path) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    assert varimix("fit", "p.parquet", "--columns", "MSFT,AAPL").code == 0
    assert OnlineEM.load("model.vmx").model == in_python(PRICES[:, ::-1]).model


def test_a_column_without_a_value_so_far_is_left_out_with_advice(folder: Path) -> None:
    text = "".join(f"{a!r},\n" for a in PRICES[:, 0].tolist())
    (folder / "p.csv").write_text("A,B\n" + text)
    ran = varimix("fit", "p.csv", "--missing", "exact", "--json")
    assert ran.json["columns"] == ["A"]
    assert "'B' (no value in the first rows; --columns takes it)" in ran.err
    ran = varimix("fit", "p.csv", "--missing", "exact", "--json", "--columns", "A,B")
    assert ran.json["columns"] == ["A", "B"]
    assert "unseen_column" in [entry["code"] for entry in ran.json["status"]]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("AAPL,MSTF", "did you mean 'MSFT'?"),
        ("AAPL,AAPL", "more than once"),
        (",", "at least one"),
    ],
)
def test_wrong_columns_are_named(folder: Path, columns: str, words: str) -> None:
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--columns", columns)
    assert ran.code == 2
    assert words in ran.err


# ---- CSV as people have it ----

EURO = "Tag;Zürich;Genf\n" + "".join(
    f"{i % 28 + 1}.01.2000;{a:.6f};{b:.6f}\n".replace(".", ",").replace(",01,2000", ".01.2000")
    for i, (a, b) in enumerate(PRICES.tolist())
)


def test_semicolons_and_decimal_commas_are_read_and_advised(folder: Path) -> None:
    (folder / "p.csv").write_text(EURO, encoding="utf-8")
    ran = varimix("fit", "p.csv", "--returns", "log")
    assert (ran.code, "--delimiter ';'" in ran.err) == (3, True)
    ran = varimix("fit", "p.csv", "--returns", "log", "--delimiter", ";")
    assert (ran.code, "'Zürich'" in ran.err, "--decimal ','" in ran.err) == (3, True, True)
    ran = varimix(
        "fit", "p.csv", "--returns", "log", "--delimiter", ";", "--decimal", ",", "--json"
    )
    assert ran.code == 0
    assert ran.json["columns"] == ["Zürich", "Genf"]
    assert ran.json["rows"] == ROWS - 1


def test_a_text_among_numbers_is_advised_as_null(folder: Path) -> None:
    lines = csv_of(PRICES).splitlines()
    lines[7] = "k.A.,12.5"
    (folder / "p.csv").write_text("\n".join(lines))
    ran = varimix("fit", "p.csv", "--missing", "exact")
    assert (ran.code, "--null 'k.A.'" in ran.err) == (3, True)
    ran = varimix("fit", "p.csv", "--missing", "exact", "--null", "k.A.", "--json")
    assert (ran.code, ran.json["columns"]) == (0, list(NAMES))


def test_header_skipped_lines_and_other_options_of_pyarrow(folder: Path) -> None:
    body = csv_of(PRICES).partition("\n")[2]
    (folder / "p.csv").write_bytes(("# Kurse in Zürich\n" + body).encode("latin1"))
    ran = varimix(
        "fit", "p.csv", "--no-header", "--skip-rows", 1, "--csv", "encoding=latin1", "--json"
    )
    assert (ran.code, ran.json["rows"]) == (0, ROWS)
    ran = varimix("fit", "p.csv", "--csv", "encodng=latin1")
    assert (ran.code, "encodng" in ran.err) == (2, True)


# ---- Prices that are none ----


@pytest.mark.parametrize(("price", "words"), [(-3.0, "-3"), (0.0, "0"), (np.nan, "missing value")])
def test_a_bad_price_is_named_or_missing(folder: Path, price: float, words: str) -> None:
    prices = PRICES.copy()
    prices[2500, 1] = price
    write_parquet(folder / "a.parquet", prices[:2000])
    write_parquet(folder / "b.parquet", prices[2000:], row_group=300)
    ran = varimix("fit", "a.parquet", "b.parquet", "--returns", "log")
    assert ran.code == 3
    for part in (words, "row 500 ", "'b.parquet'", "'MSFT'", "--missing exact"):
        assert part in ran.err
    (folder / "model.vmx.checkpoint").unlink(missing_ok=True)
    assert varimix("fit", "?.parquet", "--returns", "log", "--missing", "exact").code == 0
    returns = log_returns(PRICES)
    returns[2499:2501, 1] = np.nan
    state = OnlineEM(NormalInverseGaussian.default_init(returns[:INITIAL_ROWS]), missing="exact")
    fit_stream(state, returns, batch_size=512)
    assert OnlineEM.load("model.vmx").model == state.model


def test_an_infinite_price_is_an_error_whatever_is_missing(folder: Path) -> None:
    prices = PRICES.copy()
    prices[3, 0] = np.inf
    write_parquet(folder / "p.parquet", prices)
    ran = varimix("fit", "p.parquet", "--returns", "log", "--missing", "exact")
    assert (ran.code, "got inf in row 3" in ran.err) == (3, True)


def test_rows_learned_before_a_bad_one_are_kept_and_gone_on_with(folder: Path) -> None:
    good = prices_of(30_000)
    bad = good.copy()
    bad[29_000, 0] = -1
    (folder / "p.csv").write_text(csv_of(bad))
    ran = varimix("fit", "p.csv", "--returns", "log")
    assert (ran.code, "'model.vmx.checkpoint' holds" in ran.err) == (3, True)
    (folder / "p.csv").write_text(csv_of(good))
    assert varimix("fit", "p.csv", "--returns", "log").code == 0
    assert OnlineEM.load("model.vmx").model == in_python(log_returns(good)).model


def test_the_checkpoint_of_another_fit_is_refused(folder: Path) -> None:
    state = in_python(PRICES, GeneralizedHyperbolic)
    state.save(folder / "model.vmx.checkpoint")
    write_parquet(folder / "p.parquet", PRICES)
    ran = varimix("fit", "p.parquet", "--returns", "log")
    assert (ran.code, "remove it to start anew" in ran.err) == (2, True)
    assert not (folder / "model.vmx").exists()


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
