"""``varimix score``: the log density of rows under a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varimix.command_line import options as of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from varimix.command_line.rows import Rows


def score(
    model: of.Model,
    data: of.Data,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write a log density per row: .csv, .parquet, .arrow, .npy, or '-' for CSV on "
            "standard output.",
        ),
    ] = None,
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
    """Print the mean log density of the rows of DATA under MODEL, nats per row."""
    from pathlib import Path

    from varimix.command_line.exits import WrongUseError, say
    from varimix.command_line.learning import require_writable
    from varimix.command_line.model_rows import open_for_model, require_d
    from varimix.command_line.rows import say_left_out
    from varimix.command_line.writing import STDOUT, format_to_write, print_json, write_rows

    if output is not None:
        format_to_write(output)
        if output == STDOUT and as_json:
            raise WrongUseError("--json and --output - both want standard output")
        if output != STDOUT:
            require_writable(Path(output))
    state, rows, row_options = open_for_model(
        model, data, columns=columns, returns=returns, missing=missing, format=format,
        csv=(delimiter, decimal, no_header, skip_rows, null, csv), threads=threads,
    )  # fmt: skip
    say_left_out(rows)
    require_d(rows, state.model.d)
    total = Total()
    parts = densities(rows, state.model, row_options.missing, total)
    if output is None:
        for _ in parts:
            pass
    else:
        write_rows(output, ["log_density"], (part[:, None] for part in parts))
    if as_json:
        print_json({"model": str(model), **total.as_json()})
    elif output == STDOUT:
        say(total.in_words())
    else:
        print(total.in_words())


class Total:
    """The mean of log densities over rows that show something, and have not density 0."""

    def __init__(self) -> None:
        self.rows = 0
        self.empty = 0
        self.impossible = 0
        self.sum = 0.0

    def add(self, part: NDArray[np.float64], matrix: NDArray[np.float64]) -> None:
        """Count log densities (m) of rows (m, d)."""
        import numpy as np

        shows = ~np.isnan(matrix).all(axis=1)
        is_possible = (part > -np.inf) & shows
        self.rows += int(np.count_nonzero(shows))
        self.empty += int(np.count_nonzero(~shows))
        self.impossible += int(np.count_nonzero(shows & ~is_possible))
        self.sum += float(part[is_possible].sum())

    def mean(self) -> float | None:
        """Return the mean, nats per row; None without rows."""
        possible = self.rows - self.impossible
        return self.sum / possible if possible else None

    def as_json(self) -> dict[str, Any]:
        """Return rows, mean, and numbers of rows that are not in it."""
        return {
            "rows": self.rows,
            "log_score": self.mean(),
            "impossible_rows": self.impossible,
            "empty_rows": self.empty,
        }

    def in_words(self) -> str:
        """Return one line."""
        mean = self.mean()
        text = f"log score {'none' if mean is None else format(mean, '.6f')} nats per row"
        text += f", {self.rows:,} rows"
        text += f"; {self.empty:,} more are all missing" if self.empty else ""
        return text + (f"; {self.impossible:,} of density 0 left out" if self.impossible else "")


def densities(rows: Rows, model: Any, missing: str, total: Total) -> Iterator[NDArray[np.float64]]:
    """Yield the log densities of the rows, part by part, and count them."""
    from varimix.command_line.parts import checked_rows

    for matrix in checked_rows(rows, missing):
        part = model.log_prob(matrix, missing=missing)
        total.add(part, matrix)
        yield part
