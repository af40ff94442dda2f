"""Prices become returns: differences run on across batches, row groups and files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.types as pat
from numpy.typing import NDArray

from varimix.command_line.arrow import batch_of, matrix_of
from varimix.command_line.exits import BadDataError
from varimix.command_line.notes import Prices
from varimix.sources.blocks import BadRowError, Block, Item
from varimix.sources.columns import choose_columns, is_number

KINDS = ("log", "simple", "none")

Row = NDArray[np.float64]


class LearnedItem(Item):
    """An item whose rows were all learned, and which is not here to be read."""


class _Before:
    """The last row of prices at the end of a block; it is read where nobody has read the block."""

    def __init__(self, before: _Before | None, read: Callable[[], Iterator[Row]] | None) -> None:
        self._before = before
        self._read = read
        self._row: Row | None = None

    def know(self, row: Row | None) -> None:
        self._row, self._before, self._read = row, None, None

    def row(self) -> Row | None:
        """Return the row; None if no row came so far."""
        if self._read is not None:
            last = None
            for prices in self._read():
                last = prices[-1]
            self.know(last if last is not None else self._row_before())
        return self._row

    def _row_before(self) -> Row | None:
        return None if self._before is None else self._before.row()


class _Chain:
    """The blocks of a pass so far.

    Attributes
    ----------
    has_row : a row of prices came before, as far as that is known without reading
    """

    def __init__(self) -> None:
        self.has_row = False
        self._end = _Before(None, None)

    def start(self, row: Row | None) -> None:
        """Forget the blocks so far: this row comes before the next."""
        self._end = _Before(None, None)
        self._end.know(row)
        self.has_row = row is not None

    def append(self, read: Callable[[], Iterator[Row]]) -> tuple[_Before, _Before]:
        """Add a block, and return what was before it, and what is at its end."""
        before, self._end = self._end, _Before(self._end, read)
        return before, self._end


class Returns:
    """The returns of the prices of items: log(p_t / p_(t-1)), or p_t / p_(t-1) - 1.

    The first row of all has no return. A price that is missing, or not > 0, is an error that names
    its place, or with missing='exact' a missing value, as are then both returns that it is part of.
    An infinite price is an error.

    Attributes
    ----------
    columns : names of the columns of prices
    how : 'log' or 'simple'
    missing : 'error' or 'exact'
    learned : names of items of which rows were learned before
    last_prices : the row before the first new item, where learned ones come before it
    without_price_before : names of items whose first rows gave no return
    """

    def __init__(
        self,
        columns: Sequence[str],
        how: str,
        missing: str,
        learned: Collection[str] = (),
        last_prices: Prices | None = None,
        without_price_before: Collection[str] = (),
    ) -> None:
        self._columns = columns
        self._how = how
        self._missing = missing
        self._learned = learned
        self._last_prices = last_prices
        self._without_price_before = without_price_before
        self._last: Row | None = None  # of the rows read last

    def of(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        """Yield the items of a pass, whose blocks have to be taken in their order."""
        chain = _Chain()
        follows_learned = False
        for item in items():
            if isinstance(item, LearnedItem):
                follows_learned = True
                yield item
                continue
            if follows_learned:
                chain.start(self._row_before_item(item.name or ""))
                follows_learned = False
            yield Item(partial(self._blocks, item, chain), item.name, item.place)

    def last_row(self) -> Prices | None:
        """Return the row of prices that was read last."""
        row = self._last
        return None if row is None else [None if np.isnan(p) else float(p) for p in row]

    def _row_before_item(self, name: str) -> Row | None:
        """Return the row before an item that follows one which is not here to be read."""
        if name in self._without_price_before:
            return None
        if name in self._learned:  # its first rows are left out: they must only be as many
            return np.full(len(self._columns), np.nan)
        if self._last_prices is None:
            return None
        return np.array([np.nan if p is None else p for p in self._last_prices])

    def _blocks(self, item: Item, chain: _Chain) -> Iterator[Block]:
        first_row = 0  # number in the item of the first row of the block
        for number, block in enumerate(item.blocks()):
            before, end = chain.append(partial(self._prices_again, item, number))
            rows = None
            if block.rows is not None:
                rows = block.rows - (1 if block.rows > 0 and not chain.has_row else 0)
                chain.has_row = chain.has_row or block.rows > 0
            get = partial(self._returns, partial(self._prices, block, first_row), before, end)
            first_row += block.rows or 0
            yield block._replace(schema=self.schema(block.schema), rows=rows, read=get)

    def _prices_again(self, item: Item, number: int) -> Iterator[Row]:
        """Yield the prices of a block that was left out; its file may have been closed."""
        for other, block in enumerate(item.blocks()):
            if other == number:
                yield from self._prices(block, 0)

    def schema(self, found: pa.Schema) -> pa.Schema:
        """Return the schema of the returns of prices of a schema."""
        return pa.schema(
            [
                (f.name, pa.float64() if f.name in self._columns and _is_price(f.type) else f.type)
                for f in found
            ]
        )

    def _returns(
        self,
        read: Callable[[], Iterator[Row]],
        before: _Before,
        end: _Before,
        names: Sequence[str],
    ) -> Iterator[pa.RecordBatch]:
        last = before.row()
        wanted = [self._columns.index(name) for name in names]
        for prices in read():
            rows = prices if last is None else np.vstack([last, prices])
            last = prices[-1].copy()
            relative = rows[1:] / rows[:-1]
            values = np.log(relative) if self._how == "log" else relative - 1
            yield batch_of(values[:, wanted], list(names))
        end.know(last)
        self._last = last

    def _prices(self, block: Block, first_row: int) -> Iterator[Row]:
        """Yield the prices of a block, without empty pieces."""
        selection = choose_columns(block.schema, list(self._columns), None, None)
        try:
            for batch in block.read(list(self._columns)):
                if batch.num_rows == 0:
                    continue
                converted = selection.convert(batch, lambda row, column: "")
                prices = matrix_of(converted)
                self._check(prices, first_row, block.place)
                first_row += len(prices)
                yield prices
        except BadRowError as error:
            raise BadDataError(
                f"{error.mistake}, in row {error.row} of {block.place} (counted from 0){error.hint}"
            ) from error

    def _check(self, prices: Row, first_row: int, place: str) -> None:
        is_bad = ~(prices > 0.0)
        if self._missing == "exact":
            prices[is_bad] = np.nan
            is_bad[:] = False
        is_bad |= np.isinf(prices)
        if is_bad.any():
            row, column = np.argwhere(is_bad)[0]
            price = prices[row, column]
            got = "a missing value" if np.isnan(price) else f"{price:g}"
            advice = "" if np.isinf(price) else "; --missing exact takes it as missing"
            raise BadDataError(
                f"prices must be > 0, got {got} in row {first_row + row} (counted from 0) of "
                f"{place}, column {self._columns[column]!r}{advice}"
            )


def _is_price(kind: pa.DataType) -> bool:
    return is_number(kind) or bool(pat.is_null(kind))
