"""Rows for what needs all of them in memory: arrays as they are, other sources gathered."""

import os
from collections.abc import Iterator
from typing import Any, TypeAlias

AnyRows: TypeAlias = Any
"""An array, or any other source that ``fit_stream`` takes."""


def rows_in_memory(source: AnyRows) -> Any:
    """Give files, tables, readers and iterators as one array, and anything else as it is."""
    if not (_is_path(source) or _is_table(source) or isinstance(source, Iterator)):
        return source
    from varimix.sources import open_source

    return open_source(source).gather()


def _is_path(source: object) -> bool:
    if isinstance(source, list | tuple):
        return len(source) > 0 and all(_is_path(item) for item in source)
    return isinstance(source, str | os.PathLike)


def _is_table(source: object) -> bool:
    is_arrow = any(hasattr(source, f"__arrow_c_{kind}__") for kind in ("stream", "array"))
    return is_arrow or type(source).__module__.startswith("pyarrow")
