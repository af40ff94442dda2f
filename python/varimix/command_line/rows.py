"""The rows that a command reads: files or a pipe, the columns chosen, prices made returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from varimix.command_line.choice import Choice, ModelColumns, Table, chosen
from varimix.command_line.exits import BadDataError, WrongUseError, say
from varimix.command_line.notes import Notes, Prices, say_if_alike
from varimix.command_line.pipe import PLACE, block_of_stdin, item_of
from varimix.command_line.returns import LearnedItem, Returns
from varimix.sources.blocks import BadRowError, Block, Item, Kind, errors_name, require_no_drift
from varimix.sources.columns import NAMES_SHOWN, Selection, choose_columns
from varimix.sources.files import FORMATS
from varimix.sources.kinds import kind_of
from varimix.sources.reading import called
from varimix.sources.source import Source

STDIN = "-"
MISSING = ("error", "exact")
"""What a missing value is: an error, or missing at random."""

Learned = Sequence[tuple[str, int]]
"""Names of files and tables that a state has learned, each with its number of rows."""


@dataclass(frozen=True)
class RowOptions:
    """How a command's rows are read; see `options.py`."""

    columns: tuple[str, ...] | None = None
    returns: str = "none"
    missing: str = "error"
    format: str | None = None
    csv: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows of X, opened.

    Attributes
    ----------
    source : gives the rows
    columns : names of the columns, as the data have them
    left_out : names of the columns that nobody chose, with their types
    schema : all columns of the data
    returns : makes the rows of prices, or None
    names : names of the files, in order
    first_rows : hash of the first row of each file that has one, by its name
    """

    source: Source
    columns: list[str]
    left_out: dict[str, str]
    schema: pa.Schema
    returns: Returns | None
    names: list[str]
    first_rows: dict[str, str]

    def last_prices(self) -> Prices | None:
        """Return the last row of prices of the last pass; None if the rows are no returns."""
        return None if self.returns is None else self.returns.last_row()


def open_rows(
    data: Sequence[str],
    options: RowOptions,
    *,
    model: ModelColumns | None = None,
    learned: Learned = (),
    notes: Notes | None = None,
) -> Rows:
    """Open files, globs or '-'.

    Without ``options.columns`` they must have those of the model, if they are known; else all
    columns of numbers are taken. Items of ``learned`` that are not among the data count as read.

    Raises
    ------
    WrongUseError
        For files that are not there, and columns or options that do not fit them.
    ValueError
        For files that cannot be read, columns that a model needs and that are gone, and no rows.
    """
    try:
        return _opened(data, options, model, learned, notes)
    except BadRowError as error:
        raise error.in_source(0) from error


def _opened(
    data: Sequence[str],
    options: RowOptions,
    model: ModelColumns | None,
    learned: Learned,
    notes: Notes | None,
) -> Rows:
    if STDIN in data:
        if len(data) > 1:
            raise WrongUseError("'-', standard input, must be the only source")
        block, first = block_of_stdin(options.format, options.csv or None)
        of_csv = options.csv if block.hint else None
        table = Table(block.schema, PLACE, not block.has_names, first, of_csv)
        choice = chosen(table, options.columns, model)
        item = item_of(block, choice.columns)
        if item.name not in dict(learned):
            say_if_alike(item.place, item.name or "", notes)
        items, hashes = [item], {item.name: item.name} if item.name else {}
    else:
        if options.format is not None:
            raise WrongUseError("--format is of '-'; the ending of a file tells its format")
        kind = kind_of_files(data, options.csv)
        choice = _choice_of_files(kind, options, model)
        items, hashes = _told_apart(kind, choice, learned, notes)
    returns = None
    if options.returns != "none":
        returns = Returns(
            choice.columns, options.returns, options.missing,
            [name for name, _ in learned],
            None if notes is None else notes.last_prices,
            () if notes is None else notes.without_price_before,
        )  # fmt: skip
    source = _source(items, choice, learned, returns, is_live=STDIN in data)
    names = [item.name or "" for item in items]
    return Rows(
        source, choice.columns, choice.left_out, choice.schema, returns, names, hashes
    )  # fmt: skip


def are_csv(data: Sequence[str], form: str | None) -> bool:
    """Return whether data are CSV by their names; a pipe is, unless its format is given."""
    if STDIN in data:
        return form != "arrow"
    endings = [ending for ending, name in FORMATS.items() if name == "CSV"]
    return all(path.lower().endswith(tuple(endings)) for path in data)


def say_left_out(rows: Rows) -> None:
    """Say which columns are not learned, as nobody named those that are."""
    if rows.left_out:
        names = [f"{name!r} ({_told(kind)})" for name, kind in rows.left_out.items()]
        shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
        say(f"columns left out: {shown}")


def _told(kind: str) -> str:
    return "no value in the first rows; --columns takes it" if kind == "null" else kind


def kind_of_files(data: Sequence[str], csv: Mapping[str, Any]) -> Kind:
    """Return the files and globs that a command is given; WrongUseError if they are not there."""
    try:
        return kind_of(list(data), None, dict(csv) or None)
    except ValueError as error:  # no file, folders, endings, two formats, options of another one
        raise WrongUseError(str(error)) from error


def _choice_of_files(kind: Kind, options: RowOptions, model: ModelColumns | None) -> Choice:
    """Choose columns by the first file that has rows, as an empty CSV file has no types."""
    for item in kind.items():
        for block in item.blocks():
            once = [name for name in block.schema.names if block.schema.names.count(name) == 1]
            first = _first_batch(block, once)
            if first is not None:
                of_csv = options.csv if block.hint else None
                table = Table(block.schema, item.place, not block.has_names, first, of_csv)
                return chosen(table, options.columns, model)
    raise BadDataError("there are no rows in the data")


def _told_apart(
    kind: Kind, choice: Choice, learned: Learned, notes: Notes | None
) -> tuple[list[Item], dict[str, str]]:
    """Return files as items, and the hash of the first row of each.

    A file of a name that was learned, but with another first row, is another file: it is named by
    its path and that row.
    """
    items, hashes = [], {}
    known = {} if notes is None else notes.first_rows
    selection = choose_columns(choice.schema, choice.columns, None, None)
    for item in kind.items():
        name = item.name or ""
        found = _first_row(item, selection, choice.schema)
        if found and known.get(name, found) != found and name in dict(learned):
            name = f"{name} ({found})"
            if name not in dict(learned):
                say(f"{item.place} begins with another row than the file of that name that was "
                    "learned before: it is learned as another file")  # fmt: skip
        if name not in dict(learned):
            say_if_alike(item.place, found, notes)
        if found:
            hashes[name] = found
        items.append(Item(item.blocks, name, item.place))
    return items, hashes


def _first_row(item: Item, selection: Selection, schema: pa.Schema) -> str:
    for block in item.blocks():
        require_no_drift(block, schema, selection.names)
        batch = _first_batch(block, selection.names)
        if batch is not None:
            return selection.first_row(batch)
    return ""


def _first_batch(block: Block, names: Sequence[str]) -> pa.RecordBatch | None:
    with errors_name(block.place):
        return next((batch for batch in block.read(names) if batch.num_rows > 0), None)


def _source(
    given: Sequence[Item],
    choice: Choice,
    learned: Learned,
    returns: Returns | None,
    *,
    is_live: bool,
) -> Source:
    """Return the source of the items that were learned before, in their order, then the others."""
    by_name = {item.name: item for item in given}
    if len(by_name) < len(given):
        names = [item.name for item in given]
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongUseError(f"{twice!r} is given more than once")
    schema = choice.schema if returns is None else returns.schema(choice.schema)
    in_order = [by_name.pop(name, _absent(name, rows, schema)) for name, rows in learned]
    in_order += by_name.values()

    def items() -> Iterator[Item]:
        yield from in_order

    all_items = items if returns is None else partial(returns.of, items)
    kind = Kind(all_items, is_live=is_live, can_reopen=not is_live)
    return Source(kind, choice.columns, None, None)


def _absent(name: str, rows: int, schema: pa.Schema) -> LearnedItem:
    """Return an item of which all rows were learned; nothing of it is read."""
    block = Block(schema, rows, called(name), lambda names: [])
    return LearnedItem(lambda: iter([block]), name, called(name))
