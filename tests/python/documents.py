"""Every document, and its blocks of code."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "data/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
)


class Block(NamedTuple):
    """A fenced block: its place, its language, and its lines."""

    document: str
    line: int
    language: str
    text: str


def blocks_of(document: Path) -> list[Block]:
    blocks = []
    lines = (ROOT / document).read_text().splitlines()
    fences = [number for number, line in enumerate(lines) if line.lstrip().startswith("```")]
    assert len(fences) % 2 == 0, f"a fence of {document} is not closed"
    for first, last in zip(fences[::2], fences[1::2], strict=True):
        text = "\n".join(lines[first + 1 : last]) + "\n"
        blocks.append(Block(str(document), first + 2, lines[first].strip("` "), text))
    # ./scripts/docs runs {code-cell} and follows other directives.
    return [block for block in blocks if not block.language.startswith("{")]


BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]


def blocks_in(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]
