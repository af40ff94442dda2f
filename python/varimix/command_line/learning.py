"""The loop that fit and update share: it learns rows, and leaves a checkpoint whatever happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from varimix import CheckpointError, EMResult, OnlineEM, fit_stream
from varimix.command_line.exits import DEGENERATE, INTERRUPTED, WrongUseError, say
from varimix.command_line.models import degenerate
from varimix.command_line.notes import Notes
from varimix.sources.files import FORMATS
from varimix.sources.source import Source

NAMES_TOLD = 6  # columns of a model named where its rows are told
EVERY = 2000
"""Steps between checkpoints, a million rows; Ctrl-C and errors leave one too."""


def require_writable(path: Path) -> None:
    """Raise a WrongUseError, before any work, if a file cannot be written there."""
    if path.is_dir():
        raise WrongUseError(f"{str(path)!r} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise WrongUseError(f"there is no folder {str(path.parent)!r} to write {path.name!r} into")
    probe = path.with_name(path.name + ".probe")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(f"nothing can be written into {str(path.parent)!r}: {error}") from error


def require_model_path(path: Path) -> None:
    """Raise a WrongUseError for the name of a file of data, and where no file can be written."""
    endings = (*FORMATS, ".json", ".cbor", ".html")
    if path.name.lower().endswith(endings):
        raise WrongUseError(f"--output is a model file, as model.vmx; got {str(path)!r}")
    require_writable(path)


def learn(
    state: OnlineEM[Any],
    source: Source,
    checkpoint: Path,
    *,
    batch_size: int,
    passes: int = 1,
) -> EMResult[Any]:
    """Learn a source into the state; after Ctrl-C or an error the checkpoint has all of it."""
    start = state.step
    try:
        return fit_stream(
            state, source, batch_size=batch_size, passes=passes, checkpoint=checkpoint,
            every=EVERY, verbose=1,
        )  # fmt: skip
    except KeyboardInterrupt:
        if state.step == start:
            say("interrupted before the first step")
        else:
            state.save(checkpoint)
            say(f"interrupted: {_kept(state, checkpoint)}")
        raise typer.Exit(INTERRUPTED) from None
    except (ValueError, OSError) as error:
        if state.step == start and str(error).startswith("checkpoint"):
            raise WrongUseError(
                f"{checkpoint} is of a fit with other data or options, which was stopped; remove "
                f"it to start anew ({error})"
            ) from error
        if state.step > start and not isinstance(error, CheckpointError):
            state.save(checkpoint)
            say(_kept(state, checkpoint))
        raise


def _kept(state: OnlineEM[Any], checkpoint: Path) -> str:
    return (
        f"{str(checkpoint)!r} holds the {state.total_weight:,.0f} rows learned so far; the same "
        "command goes on from there"
    )


def exit_code(result_codes: list[str]) -> int:
    """Return the exit code of a fit by its outcomes, and say it if the fit is not to be used."""
    bad = degenerate(result_codes)
    if not bad:
        return 0
    say(f"the fit ended degenerate ({', '.join(bad)}): it is not to be used")
    return DEGENERATE


def rows_in_words(rows: float, notes: Notes) -> str:
    """Return "1,234 rows of 2 columns (A, B)", or "1,234 log returns of ..."."""
    what = "rows" if notes.returns == "none" else f"{notes.returns} returns"
    columns = len(notes.columns)
    names = ", ".join(notes.columns[:NAMES_TOLD]) + (", ..." if columns > NAMES_TOLD else "")
    return f"{rows:,.0f} {what} of {columns} column{'s' if columns > 1 else ''} ({names})"
