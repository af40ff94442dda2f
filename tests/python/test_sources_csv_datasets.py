"""Datasets of CSV give the rows and columns that their own scanner gives."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds
import pytest

from varimix.sources import open_source


def folder(tmp_path: Path) -> Path:
    for year, rows in {2024: "1.5,2\n,4\n", 2025: "5,6\n"}.items():
        (tmp_path / f"year={year}").mkdir()
        (tmp_path / f"year={year}" / "x.csv").write_text("a,b\n" + rows)
    return tmp_path


def columns_of(dataset: ds.Dataset, names: list[str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = (
        open_source(dataset, columns=names).stream().read_all().to_pydict()
    )
    return found


@pytest.mark.parametrize("names", [["a", "b"], ["b"], ["year"], ["b", "year", "a"]])
@pytest.mark.parametrize(
    "condition", [None, ds.field("year") == 2025, ds.field("a") > 2, ds.field("b") > 100]
)
def test_rows_are_those_of_the_scanner(
    tmp_path: Path, names: list[str], condition: ds.Expression | None
) -> None:
    dataset = ds.dataset(folder(tmp_path), format="csv", partitioning="hive")
    if condition is not None:
        dataset = dataset.filter(condition)
    assert columns_of(dataset, names) == dataset.to_table(columns=names).to_pydict()


def test_options_of_the_format_hold(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"nothing\n1,5;2\nn/a;3\n"))
    form = ds.CsvFileFormat(
        parse_options=pa.csv.ParseOptions(delimiter=";"),
        read_options=pa.csv.ReadOptions(skip_rows=1, column_names=["a", "b"]),
        convert_options=pa.csv.ConvertOptions(decimal_point=",", null_values=["n/a"]),
    )
    dataset = ds.dataset(path, format=form)
    assert columns_of(dataset, ["b", "a"]) == dataset.to_table().select(["b", "a"]).to_pydict()


def test_a_column_that_a_file_lacks_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "year=2025" / "x.csv").write_text("a\n5\n")
    dataset = ds.dataset(tmp_path, format="csv", partitioning="hive")
    with pytest.raises(ValueError, match=r"year=2025/x\.csv.*column 'b' is gone"):
        columns_of(dataset, ["a", "b"])


def test_a_text_is_named_with_its_file(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "year=2025" / "x.csv").write_text("a,b\n5,x\n")
    dataset = ds.dataset(tmp_path, format="csv", partitioning="hive")
    with pytest.raises(ValueError, match=r"year=2025/x\.csv.*invalid value 'x'"):
        columns_of(dataset, ["a", "b"])
