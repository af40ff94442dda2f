"""Each mutant against the tests that reach it."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from mutation.sites import Site
from mutation.tests import MOST_SECONDS, Test, pytest_command, run, tests_for
from mutation.tree import Tree

STARTING = 10.0  # seconds that a test program may take before its first test
SLOWER = 4.0  # times as long as without the mutant is a loop without an end
FAILED = re.compile(r"^(?:\[  FAILED  \] |FAILED |ERROR )(?P<name>[^\s,]+)", re.MULTILINE)


@dataclass
class Result:
    """How a mutant ended: `killed_by` is a test, or how the program died; empty if it survived."""

    number: int
    killed_by: str
    tests: int


class Results:
    """What is known, kept in a file as it comes, so that a run that was cut off goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[int, Result] = {}
        if path.exists():
            for one in json.loads(path.read_text()):
                self._known[one["number"]] = Result(**one)

    def get(self, site: Site) -> Result | None:
        """Return what is known of a mutant."""
        return self._known.get(site.number)

    def forget(self, site: Site) -> None:
        """Forget it, to run it again."""
        self._known.pop(site.number, None)

    def keep(self, result: Result) -> None:
        """Write it down."""
        self._known[result.number] = result
        text = json.dumps([asdict(one) for one in self._known.values()])
        self._path.with_suffix(".new").write_text(text)
        self._path.with_suffix(".new").replace(self._path)


def _try(site: Site, tests: list[Test], tree: Tree) -> Result:
    chosen = tests_for(site, tests, MOST_SECONDS)
    for program, some in groupby(chosen, key=lambda test: test.program):
        of_program = list(some)
        seconds = STARTING + SLOWER * sum(test.seconds for test in of_program)
        names = [test.name for test in of_program]
        if program == "pytest":
            command = pytest_command(tree, names)
        else:
            path = str(tree.build / "tests" / program)
            command = [path, f"--gtest_filter={':'.join(names)}", "--gtest_fail_fast"]
        status, output = run(command, tree, seconds, VARIMIX_MUTANT=str(site.number))
        if status != 0:
            return Result(site.number, _how(status, output), len(chosen))
    return Result(site.number, "", len(chosen))


def _how(status: int, output: str) -> str:
    if failed := FAILED.search(output):
        return failed["name"]
    running = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
    name = f" in {running[-1]}" if running else ""
    return f"signal {-status}{name}" if status < 0 else f"status {status}{name}"


def try_all(
    sites: list[Site], tests: list[Test], tree: Tree, results: Results, jobs: int
) -> Iterator[tuple[Site, Result]]:
    """Yield how each mutant that is not known yet ended."""
    left = [site for site in sites if results.get(site) is None]
    with ThreadPoolExecutor(jobs) as pool:
        for site, result in zip(
            left, pool.map(lambda one: _try(one, tests, tree), left), strict=True
        ):
            results.keep(result)
            yield site, result
