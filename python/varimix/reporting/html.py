"""HTML of a page that stands alone: escaped text, tables, pictures in line."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib import resources

APOSTROPHE = "\u2019"
QUOTED = re.compile(r"(?<!\w)'(.+?)'(?!\w)")
"""Matches what a sentence quotes: the name of a column, a word."""
DATE_PATTERN = re.compile(r"\b\d{4}[-–]\d\d(-\d\d)?\b")
"""Matches dates and spans of years, which must not be broken at the end of a line."""
LONGEST = 24
"""Characters of a word of a table after which it may be broken."""
NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that a page may not hold."""


def packaged(name: str, package: str = "varimix.reporting") -> str:
    """Return the text of a file that lies in a package."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def safe(text: str) -> str:
    """Escape a text from anywhere; a character that no page may hold becomes U+FFFD."""
    return escape(NOT_IN_HTML.sub("\ufffd", text))


def true_quotes(text: str) -> str:
    """Return a text with the quotation marks and apostrophes of print."""
    return QUOTED.sub("\u2018\\1\u2019", text).replace("'", APOSTROPHE)


def typeset(text: str) -> str:
    """Escape a sentence, with true apostrophes, and keep its dates in one piece."""
    escaped = safe(true_quotes(text))
    return DATE_PATTERN.sub(r'<span class="date">\g<0></span>', escaped)


def breakable(text: str) -> str:
    """Typeset a text; its words may be broken after LONGEST characters."""
    words = (
        "<wbr>".join(typeset(word[k : k + LONGEST]) for k in range(0, len(word), LONGEST))
        for word in text.split(" ")
    )
    return " ".join(words)


def paragraph(text: str, kind: str = "") -> str:
    """Lay out a paragraph; "" for no text. ``kind`` is "", "see" (what to see) or "note"."""
    if not text:
        return ""
    return f'<p class="{kind}">{typeset(text)}</p>' if kind else f"<p>{typeset(text)}</p>"


def bullets(texts: Sequence[str]) -> str:
    """Lay out sentences as a list."""
    inner = "".join(f"<li>{typeset(text)}</li>" for text in texts)
    return f'<ul class="not">{inner}</ul>'


def section(name: str, title: str, *parts: str) -> str:
    """Lay out a section, with a heading that a link can name."""
    inner = "\n".join(part for part in parts if part)
    return f'<section id="{name}">\n<h2>{safe(title)}</h2>\n{inner}\n</section>'


def picture(png: bytes, description: str, caption: str, *, scale: float = 0.5) -> str:
    """Lay out a picture in line; ``description`` says in words what it shows.

    It is shown at ``scale`` of its size at most: those drawn with twice the dots are crisp.
    """
    data = b64encode(png).decode("ascii")
    alt = typeset_attribute(description)
    return (
        f'<figure><div class="picture" tabindex="0" role="group" aria-label="{alt}">'
        f'<img alt="{alt}" src="data:image/png;base64,{data}" {_size_of(png, scale)}></div>'
        f"<figcaption>{typeset(caption)}</figcaption></figure>"
    )


def typeset_attribute(text: str) -> str:
    """Escape the value of an attribute."""
    return safe(true_quotes(text))


def _size_of(png: bytes, scale: float) -> str:
    """Return the attributes with a picture's shape: a browser then keeps its place free."""
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    return f'width="{width}" height="{height}" style="--shown: {scale * width:.0f}px"'


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    text_columns: int = 1,
    last_is_text: bool = False,
    last_row_is_total: bool = False,
    groups: str = "",
    foot: str = "",
) -> str:
    """Lay out escaped cells: text to the left, numbers to the right.

    Parameters
    ----------
    header : contents of each column; a unit after a bar goes to a second line
    rows : cells; the first of a row names it
    caption : what the table holds, above it; "" for none
    text_columns : number of columns at the left that are text
    last_is_text : true if the last column is text too
    last_row_is_total : true if the last row is set apart
    groups, foot : HTML rows above the header and below the last row
    """
    kinds = ["text" if j < text_columns else "number" for j in range(len(header))]
    if last_is_text:
        kinds[-1] = "text"
    names = "".join(
        f'<th scope="col" class="{kind}">{_with_unit(name)}</th>'
        for name, kind in zip(header, kinds, strict=True)
    )
    body = [_row(cells, kinds) for cells in rows]
    if last_row_is_total:
        body[-1] = body[-1].replace("<tr>", '<tr class="total">', 1)
    said = f"<caption>{typeset(caption)}</caption>" if caption else ""
    label = typeset_attribute(caption or header[0] or "table")
    return (
        f'<div class="table" tabindex="0" role="group" aria-label="{label}"><table>{said}'
        f"<thead>{groups}<tr>{names}</tr></thead>"
        f"<tbody>{''.join(body)}{foot}</tbody></table></div>"
    )


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    first = f'<th scope="row" class="{kinds[0]}">{breakable(cells[0])}</th>'
    others = zip(cells[1:], kinds[1:], strict=True)
    inner = "".join(f'<td class="{kind}">{breakable(cell)}</td>' for cell, kind in others)
    return f"<tr>{first}{inner}</tr>"


def _with_unit(header: str) -> str:
    name, _, unit = header.partition("|")
    return typeset(name) + (f'<span class="unit">{typeset(unit)}</span>' if unit else "")
