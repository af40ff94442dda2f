"""Results are values: their arrays are read-only, those of a pickle too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def make_read_only(values: Iterable[Any]) -> None:
    """Make the arrays among some values read-only."""
    for value in values:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False


def restore(result: Any, state: dict[str, Any]) -> None:
    """Give a result the fields that were pickled, with arrays read-only again."""
    make_read_only(state.values())
    result.__dict__.update(state)
