"""Where rows come from: one reader for arrays, tables, files and iterators."""

from varimix.sources.source import Source, open_source

__all__ = ["Source", "open_source"]
