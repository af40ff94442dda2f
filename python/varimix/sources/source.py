"""A source of rows, whatever it is made of, as an Arrow stream or as one array."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from varimix.sources.blocks import Block, Kind, read_blocks
from varimix.sources.kinds import kind_of

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.columns import Label, Selection


class Source:
    """Rows that `open_source` found, read when they are asked for.

    Attributes
    ----------
    is_live : bool
        An iterator, or a reader that gives its rows once: rows may come into being while others
        are learned, so none is to be read before it is wanted.
    can_reopen : bool
        Every `stream` gives the same rows; else there is one.
    failure : BaseException or None
        What stopped the last stream. An Arrow C stream carries only its text.
    """

    def __init__(
        self,
        kind: Kind,
        columns: Sequence[Label] | None,
        weights: Label | None,
        time: Label | None,
    ) -> None:
        self.is_live = kind.is_live
        self.can_reopen = kind.can_reopen
        self.failure: BaseException | None = None
        self._kind = kind
        self._labels = columns, weights, time
        self._settled: tuple[pa.Schema, Selection] | None = None
        self._pending: Iterator[Block] | None = None  # of a source that is read once
        self._is_spent = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of X; of an iterator, its first item is taken to know them."""
        return self._kind.names if self._is_plain_array else self._selection.columns

    @property
    def d(self) -> int:
        """How many columns X has; of an iterator, its first item is taken to know."""
        return len(self.columns)

    @property
    def weights(self) -> str | None:
        """Name of the column of weights."""
        return None if self._is_plain_array else self._selection.weights

    @property
    def time(self) -> str | None:
        """Name of the column of times."""
        return None if self._is_plain_array else self._selection.time

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of X: float32 if all its columns are float32 or float16, else float64."""
        if self._is_plain_array and self._kind.array is not None:
            return self._kind.array.dtype
        dtype: np.dtype[Any] = np.dtype(self._selection.schema.field(0).type.to_pandas_dtype())
        return dtype

    @property
    def array(self) -> NDArray[np.floating] | None:
        """X where it lies, (n, d) of float32 or float64, if it is one array and all of it.

        What a stream gives as nulls is NaN here.
        """
        if self._kind.array is None or self._is_plain_array:
            return self._kind.array
        is_whole = self.columns == self._kind.names and self.weights is None and self.time is None
        return self._kind.array if is_whole else None

    def stream(self, skip_rows: int = 0) -> pa.RecordBatchReader:
        """Give a pass over the rows: the columns of X, then the weights, then the time in seconds.

        A batch is read when it is asked for. Of the rows to skip, whole row groups of Parquet and
        parts of arrays are not read. What goes wrong later is raised by the reader, and kept in
        `failure`: ValueError for a column that is gone, renamed, or of another type, naming file,
        row group and column, for a value that is no number, for a null weight or time, and for
        fewer rows than are to be skipped; OSError for a file that cannot be read.

        Raises
        ------
        ValueError
            For skip_rows < 0, columns that are not as asked for, and the second pass over a source
            that is read once.
        """
        import pyarrow as pa

        if operator.index(skip_rows) < 0:
            raise ValueError(f"skip_rows must be >= 0, got {skip_rows}")
        selection = self._selection
        if self._is_spent:
            raise ValueError("source: an iterator or a reader gives its rows once; open it anew")
        self._is_spent = not self.can_reopen
        blocks, self._pending = self._pending or self._kind.blocks(), None
        return pa.RecordBatchReader.from_batches(selection.schema, self._batches(blocks, skip_rows))

    def gather(self, dtype: DTypeLike | None = None) -> NDArray[np.floating]:
        """Give all rows of X as one array (n, d), a null as NaN.

        An array, or a mapped .npy file, of the right type is given as it is, and must not be
        written to. ``dtype`` is float32 or float64; by default the source's.
        """
        return self.gather_weighted(dtype)[0]

    def gather_weighted(
        self, dtype: DTypeLike | None = None
    ) -> tuple[NDArray[np.floating], NDArray[np.float64] | None]:
        """Give all rows of X, as `gather` does, and all weights (n), or None."""
        whole = self._whole()
        if whole is not None:
            return (whole if dtype is None else whole.astype(dtype, copy=False)), None
        wanted = self.dtype if dtype is None else np.dtype(dtype)
        parts = [np.empty((0, self.d), wanted)]
        weights = [np.empty(0)]
        for batch in self.stream():
            part = np.empty((batch.num_rows, self.d), wanted)
            for j in range(self.d):
                part[:, j] = batch.column(j).to_numpy(zero_copy_only=False)
            parts.append(part)
            if self.weights is not None:
                weights.append(batch.column(self.d).to_numpy())
        return np.concatenate(parts), None if self.weights is None else np.concatenate(weights)

    @property
    def _is_plain_array(self) -> bool:
        return self._kind.array is not None and self._labels == (None, None, None)

    @property
    def _selection(self) -> Selection:
        return self._settle()[1]

    def _whole(self) -> NDArray[np.floating] | None:
        array = self.array
        if array is None and self._kind.mapped is not None and self._labels == (None, None, None):
            array = self._kind.mapped()
        return array

    def _settle(self) -> tuple[pa.Schema, Selection]:
        """Settle the schema by the first block, which is kept if it may not come again."""
        if self._settled is None:
            from varimix.sources.columns import choose_columns

            blocks = self._pending or self._kind.blocks()
            first = next(blocks, None)
            if first is None:
                raise ValueError("source: there are no rows: nothing came")
            if self.is_live or not self.can_reopen:
                self._pending = chain([first], blocks)
            self._settled = first.schema, choose_columns(first.schema, *self._labels)
        return self._settled

    def _batches(self, blocks: Iterator[Block], skip_rows: int) -> Iterator[pa.RecordBatch]:
        schema, selection = self._settle()
        self.failure = None
        try:
            batches = read_blocks(blocks, schema, selection.names, skip_rows)
            yield from selection.convert(batches, first_row=skip_rows)
        except (Exception, KeyboardInterrupt) as error:
            self.failure = error
            raise


def open_source(
    source: object,
    *,
    columns: Sequence[Label] | None = None,
    weights: Label | None = None,
    time: Label | None = None,
    schema: pa.Schema | None = None,
) -> Source:
    """Open whatever holds rows.

    Parameters
    ----------
    source
        An array, or what numpy.asarray takes; a pandas or polars frame or series; anything with
        ``__arrow_c_stream__`` or ``__arrow_c_array__``; a pyarrow RecordBatchReader or Dataset; a
        path or glob of Parquet, Arrow IPC, CSV or .npy files (a glob's in natural order, 2 before
        10), or a list of those; or any iterable of the former. Float32 stays float32, other
        numbers become float64; decimals, booleans and categories are no numbers.
    columns : sequence of str, optional
        Names of the columns of X, in order; positions where they have no names. By default all
        that remain, but for what pandas stored as its index.
    weights, time : str, optional
        Name of the column of weights, and of times: timestamps, or numbers of seconds.
    schema : pyarrow.Schema, optional
        Types of some or all columns of CSV files. All others are settled by the first block
        (512 KiB) of the first file, where any number is a float64.

    Raises
    ------
    ValueError
        For files that are not there (also a FileNotFoundError), not of one kind, or not readable,
        and for columns that are not there, or not of numbers. An iterator's are seen later.
    TypeError
        For what is no source.
    """
    opened = Source(kind_of(source, schema), columns, weights, time)
    if not opened.is_live:
        _ = opened.columns
    return opened
