"""One reader of rows for arrays, tables, files and iterators."""

from varimix.sources.opening import open_source
from varimix.sources.source import Source

__all__ = ["Source", "open_source"]
