"""What a mutant is: one small change at one place, chosen at run time by its number."""

import hashlib
import zlib
from collections import Counter
from dataclasses import dataclass

CONSTANT, COMPARISON, DROPPED, SWAPPED = "constant", "comparison", "dropped", "swapped"


@dataclass(frozen=True)
class Site:
    """One mutant.

    Attributes
    ----------
    number : names it to the instrumented code; of the file, the text of the line and the place in
        it, so that a change elsewhere in the file leaves it as it is
    file : path from the root; with `line`, from 1, where it is
    kind : CONSTANT, COMPARISON, DROPPED or SWAPPED
    before, after : the text there, and what the mutant makes of it
    """

    number: int
    file: str
    line: int
    kind: str
    before: str
    after: str

    @property
    def folder(self) -> str:
        """The part of the project whose tests it is run against."""
        return next(folder for folder in FOLDERS if self.file.startswith(f"{folder}/"))


FOLDERS = ("src/em", "src/stream", "python/bindings", "python/varimix")
GROUPS = ("src/em", "src/stream", "python")  # of each the same number is sampled


class Numbers:
    """Gives the sites of one file their numbers."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._lines = text.splitlines()
        seen: Counter[str] = Counter()
        self._copy = []  # how many lines above are the same
        for line in self._lines:
            self._copy.append(seen[line.strip()])
            seen[line.strip()] += 1

    def site(self, line: int, column: int, kind: str, before: str, after: str) -> Site:
        """Return the site at a line from 1 and a column from 0."""
        text = self._lines[line - 1]
        indent = len(text) - len(text.lstrip())
        name = f"{self._file}|{text.strip()}|{self._copy[line - 1]}|{column - indent}|{kind}"
        return Site(zlib.crc32(name.encode()), self._file, line, kind, before, after)


def sample(sites: list[Site], seed: int, count: int) -> list[Site]:
    """Return `count` of the sites at random, the same of unchanged lines whatever else changed."""

    def rank(site: Site) -> bytes:
        return hashlib.blake2b(f"{seed}:{site.number}".encode(), digest_size=8).digest()

    return sorted(sites, key=rank)[:count]
