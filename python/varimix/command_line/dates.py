"""Dates of the rows: those of the one column of dates beside the columns that are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pat
from numpy.typing import NDArray

from varimix.command_line.exits import say
from varimix.command_line.rows import STDIN, RowOptions, Rows, kind_of_files
from varimix.sources.blocks import Kind, errors_name, require_no_drift
from varimix.sources.columns import is_text

MICROSECONDS = pa.timestamp("us")
LOOKED_AT = 1000  # values of a column of text that may be dates
DAY_FIRST = re.compile(r"^(\d\d)\.(\d\d)\.(\d{4})(?=$|[ T])")


def dates_of(data: Sequence[str], options: RowOptions, rows: Rows) -> NDArray[Any] | None:
    """Return the dates (n) of rows, as many as there are rows; None if they have none.

    Their column is the only one of dates or timestamps, or of text that is dates (2026-01-31, or
    31.01.2026), among those not taken. A return has the date of its second price. The files are
    read for it; a pipe, which gives its rows once, has none.
    """
    if STDIN in data:
        return None
    kind = kind_of_files(data, options.csv)
    names = [name for name in rows.schema.names if _are_dates(kind, rows, name)]
    if len(names) != 1:
        shown = ", ".join(map(repr, names))
        texts = [field.name for field in rows.schema if is_text(field.type)]
        beside = [name for name in texts if name not in rows.columns]
        if names:
            say(f"rows are numbered, as there is more than one column of dates: {shown}")
        elif beside:
            say(
                f"rows are numbered, as column {beside[0]!r} has no dates like 2026-01-31 or "
                "31.01.2026; --csv timestamp_parsers=FORMAT reads others of CSV, as %m/%d/%Y"
            )
        return None
    say(f"dates of the rows are of column {names[0]!r}")
    dates = np.concatenate([_dates(values) for values in _values(kind, rows, names[0])])
    return dates if rows.returns is None else dates[1:]


def _values(kind: Kind, rows: Rows, name: str) -> Iterator[pa.Array]:
    for item in kind.items():
        for block in item.blocks():
            require_no_drift(block, rows.schema, [name])
            with errors_name(block.place):
                for batch in block.read([name]):
                    yield batch.column(name)


def _are_dates(files: Kind, rows: Rows, name: str) -> bool:
    if name in rows.columns or rows.schema.names.count(name) > 1:
        return False
    kind = rows.schema.field(name).type
    if pat.is_date(kind) or pat.is_timestamp(kind):
        return True
    if not is_text(kind):
        return False
    first = next(values for values in _values(files, rows, name) if len(values) > 0)
    texts = first.slice(0, LOOKED_AT).to_pylist()
    return all(text is not None and _is_date(text) for text in texts)


def _is_date(text: str) -> bool:
    try:
        return not text.isdigit() and not np.isnat(np.datetime64(_year_first(text), "us"))
    except ValueError:
        return False


def _year_first(text: str) -> str:
    """Return 31.01.2026 as 2026-01-31, and any other text as it is."""
    return DAY_FIRST.sub(r"\3-\2-\1", text)


def _dates(values: pa.Array) -> NDArray[Any]:
    """Return dates as datetime64 in microseconds, of the place where they were written; or text."""
    if is_text(values.type):
        texts = ["" if text is None else _year_first(text) for text in values.to_pylist()]
        return np.array(texts, dtype=object)
    if pat.is_timestamp(values.type) and values.type.tz is not None:
        values = pc.local_timestamp(values)
    whole = values.cast(MICROSECONDS, safe=False).cast(pa.int64())
    numbers = whole.fill_null(np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
    dates: NDArray[np.datetime64] = numbers.astype("datetime64[us]")
    return dates
