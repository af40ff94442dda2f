"""The directive ``cpp-headers``: every public header of one layer, a section each."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

INCLUDE = Path(__file__).resolve().parents[2] / "include"


class CppHeaders(SphinxDirective):
    """Describes the headers of the layer that the argument names, as Doxygen has read them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a section for each header, in order of their names."""
        layer = INCLUDE / "varimix" / self.arguments[0]
        headers = sorted(layer.rglob("*.hpp"))
        if not headers:
            raise self.error(f"{layer} holds no headers")
        text = ""
        for header in headers:
            self.env.note_dependency(header)
            name = f"<{header.relative_to(INCLUDE)}>"
            path = header.relative_to(INCLUDE.parent)
            text += f"{name}\n{'-' * len(name)}\n\n.. doxygenfile:: {path}\n\n"
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("cpp-headers", CppHeaders)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
