"""Model files: states of `OnlineEM` (docs/checkpoint_format.md), and what can be said of them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from varimix import CheckpointError, OnlineEM
from varimix.command_line.choice import ModelColumns
from varimix.command_line.exits import DEGENERATE_STATUSES, BadDataError, WrongUseError, say
from varimix.command_line.notes import Notes, path_of_notes, read_notes
from varimix.sources.files import FORMATS

HEADER = struct.Struct("<8sIIQI")
"""Magic word, schema, flags, length of the payload, checksum."""
MAGIC = b"\x89VMX\r\n\x1a\n"
CHECKED = HEADER.size - 4
"""Bytes of the header before its checksum, which counts them too."""
SCHEMA = 2


def load(path: Path) -> OnlineEM[Any]:
    """Return the state in a model file."""
    if path.is_dir():
        raise WrongUseError(f"{str(path)!r} is a folder, not a model file")
    if path.name.lower().endswith(tuple(FORMATS)):
        raise WrongUseError(f"MODEL, a file that fit wrote, comes first; got data, {str(path)!r}")
    if not path.exists():
        raise WrongUseError(f"there is no model file {str(path)!r}")
    try:
        return OnlineEM.load(path)
    except CheckpointError as error:
        raise BadDataError(str(error)) from error


def payload_of(data: bytes) -> dict[str, Any]:
    """Return the payload of the bytes of a state, which were read without a complaint."""
    import cbor2

    payload: dict[str, Any] = cbor2.loads(data[HEADER.size :])
    return payload


def bytes_of(payload: dict[str, Any]) -> bytes:
    """Return the bytes of a state with this payload, which `OnlineEM.from_bytes` checks."""
    import cbor2

    body = cbor2.dumps(payload)
    start = HEADER.pack(MAGIC, SCHEMA, 0, len(body), 0)[:CHECKED]
    return start + struct.pack("<I", zlib.crc32(body, zlib.crc32(start))) + body


def columns_of(state: OnlineEM[Any], notes: Notes | None) -> list[str]:
    """Return the names of the columns of X: the model's own, those of the notes, or 0, 1, 2, ..."""
    known = model_columns(state, notes)
    return [str(j) for j in range(state.driving_model.d)] if known is None else known.names


def model_columns(state: OnlineEM[Any], notes: Notes | None) -> ModelColumns | None:
    """Return the columns of a model as it has them itself, else as the notes do, or None."""
    if notes is not None and len(notes.columns) != state.driving_model.d:
        raise BadDataError(
            f"the notes beside the model are of {len(notes.columns)} columns, the model of "
            f"{state.driving_model.d}: they are not of this model; remove or restore them"
        )
    if state.columns is not None:
        return ModelColumns(list(state.columns), are_its_own=True)
    return None if notes is None else ModelColumns(notes.columns, are_its_own=False)


def fitting(state: OnlineEM[Any], notes: Notes) -> Notes:
    """Return the notes, without the last prices if the state has learned rows since then."""
    model_columns(state, notes)
    return notes if notes.rows == state.total_weight else replace(notes, last_prices=None)


def notes_or_warning(state: OnlineEM[Any], model: Path) -> Notes | None:
    """Return the notes beside a model file; without any, say what is not known then."""
    notes = read_notes(model)
    if notes is not None:
        return fitting(state, notes)
    unknown = "whether the model is of returns is not known"
    if state.columns is None:
        unknown = (
            "whether the model is of returns, and of which columns, is not known; columns of "
            "numbers are taken as they come"
        )
    say(f"there is no {path_of_notes(model)}: {unknown}")
    return None


def parameters_of(model: Any) -> dict[str, Any]:
    """Return the classical parameters of a model, as plain lists and numbers."""
    law = model.subordinator()
    shape = [name for name in dir(law) if isinstance(getattr(type(law), name, None), property)]
    return {
        "mu": model.mu.tolist(),
        "gamma": model.gamma.tolist(),
        "sigma": np.asarray(model.sigma()).tolist(),
        **{name: float(getattr(law, name)) for name in shape},
    }


def degenerate(codes: list[str]) -> list[str]:
    """Return those outcomes after which a fit is not to be used."""
    return [code for code in codes if code in DEGENERATE_STATUSES]


def described(state: OnlineEM[Any], notes: Notes | None) -> dict[str, Any]:
    """Return what is in a state, by the words of ``--json``."""
    score = state.log_score
    return {
        "family": type(state.model).__name__,
        "d": state.model.d,
        "columns": columns_of(state, notes),
        "has_names": state.columns is not None,
        "returns": None if notes is None else notes.returns,
        "rows": state.total_weight,
        "steps": state.step,
        "log_score": {
            "mean": score.mean if score.weight > 0 else None,
            "recent": score.recent if score.weight > 0 else None,
            "rows": score.weight,
            "impossible_rows": score.impossible,
        },
        "drift_signals": state.changes,
        "status": status_of(state.status),
        "parameters": parameters_of(state.model),
    }


def status_of(status: Any) -> list[dict[str, Any]]:
    """Return the outcomes of a fit as plain values."""
    return [
        {"code": e.code, "count": e.count, "detail": e.detail, "advice": e.advice}
        for e in status.entries
    ]
