"""Opening of a source: whatever holds rows becomes a `Source`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.columns import Label
    from varimix.sources.source import Source

HINT = "; name in `columns` those to fit"


def open_source(
    source: object,
    *,
    columns: Sequence[Label] | None = None,
    weights: Label | None = None,
    time: Label | None = None,
    schema: pa.Schema | None = None,
    csv: Mapping[str, Any] | None = None,
) -> Source:
    """Open anything that holds rows.

    Parameters
    ----------
    source
        An array, or what numpy.asarray takes; a pandas or polars frame or series; anything with
        ``__arrow_c_stream__`` or ``__arrow_c_array__``; a pyarrow RecordBatchReader or Dataset; a
        path or glob of Parquet, Arrow IPC, CSV or .npy files (a glob's in natural order, 2 before
        10), or a list of those; or any iterable of the former; or a result of this function.
        Float32 stays float32, other numbers become float64: integers, decimals, nullable numbers,
        also as Python objects. Booleans of an array are 0 and 1; columns of booleans or categories
        are no numbers.
    columns : sequence of str, optional
        Names of the columns of X, in order; positions where they have no names. By default X has
        all that remain, except those that pandas stored as its index.
    weights, time : str, optional
        Names of the columns of weights and of times: timestamps, or numbers of seconds.
    schema : pyarrow.Schema, optional
        Types of some or all columns of CSV files. All others are settled by the first block
        (512 KiB) of the first file, where any number is a float64.
    csv : dict, optional
        Options for reading CSV files: those of ReadOptions, ParseOptions and ConvertOptions of
        pyarrow.csv by name, as ``{"delimiter": ";", "decimal_point": ","}``, ``"skip_rows"``,
        ``"column_names"``, ``"null_values"``, ``"quote_char"``, ``"encoding"``.

    Raises
    ------
    ValueError
        For files that are not there (also a FileNotFoundError), not of one kind, or not readable,
        and for columns that are not there, or not of numbers. Those of an iterator are seen
        later.
    TypeError
        If ``source`` is no source (also a ValueError).
    """
    from varimix.sources.kinds import kind_of  # not loaded with varimix: arrays need no reader
    from varimix.sources.source import Source

    if isinstance(source, Source):
        given = {"columns": columns, "weights": weights, "time": time, "schema": schema, "csv": csv}
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"{name}: is given where a source is opened, not after that")
        return source
    opened = Source(kind_of(source, schema, csv), columns, weights, time, HINT)
    if not opened.is_live:
        _ = opened.columns
    return opened
