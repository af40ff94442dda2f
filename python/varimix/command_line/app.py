"""The commands, and the exit codes of whatever can go wrong in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from varimix import CheckpointError
from varimix.command_line import compare, convert, fit, inspect, report, sample, score, update
from varimix.command_line.exits import (
    BAD_DATA,
    FAILED,
    INTERRUPTED,
    WRONG_USE,
    MissingExtraError,
    WrongUseError,
    say,
)
from varimix.command_line.words import for_command_line

app = typer.Typer(
    name="varimix",
    help="Fit heavy-tailed, skewed multivariate distributions to tables and streams of any size.",
    epilog="Exit codes: 0 good, 2 wrong use, 3 bad data, 4 the fit ended degenerate, 130 Ctrl-C, "
    "1 anything else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that says what goes wrong in one line, and ends with its exit code."""

    @wraps(command)
    def run_command(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except WrongUseError as error:
            code, text = WRONG_USE, str(error)
        except KeyboardInterrupt:
            code, text = INTERRUPTED, "interrupted; nothing was written"
        except BrokenPipeError:  # whoever reads has seen enough
            raise typer.Exit(FAILED) from None
        except CheckpointError as error:  # one cannot be written: what is read is checked before
            code, text = FAILED, str(error)
        except ValueError as error:  # of the data: what is typed was checked before
            code, text = BAD_DATA, str(error)
        except (OSError, MemoryError, MissingExtraError) as error:
            code, text = FAILED, str(error) or "there is not enough memory"
        else:
            return
        say(for_command_line(text))
        raise typer.Exit(code)

    return run_command


for _command in (
    fit.fit, update.update, report.report, score.score, sample.sample, compare.compare,
    inspect.inspect, convert.convert,
):  # fmt: skip
    app.command(_command.__name__)(told(_command))


def _print_version(asked: bool) -> None:
    if asked:
        import varimix

        print(f"varimix {varimix.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None: ...


def run() -> int:
    """Run the command line, and return its exit code."""
    code = 0
    try:
        app(prog_name="varimix")
    except SystemExit as end:  # typer's way: after a command, and for what is wrong in its words
        code = end.code if isinstance(end.code, int) else FAILED
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer has no reader either: closing must not say so again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code
