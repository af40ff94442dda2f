"""Rows for what needs all of them in memory: arrays as they are, other sources gathered."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

AnyRows: TypeAlias = Any
"""An array, or any other source that ``fit_stream`` takes."""


def rows_in_memory(source: AnyRows) -> ArrayLike:
    """Give an array, or what numpy takes for one, as it is; other sources as one array."""
    if isinstance(source, np.ndarray | list | tuple) and not _holds_paths(source):
        return source
    if hasattr(source, "__array__") and not _is_table(source):
        return source  # type: ignore[no-any-return]
    from varimix.sources import open_source

    return open_source(source).gather()


def _holds_paths(source: object) -> bool:
    return isinstance(source, list | tuple) and any(hasattr(item, "__fspath__") for item in source)


def _is_table(source: object) -> bool:
    return hasattr(source, "columns") or hasattr(source, "__arrow_c_stream__")
