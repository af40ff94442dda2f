"""The docstrings of varimix as reStructuredText: numpy's sections, and mathematics as it stands."""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, NumpyDocstring
from sphinx.util.typing import ExtensionMetadata

LITERAL = re.compile(r"(``.*?``)")
# A bar would begin a substitution, E[Y|x], and a star emphasis.
MARKUP = re.compile(r"([|*])")
# Types are words of people, as "int >= 1", and not names to look up.
SECTIONS = Config(napoleon_use_rtype=False, napoleon_use_param=False)


def escaped(line: str) -> str:
    """Return the line with the characters that mean something in reStructuredText escaped."""
    parts = LITERAL.split(line)
    return "".join(part if part.startswith("``") else MARKUP.sub(r"\\\1", part) for part in parts)


def convert(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Replace the lines of a docstring.

    Properties and values are treated as methods are: of these alone Sphinx does not take what
    stands before a colon as the type.
    """
    text = [line if line.startswith(">>>") else escaped(line) for line in lines]
    kind = "method" if what in ("property", "attribute", "data") else what
    lines[:] = NumpyDocstring(text, SECTIONS, app, kind, name, obj, options).lines()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the conversion."""
    app.connect("autodoc-process-docstring", convert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
