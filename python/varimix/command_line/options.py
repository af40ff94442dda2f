"""Options that several commands share, as typer reads them."""

from __future__ import annotations

import csv as csv_reader
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varimix.command_line.exits import WrongUseError
from varimix.nearest_word import suggestion

if TYPE_CHECKING:
    from varimix.command_line.notes import Notes
    from varimix.command_line.rows import RowOptions

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA...",
        help="Files or quoted globs of Parquet, CSV (also .gz, .bz2, .zst), Arrow or .npy, "
        "in this order; or '-' for standard input.",
        show_default=False,
    ),
]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="Model file that fit wrote.", show_default=False)
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns", "-c", metavar="A,B,...",
        help="Columns to take, in order. By default those of the model, or all of numbers.",
    ),
]  # fmt: skip
Missing = Annotated[
    str | None,
    typer.Option(
        metavar="error|exact",
        help="What a missing value is: an error (the default), or missing at random.",
    ),
]
Returns = Annotated[
    str | None,
    typer.Option(
        metavar="log|simple|none",
        help="Take the columns as prices, and learn their returns. Default: none, or the model's.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(metavar="csv|arrow", help="Format of '-'; by default it is recognised."),
]
Report = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write a report on the fit, .html; DATA are read once more, and must fit in memory.",
    ),
]
CSV = "CSV"
Delimiter = Annotated[
    str | None, typer.Option(metavar="CHAR", help="Default: ','.", rich_help_panel=CSV)
]
Decimal = Annotated[
    str | None,
    typer.Option(metavar="CHAR", help="Decimal point. Default: '.'.", rich_help_panel=CSV),
]
NoHeader = Annotated[
    bool,
    typer.Option("--no-header", help="The first row holds no names.", rich_help_panel=CSV),
]
SkipRows = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Lines before the header.", rich_help_panel=CSV),
]
Null = Annotated[
    list[str] | None,
    typer.Option(
        "--null", metavar="TEXT", rich_help_panel=CSV,
        help="A text that means a missing value, beside the usual ones; may be repeated.",
    ),
]  # fmt: skip
CsvOption = Annotated[
    list[str] | None,
    typer.Option(
        "--csv", metavar="NAME=VALUE", rich_help_panel=CSV,
        help="Any other option of pyarrow.csv, as encoding=latin1; may be repeated.",
    ),
]  # fmt: skip
BatchSize = Annotated[int, typer.Option(min=1, metavar="ROWS", help="Rows of a step.")]
Threads = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Threads to compute with; 0 is all cores, the default."),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else.")
]


def columns_of(texts: list[str] | None) -> tuple[str, ...] | None:
    """Return the names in texts like 'A,B'; a name with a comma is quoted as in CSV."""
    if texts is None:
        return None
    names = [name.strip() for row in csv_reader.reader(texts) for name in row]
    names = [name for name in names if name]
    if not names:
        raise WrongUseError("--columns must name at least one column")
    for name in names:
        if names.count(name) > 1:
            raise WrongUseError(f"--columns names {name!r} more than once")
    return tuple(names)


def row_options(
    columns: list[str] | None,
    returns: str | None,
    missing: str | None,
    format: str | None,
    csv: dict[str, Any],
    notes: Notes | None = None,
    data: list[str] | None = None,
) -> RowOptions:
    """Return how rows are read, checked; what is not given is as the notes of a model say.

    The options for CSV of the notes hold where ``data`` are CSV.
    """
    from varimix.command_line.pipe import FORMATS
    from varimix.command_line.returns import KINDS
    from varimix.command_line.rows import MISSING, RowOptions, are_csv

    how = one_of("--returns", returns, KINDS)
    form = one_of("--format", format, FORMATS)
    if notes is not None:
        if how not in (None, notes.returns):
            raise WrongUseError(f"--returns is {notes.returns} for this model, got {how}")
        how = notes.returns
        if are_csv(data or [], form):
            csv = notes.csv | csv
    return RowOptions(
        columns=columns_of(columns),
        returns=how or "none",
        missing=one_of("--missing", missing, MISSING) or "error",
        format=form,
        csv=csv,
    )


def one_of(option: str, value: str | None, words: tuple[str, ...]) -> str | None:
    """Return the value of an option if it is one of its words."""
    if value is not None and value not in words:
        raise WrongUseError(
            f"{option} must be one of {', '.join(words)}, got {value!r}{suggestion(value, words)}"
        )
    return value


def csv_options(
    delimiter: str | None,
    decimal: str | None,
    no_header: bool,
    skip_rows: int | None,
    null: list[str] | None,
    others: list[str] | None,
) -> dict[str, Any]:
    """Return the options of pyarrow.csv that the command line has given."""
    options: dict[str, Any] = {}
    for text in others or ():
        name, sign, value = text.partition("=")
        if not sign:
            raise WrongUseError(f"--csv must be NAME=VALUE, got {text!r}")
        name = name.strip().replace("-", "_")
        options[name] = _value_of(name, value)
    if delimiter is not None:
        options["delimiter"] = "\t" if delimiter in ("\\t", "tab") else delimiter
    if decimal is not None:
        options["decimal_point"] = decimal
    if no_header:
        options["autogenerate_column_names"] = True
    if skip_rows is not None:
        options["skip_rows"] = skip_rows
    if null:
        from pyarrow.csv import ConvertOptions

        options["null_values"] = [*ConvertOptions().null_values, *null]
    for name in ("delimiter", "decimal_point"):
        if name in options and len(str(options[name])) != 1:
            flag = "--" + name.partition("_")[0]
            raise WrongUseError(f"{flag} must be one character, got {options[name]!r}")
    return options


def _value_of(name: str, text: str) -> Any:
    """Return the value in a text: one of JSON, or the text, as a list where pyarrow wants one."""
    from varimix.sources.csv_files import LISTS

    if name in LISTS and not text.startswith("["):
        return [text]
    try:
        return json.loads(text)
    except ValueError:
        return text
