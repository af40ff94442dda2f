"""Rows that come in by standard input: CSV, or an Arrow IPC stream."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from varimix.command_line.exits import BadDataError, WrongUseError
from varimix.sources.blocks import Block, Item, errors_name
from varimix.sources.columns import choose_columns
from varimix.sources.csv_files import BLOCK_BYTES, CsvFiles

FORMATS = ("csv", "arrow")
PLACE = "standard input"
ARROW_MAGIC = b"\xff\xff\xff\xff"
"""First bytes of an Arrow IPC stream: its mark of a message."""
NOT_STREAMS = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow IPC file",
    b"\x93NUMPY": "a .npy file",
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"\x89VMX": "a model file",
}


class _Replayed(io.RawIOBase):
    """The bytes of a head, then those of the rest."""

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._head.readinto(buffer) or self._rest.readinto(buffer)


def block_of_stdin(
    how: str | None, csv: Mapping[str, Any] | None
) -> tuple[Block, pa.RecordBatch | None]:
    """Return standard input as one block, which can be read once, and the first rows of CSV."""
    stdin = sys.stdin.buffer
    if stdin.isatty():
        raise WrongUseError("'-' reads standard input, but nothing is piped into it")
    head = stdin.read(BLOCK_BYTES)
    for magic, what in NOT_STREAMS.items():
        if head.startswith(magic):
            raise BadDataError(
                f"{PLACE} is {what}; '-' reads CSV or an Arrow IPC stream: name the file instead, "
                "or decompress what is piped"
            )
    is_arrow = head.startswith(ARROW_MAGIC) if how is None else how == "arrow"
    if is_arrow:
        if csv:
            raise WrongUseError("options of CSV are given, but what is piped is an Arrow stream")
        return _arrow_block(_Replayed(head, stdin)), None
    return _csv_block(head, stdin, csv)


def item_of(block: Block, columns: Sequence[str]) -> Item:
    """Return a block of standard input as an item that is known by its first row."""
    selection = choose_columns(block.schema, list(columns), None, None)
    with errors_name(PLACE):
        batches = (batch for batch in block.read(list(columns)) if batch.num_rows > 0)
        first = next(batches, None)
    name = "" if first is None else selection.first_row(first)
    rest = chain([] if first is None else [first], batches)
    whole = block._replace(read=lambda names: rest)
    return Item(lambda: iter([whole]), name, PLACE)


def _arrow_block(file: Any) -> Block:
    with errors_name(PLACE):
        reader = pa.ipc.open_stream(file)
    return Block(reader.schema, None, PLACE, lambda names: _selected(reader, names))


def _selected(reader: pa.RecordBatchReader, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        yield batch.select(list(names))


def _csv_block(
    head: bytes, rest: Any, csv: Mapping[str, Any] | None
) -> tuple[Block, pa.RecordBatch | None]:
    is_cut = len(head) == BLOCK_BYTES and b"\n" in head  # in the middle of a row
    lines = head[: head.rfind(b"\n") + 1] if is_cut else head
    # Each opening is asked for once: the types are settled, then rows are read.
    opened = iter([io.BytesIO(lines), _Replayed(head, rest)])
    block = next(CsvFiles(None, csv).blocks(partial(next, opened), PLACE))
    again = next(CsvFiles(None, csv).blocks(lambda: io.BytesIO(lines), PLACE))
    names = [name for name in block.schema.names if block.schema.names.count(name) == 1]
    return block, next(iter(again.read(names)), None)
