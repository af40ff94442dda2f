#!/usr/bin/env python3
"""Check that every layer includes only itself and the layers above it in LAYERS.

Reads the include lines of include/varimix/ and src/. Prints one line "file:line: reason: include"
for each that points down the list, and for each of a public header that is neither the standard
library nor Eigen nor varimix.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# The upper layers come first.
LAYERS = (
    "core",
    "special",
    "random",
    "stats",
    "kernels",
    "subordinator",
    "univariate",
    "mixture",
    "risk",
    "em",
    "inference",
    "stream",
)
RANK = {layer: rank for rank, layer in enumerate(LAYERS)}
PRIVATE_LAYERS = ("kernels",)
UMBRELLA = "varimix/varimix.hpp"

INCLUDE = re.compile(r'^\s*#\s*include\s*(?P<open>[<"])(?P<path>[^>"]+)[>"]')
STANDARD_LIBRARY = re.compile(r"[a-z_0-9]+")  # as <vector>: neither a folder nor an ending
PYTHON_HEADERS = ("nanobind/", "pybind11/", "Python.h", "numpy/")


def includes(file: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield number and path of each include line, and whether the path stands in quotes."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if match := INCLUDE.match(line):
            yield number, match["path"], match["open"] == '"'


def included_layer(root: Path, file: Path, path: str, quoted: bool) -> str | None:
    """Return the layer that an include names, or None for a header that is not ours.

    Raises ValueError with the reason if the include is wrong.
    """
    parts = PurePosixPath(path).parts
    if parts[0] == "varimix":
        if len(parts) < 3 or parts[1] not in RANK or parts[1] in PRIVATE_LAYERS:
            raise ValueError("not a header of a public layer")
        return parts[1]
    if not quoted:
        return None
    for folder in (file.parent, root / "src"):  # the compiler looks beside the file first
        target = (folder / path).resolve()
        if target.is_file() and target.is_relative_to((root / "src").resolve()):
            return target.relative_to((root / "src").resolve()).parts[0]
    raise ValueError("no such file beside it or under src/")


def fault(
    root: Path, file: Path, layer: str, is_public: bool, path: str, quoted: bool
) -> str | None:
    """Return why this include is wrong, or None if it is right."""
    if path.startswith(PYTHON_HEADERS):
        return "the library does not know Python"
    try:
        other = included_layer(root, file, path, quoted)
    except ValueError as error:
        return str(error)
    if other is None:
        if is_public and not (path.startswith("Eigen/") or STANDARD_LIBRARY.fullmatch(path)):
            return "a public header includes the standard library, Eigen and varimix only"
        return None
    if is_public and not path.startswith("varimix/"):
        return "a public header includes a private one"
    if other not in RANK:
        return f"'{other}' is not a layer"
    if RANK[other] > RANK[layer]:
        return f"layer '{layer}' includes '{other}', which is below it"
    return None


def check(root: Path) -> list[str]:
    """Return all faults of the tree at `root`, one line each."""
    faults = []
    for base, is_public in ((root / "include" / "varimix", True), (root / "src", False)):
        for file in sorted(base.rglob("*.[ch]pp")):
            layer = file.relative_to(base).parts[0]
            place = file.relative_to(root)
            if place.as_posix() == f"include/{UMBRELLA}":
                continue
            if layer not in RANK or (is_public and layer in PRIVATE_LAYERS):
                kind = "public layer" if is_public else "layer"
                faults.append(f"{place}:1: '{layer}' is not a {kind}")
                continue
            for number, path, quoted in includes(file):
                if reason := fault(root, file, layer, is_public, path, quoted):
                    faults.append(f'{place}:{number}: {reason}: #include "{path}"')
    return faults


def main() -> int:
    """Run `check_layers.py [ROOT]`; return 0 if the tree is right, else 1."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = check(root)
    for line in faults:
        print(line, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
