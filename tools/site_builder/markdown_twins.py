"""A twin in Markdown of every page, and llms.txt, which lists them."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

SUMMARY = """# {title}

> Heavy-tailed, skewed multivariate distributions (normal variance-mean mixtures: NIG, variance
> gamma, skewed t, generalized hyperbolic) fitted to streams of rows by online EM. C++20 with a
> Python package.

Every page of the documentation has a twin in Markdown, at its address with .md for .html.
"""


OPENING = 4
"""Blocks of a page among which its first paragraph is; later ones do not tell its subject."""


def first_sentences(page: Path) -> str:
    """Return the first paragraph of text of a page in Markdown, in one line; "" if it has none."""
    blocks = page.read_text(encoding="utf-8").split("\n\n")[:OPENING]
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


def name_twin(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Name the twin of a page in its head, where programs look for it."""
    if tree is not None:
        twin = f"{page.rsplit('/', 1)[-1]}.md"
        link = f'<link rel="alternate" type="text/markdown" href="{twin}">'
        context["metatags"] = context.get("metatags", "") + link


def visit_image(translator: Any, node: nodes.image) -> None:
    """Link to a picture where the pages have it: the builder of Markdown copies none."""
    images = translator.builder.env.images
    uri = node["uri"]
    if uri in images:
        to_root = "../" * translator.builder.current_doc_name.count("/")
        uri = f"{to_root}_images/{images[uri][1]}"
    translator.add(f"![{' '.join(node.get('alt', '').split())}]({uri})")


def nothing(translator: nodes.NodeVisitor, node: nodes.Node) -> None:
    """Let a node be the text in it."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the list, and of nodes that its builder of Markdown does not know."""
    app.setup_extension("sphinx_markdown_builder")
    app.connect("build-finished", write_list)
    app.connect("html-page-context", name_twin)
    app.add_node(nodes.image, override=True, markdown=(visit_image, nothing))
    for node in (nodes.abbreviation, addnodes.desc_inline):
        app.add_node(node, override=True, markdown=(nothing, nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
