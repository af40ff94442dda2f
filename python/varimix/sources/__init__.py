"""One reader of rows for arrays, tables, files and iterators."""

from varimix.sources.source import Source, open_source

__all__ = ["Source", "open_source"]
