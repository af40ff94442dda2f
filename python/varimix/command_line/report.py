"""``varimix report``: a page on a model and rows, to be read and sent around."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varimix.command_line import options as of


def report(
    model: of.Model,
    data: of.Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write, .html.")
    ] = Path("report.html"),
    weights: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A=0.5,B=0.5,...",
            help="Weights of a portfolio, by columns; others have 0. Default: equal weights of "
            "returns, and of other rows in proportion to 1 / interquartile range.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="returns|rows",
            help="What the rows are. Default: returns, if the model or --returns says so.",
        ),
    ] = None,
    alpha: Annotated[
        float,
        typer.Option(metavar="P", help="Probability of loss that is looked at most closely."),
    ] = 0.01,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the page.")] = None,
    columns: of.Columns = None,
    returns: of.Returns = None,
    missing: of.Missing = None,
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
    """Write a report on MODEL and the rows of DATA as one HTML page.

    The rows must fit in memory.
    """
    from varimix.command_line.model_rows import open_for_model, require_d
    from varimix.command_line.reporting import Wanted, require_report, weights_of, write_report
    from varimix.command_line.writing import print_json

    require_report(output)
    wanted = Wanted(output, weights_of(weights), kind, alpha, title)
    state, rows, row_options = open_for_model(
        model, data, columns=columns, returns=returns, missing=missing, format=format,
        csv=(delimiter, decimal, no_header, skip_rows, null, csv), threads=threads,
    )  # fmt: skip
    require_d(rows, state.model.d)
    written = write_report(state, rows, data, row_options, wanted)
    if as_json:
        print_json({"model": str(model), **written.as_json()})
    else:
        print(written.in_words())
