"""``varimix fit``: learn files or a pipe into a new model."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varimix.command_line import options as of

if TYPE_CHECKING:
    from varimix import EMResult, OnlineEM
    from varimix.command_line.notes import Notes
    from varimix.command_line.reporting import Written
    from varimix.command_line.rows import RowOptions, Rows

INITIAL_ROWS = 2048
"""First rows, of which the initial model is made: few enough to be like each other in a stream that
changes, and enough for columns that often do not move. docs/command_line.md has what it costs."""
INITIAL_ROWS_PER_COLUMN = 10
BATCH_SIZE = 512


def fit(
    data: of.Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="MODEL", help="Model file to write.")
    ] = Path("model.vmx"),
    columns: of.Columns = None,
    returns: of.Returns = None,
    family: Annotated[
        str,
        typer.Option(
            metavar="nig|vg|ninvg|gh|best",
            help="Family; 'best' fits all four to the maximum, and takes that of the least BIC.",
        ),
    ] = "nig",
    rule: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:SETTING=NUMBER,...]",
            help="Update rule, as ewma:half_life=500. Default: natural_gradient.",
        ),
    ] = None,
    missing: of.Missing = None,
    to_maximum: Annotated[
        bool,
        typer.Option("--to-maximum", help="Hold all rows in memory, and fit to the maximum."),
    ] = False,
    batch_size: of.BatchSize = BATCH_SIZE,
    passes: Annotated[
        int, typer.Option(min=1, metavar="N", help="How often the data are read.")
    ] = 1,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where a fit on its way is saved. Default: MODEL.checkpoint, removed at the end.",
        ),
    ] = None,
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
    """Fit a model to DATA, in one pass and in memory that does not grow with them."""
    from varimix import set_threads
    from varimix.command_line.learning import require_model_path
    from varimix.command_line.notes import Notes
    from varimix.command_line.rows import open_rows, say_left_out

    row_options = of.row_options(
        columns, returns, missing, format,
        of.csv_options(delimiter, decimal, no_header, skip_rows, null, csv),
    )  # fmt: skip
    require_model_path(output)
    if report is not None:
        from varimix.command_line.reporting import require_report

        require_report(report, data)
    if threads is not None:
        set_threads(threads)
    is_whole = to_maximum or family == "best"
    _require_one_way(is_whole, rule, passes, checkpoint, data)
    start = time.monotonic()
    rows = open_rows(data, row_options)
    say_left_out(rows)
    place = checkpoint or output.with_name(output.name + ".checkpoint")
    if is_whole:
        state, outcome = _to_maximum(rows, family, row_options)
    else:
        state, outcome = _in_a_stream(rows, family, rule, row_options, batch_size, passes, place)
    state.save(output)
    if checkpoint is None:
        place.unlink(missing_ok=True)
        place.with_name(place.name + ".prev").unlink(missing_ok=True)
    notes = Notes(
        rows.columns, row_options.returns, row_options.missing, dict(row_options.csv),
        state.total_weight, rows.last_prices(), rows.first_rows,
    )  # fmt: skip
    outcome["seconds"] = time.monotonic() - start
    write = None
    if report is not None:
        from varimix.command_line.reporting import Wanted, write_report

        about = outcome.get("best", state)
        write = partial(write_report, about, rows, data, row_options, Wanted(report))
    _finish(state, notes, output, outcome, write, as_json=as_json)


def _require_one_way(
    is_whole: bool, rule: str | None, passes: int, checkpoint: Path | None, data: list[str]
) -> None:
    from varimix.command_line.exits import WrongUseError

    given = {"--rule": rule is not None, "--passes": passes > 1, "--checkpoint": checkpoint}
    for option, is_given in given.items():
        if is_whole and is_given:
            raise WrongUseError(
                f"{option} is of a fit in a stream; --to-maximum and --family best hold all rows"
            )
    if passes > 1 and "-" in data:
        raise WrongUseError("--passes must be 1 for '-', which gives its rows once")


def _in_a_stream(
    rows: Rows,
    family: str,
    rule: str | None,
    row_options: RowOptions,
    batch_size: int,
    passes: int,
    checkpoint: Path,
) -> tuple[OnlineEM[Any], dict[str, Any]]:
    import warnings

    from varimix import DegenerateDataWarning, NaturalGradientUpdate, OnlineEM
    from varimix.command_line.exits import say
    from varimix.command_line.learning import learn
    from varimix.command_line.parts import first_rows
    from varimix.command_line.rules import family_of, rule_of

    chosen, update_rule = (
        family_of(family),
        NaturalGradientUpdate() if rule is None else rule_of(rule),
    )
    count = max(INITIAL_ROWS, INITIAL_ROWS_PER_COLUMN * len(rows.columns))
    matrix, source = first_rows(rows, count, row_options.missing)
    with warnings.catch_warnings():  # the status of the fit says it, if it is true of all rows
        warnings.simplefilter("ignore", DegenerateDataWarning)
        init = chosen.default_init(matrix, missing=row_options.missing)
    state = OnlineEM(init, update_rule, missing=row_options.missing)
    result: EMResult[Any] = learn(state, source, checkpoint, batch_size=batch_size, passes=passes)
    if row_options.returns == "none" and "drift" in result.status and not (matrix <= 0).any():
        say("the first rows are all > 0: if they are prices, --returns log learns their returns")
    return state, {"summary": result.summary(), "status": result.status}


def _to_maximum(
    rows: Rows, family: str, row_options: RowOptions
) -> tuple[OnlineEM[Any], dict[str, Any]]:
    import numpy as np

    from varimix import BatchEMFitter, OnlineEM, fit_best, fit_stream
    from varimix.command_line.parts import checked_rows, source_of_array
    from varimix.command_line.rules import family_of
    from varimix.rows import NamedRows

    matrix = np.concatenate(list(checked_rows(rows, row_options.missing)))
    families = None if family == "best" else [family_of(family)]
    source = source_of_array(rows, matrix)
    named: Any = NamedRows(matrix, source.names)
    best = fit_best(named, families, fitter=BatchEMFitter(missing=row_options.missing))
    state = OnlineEM(best.model, missing=row_options.missing)
    # At the maximum the step of all rows together is zero: the state learns how many they are.
    fit_stream(state, source, batch_size=len(matrix))
    table = [
        {
            "family": each.family, "log_likelihood": each.log_likelihood, "aic": each.aic,
            "bic": each.bic, "parameters": each.n_parameters, "converged": each.converged,
        }
        for each in best.table
    ]  # fmt: skip
    outcome = {"summary": str(best), "status": best.status, "table": table}
    return state, outcome | ({"best": best} if families is None else {})


def _finish(
    state: OnlineEM[Any],
    notes: Notes,
    output: Path,
    outcome: dict[str, Any],
    write_report: Callable[[], Written] | None,
    *,
    as_json: bool,
) -> None:
    from varimix.command_line.learning import exit_code, rows_in_words
    from varimix.command_line.models import described, status_of
    from varimix.command_line.notes import path_of_notes, write_notes
    from varimix.command_line.writing import print_json

    write_notes(output, notes)
    code, seconds = exit_code(outcome["status"].codes), outcome["seconds"]
    if not as_json:
        print(outcome["summary"])
        print(f"{output}: learned from {rows_in_words(state.total_weight, notes)} "
            f"in {seconds:.1f} s")  # fmt: skip
        print(f"{path_of_notes(output)}: how the rows were read, to be kept beside it", flush=True)
    written = None if write_report is None else write_report()
    if as_json:
        found = described(state, notes) | {"model": str(output), "seconds": seconds}
        found["status"] = status_of(outcome["status"])
        if "table" in outcome:
            found["table"] = outcome["table"]
        if written is not None:
            found["report"] = str(written.path)
        print_json(found)
    elif written is not None:
        print(written.in_words())
    raise typer.Exit(code)
