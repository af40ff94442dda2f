"""A twin in Markdown of every page, and llms.txt, which lists them."""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

SUMMARY = """# {title}

> Heavy-tailed, skewed multivariate distributions (normal variance-mean mixtures: NIG, variance gamma,
> skewed t, generalized hyperbolic) fitted to streams of rows by online EM. C++20 with a Python package.

Every page of the documentation has a twin in Markdown, at its address with .md for .html.
"""


def first_sentences(page: Path) -> str:
    """Return the first paragraph of text of a page in Markdown, in one line."""
    blocks = page.read_text(encoding="utf-8").split("\n\n")
    texts = [" ".join(block.split()) for block in blocks]
    return next((text for text in texts if text[:1].isalpha()), "")


def write_list(app: Sphinx, error: Exception | None) -> None:
    """Write llms.txt beside the twins: the tree of contents, a line a page."""
    if error is not None or app.builder.name != "markdown":
        return
    root = app.config.root_doc
    lines = [SUMMARY.format(title=app.config.html_title)]
    for tree in app.env.get_doctree(root).findall(addnodes.toctree):
        lines.append(f"## {tree['caption']}\n")
        for name in tree["includefiles"]:
            title = app.env.titles[name].astext()
            about = first_sentences(Path(app.outdir, f"{name}.md"))
            lines.append(f"- [{title}]({name}.md)" + (f": {about}" if about else ""))
        lines.append("")
    Path(app.outdir, "llms.txt").write_text("\n".join(lines), encoding="utf-8")


def nothing(translator: nodes.NodeVisitor, node: nodes.Node) -> None:
    """Let a node be the text in it."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the list, and of nodes that its builder of Markdown does not know."""
    app.setup_extension("sphinx_markdown_builder")
    app.connect("build-finished", write_list)
    for node in (nodes.abbreviation, addnodes.desc_inline):
        app.add_node(node, override=True, markdown=(nothing, nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
