"""``varimix sample``: rows drawn from a model."""

from __future__ import annotations

from typing import Annotated

import typer

from varimix.command_line import options as of

PART_ROWS = 65_536
"""Rows written at a time."""


def sample(
    model: of.Model,
    rows: Annotated[int, typer.Option("--rows", "-n", min=0, metavar="N", help="Rows.")] = 1000,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="The same rows for the same seed; by default a fresh one."
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=".csv, .parquet, .arrow, .npy, or '-' for CSV on standard output.",
        ),
    ] = "-",
    threads: of.Threads = None,
    as_json: of.Json = False,
) -> None:
    """Draw rows from MODEL: returns, if it is a model of returns."""
    import secrets
    from pathlib import Path

    from varimix import set_threads
    from varimix.command_line.exits import WrongUseError, say
    from varimix.command_line.learning import require_writable
    from varimix.command_line.models import columns_of, load
    from varimix.command_line.notes import read_notes
    from varimix.command_line.writing import STDOUT, format_to_write, print_json, write_rows

    format_to_write(output)
    if output == STDOUT and as_json:
        raise WrongUseError("--json and --output - both want standard output; name a file")
    if output != STDOUT:
        require_writable(Path(output))
    if threads is not None:
        set_threads(threads)
    state = load(model)
    columns = columns_of(state, read_notes(model))
    if seed is None:
        seed = secrets.randbits(63)
        say(f"seed {seed}")
    drawn = state.model.rvs(rows, seed=seed)
    write_rows(
        output, columns, (drawn[i : i + PART_ROWS] for i in range(0, rows, PART_ROWS))
    )  # fmt: skip
    if as_json:
        print_json({"rows": rows, "seed": seed, "columns": columns, "output": output})
