"""The tests of the instrumented copy: what each costs, and which mutants it comes by."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from mutation.sites import Site
from mutation.tree import Tree

TESTS_OF = {  # of a mutant of the folder
    "src/em": ("tests/unit/em/", "tests/unit/mixture/", "tests/property/"),
    "src/stream": ("tests/unit/stream/", "tests/property/"),
    "python/bindings": ("tests/python/",),
    "python/varimix": ("tests/python/",),
}
PROGRAMS = ("varimix_unit_tests", "varimix_property_tests")
TOO_LONG = "tests/python/test_machine.py::test_random_calls_keep_what_the_documents_promise"
MOST_MEMORY = 8 << 30
MOST_SECONDS = 20.0  # of tests, for one mutant
PATIENCE = 300  # seconds, for a process that does nothing


@dataclass
class Test:
    """One test: its program or "pytest", name, file, processor time, and what it reaches."""

    program: str
    name: str
    file: str
    seconds: float
    reached: list[int]


def run(command: list[str], tree: Tree, seconds: float, **variables: str) -> tuple[int, str]:
    """Run a test program for at most so much processor time; return its status and its output."""
    limited = ["prlimit", f"--cpu={int(seconds) + 1}", f"--as={MOST_MEMORY}", "--core=0", *command]
    own = tempfile.mkdtemp(dir=tree.build.parent)  # tests at the same time have folders of one name
    environment = {
        **os.environ, "TMPDIR": own, "PYTHONPATH": f"{tree.package}:{tree.files}/tools",
        "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", "RC_PARAMS": "seed=1", **variables,
    }  # fmt: skip
    with subprocess.Popen(
        limited, cwd=tree.files, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            output, _ = process.communicate()
    shutil.rmtree(own, ignore_errors=True)
    return process.returncode, output


def pytest_command(tree: Tree, names: Iterable[str]) -> list[str]:
    """Return the command that runs these tests until one fails."""
    program = str(tree.root / ".venv/bin/python")
    return [program, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", "-x", *names]


def _fingerprint(tree: Tree) -> str:
    files = [tree.build / "tests" / program for program in PROGRAMS]
    files += sorted(path for path in tree.package.rglob("*") if path.is_file())
    files += sorted((tree.files / "tests/python").rglob("*.py"))
    digest = hashlib.blake2b()
    for file in files:
        if "__pycache__" not in file.parts:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def all_tests(tree: Tree, home: Path, jobs: int) -> list[Test]:
    """Return every test that passes, traced; from the last time if nothing has changed."""
    cache = home / "tests.json"
    fingerprint = _fingerprint(tree)
    if cache.exists():
        stored = json.loads(cache.read_text())
        if stored["of"] == fingerprint:
            return [Test(**one) for one in stored["tests"]]
    traces = home / "traces"
    traces.mkdir(exist_ok=True)
    for old in traces.iterdir():
        old.unlink()
    print("tracing the tests", flush=True)
    with ThreadPoolExecutor(jobs) as pool:
        from_python = pool.submit(_python_tests, tree, traces)
        tests = [test for program in PROGRAMS for test in _cpp_tests(tree, program, traces, pool)]
        tests += from_python.result()
    cache.write_text(json.dumps({"of": fingerprint, "tests": [asdict(test) for test in tests]}))
    return tests


def _cpp_tests(tree: Tree, program: str, traces: Path, pool: ThreadPoolExecutor) -> list[Test]:
    path = str(tree.build / "tests" / program)
    listing = traces / f"{program}.json"
    run([path, "--gtest_list_tests", f"--gtest_output=json:{listing}"], tree, 60)
    names = [
        (f"{suite['name']}.{case['name']}", case["file"])
        for suite in json.loads(listing.read_text())["testsuites"]
        for case in suite["testsuite"]
    ]

    def trace(name: str, file: str) -> Test | None:
        reached = traces / f"{program}.{name.replace('/', '_')}"
        command = [path, f"--gtest_filter={name}"]
        status, output = run(command, tree, MOST_SECONDS, VARIMIX_MUTANT_TRACE=str(reached))
        if status != 0:
            print(f"fails without a mutant or takes too long, left out: {name}\n{output[-2000:]}")
            return None
        *numbers, last = reached.read_text().splitlines()
        place = Path(file).relative_to(tree.files).as_posix()
        return Test(program, name, place, float(last[2:]), sorted(set(map(int, numbers))))

    return [test for test in pool.map(trace, *zip(*names, strict=True)) if test is not None]


def _python_tests(tree: Tree, traces: Path) -> list[Test]:
    trace = traces / "pytest"
    command = pytest_command(
        tree, ["-p", "mutation.tracing", "--deselect", TOO_LONG, "tests/python"]
    )
    command.remove("-x")
    _, output = run(command, tree, 3600, VARIMIX_MUTANT_TRACE=str(trace))
    (traces / "pytest.log").write_text(output)
    at_import: set[int] = set()
    tests = []
    reached = at_import
    name, passed = "", True
    for line in trace.read_text().splitlines():
        match line[0], line[2:]:
            case ">", name:
                reached, passed = set(), True
            case "!", _:
                passed = False
            case "=", _:  # of a process that a test began
                pass
            case "<", seconds:
                if passed:
                    file = name.partition("::")[0]
                    tests.append(Test("pytest", name, file, float(seconds), list(reached)))
                else:
                    print(f"does not pass without a mutant, left out: {name}")
            case _:
                reached.add(int(line))
    # What a file does as it is loaded, it does for the tests that come by anything else of it.
    file_of = {site.number: site.file for site in tree.sites}
    # So it does for those of a test file that names it, which may call it as it is collected.
    text_of = {file: (tree.files / file).read_text() for file in {test.file for test in tests}}
    for test in tests:
        files = {file_of[number] for number in test.reached}
        files |= {file for file in file_of.values() if Path(file).stem in text_of[test.file]}
        test.reached += [number for number in at_import if file_of[number] in files]
    return tests


def tests_for(site: Site, tests: list[Test], most_seconds: float) -> list[Test]:
    """Return the tests of the mutant's folder that reach it, the quickest first."""
    chosen: list[Test] = []
    total = 0.0
    for test in sorted(tests, key=lambda test: test.seconds):
        if not test.file.startswith(TESTS_OF[site.folder]) or site.number not in test.reached:
            continue
        total += test.seconds
        if total > most_seconds and chosen:
            break
        chosen.append(test)
    return sorted(chosen, key=lambda test: test.program != PROGRAMS[0])  # unit tests first
