"""``varimix update``: go on with a model's state, with new files or a pipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varimix.command_line import options as of
from varimix.command_line.fit import BATCH_SIZE

if TYPE_CHECKING:
    from varimix import OnlineEM
    from varimix.command_line.notes import Notes
    from varimix.command_line.reporting import Written
    from varimix.command_line.rows import Learned, Rows


def update(
    model: of.Model,
    data: of.Data,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="MODEL", help="Write here, and leave MODEL as it is."
        ),
    ] = None,
    columns: of.Columns = None,
    returns: of.Returns = None,
    batch_size: of.BatchSize = BATCH_SIZE,
    report: of.Report = None,
    threads: of.Threads = None,
    format: of.Format = None,
    as_json: of.Json = False,
    delimiter: of.Delimiter = None,
    decimal: of.Decimal = None,
    no_header: of.NoHeader = False,
    skip_rows: of.SkipRows = None,
    null: of.Null = None,
    csv: of.CsvOption = None,
) -> None:
    """Learn DATA into MODEL, as if they had come after its rows.

    What MODEL has learned before, by the names of the files, is left out; in a file that has grown
    the new rows are learned.
    """
    from varimix import set_threads
    from varimix.command_line.exits import WrongUseError
    from varimix.command_line.learning import learn, require_model_path
    from varimix.command_line.models import columns_of, fitting, load, model_columns, payload_of
    from varimix.command_line.notes import Notes, path_of_notes, read_notes, write_notes
    from varimix.command_line.rows import open_rows, say_left_out

    state, notes = load(model), read_notes(model)
    saved = payload_of(state.to_bytes())["state"]
    missing, position = saved["options"]["missing"], saved["position"]
    learned = [(item["name"], item["rows"]) for item in position["items"]]
    row_options = of.row_options(
        columns, returns, missing, format,
        of.csv_options(delimiter, decimal, no_header, skip_rows, null, csv), notes, data,
    )  # fmt: skip
    out = model if output is None else output
    require_model_path(out)
    if report is not None:
        from varimix.command_line.reporting import require_report

        require_report(report, data)
    if threads is not None:
        set_threads(threads)
    if notes is None and returns is None:
        raise WrongUseError(
            f"there is no {path_of_notes(model)}: say by --returns log, simple or none whether the "
            "model is of returns"
            + (", and by --columns of which columns" if state.columns is None else "")
        )
    notes = None if notes is None else fitting(state, notes)
    rows = open_rows(
        data, row_options,
        model=model_columns(state, notes), learned=learned, notes=notes,
    )  # fmt: skip
    say_left_out(rows)
    if notes is None:
        notes = Notes(rows.columns, row_options.returns, missing, dict(row_options.csv))
    has_gap = _note_a_gap(rows, notes, learned)
    if out != model:
        state.save(out)
    if out != model or has_gap:
        write_notes(out, notes)
    before = state.total_weight
    result = learn(
        state, rows.source, out, batch_size=batch_size, passes=position["pass"] + 1
    )  # fmt: skip
    if result.n_iter > 0:
        notes.columns = columns_of(state, notes)
        notes.rows, notes.last_prices = state.total_weight, rows.last_prices()
        notes.first_rows |= rows.first_rows
        write_notes(out, notes)
    write = None
    if report is not None:
        from varimix.command_line.reporting import Wanted, write_report

        whole = open_rows(data, row_options, model=model_columns(state, notes))
        write = partial(write_report, state, whole, data, row_options, Wanted(report))
    _finish(state, notes, out, result, state.total_weight - before, write, as_json=as_json)


def _note_a_gap(rows: Rows, notes: Notes, learned: Learned) -> bool:
    """Note if the price before the first new file is not known, and return whether it is so.

    This command, stopped and given again, must leave out as many returns as it has learned.
    """
    from varimix.command_line.exits import say

    name, known = rows.names[0], {name for name, _ in learned}
    if rows.returns is None or not known or name in known or notes.last_prices is not None:
        return False
    say(f"the prices before {name!r} are not known: its first row gives no return")
    notes.without_price_before.append(name)
    return True


def _finish(
    state: OnlineEM[Any],
    notes: Notes,
    out: Path,
    result: Any,
    new_rows: float,
    write_report: Callable[[], Written] | None,
    *,
    as_json: bool,
) -> None:
    from varimix.command_line.learning import exit_code, rows_in_words
    from varimix.command_line.models import described, status_of
    from varimix.command_line.writing import print_json

    code = exit_code(result.status.codes)
    if not as_json and result.n_iter == 0:
        print(f"nothing is new: {out} has learned all these rows before, and stays as it was")
    elif not as_json:
        print(result.summary())
        print(f"{out}: {new_rows:,.0f} new, {rows_in_words(state.total_weight, notes)} in all")
    written = None if write_report is None else write_report()
    if as_json:
        found = described(state, notes) | {"model": str(out), "new_rows": new_rows}
        found["status"] = status_of(result.status)
        print_json(found | ({} if written is None else {"report": str(written.path)}))
    elif written is not None:
        print(written.in_words())
    raise typer.Exit(code)
