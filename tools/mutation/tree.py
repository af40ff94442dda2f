"""The instrumented copy of the project: made, built, rid of the mutants that do not compile."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from mutation import cpp, python
from mutation.sites import FOLDERS, Site

COPIED = (
    "CMakeLists.txt", "LICENSE", "README.md", "cmake", "data", "docs", "examples", "include",
    "pyproject.toml", "python", "scripts", "src", "tests/CMakeLists.txt", "tests/data",
    "tests/fuzz/CMakeLists.txt", "tests/golden", "tests/property", "tests/python", "tests/support",
    "tests/unit/em", "tests/unit/stream", "tools",
)  # fmt: skip
DRAWINGS = ("python/varimix/plotting/theme.py",)  # judged by eye
TARGETS = ("varimix_unit_tests", "varimix_property_tests", "_varimix")
# Assertions are on, as under the sanitizers; what runs for seconds needs no optimiser.
CONFIGURE = (
    "-GNinja", "-DCMAKE_BUILD_TYPE=Mutants", "-DCMAKE_CXX_FLAGS=-O1 -D_GLIBCXX_ASSERTIONS",
    "-DCMAKE_UNITY_BUILD=ON", "-DVARIMIX_BUILD_PYTHON=ON", "-DVARIMIX_BUILD_EXAMPLES=OFF",
    "-DVARIMIX_TEST_HEADERS=OFF",
)  # fmt: skip
ADDED = {
    "tests/CMakeLists.txt": "add_compile_options(-O0)\n",
}
TESTS_THEM = re.compile("varimix/(em|stream)/")
PLACE = re.compile(
    r"^(?P<file>(?:src|python)/[^:\n]+\.[ch]pp):(?P<line>\d+):\d+:(?P<text>.*)$", re.MULTILINE
)
ERROR = re.compile("error:|was not declared .constexpr.")
NAMED = re.compile(r"error:.*(?:unsigned int N = |mutation::\w+<)(?P<number>\d+)")
LINES_OF_A_STATEMENT = 8  # an error may be lines below the mutant that made it


class Tree:
    """The instrumented copy under `home`.

    Attributes
    ----------
    root : the project
    files : the copy
    build : where it is built
    sites : all mutants that are in it
    """

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.files = home / "tree"
        self.build = home / "build"
        self.package = home / "package"  # with varimix in it, for PYTHONPATH
        self._left_out_path = home / "left_out.json"
        self.left_out = self._read_left_out()
        self.sites: list[Site] = []

    def _read_left_out(self) -> set[int]:
        if not self._left_out_path.exists():
            return set()
        return set(json.loads(self._left_out_path.read_text()))

    def make(self) -> None:
        """Bring the copy to what the project is; writes only what has changed."""
        wanted = {}
        self.sites = []
        for file in self._listed():
            source = (self.root / file).read_bytes()
            if file in DRAWINGS:
                pass
            elif file.startswith(FOLDERS) and file.endswith((".cpp", ".hpp", ".py")):
                one = python if file.endswith(".py") else cpp
                text, sites = one.instrument(file, source.decode(), self.left_out)
                self.sites += sites
                source = text.encode()
            wanted[file] = ADDED.get(file, "").encode() + source
        here = Path(__file__).parent
        wanted["include/mutation.hpp"] = (here / "mutation.hpp").read_bytes()
        wanted["python/varimix/_mutation.py"] = (here / "chosen.py").read_bytes()
        for old in self.files.rglob("*"):
            if old.is_file() and old.relative_to(self.files).as_posix() not in wanted:
                old.unlink()
        for file, content in wanted.items():
            target = self.files / file
            if not target.exists() or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        numbers = {site.number for site in self.sites}
        if len(numbers) != len(self.sites):
            raise ValueError("two mutants of one number")

    def _listed(self) -> Iterator[str]:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *COPIED]
        output = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        for file in output.stdout.splitlines():
            path = self.root / file
            if not path.is_file() or "/fuzz/corpus/" in file:
                continue
            if file.startswith("tests/property/") and not TESTS_THEM.search(path.read_text()):
                continue
            yield file

    def compile(self) -> None:
        """Build it, as often as it takes to leave out what does not compile."""
        interpreter = f"-DPython_EXECUTABLE={self.root}/.venv/bin/python"
        command = ["cmake", "-S", self.files, "-B", self.build, *CONFIGURE, interpreter]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        while True:
            command = ["cmake", "--build", self.build, "--target", *TARGETS, "--", "-k", "0"]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace")
            if done.returncode == 0:
                break
            (self.build / "errors.log").write_text(done.stdout)
            bad = self._not_compiling(done.stdout)
            if not bad:
                sys.exit(f"the instrumented copy does not build: see {self.build}/errors.log")
            print(f"{len(bad)} mutants do not compile and are left out", flush=True)
            self.left_out |= bad
            self._left_out_path.write_text(json.dumps(sorted(self.left_out)))
            self.make()
        self._fill_package()

    def _not_compiling(self, output: str) -> set[int]:
        """Return the mutants at the lines that the compiler names."""
        by_line = defaultdict(set)
        for site in self.sites:
            by_line[site.file, site.line].add(site.number)
        bad: set[int] = set()
        for block in output.split("FAILED: ")[1:]:
            places = list(PLACE.finditer(block))
            errors = [place for place in places if ERROR.search(place["text"])] or places
            found = {int(named["number"]) for named in NAMED.finditer(block)}
            found &= {site.number for site in self.sites}
            for place in errors if not found else ():
                line = int(place["line"])
                for above in range(LINES_OF_A_STATEMENT):
                    here = by_line[place["file"], line - above]
                    if here:
                        found |= here
                        break
            bad |= found
        return bad

    def _fill_package(self) -> None:
        target = self.package / "varimix"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.files / "python/varimix", target)
        for built in (*self.build.glob("_varimix*.so"), *self.build.glob("_varimix.pyi")):
            shutil.copy2(built, target)
