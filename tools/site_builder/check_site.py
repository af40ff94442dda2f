"""Checks a built site: its links, the twins of its pages, and that its reference is complete.

usage: python -m site_builder.check_site build/site
"""

import inspect
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import varimix

GENERATED = ("genindex.html", "search.html", "py-modindex.html")
"""Pages that Sphinx makes of all others; they have no twin."""


class Page(HTMLParser):
    """The links of a page, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Gather from a tag."""
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


def broken_links(site: Path) -> Iterator[str]:
    """Yield what is wrong with the links of pages within the site."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_relative_to(site) or not target.exists():
                yield f"{path.relative_to(site)}: no file {link}"
            elif target in pages and parts.fragment:
                places = pages[target].anchors
                if unquote(parts.fragment) not in places:
                    yield f"{path.relative_to(site)}: no place {link}"


def missing_twins(site: Path) -> Iterator[str]:
    """Yield the pages without a twin, and the links of twins that lead nowhere."""
    for page in sorted(site.rglob("*.html")):
        twin = page.with_suffix(".md")
        if page.name in GENERATED or "_static" in page.parts:
            continue
        if not twin.exists():
            yield f"{page.relative_to(site)} has no twin in Markdown"
            continue
        text = re.sub(r"^```.*?^```", "", twin.read_text(encoding="utf-8"), flags=re.M | re.S)
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text):
            if not urlsplit(link).scheme and not (twin.parent / unquote(link)).exists():
                yield f"{twin.relative_to(site)}: no file {link}"


def public_names() -> Iterator[str]:
    """Yield every public name of varimix, and of its classes."""
    for name in varimix.__all__:
        yield f"varimix.{name}"
        value = getattr(varimix, name)
        is_alias = name != getattr(value, "__name__", name)
        if inspect.isclass(value) and not is_alias and not issubclass(value, Exception | Warning):
            yield from (f"varimix.{name}.{member}" for member in dir(value) if member[0] != "_")
    for module in (varimix.parameterizations, varimix.special):
        for name, value in vars(module).items():
            is_own = inspect.isfunction(value) and value.__module__ == module.__name__
            if name[0] != "_" and (is_own or name in getattr(module, "__all__", ())):
                yield f"{module.__name__}.{name}"


def undocumented_names(site: Path) -> Iterator[str]:
    """Yield the public names of which the reference says nothing."""
    from sphinx.util.inventory import InventoryFile

    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    kinds = (kind for kind in inventory.data if kind.startswith("py:"))
    known = {name for kind in kinds for name in inventory.data[kind]}
    for name in public_names():
        if name not in known:
            yield f"the reference lacks {name}"


def main() -> int:
    """Print all faults; return 1 if there are any."""
    site = Path(sys.argv[1]).resolve()
    faults = [*broken_links(site), *missing_twins(site), *undocumented_names(site)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
