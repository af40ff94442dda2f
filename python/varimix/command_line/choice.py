"""Which columns a command takes: those named, those of the model, or all of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.types as pat

from varimix.command_line.exits import BadDataError, WrongUseError, say
from varimix.names import listed, require_same_names
from varimix.nearest_word import suggestion
from varimix.sources.columns import NAMES_SHOWN, is_number
from varimix.sources.texts import has_thousands

ROW_LABELS = ("", "date", "datetime", "datum", "index", "time", "timestamp", "unnamed: 0")
"""Names, in lower case, of columns that label rows: of numbers too, they are no variables."""
INDEX_OF_PANDAS = "__index_level_"
LOOKED_AT = 1000  # values of a column that may be numbers, or days
FEWEST_DAYS = 3  # numbers that look like days without being any are no surprise among fewer
FIRST_DAY, LAST_DAY = 1800_01_01, 2199_12_31
DELIMITERS = ",;\t|"
BY_PLACE = "; --columns names those to take, in the model's order"


@dataclass(frozen=True)
class Table:
    """What is known of the data before a column is chosen.

    Attributes
    ----------
    schema : all columns
    place : name of the file, for messages
    is_positional : columns have no names, and are called 0, 1, 2, ... or f0, f1, f2, ...
    first : the first rows, or None
    csv : the options with which they were read, or None if they are no CSV
    """

    schema: pa.Schema
    place: str
    is_positional: bool
    first: pa.RecordBatch | None
    csv: Mapping[str, Any] | None


@dataclass(frozen=True)
class Choice:
    """The columns chosen, and the others with their types."""

    columns: list[str]
    left_out: dict[str, str]
    schema: pa.Schema


@dataclass(frozen=True)
class ModelColumns:
    """The columns of a model.

    Attributes
    ----------
    names : their names, in order
    are_its_own : the model itself has these names, so that rows of others are refused; else they
        are of the notes beside it, and ``--columns`` may name others in their order
    """

    names: list[str]
    are_its_own: bool


def chosen(table: Table, named: Sequence[str] | None, model: ModelColumns | None) -> Choice:
    """Choose the columns ``named``, else those of the model, else all of numbers that vary.

    Columns that a model knows by its own names are put into its order.

    Raises
    ------
    WrongUseError
        For a column named that is not there or not of numbers, or not of the model.
    BadDataError
        For a column of the model that is not, for no column of numbers, and for a column of text
        that holds numbers, which would be left out.
    """
    if named is not None:
        found = [_named(table, name) for name in named]
        if model is not None and model.are_its_own and not table.is_positional:
            found = _in_order(found, model.names)
        return Choice(found, {}, table.schema)
    if model is not None:
        return Choice(_of_model(table, model), {}, table.schema)
    schema = table.schema
    of_pandas = (schema.pandas_metadata or {}).get("index_columns", ()) if schema.metadata else ()
    labels = {label for label in of_pandas if isinstance(label, str)}  # a range is no column
    columns = [
        field.name
        for field in schema
        if is_number(field.type)
        and not (
            field.name in labels or field.name.lower() in ROW_LABELS or _has_days(table, field.name)
        )
        and not field.name.startswith(INDEX_OF_PANDAS)
    ]
    left_out = {field.name: str(field.type) for field in schema if field.name not in columns}
    for name in left_out:
        if hint := _hint(table, name):
            raise BadDataError(f"{table.place}: column {name!r} is of text{hint}")
    if not columns:
        raise BadDataError(f"{table.place} has no column of numbers: {_shown(schema)}{_cut(table)}")
    for name in columns:
        if schema.names.count(name) > 1:
            raise BadDataError(f"{table.place}: more than one column is named {name!r}")
    return Choice(columns, left_out, schema)


def _named(table: Table, name: str) -> str:
    schema = table.schema
    if name not in schema.names:
        raise WrongUseError(
            f"--columns: {table.place} has no column {name!r}{suggestion(name, schema.names)}; "
            f"it has {_shown(schema)}{_cut(table)}"
        )
    if schema.names.count(name) > 1:
        raise WrongUseError(f"--columns: {table.place} has more than one column {name!r}")
    if not _may_be_taken(schema.field(name).type):
        raise WrongUseError(
            f"--columns: {name!r} of {table.place} is of type {schema.field(name).type}, not of "
            f"numbers{_hint(table, name)}"
        )
    return name


def _in_order(found: list[str], of_model: list[str]) -> list[str]:
    try:
        require_same_names(found, of_model, "--columns")
    except ValueError as error:
        raise WrongUseError(str(error)) from error
    return of_model


def _of_model(table: Table, model: ModelColumns) -> list[str]:
    schema, of_model = table.schema, model.names
    numbers = [field.name for field in schema if is_number(field.type)]
    gone = [name for name in of_model if name not in schema.names]
    if gone and table.is_positional and len(numbers) == len(of_model):
        say(f"{table.place} has no names: its columns are taken in the order of the model's")
        return numbers
    if gone:
        raise BadDataError(
            f"{table.place} has no column {gone[0]!r}, which the model has"
            f"{suggestion(gone[0], schema.names)}; the model has {listed(of_model)}, the data have "
            f"{_shown(schema)}{_cut(table)}{'' if model.are_its_own else BY_PLACE}"
        )
    for name in of_model:
        if schema.names.count(name) > 1:
            raise BadDataError(f"{table.place}: more than one column is named {name!r}")
        kind = schema.field(name).type
        if not _may_be_taken(kind):
            raise BadDataError(
                f"{table.place}: column {name!r} of the model is of type {kind} here"
                f"{_hint(table, name)}"
            )
    return list(of_model)


def _may_be_taken(kind: pa.DataType) -> bool:
    return is_number(kind) or bool(pat.is_null(kind))


def _hint(table: Table, name: str) -> str:
    """Return advice for a column of text of CSV whose values are mostly numbers, or ""."""
    if table.csv is None or table.first is None or table.schema.names.count(name) > 1:
        return ""
    if not pat.is_string(table.schema.field(name).type):
        return ""
    values = [v for v in table.first.column(name).slice(0, LOOKED_AT).to_pylist() if v]
    thousands = [v for v in values if has_thousands(v)]
    others = [v for v in values if not (has_thousands(v) or _is_number(v.replace(",", ".")))]
    if 2 * len(others) >= len(values):
        return ""
    commas = [v for v in values if v not in others + thousands and not _is_number(v)]
    advice = []
    if thousands:
        advice.append(
            f"separators of thousands, as of {thousands[0]!r}, are read by no option: write the "
            "file without them, or read it by pandas, read_csv(thousands=...)"
        )
    if commas and table.csv.get("decimal_point") != ",":
        advice.append(f"--decimal ',' reads decimal commas, as of {commas[0]!r}")
    if others:
        advice.append(f"--null {others[0]!r} takes that text as a missing value")
    if not advice:
        advice.append(f"its numbers are written as {values[0]!r}")
    return f", but looks like numbers: {'; '.join(advice)}; --columns can leave it out"


def _has_days(table: Table, name: str) -> bool:
    """Return whether the first numbers of a column are days as 20260131, from older to newer."""
    if table.first is None or table.first.schema.names.count(name) != 1:
        return False
    days = table.first.column(name).slice(0, LOOKED_AT).to_pylist()
    if len(days) < FEWEST_DAYS or None in days:
        return False
    is_in_order = days[0] < days[-1] and all(old <= new for old, new in pairwise(days))
    return is_in_order and all(map(_is_day, days))


def _is_day(number: float) -> bool:
    if not FIRST_DAY <= number <= LAST_DAY or number != int(number):
        return False
    try:
        date.fromisoformat(str(int(number)))
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(schema: pa.Schema) -> str:
    shown = ", ".join(f"{field.name!r} ({field.type})" for field in list(schema)[:NAMES_SHOWN])
    return shown + (", ..." if len(schema) > NAMES_SHOWN else "")


def _cut(table: Table) -> str:
    """Return advice for CSV that was not cut into columns, or ""."""
    if table.csv is None:
        return ""
    used = table.csv.get("delimiter", ",")
    for delimiter in DELIMITERS:
        if delimiter != used and any(delimiter in name for name in table.schema.names):
            return f"; it was read with the delimiter {used!r}: --delimiter {delimiter!r}?"
    return ""
