"""A source of rows, whatever it is made of, as an Arrow stream or as one array."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from varimix.extras import require_extra
from varimix.sources.blocks import BadRowError, Item, Kind, NothingCameError
from varimix.sources.kinds import READER
from varimix.sources.reading import BeginItem, Reading, Start, require_learned
from varimix.sources.real_numbers import row_name
from varimix.sources.texts import text_in

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.columns import Label, Selection


class Source:
    """Rows that `open_source` found, read when they are asked for.

    Attributes
    ----------
    is_live : bool
        True of an iterator, or a reader that gives its rows once: rows may come into being while
        others are learned, so none is to be read before it is wanted.
    can_reopen : bool
        True if every `stream` gives the same rows; else there can be only one stream.
    failure : BaseException or None
        The error that stopped the last stream. An Arrow C stream carries only its text.
    """

    def __init__(
        self,
        kind: Kind,
        columns: Sequence[Label] | None,
        weights: Label | None,
        time: Label | None,
        hint: str = "",
    ) -> None:
        self.is_live = kind.is_live
        self.can_reopen = kind.can_reopen
        self.failure: BaseException | None = None
        self._kind = kind
        self._labels = columns, weights, time
        self._settled: tuple[pa.Schema, Selection] | None = None
        self._has_names = False  # of the first block
        self._hint = hint
        self._reading: Reading | None = None
        self._order: tuple[str, ...] | None = None  # of X in the last pass, if not its own
        self._first_row = 0  # number of the first row of the array that was given last
        self._pending: Iterator[Item] | None = None  # items of a source that is read once
        self._is_spent = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of X; to know them, the first item of an iterator is taken."""
        return self._kind.names if self._is_plain_array else self._selection.columns

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the columns of X, or None where nobody named them; known as `columns` are.

        Columns 0, 1, 2, ... are numbered, not named.
        """
        columns = self.columns
        is_numbered = columns == tuple(map(str, range(self.d)))
        return None if is_numbered or not self._is_labelled else columns

    def names_among(self, columns: Sequence[str]) -> tuple[str, ...] | None:
        """Return `names`, or, where these columns are the numbers 0, 1, 2, ..., those as names."""
        is_by_number = self._is_labelled and set(self.columns) == set(columns)
        return self.columns if is_by_number else self.names

    @property
    def d(self) -> int:
        """Number of columns of X; to know it, the first item of an iterator is taken."""
        return len(self.columns)

    @property
    def rows(self) -> int | None:
        """Number of rows, if it is known without reading them, as of arrays, Parquet and .npy."""
        if self._kind.array is not None:
            return len(self._kind.array)
        if self.is_live or not self.can_reopen:
            return None
        total = 0
        for item in self._kind.items():
            for block in item.blocks():
                if block.rows is None:
                    return None
                total += block.rows
        return total

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
        """Type of X: float32 if all its columns are float32 or float16, else float64."""
        if self._is_plain_array and self._kind.array is not None:
            return self._kind.array.dtype
        dtype: np.dtype[Any] = np.dtype(self._selection.schema.field(0).type.to_pandas_dtype())
        return dtype

    @property
    def array(self) -> NDArray[np.floating] | None:
        """X in place, (n, d) of float32 or float64, if it is all of one array; else None.

        Nulls of a stream are NaN here.
        """
        if self._kind.array is None or self._is_plain_array:
            return self._kind.array
        is_whole = self.columns == self._kind.names and self.weights is None and self.time is None
        return self._kind.array if is_whole else None

    def stream(self, skip_rows: int = 0) -> pa.RecordBatchReader:
        """Return a pass over the rows: columns of X, then the weights, then the time in seconds.

        A batch is read when it is asked for. Among the rows to skip, whole row groups of Parquet
        and parts of arrays are not read. Later errors are raised by the reader, and kept in
        `failure`: ValueError for a column that is gone, renamed, or of another type, naming file,
        row group and column, for a value that is no number, for a null weight or time, and for
        fewer rows than are to be skipped; OSError for a file that cannot be read.

        Raises
        ------
        ValueError
            For skip_rows < 0, columns that are not as asked for, and the second pass over a source
            that is read once.
        """
        if operator.index(skip_rows) < 0:
            raise ValueError(f"skip_rows must be >= 0, got {skip_rows}")
        self._order = None
        return self._read(Start(skip_rows=skip_rows), None)

    def rows_from(
        self, start: Start, begin_item: BeginItem, columns: Sequence[str] | None = None
    ) -> pa.RecordBatchReader | NDArray[np.floating]:
        """Return a pass from where an earlier one stopped: like `stream`, or a part of `array`.

        ``begin_item`` is called when rows of another item begin. ``columns`` are the names of X in
        the order in which they are given; by default in their own.

        Raises
        ------
        ValueError
            As by `stream`, and for items that were learned and are gone, in another order, or
            shorter: at once where that can be known without reading, else by the reader.
        """
        self._set_order(columns)
        if self.array is not None and self._order is None:
            return self._array_from(self.array, start, begin_item)
        if start.learned and self.can_reopen and not self.is_live:
            require_learned(start.learned, [self._name(item) for item in self._kind.items()])
        return self._read(start, begin_item)

    def place(self, row: int, column: int, columns: Sequence[str] | None = None) -> str:
        """Return, in words, the row and column in the source of a number of the last pass.

        ``row`` counts from the first row given. ``columns`` name those of X, if they have no names.
        """
        names = columns if columns is not None and self.names is None else ()
        if self._reading is not None:
            return self._reading.place(row, column, names)
        names = names or self.columns
        return (
            f"row {self._first_row + row} of the source (counted from 0), column {names[column]!r}"
        )

    def gather(
        self, dtype: DTypeLike | None = None, columns: Sequence[str] | None = None
    ) -> NDArray[np.floating]:
        """Return all rows of X as one array (n, d), with NaN for null.

        An array, or a mapped .npy file, of the right type is returned as it is, and must not be
        written to. ``dtype`` is float32 or float64; by default it is the source's. ``columns`` are
        the names of X in the order in which they are given; by default in their own.
        """
        return self.gather_weighted(dtype, columns)[0]

    def gather_weighted(
        self, dtype: DTypeLike | None = None, columns: Sequence[str] | None = None
    ) -> tuple[NDArray[np.floating], NDArray[np.float64] | None]:
        """Return all rows of X, as `gather` does, and all weights (n), or None."""
        self._set_order(columns)
        whole = self._whole()
        if whole is not None:
            if self._order is not None:
                whole = whole[:, [self.columns.index(name) for name in self._order]]
            return (whole if dtype is None else whole.astype(dtype, copy=False)), None
        wanted = self.dtype if dtype is None else np.dtype(dtype)
        parts = [np.empty((0, self.d), wanted)]
        weights = [np.empty(0)]
        for batch in self._read(Start(), None):
            part = np.empty((batch.num_rows, self.d), wanted)
            for j in range(self.d):
                part[:, j] = batch.column(j).to_numpy(zero_copy_only=False)
            parts.append(part)
            if self.weights is not None:
                weights.append(batch.column(self.d).to_numpy())
        return np.concatenate(parts), None if self.weights is None else np.concatenate(weights)

    @property
    def _is_labelled(self) -> bool:
        """True of columns with labels of their own, which may be numbers."""
        _ = self.columns
        return self._kind.has_names if self._is_plain_array else self._has_names

    @property
    def _is_plain_array(self) -> bool:
        return self._kind.array is not None and self._labels == (None, None, None)

    @property
    def _selection(self) -> Selection:
        return self._settle()[1]

    def _set_order(self, columns: Sequence[str] | None) -> None:
        """Set the order of the columns of X in the next pass. ``columns`` are their names."""
        is_own = columns is None or tuple(columns) == self.columns
        self._order = None if is_own or columns is None else tuple(columns)

    def _selection_in_order(self) -> Selection:
        return self._selection if self._order is None else self._selection.in_order(self._order)

    def _whole(self) -> NDArray[np.floating] | None:
        array = self.array
        if array is None and self._kind.mapped is not None and self._labels == (None, None, None):
            array = self._kind.mapped()
        return array

    def _settle(self) -> tuple[pa.Schema, Selection]:
        """Settle the schema by the first block, which is kept if it may not come again."""
        if self._settled is None:
            from varimix.sources.columns import choose_columns

            first, hint = None, self._hint
            read: list[Item] = []  # items taken from a source that is read once
            items = self._pending or self._kind.items()
            for item in items:
                blocks = item.blocks()
                try:
                    first = next(blocks, None)
                except BadRowError as error:
                    raise error.in_source(0) from error
                if first is not None:
                    rest = chain([first], blocks)
                    read.append(Item(partial(iter, rest), item.name, item.place))
                    break
            if first is None:
                raise NothingCameError("source: there are no rows: nothing came")
            if self.is_live or not self.can_reopen:
                self._pending = chain(read, items)
            chosen = choose_columns(
                first.schema,
                *self._labels,
                hint=hint,
                csv_hint=first.hint,
                text_in=partial(text_in, first),
            )
            self._settled = first.schema, chosen
            self._has_names = first.has_names
        return self._settled

    def _name(self, item: Item) -> str:
        """Return an item's name; without one, the name by its first row; "" without rows."""
        if item.name is not None:
            return item.name
        schema, selection = self._settle()[0], self._selection_in_order()
        reading = Reading([item], schema, selection, Start(), None, is_one=False)
        for batch in reading.batches():
            return selection.first_row(batch)
        return ""

    def _array_from(
        self, array: NDArray[np.floating], start: Start, begin_item: BeginItem
    ) -> NDArray[np.floating]:
        self._reading = None
        name = row_name(array[0]) if len(array) > 0 else ""
        require_learned(start.learned, [name])
        self._first_row = sum(rows for _, rows in start.learned)
        left = len(array) - self._first_row
        if left < 0:
            raise ValueError(
                f"source: the array has become shorter: {self._first_row} rows of it were learned, "
                f"it has {len(array)}"
            )
        read = sum(rows for _, rows in start.read or ())
        if start.read is not None and (left < read or (left > read and start.to_end)):
            raise ValueError(
                f"source: the array must have {self._first_row + read} rows until the shuffled "
                f"pass is over that the checkpoint stopped in, got {len(array)}"
            )
        if left > 0:
            begin_item(0, 0, name, not start.learned)
        return array[self._first_row :]

    def _read(self, start: Start, begin_item: BeginItem | None) -> pa.RecordBatchReader:
        require_extra("pyarrow", "io", READER)
        import pyarrow as pa

        schema, selection = self._settle()[0], self._selection_in_order()
        if self._is_spent:
            raise ValueError("source: an iterator or a reader gives its rows once; open it anew")
        self._is_spent = not self.can_reopen
        items, self._pending = self._pending or self._kind.items(), None
        is_one = self.is_live
        self._reading = Reading(items, schema, selection, start, begin_item, is_one=is_one)
        return pa.RecordBatchReader.from_batches(selection.schema, self._batches(self._reading))

    def _batches(self, reading: Reading) -> Iterator[pa.RecordBatch]:
        self.failure = None
        try:
            yield from reading.batches()
        except (Exception, KeyboardInterrupt) as error:
            self.failure = error
            raise
