"""``varimix compare``: models, or families, on rows that they have not learned."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varimix.command_line import options as of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from varimix.command_line.rows import RowOptions, Rows

HELD_OUT = 0.25
MODEL_ENDING = ".vmx"


def compare(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL.vmx...] DATA...",
            help="Two models or more and the data to score them on, which they have not learned; "
            "or data alone, to compare families.",
            show_default=False,
        ),
    ],
    family: Annotated[
        list[str] | None,
        typer.Option(
            metavar="nig|vg|ninvg|gh",
            help="A family to compare, without models; may be repeated. Default: all four.",
        ),
    ] = None,
    held_out: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help=f"Without models: the share of rows, the last ones, that are scored and not "
            f"learned. Default: {HELD_OUT}.",
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
    """Score models, or families fitted to the first rows, on the same rows that are new to them."""
    from varimix import set_threads
    from varimix.command_line.exits import WrongUseError

    models = [Path(name) for name in inputs if name.endswith(MODEL_ENDING)]
    data = [name for name in inputs if not name.endswith(MODEL_ENDING)]
    if not data:
        raise WrongUseError("compare needs data to score the models on")
    if models and (family or held_out is not None):
        raise WrongUseError("--family and --held-out are of a comparison without models")
    csv_options = of.csv_options(delimiter, decimal, no_header, skip_rows, null, csv)
    given = columns, returns, missing, format
    if threads is not None:
        set_threads(threads)
    if models:
        names, parts = _of_models(models, data, given, csv_options)
    else:
        share = HELD_OUT if held_out is None else held_out
        if not 0.0 < share < 1.0:
            raise WrongUseError(f"--held-out must be > 0 and < 1, got {share}")
        names, parts = _of_families(data, of.row_options(*given, csv_options), family, share)
    scores = Scores(len(names))
    for part in parts:
        scores.add(part)
    _show(names, scores, as_json=as_json)


def _of_models(
    models: list[Path],
    data: list[str],
    given: tuple[Any, Any, Any, Any],
    csv_options: dict[str, Any],
) -> tuple[list[str], Iterator[NDArray[np.float64]]]:
    from varimix.command_line.exits import WrongUseError
    from varimix.command_line.model_rows import require_d
    from varimix.command_line.models import load, model_columns, notes_or_warning
    from varimix.command_line.rows import open_rows

    if len(models) < 2:
        raise WrongUseError("compare needs two models or more; score takes one")
    states = [load(path) for path in models]
    notes = [notes_or_warning(*each) for each in zip(states, models, strict=True)]
    known = [model_columns(*each) for each in zip(states, notes, strict=True)]
    named = [each for each in known if each is not None]
    for names in (each.names for each in named[1:]):
        if names != named[0].names:
            raise WrongUseError(
                f"the models are of different rows: columns {', '.join(named[0].names)}; columns "
                f"{', '.join(names)}"
            )
    told = [each for each in notes if each is not None]
    for each in told[1:]:
        if each.returns != told[0].returns:
            raise WrongUseError(
                f"the models are of different rows: returns {told[0].returns}; returns "
                f"{each.returns}"
            )
    first = told[0] if told else None
    of_model = max(named, key=lambda each: each.are_its_own, default=None)
    columns, returns, missing, form = given
    options = of.row_options(
        columns, returns, missing or (None if first is None else first.missing), form,
        csv_options, first, data,
    )  # fmt: skip
    rows = open_rows(data, options, model=of_model)
    for state in states:
        require_d(rows, state.model.d)
    names = [str(path) for path in models]
    return names, _scored(rows, [state.model for state in states], options.missing)


def _scored(rows: Rows, models: list[Any], missing: str) -> Iterator[NDArray[np.float64]]:
    import numpy as np

    from varimix.command_line.parts import checked_rows

    for matrix in checked_rows(rows, missing):
        matrix = matrix[~np.isnan(matrix).all(axis=1)]
        yield np.column_stack([model.log_prob(matrix, missing=missing) for model in models])


def _of_families(
    data: list[str], options: RowOptions, family: list[str] | None, share: float
) -> tuple[list[str], Iterator[NDArray[np.float64]]]:
    import numpy as np

    from varimix import BatchEMFitter, fit_best
    from varimix.command_line.exits import BadDataError, say
    from varimix.command_line.models import degenerate
    from varimix.command_line.parts import checked_rows
    from varimix.command_line.rows import open_rows, say_left_out
    from varimix.command_line.rules import FAMILIES, family_of

    families = list(dict.fromkeys(map(family_of, family or FAMILIES)))
    rows = open_rows(data, options)
    say_left_out(rows)
    matrix = np.concatenate(list(checked_rows(rows, options.missing)))
    matrix = matrix[~np.isnan(matrix).all(axis=1)]
    learned = len(matrix) - max(round(share * len(matrix)), 1)
    if learned < 1:
        raise BadDataError(
            f"there must be rows to learn and rows to score, got {len(matrix)} in all"
        )
    say(f"fitted to the first {learned:,} rows, scored on the last {len(matrix) - learned:,}")
    fitter = BatchEMFitter(missing=options.missing)
    best = fit_best(matrix[:learned], families, fitter=fitter)
    for each in best.table:
        if degenerate(each.status.codes):
            say(f"{each.family} ended degenerate: {', '.join(degenerate(each.status.codes))}")
    scored = [each.model.log_prob(matrix[learned:], missing=options.missing) for each in best.table]
    return [each.family for each in best.table], iter([np.column_stack(scored)])


class Scores:
    """Means of log densities of the same rows, and of their differences with standard errors.

    The standard error of a mean difference of n rows is s / sqrt(n), s their standard deviation:
    it takes the rows as independent. Rows to which a model gives density 0 are left out for all.
    """

    def __init__(self, models: int) -> None:
        import numpy as np

        self.rows = 0
        self.impossible = 0
        self.mean = np.zeros(models)
        self._squares = np.zeros((models, models))  # of deviations of differences, summed

    def add(self, part: NDArray[np.float64]) -> None:
        """Count log densities (rows, models)."""
        import numpy as np

        is_possible = np.isfinite(part).all(axis=1)
        self.impossible += int(np.count_nonzero(~is_possible))
        part = part[is_possible]
        if len(part) == 0:
            return
        mean, n, m = part.mean(axis=0), self.rows, len(part)
        apart = (mean - self.mean)[:, None] - (mean - self.mean)[None, :]
        for i in range(len(mean)):
            difference = part - part[:, i : i + 1]
            self._squares[i] += ((difference - difference.mean(axis=0)) ** 2).sum(axis=0)
        self._squares += apart**2 * (n * m / (n + m))
        self.mean += (mean - self.mean) * (m / (n + m))
        self.rows = n + m

    def against(self, i: int, j: int) -> tuple[float, float | None]:
        """Return the mean difference of i less j, and its standard error; None below two rows."""
        difference = float(self.mean[i] - self.mean[j])
        if self.rows < 2:
            return difference, None
        variance = float(self._squares[i, j]) / (self.rows - 1)
        return difference, math.sqrt(variance / self.rows)


def _show(names: list[str], scores: Scores, *, as_json: bool) -> None:
    from varimix.command_line.exits import BadDataError
    from varimix.command_line.writing import print_json

    if scores.rows == 0:
        raise BadDataError("every row has density 0 under one of the models: nothing to compare")
    order = sorted(range(len(names)), key=lambda i: -scores.mean[i])
    best = order[0]
    table: list[dict[str, Any]] = []
    for i in order:
        difference, error = scores.against(i, best)
        table.append(
            {
                "name": names[i], "log_score": float(scores.mean[i]), "difference": difference,
                "standard_error": None if i == best else error,
            }
        )  # fmt: skip
    if as_json:
        print_json({"rows": scores.rows, "impossible_rows": scores.impossible, "scores": table})
        return
    width = max(map(len, names))
    print(f"{'':{width}}  log score  less the best, standard error  ({scores.rows:,} rows)")
    for row in table:
        error = row["standard_error"]
        less = "" if error is None else f"{row['difference']:13.6f}  {error:14.6f}"
        print(f"{row['name']:{width}} {row['log_score']:10.6f}  {less}".rstrip())
    if scores.impossible:
        print(f"{scores.impossible:,} rows of density 0 under a model are left out for all")
