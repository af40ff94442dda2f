"""Messages of the library, in the words of the command line."""

from __future__ import annotations

from varimix.sources.opening import HINT as COLUMNS_HINT

WORDS = (
    ("source: ", ""),
    (COLUMNS_HINT, "; name in --columns those to take"),
    (
        "is read by open_source(path, csv={'delimiter': ';'}), one with decimal commas by "
        "open_source(path, csv={'delimiter': ';', 'decimal_point': ','})",
        "is read with --delimiter ';', one with decimal commas with --delimiter ';' --decimal ','",
    ),
    (
        "is read by open_source(path, csv={'encoding': 'latin1'})",
        "is read with --csv encoding=latin1",
    ),
    (
        "is read with csv={'autogenerate_column_names': True} or csv={'column_names': [...]}, one "
        "whose names are numbers with the latter and 'skip_rows': 1",
        "is read with --no-header",
    ),
    ("`columns` chooses among those of a table", "--columns chooses among them"),
    ("missing='exact'", "--missing exact"),
    ('missing="exact"', "--missing exact"),
    ("csv: file", "file"),
    ("csv: standard input", "standard input"),
    ("csv: ", "--csv: "),
    ("batch_size ", "--batch-size "),
)
"""What the library says, and what the command line says."""


def for_command_line(message: str) -> str:
    """Return a message of the library as the command line says it."""
    for ours, theirs in WORDS:
        message = message.replace(ours, theirs)
    return message
