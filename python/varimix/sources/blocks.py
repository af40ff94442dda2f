"""Blocks of rows: every source is a sequence of them, each read when its rows are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # pyarrow, slower to import than varimix, is imported when a stream is opened
    import pyarrow as pa

CHUNK_ROWS = 65_536
"""Rows decoded or converted at a time: a stream holds these beside the source's own memory."""


class MissingFileError(FileNotFoundError, ValueError):
    """A file is not there: a caller's mistake that is a FileNotFoundError too, as elsewhere."""


class Block(NamedTuple):
    """Consecutive rows of a source that share a schema.

    Attributes
    ----------
    schema : schema of all columns, also of those that are not wanted
    rows : number of rows; None if only reading them can tell
    place : name of the place where the rows are, for messages
    read : takes the names of the columns wanted, gives batches that have them, and may have others
    positional : columns are known by position, and named after it
    hint : advice, for messages about columns that are not of numbers
    has_names : somebody named the columns; those that are known by position have none
    """

    schema: pa.Schema
    rows: int | None
    place: str
    read: Callable[[Sequence[str]], Iterable[pa.RecordBatch]]
    positional: bool = False
    hint: str = ""
    has_names: bool = True


Blocks = Callable[[], Iterator[Block]]
"""A fresh pass over an item."""


class Item(NamedTuple):
    """A part of a source that may grow, or be added, on its own: a file, a table, an array.

    Attributes
    ----------
    blocks : starts a pass
    name : the name by which it is known again; None if it is known by its first row
    place : description of it, for messages
    """

    blocks: Blocks
    name: str | None = None
    place: str = ""


class Kind(NamedTuple):
    """All that is known of a source before its first row is read.

    Attributes
    ----------
    items : starts a pass
    is_live : rows may come into being while they are learned, and must not be read ahead
    can_reopen : a second pass gives the same rows
    array : all rows, if they are a float array in memory
    names : names of the columns of `array`
    has_names : somebody named the columns of `array`
    mapped : gives all rows as an array that is mapped from a file, not loaded
    """

    items: Callable[[], Iterator[Item]]
    is_live: bool = False
    can_reopen: bool = True
    array: NDArray[np.floating] | None = None
    names: tuple[str, ...] = ()
    has_names: bool = False
    mapped: Callable[[], NDArray[np.floating]] | None = None


def one_item(blocks: Blocks, place: str) -> Callable[[], Iterator[Item]]:
    """Return a function that gives a source without named parts as one item."""
    return lambda: iter([Item(blocks, place=place)])


class BadRowError(ValueError):
    """A row holds a mistake; rows are counted from the start of the block."""

    def __init__(self, mistake: str, row: int, hint: str = "") -> None:
        super().__init__(mistake, row, hint)
        self.mistake = mistake
        self.row = row
        self.hint = hint

    def in_source(self, rows_before: int) -> ValueError:
        """Return the error that counts from the start of the source."""
        return ValueError(
            f"{self.mistake}, in row {rows_before + self.row} of the source (counted from 0)"
            + self.hint
        )


class NothingCameError(ValueError):
    """An iterable gave no item."""


class NotRowsError(TypeError, ValueError):
    """A source holds no rows at all: its type is wrong, and so is its value."""


@contextmanager
def errors_name(place: str) -> Iterator[None]:
    """Put the place into what pyarrow and the system raise."""
    import pyarrow as pa

    try:
        yield
    except (MemoryError, MissingFileError):
        raise
    except FileNotFoundError as error:
        raise MissingFileError(f"source: {place} is gone: {error}") from error
    except OSError as error:
        raise OSError(f"source: {place}: {error}") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise ValueError(f"source: {place}: {error}") from error


def require_no_drift(block: Block, first: pa.Schema, names: Sequence[str]) -> None:
    """Raise a ValueError, naming the place, if a wanted column is not as in schema ``first``."""
    if block.schema is first:
        return
    if block.positional and len(block.schema) != len(first):
        raise ValueError(
            f"source: {block.place} has {len(block.schema)} columns, {len(first)} expected"
        )
    for name in names:
        position = block.schema.get_field_index(name)  # -1 if it is missing or there twice
        if position < 0:
            raise ValueError(f"source: {block.place}: {_why_gone(name, block.schema, first)}")
        found, expected = block.schema.field(position).type, first.field(name).type
        if found != expected:
            raise ValueError(
                f"source: {block.place}: column {name!r} is of type {found}, {expected} expected"
            )


def _why_gone(name: str, schema: pa.Schema, first: pa.Schema) -> str:
    if name in schema.names:
        return f"column {name!r} is there more than once"
    new = [other for other in schema.names if other not in first.names]
    renamed = f"; renamed? New is {', '.join(map(repr, new))}" if new else ""
    return f"column {name!r} is gone{renamed}"
