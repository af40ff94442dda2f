"""Choice of the columns wanted, and their conversion."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import SupportsIndex

import numpy as np
import pyarrow as pa
import pyarrow.types as pat

from varimix.sources.real_numbers import row_name
from varimix.sources.texts import has_thousands

Label = str | SupportsIndex
"""A column's name, or its position where columns have no names."""

TICKS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NAMES_SHOWN = 20  # at most, in a message
MARKS = ",;|\t"
"""In a text of CSV they tell of another delimiter, or of decimal commas."""
SEPARATORS = (
    "; separators of thousands are read by pandas: read_csv(path, thousands='.', decimal=','), or "
    "as the file has them"
)
MISSING_WORD = (
    "; a text that means a missing value is read by open_source(path, "
    "csv={'null_values': ['', 'that text']})"
)


@dataclass(frozen=True)
class Selection:
    """The columns wanted: those of X, all of one type, then the weights, then the time.

    Attributes
    ----------
    columns : names of the columns of X, in order
    weights, time : names, or None
    schema : schema of what `convert` returns; X is float32 or float64, weights and time are float64
    """

    columns: tuple[str, ...]
    weights: str | None
    time: str | None
    schema: pa.Schema

    @property
    def names(self) -> list[str]:
        """All columns wanted, in order."""
        names: list[str] = self.schema.names
        return names

    def convert(self, batch: pa.RecordBatch, where: Callable[[int, int], str]) -> pa.RecordBatch:
        """Return the wanted columns of a batch; a column of the right type is not copied.

        ``where(row, column)`` names the place of a number of the batch, for messages.

        Raises
        ------
        ValueError
            For a null among the weights or the times, naming its place.
        """
        arrays = [
            self._converted(j, batch.column(name), where) for j, name in enumerate(self.names)
        ]
        return pa.record_batch(arrays, schema=self.schema)

    def in_order(self, columns: Sequence[str]) -> Selection:
        """Return this choice with the columns of X in the order of ``columns``, the same names."""
        others = self.names[len(self.columns) :]
        schema = pa.schema([self.schema.field(name) for name in (*columns, *others)])
        return Selection(tuple(columns), self.weights, self.time, schema)

    def first_row(self, batch: pa.RecordBatch) -> str:
        """Return the name of a table that starts with this batch: a hash of its first row's X."""
        cells = [batch.column(name).slice(0, 1) for name in self.columns]
        row = [_cast(cell, pa.float64())[0].as_py() for cell in cells]
        return row_name(np.array([np.nan if value is None else value for value in row], float))

    def _converted(self, j: int, values: pa.Array, where: Callable[[int, int], str]) -> pa.Array:
        name = self.names[j]
        if name in (self.weights, self.time) and values.null_count > 0:
            argument = "weights" if name == self.weights else "times"
            row = int(np.argmax(values.is_null().to_numpy(zero_copy_only=False)))
            raise ValueError(f"{argument} must be numbers, got null in {where(row, j)}")
        if name == self.time:
            return seconds(values)
        return _cast(values, self.schema.field(name).type)


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if pat.is_decimal(values.type):  # Arrow's own cast misses the nearest float by an ulp
        values = values.cast(pa.string())
    return values.cast(kind, safe=False)


def choose_columns(
    schema: pa.Schema,
    columns: Sequence[Label] | None,
    weights: Label | None,
    time: Label | None,
    hint: str = "",
    csv_hint: str = "",
    text_in: Callable[[str], str] = lambda name: "",
) -> Selection:
    """Find the columns wanted among those of a source; by default all that remain are of X.

    Columns that pandas stored as its index are not of X by default. ``hint`` is added to messages
    about columns that nobody named, ``csv_hint`` to those about a text that another delimiter or
    decimal point would explain. ``text_in(name)`` tells, for messages, of a text in a column.

    Raises
    ------
    ValueError
        For a column that is not there, is there twice, or is of the wrong type; it is named.
    TypeError
        For labels that are neither names nor positions.
    """
    weights_name = None if weights is None else _found(schema, weights, "weights")
    time_name = None if time is None else _found(schema, time, "time")
    others = [name for name in (weights_name, time_name) if name is not None]
    names = _remaining(schema, others) if columns is None else _named(schema, columns)
    for name in names:
        if columns is None:
            _require_number(schema, name, "source", text_in, hint=hint, csv_hint=csv_hint)
        else:
            _require_number(schema, name, "columns", text_in, may_be_null=True, csv_hint=csv_hint)
    if weights_name is not None:
        _require_number(schema, weights_name, "weights", text_in, csv_hint=csv_hint)
    if time_name is not None:
        _require_time(schema, time_name)
    if len({*names, *others}) < len(names) + len(others):
        raise ValueError(
            f"columns, weights and time must be different columns, got {[*names, *others]}"
        )
    narrow = all(schema.field(name).type in (pa.float16(), pa.float32()) for name in names)
    fields = [(name, pa.float32() if narrow else pa.float64()) for name in names]
    fields += [(name, pa.float64()) for name in others]
    return Selection(tuple(names), weights_name, time_name, pa.schema(fields))


def _found(schema: pa.Schema, label: Label, argument: str) -> str:
    if isinstance(label, str):
        name = label
    else:
        try:
            name = str(operator.index(label))
        except TypeError:
            raise TypeError(f"{argument}: a column's name expected, got {label!r}") from None
    count = len(schema.get_all_field_indices(name))
    if count == 0:
        shown = ", ".join(map(repr, schema.names[:NAMES_SHOWN]))
        more = ", ..." if len(schema.names) > NAMES_SHOWN else ""
        near = get_close_matches(name, schema.names, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"{argument}: no column {name!r} in the source, which has {shown}{more}{meant}"
        )
    if count > 1:
        raise ValueError(f"{argument}: {count} columns are named {name!r}")
    return name


def _named(schema: pa.Schema, columns: Sequence[Label]) -> list[str]:
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        raise TypeError(f"columns: a list of names expected, got {columns!r}")
    names = [_found(schema, label, "columns") for label in columns]
    if not names:
        raise ValueError("columns: at least one must be named, got none")
    return names


def _remaining(schema: pa.Schema, others: Sequence[str]) -> list[str]:
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    left = [name for name in schema.names if name not in others and name not in index]
    if not left:
        raise ValueError(f"source: no column is left for X beside {list(others)}")
    return [_found(schema, name, "source") for name in left]


def is_number(kind: pa.DataType) -> bool:
    """Return whether a type is of integers, floats or decimals; booleans are flags, not numbers."""
    return bool(pat.is_integer(kind) or pat.is_floating(kind) or pat.is_decimal(kind))


def is_text(kind: pa.DataType) -> bool:
    """Return whether a type is of texts."""
    return bool(pat.is_string(kind) or pat.is_large_string(kind) or pat.is_string_view(kind))


def _require_number(
    schema: pa.Schema,
    name: str,
    argument: str,
    text_in: Callable[[str], str],
    *,
    may_be_null: bool = False,
    hint: str = "",
    csv_hint: str = "",
) -> None:
    kind = schema.field(name).type
    if is_number(kind) or (may_be_null and pat.is_null(kind)):
        return
    if pat.is_null(kind):
        hint = "; a column without any value is taken where `columns` names it"
    found = text_in(name) if is_text(kind) else ""
    if csv_hint and found:
        hint = _hint_of_text(found, csv_hint, hint, is_alone=len(schema) == 1)
    raise ValueError(
        f"{argument}: column {name!r} must be of numbers, got type {kind}{found}{hint}"
    )


def _hint_of_text(found: str, csv_hint: str, hint: str, *, is_alone: bool) -> str:
    """Return advice for a text in a column of CSV, by what it looks like."""
    text = found.partition("with '")[2].partition("' in row")[0]
    if has_thousands(text):
        return SEPARATORS
    return csv_hint if is_alone or set(text) & set(MARKS) else hint or MISSING_WORD


def _require_time(schema: pa.Schema, name: str) -> None:
    kind = schema.field(name).type
    if pat.is_timestamp(kind) or pat.is_date(kind) or pat.is_duration(kind):
        return
    if not is_number(kind):
        raise ValueError(
            f"time: column {name!r} must be of timestamps, or numbers of seconds, got type {kind}"
        )


def seconds(values: pa.Array) -> pa.Array:
    """Return timestamps as float64 seconds since 1970-01-01 UTC, durations and numbers as seconds.

    A timestamp without a zone is taken as UTC. Float64 has steps of 2^-22 s (2.4e-7 s) at today's
    times. ``values`` has no nulls.
    """
    if pat.is_date(values.type):
        values = values.cast(pa.timestamp("s" if pat.is_date32(values.type) else "ms"))
    if not (pat.is_timestamp(values.type) or pat.is_duration(values.type)):
        return _cast(values, pa.float64())
    per_second = TICKS_PER_SECOND[values.type.unit]
    ticks = values.view(pa.int64()).to_numpy()
    rest = np.fmod(ticks, per_second)  # split off: today's times have 61 bits in ns
    return pa.array((ticks - rest) // per_second + rest / per_second)
