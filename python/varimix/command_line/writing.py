"""Results: tables to files or standard output, and JSON."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
from numpy.typing import NDArray

from varimix.command_line.arrow import batch_of
from varimix.command_line.exits import WrongUseError

STDOUT = "-"
FORMATS = {".csv": "CSV", ".parquet": "Parquet", ".arrow": "Arrow", ".npy": "NumPy"}


def format_to_write(output: str) -> str:
    """Return the format that a path's ending names; standard output is CSV."""
    if output == STDOUT:
        return "CSV"
    for ending, name in FORMATS.items():
        if output.lower().endswith(ending):
            return name
    raise WrongUseError(f"--output must end in one of {', '.join(FORMATS)}, got {output!r}")


def write_rows(output: str, names: Sequence[str], parts: Iterable[NDArray[np.float64]]) -> None:
    """Write parts of a table (m, d), one after the other, to a file or to standard output.

    A file is written beside its place and then moved there, so that it is whole or not there.
    """
    kind = format_to_write(output)
    schema = pa.schema([(name, pa.float64()) for name in names])
    if output == STDOUT:
        _write_csv(sys.stdout.buffer, schema, parts)
        return
    path = Path(output)
    new = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        with new.open("wb") as file:
            if kind == "NumPy":
                np.save(file, np.concatenate([np.empty((0, len(names))), *parts]))
            elif kind == "CSV":
                _write_csv(file, schema, parts)
            else:
                _write_batches(kind, file, schema, parts)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _write_csv(file: Any, schema: pa.Schema, parts: Iterable[NDArray[np.float64]]) -> None:
    with pa.csv.CSVWriter(pa.PythonFile(file, mode="w"), schema) as writer:
        for part in parts:
            writer.write_batch(batch_of(part, schema.names))
    file.flush()


def _write_batches(
    kind: str, file: Any, schema: pa.Schema, parts: Iterable[NDArray[np.float64]]
) -> None:
    opened = pa.parquet.ParquetWriter if kind == "Parquet" else pa.ipc.new_file
    with opened(file, schema) as writer:
        for part in parts:
            writer.write_batch(batch_of(part, schema.names))


def print_json(value: Any) -> None:
    """Print one object; a number that is not finite is null."""
    print(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
