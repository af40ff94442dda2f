"""A model file, and rows that are read for its model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varimix import OnlineEM
    from varimix.command_line.rows import RowOptions, Rows


def open_for_model(
    model: Path,
    data: list[str],
    *,
    columns: Any,
    returns: Any,
    missing: str | None,
    format: str | None,
    csv: tuple[Any, ...],
    threads: int | None,
) -> tuple[OnlineEM[Any], Rows, RowOptions]:
    """Return the state in a file, and rows that are read as it learned them, with how that is.

    Options that are not None come before what the notes of the model say; ``csv`` are those of
    `options.csv_options`.
    """
    from varimix import set_threads
    from varimix.command_line import options as of
    from varimix.command_line.models import load, model_columns, notes_or_warning
    from varimix.command_line.rows import open_rows

    state = load(model)
    notes = notes_or_warning(state, model)
    row_options = of.row_options(
        columns, returns, missing or (None if notes is None else notes.missing), format,
        of.csv_options(*csv), notes, data,
    )  # fmt: skip
    if threads is not None:
        set_threads(threads)
    return state, open_rows(data, row_options, model=model_columns(state, notes)), row_options


def require_d(rows: Rows, d: int) -> None:
    """Raise an error unless the rows have as many columns as the model."""
    from varimix.command_line.exits import BadDataError

    if len(rows.columns) != d:
        raise BadDataError(
            f"the model is of {d} columns, the data have {len(rows.columns)}: "
            f"{', '.join(rows.columns)}; --columns chooses among them"
        )
