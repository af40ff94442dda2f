"""Reports of the commands: what is asked of them, their rows, and the file."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from csv import reader
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer

import varimix
from varimix.command_line.dates import dates_of
from varimix.command_line.exits import (
    INTERRUPTED,
    BadDataError,
    MissingExtraError,
    WrongUseError,
    say,
)
from varimix.command_line.learning import require_writable
from varimix.command_line.options import one_of
from varimix.command_line.parts import checked_rows
from varimix.command_line.rows import STDIN, RowOptions, Rows
from varimix.extras import require_extra
from varimix.names import listed
from varimix.nearest_word import suggestion
from varimix.reporting.write import KINDS, LARGEST_ALPHA

ENDINGS = (".html", ".htm")


@dataclass(frozen=True)
class Wanted:
    """What a report is to be; see `varimix.report`."""

    path: Path
    weights: dict[str, float] | None = None
    kind: str | None = None
    alpha: float = 0.01
    title: str | None = None

    def __post_init__(self) -> None:
        one_of("--kind", self.kind, KINDS)
        if not 0.0 < self.alpha <= LARGEST_ALPHA:
            raise WrongUseError(f"--alpha must be > 0 and <= {LARGEST_ALPHA}, got {self.alpha}")


@dataclass(frozen=True)
class Written:
    """A report that was written."""

    path: Path
    rows: int
    columns: list[str]
    kind: str
    first_date: str | None
    last_date: str | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "report": str(self.path),
            "rows": self.rows,
            "columns": self.columns,
            "kind": self.kind,
            "first_date": self.first_date,
            "last_date": self.last_date,
        }

    def in_words(self) -> str:
        """Return one line."""
        dates = "" if self.first_date is None else f", {self.first_date} to {self.last_date}"
        return f"{self.path}: report on {self.rows:,} {self.kind}{dates}"


def require_report(path: Path, read_again: Sequence[str] = ()) -> None:
    """Raise an error, before any work, if no report can be written to a path.

    ``read_again`` are data that are read once before the report.

    Raises
    ------
    WrongUseError
        For another ending than .html, a folder that is not there, and a pipe to be read again.
    MissingExtraError
        If matplotlib is not installed.
    """
    if STDIN in read_again:
        raise WrongUseError(
            "--report reads the data a second time, and '-' gives its rows once: save them in a "
            "file, or fit first and give varimix report a file"
        )
    if path.suffix.lower() not in ENDINGS:
        raise WrongUseError(f"a report must end in .html, got {str(path)!r}")
    require_writable(path)
    try:
        require_extra("matplotlib", "plot", "a report")
    except ImportError as error:
        raise MissingExtraError(str(error)) from error


def weights_of(texts: list[str] | None) -> dict[str, float] | None:
    """Return the weights in texts like 'A=0.5,B=0.5'; a name with a comma is quoted as in CSV."""
    if texts is None:
        return None
    weights: dict[str, float] = {}
    for part in (part.strip() for row in reader(texts) for part in row):
        name, sign, number = (word.strip() for word in part.rpartition("="))
        if not sign or not name:
            raise WrongUseError(f"--weights must be NAME=NUMBER,..., got {part!r}")
        if name in weights:
            raise WrongUseError(f"--weights names {name!r} more than once")
        try:
            weights[name] = float(number)
        except ValueError:
            raise WrongUseError(f"--weights: {name} must be a number, got {number!r}") from None
        if not math.isfinite(weights[name]):
            raise WrongUseError(f"--weights: {name} must be finite, got {number}")
    if not any(weights.values()):
        raise WrongUseError("--weights must not be all zero")
    return weights


def write_report(
    of: Any, rows: Rows, data: Sequence[str], options: RowOptions, wanted: Wanted
) -> Written:
    """Write the report on a fit and all rows, which are read into memory, in their order.

    Raises
    ------
    WrongUseError
        For weights of columns that are not there.
    ValueError
        For rows that are not finite (see --missing), and as `varimix.report` does.
    """
    for name in wanted.weights or ():
        if name not in rows.columns:
            raise WrongUseError(
                f"--weights: {name!r} is no column of the model"
                f"{suggestion(name, rows.columns)}; it has {listed(rows.columns)}"
            )
    kind = wanted.kind or ("rows" if options.returns == "none" else "returns")
    try:
        with _shown(f"writing {wanted.path}"):
            matrix = np.concatenate(list(checked_rows(rows, options.missing)))
            dates = dates_of(data, options, rows)
            varimix.report(
                of, matrix, wanted.path, weights=wanted.weights, kind=kind, alpha=wanted.alpha,
                title=wanted.title, columns=rows.columns, dates=dates,
            )  # fmt: skip
    except ValueError as error:
        raise BadDataError(f"{str(wanted.path)!r} was not written: {error}") from error
    except KeyboardInterrupt:  # a model may have been written before
        say(f"interrupted: {str(wanted.path)!r} was not written")
        raise typer.Exit(INTERRUPTED) from None
    first, last = (None, None) if dates is None else (_day(dates[0]), _day(dates[-1]))
    return Written(wanted.path, len(matrix), rows.columns, kind, first, last)


def _day(date: Any) -> str:
    return str(date).removesuffix("T00:00:00.000000")


def _shown(words: str) -> AbstractContextManager[Any]:
    """Return what shows on a terminal that work goes on; nothing elsewhere."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(words)
