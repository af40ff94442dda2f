"""One pass over a source, which starts where another one stopped and knows each row's place."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from varimix.sources.blocks import (
    CHUNK_ROWS,
    BadRowError,
    Block,
    Item,
    errors_name,
    require_no_drift,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources.columns import Selection

MARKS = 65_536
"""Number of places remembered, the last ones: endless sources must not fill the memory."""

Learned = Sequence[tuple[str, int]]
"""Names of items, each with a number of rows, which are its first ones."""

BeginItem = Callable[[int, int, str, bool], object]
"""Takes rows given before, the item's number among those begun, its name, whether it is new."""


class Start(NamedTuple):
    """The point at which a pass starts.

    Attributes
    ----------
    learned : rows of items that are left out; no rows of other items are
    read : rows that an earlier pass gave after those, if this pass repeats it
    to_end : the earlier pass had come to the end
    skip_rows : number of rows left out, whatever their items are; instead of `learned`
    row : number in the source of the first row of this pass
    """

    learned: Learned = ()
    read: Learned | None = None
    to_end: bool = False
    skip_rows: int = 0
    row: int = 0


class Reading:
    """The rows of a pass, in batches of the wanted columns, with the place of each row."""

    def __init__(
        self,
        items: Iterable[Item],
        schema: pa.Schema,
        selection: Selection,
        start: Start,
        begin_item: BeginItem | None,
        *,
        is_one: bool,
    ) -> None:
        self._items = items
        self._schema = schema
        self._selection = selection
        self._start = start
        self._begin_item = begin_item
        self._is_one = is_one  # one item: if not the one learned, it is another source
        self._learned = deque(start.learned)
        self._to_skip = start.skip_rows
        self._given = 0  # rows given in this pass
        self._row = start.row  # number in the source of the next row
        self._block_row = start.row  # number of the first row of the block in hand
        self._begun = 0  # items learned or begun
        self._repeated = 0  # items of start.read that came again
        self._marks: deque[tuple[int, int, str]] = deque(maxlen=MARKS)  # _given, _row, place

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; raises what `Source.stream` lists, and if learned items have changed."""
        try:
            for item in self._items:
                yield from self._of_item(item)
        except BadRowError as error:
            raise error.in_source(self._block_row) from error
        if self._to_skip > 0:
            most = self._start.skip_rows - self._to_skip
            raise ValueError(
                f"skip_rows must be at most {most}, the rows of the source, "
                f"got {self._start.skip_rows}"
            )
        if self._learned:
            raise ValueError(
                f"source: {called(self._learned[0][0])} is gone: it was learned before"
            )
        if self._start.read is not None and self._repeated < len(self._start.read):
            raise ValueError(_changed(called(self._start.read[self._repeated][0])))

    def place(self, given: int, column: int, columns: Sequence[str] = ()) -> str:
        """Return the row and column of a number, in words, by the rows of this pass before it.

        ``columns`` are other names of the columns of X.
        """
        marks = list(self._marks)
        at = max(bisect_right(marks, given, key=lambda mark: mark[0]) - 1, 0)
        first, row, place = marks[at]
        text = f"row {row + given - first} of the source (counted from 0)"
        names = [*columns, *self._selection.names[len(columns) :]]
        text += f", column {names[column]!r}"
        return text + (f", in {place}" if given >= first else "")

    def _of_item(self, item: Item) -> Iterator[pa.RecordBatch]:
        name, left, is_new = item.name, None, True
        if self._start.skip_rows > 0:
            left = self._to_skip
        elif name is not None:
            left, is_new = self._learned_of(name)
        given_before = self._given
        for block in item.blocks():
            require_no_drift(block, self._schema, self._selection.names)
            self._block_row = self._row
            if block.rows is not None and left is not None and block.rows <= left:
                left -= block.rows
                self._row += block.rows
                continue
            for batch in self._of_block(block):
                if left is None or name is None:
                    name = self._selection.first_row(batch)
                    if left is None:
                        left, is_new = self._learned_of(name)
                skipped = min(left, batch.num_rows)
                left -= skipped
                self._row += skipped
                if skipped < batch.num_rows:
                    if self._given == given_before:
                        self._begin(name, is_new)
                    yield from self._pieces(batch.slice(skipped), block.place)
                    self._require_repeated(item, self._given - given_before)
            self._block_row = self._row
        self._end_item(item, left or 0, self._given - given_before, is_new=is_new)

    def _of_block(self, block: Block) -> Iterator[pa.RecordBatch]:
        with errors_name(block.place):
            for batch in block.read(self._selection.names):
                if batch.num_rows > 0:
                    yield batch

    def _pieces(self, batch: pa.RecordBatch, place: str) -> Iterator[pa.RecordBatch]:
        for start in range(0, batch.num_rows, CHUNK_ROWS):
            piece = batch.slice(start, CHUNK_ROWS)
            mark = self._given, self._row, place
            last = self._marks[-1] if self._marks else None
            if last is None or last[2] != place or last[1] - last[0] != mark[1] - mark[0]:
                self._marks.append(mark)
            converted = self._selection.convert(piece, partial(self._place_in_hand, self._given))
            self._given += piece.num_rows
            self._row += piece.num_rows
            yield converted

    def _place_in_hand(self, first: int, row: int, column: int) -> str:
        return self.place(first + row, column)

    # ---- Items that were learned before, and items that an interrupted shuffle had read ----

    def _learned_of(self, name: str) -> tuple[int, bool]:
        """Return how many rows of an item were learned, and whether it is new."""
        if self._learned and self._learned[0][0] == name:
            return self._learned.popleft()[1], False
        if self._learned and self._is_one:
            raise ValueError(
                "source: it does not start with the row that was learned first: it is another "
                "source, or has lost its first rows"
            )
        return 0, True

    def _begin(self, name: str, is_new: bool) -> None:
        if self._begin_item is not None:
            self._begin_item(self._given, self._begun, name, is_new)
        read = self._start.read
        if read is None:
            return
        as_read = self._repeated < len(read) and read[self._repeated][0] == name
        if not as_read and (self._repeated < len(read) or self._start.to_end):
            raise ValueError(_changed(called(name)))

    def _require_repeated(self, item: Item, given: int) -> None:
        read = self._start.read or ()
        is_last = self._repeated == len(read) - 1
        if self._repeated >= len(read) or (is_last and not self._start.to_end):
            return
        if given > read[self._repeated][1]:
            raise ValueError(_changed(item.place))

    def _end_item(self, item: Item, left: int, given: int, *, is_new: bool) -> None:
        if self._start.skip_rows > 0:
            self._to_skip = left
        elif left > 0:
            raise ValueError(
                f"source: {item.place} has become shorter: {left} of the rows that were learned "
                "are gone"
            )
        self._begun += not is_new or given > 0
        if given > 0:
            read = self._start.read or ()
            if self._repeated < len(read) and given < read[self._repeated][1]:
                raise ValueError(_changed(item.place))
            self._repeated += 1


def require_learned(learned: Learned, names: Sequence[str]) -> None:
    """Raise a ValueError unless the items learned are among these, in the same order."""
    left = iter(names)
    for name, _ in learned:
        if name not in left:
            how = "does not come in the same order as before" if name in names else "is gone"
            raise ValueError(
                f"source: {called(name)}, of which rows were learned, {how}; a renamed or replaced "
                "file cannot be told from a new one: put it back, under the same path, or start "
                "without the checkpoint; rows without it are learned by OnlineEM.load(checkpoint)"
            )


def called(name: str) -> str:
    """Return what messages call the item of a name."""
    return (
        f"the table that starts with {name}" if name.startswith("first row ") else f"file {name!r}"
    )


def _changed(place: str) -> str:
    return (
        f"source: {place} is not as it was when the checkpoint stopped in the middle of a shuffled "
        "pass, whose order is drawn from the same rows; give it as it was until that pass is over"
    )
