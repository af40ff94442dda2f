"""CSV files as people write them are read by options of pyarrow.csv."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import varimix as vx

X = np.round(np.random.default_rng(0).standard_t(5, size=(400, 2)), 4)
FRAME = pd.DataFrame(X, columns=["A", "B"])
INIT = vx.NormalInverseGaussian.default_init(X)

DIALECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Excel in Europe": (
        {"sep": ";", "decimal": ","},
        {"delimiter": ";", "decimal_point": ","},
    ),
    "tabs": ({"sep": "\t"}, {"delimiter": "\t"}),
    "no header": ({"header": False}, {"autogenerate_column_names": True}),
    "names given": ({"header": False}, {"column_names": ["x", "y"]}),
    "latin-1": ({"encoding": "latin-1"}, {"encoding": "latin1"}),
    "quotes": ({"quotechar": "'", "quoting": 1}, {"quote_char": "'"}),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_is_read_as_it_is_told(dialect: str, tmp_path: Path) -> None:
    written, csv = DIALECTS[dialect]
    FRAME.to_csv(tmp_path / "x.csv", index=False, **written)
    np.testing.assert_array_equal(vx.open_source(tmp_path / "x.csv", csv=csv).gather(), X)
    state = vx.OnlineEM(INIT)
    vx.fit_stream(state, tmp_path / "x.csv", csv=csv)
    assert state.total_weight == 400
    # An open source also serves where all rows are needed in memory.
    source = vx.open_source(tmp_path / "x.csv", csv=csv)
    np.testing.assert_array_equal(INIT.log_prob(source), INIT.log_prob(X))


def test_rows_are_left_out_and_nulls_have_names(tmp_path: Path) -> None:
    text = FRAME.to_csv(index=False).replace("\n", "\n-,1.5\n", 1)
    (tmp_path / "x.csv").write_text("# a comment\n" + text)
    found = vx.open_source(
        tmp_path / "x.csv", csv={"skip_rows": 1, "null_values": ["-"]}, columns=["A"]
    ).gather()
    assert np.isnan(found[0, 0])
    np.testing.assert_array_equal(found[1:, 0], X[:, 0])


@pytest.mark.parametrize("options", [{}, {"skip_rows": 2}, {"column_names": ["A", "B"]}])
def test_a_bad_value_has_its_row_whatever_comes_before(
    options: dict[str, Any], tmp_path: Path
) -> None:
    lines = ["#"] * options.get("skip_rows", 0)
    lines += [] if "column_names" in options else ["A,B"]
    lines += ["1,2"] * 20 + ["", "1,2", "1,x", "1,2"]  # an empty line is no row
    (tmp_path / "x.csv").write_text("\n".join(lines))
    schema = pa.schema({"B": pa.float64()})
    source = vx.open_source(tmp_path / "x.csv", csv=options, schema=schema)
    with pytest.raises(ValueError, match=r"column 'B': .*'x', in row 21 of the source"):
        source.gather()


@pytest.mark.parametrize("written", [{"sep": ";"}, {"sep": ";", "decimal": ","}, {"decimal": ","}])
def test_another_delimiter_is_told_with_how_to_set_it(
    written: dict[str, Any], tmp_path: Path
) -> None:
    FRAME.to_csv(tmp_path / "x.csv", index=False, **written)
    with pytest.raises(ValueError, match=r"delimiter.*csv=\{'delimiter': ';'.*'decimal_point'"):
        vx.fit_stream(vx.OnlineEM(INIT), tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("csv", "error", "message"),
    [
        ({"delimeter": ";"}, ValueError, "csv: 'delimeter' must be an option of pyarrow.csv"),
        ({"delimiter": ";;"}, ValueError, "csv: .*single character"),
        ({"use_threads": True}, ValueError, "csv: 'use_threads' cannot be given"),
        ({"include_columns": ["A"]}, ValueError, "csv: 'include_columns' cannot be given: `col"),
        ({"_x": 1}, ValueError, "csv: '_x' must be an option"),
        (";", TypeError, "csv: a dict of options .* expected, got ';'"),
    ],
)
def test_an_option_that_cannot_be_is_named(
    csv: Any, error: type[Exception], message: str, tmp_path: Path
) -> None:
    FRAME.to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(error, match=message):
        vx.open_source(tmp_path / "x.csv", csv=csv)


def test_options_of_csv_are_for_csv_alone(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "x.parquet")
    with pytest.raises(ValueError, match="csv: is of CSV files, got it for Parquet"):
        vx.open_source(tmp_path / "x.parquet", csv={"delimiter": ";"})


@pytest.mark.parametrize("first", ["", "A,B\n1,2\n"], ids=["alone", "after another"])
def test_a_file_with_names_alone_has_no_rows(first: str, tmp_path: Path) -> None:
    paths = [tmp_path / "0.csv", tmp_path / "1.csv"]
    paths[0].write_text(first or "A,B\n")
    paths[1].write_text("A,B\n")
    result = vx.fit_stream(vx.OnlineEM(INIT), paths)
    assert result.n_iter == (1 if first else 0)
    assert ("no_rows" in result.status) == (not first)
    FRAME.to_csv(tmp_path / "2.csv", index=False)
    state = vx.OnlineEM(INIT)
    vx.fit_stream(state, [paths[1], tmp_path / "2.csv"])
    assert state.total_weight == 400


def test_rows_are_not_lost_as_names(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    FRAME.to_csv(path, index=False, header=False)
    with pytest.raises(ValueError, match=r"row of numbers.*autogenerate_column_names"):
        vx.fit_stream(vx.OnlineEM(INIT), path)
    pd.DataFrame(X).to_csv(path, index=False)  # its columns are called 0 and 1
    np.testing.assert_array_equal(vx.open_source(path).gather(), X)


def test_a_column_without_any_value_is_taken_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    FRAME.assign(B=None).to_csv(path, index=False)
    state = vx.OnlineEM(INIT, missing="exact")
    with pytest.raises(ValueError, match="column 'B' must be of numbers, got type null; a column"):
        vx.fit_stream(state, path)
    assert "unseen_column" in vx.fit_stream(state, path, columns=["A", "B"]).status


def test_text_in_another_encoding_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("Aé,B\n1,2\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"x\.csv"):
        vx.open_source(path).gather()
