"""What a model file does not hold: the columns of its rows, and how they were made of prices.

They stand beside it, in ``<model>.source.json``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from varimix.command_line.exits import BadDataError, say
from varimix.sources.reading import called

ENDING = ".source.json"

Prices = list[float | None]
"""A price of each column; None where it is missing."""


@dataclass
class Notes:
    """Notes beside a model.

    Attributes
    ----------
    columns : names of the columns of X, in order
    returns : how the rows were made of prices: 'log', 'simple', or 'none'
    missing : what missing values were: 'error' or 'exact'
    csv : options of pyarrow.csv with which the files were read
    rows : weight of the rows that the state had learned when this was written
    last_prices : the last row of prices then, from which the next return is taken
    first_rows : hash of the first row of each file learned, by which another of its name is told
    without_price_before : files that came after others, when the price before was not known: their
        first rows gave no return
    """

    columns: list[str]
    returns: str = "none"
    missing: str = "error"
    csv: dict[str, Any] = field(default_factory=dict)
    rows: float = 0.0
    last_prices: Prices | None = None
    first_rows: dict[str, str] = field(default_factory=dict)
    without_price_before: list[str] = field(default_factory=list)


def path_of_notes(model: Path) -> Path:
    """Return the path of the notes beside a model file."""
    return model.with_name(model.name + ENDING)


def write_notes(model: Path, notes: Notes) -> None:
    """Write the notes beside a model file, whole or not at all."""
    path = path_of_notes(model)
    new = path.with_name(path.name + ".tmp")
    new.write_text(json.dumps(asdict(notes), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    new.replace(path)


def read_notes(model: Path) -> Notes | None:
    """Return the notes beside a model file, or None if there are none."""
    path = path_of_notes(model)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadDataError(f"{path} is damaged: {error}") from error
    names = {each.name for each in fields(Notes)}
    if not isinstance(found, dict) or not found.keys() <= names or "columns" not in found:
        raise BadDataError(f"{path} is damaged, or newer than this varimix")
    return Notes(**found)


def say_if_alike(place: str, first_row: str, notes: Notes | None) -> None:
    """Say it if what is new begins as a file of another name did: it may be the same rows."""
    known = {} if notes is None else notes.first_rows
    alike = next((name for name, row in known.items() if first_row and row == first_row), None)
    if alike is not None:
        say(
            f"{place} begins with the same row as {called(alike)}, but has another name: it is "
            "learned as another file; if it is the same one, its rows count twice now"
        )
