"""Texts where numbers should be: which one a message shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varimix.sources.blocks import Block

TEXT_SHOWN = 80
"""Characters of a value that messages show, at most."""


THOUSANDS = r"[-+]?\d{1,3}((\.\d{3})+,\d+|(,\d{3})+\.\d+|([.,]\d{3}){2,})"
"""Pattern of a number with separators of thousands: 1.502,12, 1,502.12, 1.502.120, not 1,502."""


def has_thousands(text: str) -> bool:
    """Return whether a text is a number with separators of thousands, which pyarrow reads not."""
    return re.fullmatch(THOUSANDS, text) is not None


def is_number_text(text: str | bytes) -> bool:
    """Return whether a text is that of a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def text_in(block: Block, name: str) -> str:
    """Return, in words, a text of a column: the first that is no number, or else the first.

    ``block`` is the first one of a source; as many of its batches are read as are without a text.
    """
    rows_before = 0
    for batch in block.read([name]):
        texts = batch.column(name).to_pylist()
        rows = [row for row, text in enumerate(texts) if text is not None]
        if rows:
            row = next((row for row in rows if not is_number_text(texts[row])), rows[0])
            text, number = repr(texts[row])[:TEXT_SHOWN], rows_before + row
            return f", with {text} in row {number} of the source (counted from 0)"
        rows_before += batch.num_rows
    return ""
