"""CSV files; types of columns are settled once, and then hold for every file and pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.types as pat

from varimix.sources.blocks import BadRowError, Block, errors_name
from varimix.sources.texts import is_number_text

BLOCK_BYTES = 1 << 19  # a row must fit; the first block settles the types; Arrow keeps up to 40
OURS = {
    "use_threads": "errors then could not tell the row",
    "include_columns": "`columns` chooses them",
    "include_missing_columns": "a column that is gone is an error",
    "column_types": "`schema` tells them",
    "invalid_row_handler": "rows are not left out without a word",
}
"""Options of pyarrow that cannot be given, each with the reason."""
LISTS = ("column_names", "null_values", "true_values", "false_values", "timestamp_parsers")
"""Options that are lists; of a text pyarrow would take the characters."""
HINT = (
    "; a file with another delimiter than ',' is read by open_source(path, "
    "csv={'delimiter': ';'}), one with decimal commas by open_source(path, "
    "csv={'delimiter': ';', 'decimal_point': ','})"
)
ENCODING = "; a file of another encoding is read by open_source(path, csv={'encoding': 'latin1'})"

Place = Path | Callable[[], Any]
"""A path, or a function that opens a file anew."""


class CsvFiles:
    """Options and column types for reading: the caller's types, else the first block's.

    ``options`` are those of pyarrow.csv.ReadOptions, ParseOptions and ConvertOptions, by name.
    The first block is that of the first file which has rows.
    """

    def __init__(self, schema: pa.Schema | None, options: Mapping[str, Any] | None = None) -> None:
        if not (schema is None or isinstance(schema, pa.Schema)):
            raise TypeError(f"schema: a pyarrow.Schema expected, got {type(schema).__name__}")
        self.asked_for = "schema" if schema is not None else "csv" if options is not None else None
        self._read, self._parse, self._convert = _grouped(options or {})
        self._types = {field.name: _settled(field.type) for field in schema or ()}
        self._is_settled = False

    def blocks(self, path: Place, place: str) -> Iterator[Block]:
        """Yield the one block of a file, which is opened twice: for its columns, and its rows."""
        with self._errors(place, []), self._open(path) as reader:
            found = reader.schema
            names = found.names  # raises if they are no text in this encoding
            is_empty = all(pat.is_null(f.type) for f in found) and not any(map(len, reader))
        self._require_names(names, place)
        if is_empty:
            found = pa.schema([(f.name, pa.float64()) for f in found])
        elif not self._is_settled:
            missing = [name for name in self._types if name not in found.names]
            if missing:
                raise ValueError(f"schema: no column {missing[0]!r} in {place}")
            self._types = {f.name: _settled(f.type) for f in found} | self._types
            self._is_settled = True
        schema = pa.schema([(f.name, self._types.get(f.name, _settled(f.type))) for f in found])
        has_names = not self._read.get("autogenerate_column_names", False)
        rows = partial(self._rows, path, place, schema)
        yield Block(schema, None, place, rows, hint=HINT, has_names=has_names)

    def _require_names(self, names: Sequence[str], place: str) -> None:
        """Refuse a first row of numbers, which would be lost as names, unless the caller says how.

        Names 0, 1, 2, ... are not refused: a frame has them if nobody named its columns.
        """
        is_told = self._read.keys() & {"column_names", "autogenerate_column_names"}
        if is_told or not names or list(names) == [str(j) for j in range(len(names))]:
            return
        if all(map(is_number_text, names)):
            raise ValueError(
                f"csv: {place} begins with a row of numbers, {names[0]}, ...; a file without names "
                "of columns is read with csv={'autogenerate_column_names': True} or "
                "csv={'column_names': [...]}, one whose names are numbers with the latter and "
                "'skip_rows': 1"
            )

    def _rows(
        self, path: Place, place: str, schema: pa.Schema, names: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        types = {name: schema.field(name).type for name in names}
        types = {name: pa.float64() if pat.is_null(kind) else kind for name, kind in types.items()}
        with self._errors(place, schema.names), self._open(path, types) as reader:
            yield from reader

    def _open(self, path: Place, types: Mapping[str, pa.DataType] | None = None) -> Any:
        wanted = {} if types is None else {"column_types": types, "include_columns": list(types)}
        return pa.csv.open_csv(
            path() if callable(path) else path,
            read_options=pa.csv.ReadOptions(**self._read),
            parse_options=pa.csv.ParseOptions(**self._parse),
            convert_options=pa.csv.ConvertOptions(**self._convert, **wanted),
        )

    @contextmanager
    def _errors(self, place: str, names: Sequence[str]) -> Iterator[None]:
        """Raise errors with place, row and column as all of varimix has them, and with a hint."""
        try:
            with errors_name(place):
                yield
        except ValueError as error:
            message = re.sub(
                r"In CSV column #(\d+)", lambda k: f"column {names[int(k[1])]!r}", str(error)
            )
            is_other_csv = re.search("Expected 1 columns|invalid value '[^']*[,;]", message)
            hint = HINT if is_other_csv else ENCODING if "codec can't" in message else ""
            row = re.search(r"Row #(\d+): ", message)
            if row is None:
                raise ValueError(message + hint) from error
            number = int(row[1]) - self._lines_before_rows
            raise BadRowError(message.replace(row[0], "", 1), number, hint) from error

    @property
    def _lines_before_rows(self) -> int:
        """The excess of pyarrow's number of a row, which starts at 1, over ours."""
        names_given = self._read.get("column_names") or self._read.get("autogenerate_column_names")
        left_out = self._read.get("skip_rows", 0) + self._read.get("skip_rows_after_names", 0)
        return int(left_out) + (1 if names_given else 2)


def _grouped(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Group options by the class of pyarrow that has them: of reading, parsing, converting."""
    if not isinstance(options, Mapping):
        raise TypeError(f"csv: a dict of options of pyarrow.csv expected, got {options!r:.80}")
    groups: list[dict[str, Any]] = [{"block_size": BLOCK_BYTES, "use_threads": False}, {}, {}]
    classes = (pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions)
    for name, value in options.items():
        if name in OURS:
            raise ValueError(f"csv: {name!r} cannot be given: {OURS[name]}")
        owners = [
            group for group, kind in zip(groups, classes, strict=True) if hasattr(kind(), str(name))
        ]
        if not owners or str(name).startswith("_"):
            raise ValueError(
                f"csv: {name!r} must be an option of pyarrow.csv, as 'delimiter', 'quote_char', "
                "'decimal_point', 'null_values', 'skip_rows', 'column_names', 'encoding'"
            )
        if name in LISTS and isinstance(value, str | bytes):
            raise TypeError(f"csv: {name!r} must be a list, got {value!r}")
        owners[0][name] = value
    for group, kind in zip(groups, classes, strict=True):
        try:
            kind(**group)
        except (TypeError, ValueError, pa.ArrowException) as error:
            raise ValueError(f"csv: {error}") from error
    return groups


def _settled(kind: pa.DataType) -> pa.DataType:
    """Return a type that also holds what other rows may have: fractions, also of a second."""
    if pat.is_float16(kind):
        return pa.float32()
    if pat.is_integer(kind):
        return pa.float64()
    if pat.is_timestamp(kind) or pat.is_date(kind):
        return pa.timestamp("ns", tz=getattr(kind, "tz", None))
    return kind
