"""Which columns a command takes: those named, those of the model, or all of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.types as pat

from varimix.command_line.exits import BadDataError, WrongUseError, nearest, say
from varimix.sources.blocks import Block
from varimix.sources.columns import NAMES_SHOWN, is_number

ROW_LABELS = ("", "date", "datetime", "index", "time", "timestamp", "unnamed: 0")
"""Names, in lower case, of columns that label rows: of numbers too, they are no variables."""
INDEX_OF_PANDAS = "__index_level_"
LOOKED_AT = 1000  # values of a column of text that may be numbers
OTHER_DELIMITERS = ";\t|"


@dataclass(frozen=True)
class Choice:
    """The columns chosen, and the others with their types."""

    columns: list[str]
    left_out: dict[str, str]
    schema: pa.Schema


def chosen(
    block: Block,
    first: pa.RecordBatch | None,
    named: Sequence[str] | None,
    of_model: Sequence[str] | None,
) -> Choice:
    """Choose among the columns of a block; ``first`` has the first rows if they are of CSV."""
    schema, place = block.schema, block.place.partition(", row group")[0]
    if named is not None:
        columns = [_named(schema, name, place) for name in named]
        return Choice(columns, {}, schema)
    numbers = [f.name for f in schema if is_number(f.type)]
    if of_model is not None:
        columns = _of_model(block, numbers, of_model, place)
        return Choice(columns, {}, schema)
    labels = (
        {*(schema.pandas_metadata or {}).get("index_columns", [])} if schema.metadata else {*()}
    )
    columns = [
        name
        for name in numbers
        if name not in labels and name.lower() not in ROW_LABELS
        and not name.startswith(INDEX_OF_PANDAS)
    ]  # fmt: skip
    left_out = {f.name: str(f.type) for f in schema if f.name not in columns}
    if not columns:
        raise BadDataError(f"{place} has no column of numbers: {_shown(schema)}{_advice(schema)}")
    if first is not None:
        for name in left_out:
            _require_no_numbers(first, name, place)
    twice = [name for name in columns if schema.names.count(name) > 1]
    if twice:
        raise BadDataError(
            f"{place}: {schema.names.count(twice[0])} columns are named {twice[0]!r}"
        )
    return Choice(columns, left_out, schema)


def _named(schema: pa.Schema, name: str, place: str) -> str:
    if name not in schema.names:
        raise WrongUseError(
            f"--columns: {place} has no column {name!r}{nearest(name, schema.names)}; "
            f"it has {_shown(schema)}"
        )
    if schema.names.count(name) > 1:
        raise WrongUseError(f"--columns: {place} has several columns {name!r}")
    kind = schema.field(name).type
    if not (is_number(kind) or pat.is_null(kind)):
        raise WrongUseError(
            f"--columns: {name!r} of {place} is of type {kind}, not of numbers{_advice(schema)}"
        )
    return name


def _of_model(
    block: Block, numbers: Sequence[str], of_model: Sequence[str], place: str
) -> list[str]:
    names = block.schema.names
    gone = [name for name in of_model if name not in names]
    if not gone:
        wrong = [
            n for n in of_model if n not in numbers and not pat.is_null(block.schema.field(n).type)
        ]
        if wrong:
            kind = block.schema.field(wrong[0]).type
            raise BadDataError(
                f"{place}: column {wrong[0]!r} of the model is of type {kind} here"
                f"{_advice(block.schema)}"
            )
        return list(of_model)
    if block.positional and len(numbers) == len(of_model):
        say(f"{place} has no names; its columns are taken in the order of the model's")
        return list(numbers)
    raise BadDataError(
        f"{place} has no column {gone[0]!r}, which the model has{nearest(gone[0], names)}; it has "
        f"{_shown(block.schema)}; --columns names those to take, in the model's order"
    )


def _require_no_numbers(first: pa.RecordBatch, name: str, place: str) -> None:
    """Refuse a column of text that holds numbers: left out, it would be missed."""
    if first.schema.names.count(name) > 1 or not pat.is_string(first.schema.field(name).type):
        return
    values = [v for v in first.column(name).slice(0, LOOKED_AT).to_pylist() if v]
    plain = [v for v in values if _is_number(v)]
    with_comma = [v for v in values if v not in plain and _is_number(v.replace(",", "."))]
    if 2 * len(plain + with_comma) <= len(values):
        return
    others = [v for v in values if not _is_number(v.replace(",", "."))]
    if with_comma and len(with_comma) >= len(plain):
        advice = f"{with_comma[0]!r}): --decimal ',' reads decimal commas"
    else:
        advice = (
            f"{plain[0]!r}), but also {others[0]!r}: --null {others[0]!r} takes that as missing"
        )
    raise BadDataError(
        f"{place}: column {name!r} is of text that looks like numbers ({advice}; "
        "--columns can leave it out"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(schema: pa.Schema) -> str:
    shown = ", ".join(f"{f.name!r} ({f.type})" for f in list(schema)[:NAMES_SHOWN])
    return shown + (", ..." if len(schema) > NAMES_SHOWN else "")


def _advice(schema: pa.Schema) -> str:
    for delimiter in OTHER_DELIMITERS:
        if any(delimiter in name for name in schema.names):
            return f"; --delimiter {delimiter!r} reads a CSV file with that delimiter"
    if any(pat.is_string(f.type) for f in schema):
        return "; --decimal ',' reads a CSV file with decimal commas"
    return ""
