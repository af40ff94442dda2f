"""One reader of rows for arrays, tables, files and iterators."""

from typing import TYPE_CHECKING, Any

from varimix.sources.opening import open_source

if TYPE_CHECKING:
    from varimix.sources.source import Source

__all__ = ["Source", "open_source"]


def __getattr__(name: str) -> Any:
    """Import ``Source``, and the readers behind it, when it is first asked for."""
    if name != "Source":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from varimix.sources.source import Source

    return Source


def __dir__() -> list[str]:
    return sorted({*globals(), "Source"})
