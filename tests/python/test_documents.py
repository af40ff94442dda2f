"""Every block of code of every document runs, or compiles, as it is printed."""

import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.testing.compare import compare_images

import varimix
from varimix import NormalInverseGaussian, OnlineEM, StatusEntry

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "data/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
)
EIGEN = Path("/usr/include/eigen3")
PICTURES_DIFFER = 1.0
"""Root mean square of the differences of pixels, of 255, from which on two pictures differ."""
RENEW = "tools/draw_tutorial_pictures.py renews it"


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


def test_every_status_has_its_row_in_the_table_of_what_to_do() -> None:
    text = (ROOT / "src/core/status.cpp").read_text()
    codes = re.findall(r'{StatusCode::k\w+,\s+"(\w+)"', text)
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/when_a_fit_fails.md").read_text(), re.M)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(codes) > 0
    assert sorted(named) == sorted(codes)


def test_every_block_is_of_a_language_that_is_tested() -> None:
    """Every language has a block, or the tests below would look at nothing."""
    assert {block.language for block in BLOCKS} == {"python", "cpp", "sh", "text"}


# ---- Python: blocks of a document run one after the other, in a folder of their own ----


def write_prices(folder: Path) -> None:
    (folder / "prices").mkdir()
    returns = NormalInverseGaussian.from_classical(
        [0, 0], [0.1, -0.1], [[1, 0.5], [0.5, 1]], 1.0, 1.5
    ).rvs(2000, seed=1)
    for part, rows in enumerate(np.array_split(returns, 2)):
        table = pa.table({"AAPL": rows[:, 0], "MSFT": rows[:, 1]})
        pq.write_table(table, folder / "prices" / f"{part}.parquet")


def checkpoint(folder: Path) -> dict[str, Any]:
    state = OnlineEM(
        NormalInverseGaussian.default_init(np.random.default_rng(0).normal(size=(99, 2)))
    )
    state.save(folder / "fit.state")
    return {}


def readme(folder: Path) -> dict[str, Any]:
    write_prices(folder)
    return {}


# The text takes these names as given; a document that begins with its imports needs none.
GIVEN: dict[str, Callable[[Path], dict[str, Any]]] = {
    "README.md": readme,
    "docs/checkpoint_format.md": checkpoint,
}


@pytest.mark.parametrize("document", sorted({block.document for block in blocks_in("python")}))
def test_python_of_a_document_runs(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = GIVEN.get(document, lambda folder: {})(tmp_path)
    for block in blocks_in("python"):
        if block.document == document:
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, document, "exec"), names)
    for drawn in sorted(tmp_path.glob("*.png")):
        difference = compare_images(
            ROOT / "docs/pictures" / drawn.name, drawn, PICTURES_DIFFER, in_decorator=True
        )
        assert difference is None, f"{drawn.name} ({RENEW}): {difference}"


def test_every_picture_that_a_tutorial_draws_is_shown_in_it() -> None:
    text = (ROOT / "docs/tutorials/pictures.md").read_text()
    drawn = re.findall(r'savefig\("(\w+\.png)"', text)
    assert len(drawn) > 0
    assert drawn == re.findall(r"\]\(\.\./pictures/(\w+\.png)\)", text)


def test_what_the_readme_says_of_the_best_fit_is_there() -> None:
    best = varimix.fit_best(np.random.default_rng(0).standard_t(5, size=(300, 2)), n_starts=1)
    assert best.model == best.best.model == best.table[0].model
    assert best.family == type(best.model).__name__ == best.best.family
    assert best.status == best.best.status
    assert best.log_likelihood == best.best.log_likelihood
    assert best.converged == best.best.converged


def modules() -> list[ModuleType]:
    names = [
        module.name
        for module in pkgutil.walk_packages(varimix.__path__, "varimix.")
        if not module.name.endswith("__main__")
    ]
    return [varimix, *(importlib.import_module(name) for name in names)]


def test_examples_in_docstrings_run() -> None:
    model = NormalInverseGaussian.from_classical([0.0], [0.2], [[1.0]], 1.0, 1.5)
    examples = {}
    for module in modules():
        for name, value in [("", module), *inspect.getmembers(module)]:
            of = (
                "varimix"
                if isinstance(value, np.ufunc)
                else getattr(value, "__module__", "varimix")
            )
            docstring = getattr(value, "__doc__", None) if str(of).startswith("varimix") else None
            if isinstance(docstring, str) and ">>>" in docstring:
                examples[docstring] = (module, name)
    assert any(module.__name__ == "varimix.parameterizations" for module, _ in examples.values())
    assert any(module.__name__ == "varimix.special" for module, _ in examples.values())
    for docstring, (module, name) in examples.items():
        given = {**vars(module), "model": model, "x": 0.5}
        found = doctest.DocTestParser().get_doctest(docstring, given, name, module.__name__, 0)
        for example in found.examples:
            if not example.want:  # a line whose value is not shown must still run
                exec(compile(example.source, name, "exec"), found.globs)
        shown = [example for example in found.examples if example.want]
        if shown:
            report: list[str] = []
            results = doctest.DocTestRunner().run(found, out=report.append)
            assert results.failed == 0, "".join(report)


# ---- C++: blocks are compiled, without code made of them ----


def errors_in(source: str, folder: Path) -> str:
    """Return what the compiler says of a source that does not compile; "" of one that does."""
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None or not EIGEN.is_dir():
        pytest.skip("no C++ compiler, or no Eigen")
    path = folder / "block.cpp"
    path.write_text(source)
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
    command += [f"-I{ROOT / 'include'}", f"-isystem{EIGEN}", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stderr if result.returncode != 0 else ""


def compiles(source: str, folder: Path) -> None:
    errors = errors_in(source, folder)
    assert not errors, errors


def source_of(pieces: str) -> str:
    """Return a source of pieces of a program, in the namespace that their names are of."""
    headers = "#include <cmath>\n#include <varimix/core/require.hpp>\n"
    headers += "#include <varimix/varimix.hpp>\n"
    use = "static_assert(UpdateRuleLike<HalvingUpdate>);\n" if "HalvingUpdate" in pieces else ""
    return f"{headers}namespace varimix {{\n{pieces}{use}}}\n"


@pytest.mark.parametrize("document", sorted({block.document for block in blocks_in("cpp")}))
def test_cpp_of_a_document_compiles(document: str, tmp_path: Path) -> None:
    """A program compiles as it is; pieces of a program one after the other, as in its files."""
    texts = [block.text for block in blocks_in("cpp") if block.document == document]
    programs = [text for text in texts if "int main" in text]
    pieces = "".join(text for text in texts if "int main" not in text)
    for program in programs:
        compiles(program, tmp_path)
    if pieces:
        compiles(source_of(pieces), tmp_path)


def test_a_misspelt_hook_of_the_rule_in_contributing_does_not_compile(tmp_path: Path) -> None:
    """As it is written there, the rule compiles: it is all the C++ of that document."""
    texts = [block.text for block in blocks_in("cpp") if block.document == "CONTRIBUTING.md"]
    (rule,) = texts
    misspelt = rule.replace(" accumulate(", " acumulate(")
    assert misspelt != rule
    assert re.search(r"error: .*\boverride\b", errors_in(source_of(misspelt), tmp_path))


PAIR = """#include <varimix/core/members.hpp>
struct Pair {{
  double left;
  double right;
  static constexpr auto kMembers = std::tuple({members});
}};
Pair ones() {{ return varimix::make_from_members<Pair>([](const auto&) {{ return 1.0; }}); }}
"""


def test_a_list_that_lacks_a_member_does_not_compile(tmp_path: Path) -> None:
    left, right = (f'varimix::member("{name}", &Pair::{name})' for name in ("left", "right"))
    compiles(PAIR.format(members=f"{left}, {right}"), tmp_path)
    assert "a member is not in the list" in errors_in(PAIR.format(members=left), tmp_path)


# ---- Shell: indented lines that begin with ./ ----

COMMANDS = [
    (str(document), shlex.split(line, comments=True))
    for document in DOCUMENTS
    for line in (ROOT / document).read_text().splitlines()
    if line.startswith("    ./")
]


@pytest.mark.parametrize(("document", "command"), COMMANDS, ids=lambda value: str(value))
def test_a_command_of_a_document_is_there(document: str, command: list[str]) -> None:
    script = ROOT / command[0]
    assert script.is_file()
    assert script.stat().st_mode & 0o111, f"{script} is not executable"
    for flag in command[1:]:
        if flag.startswith("-") or not flag.isdigit():
            assert flag in script.read_text(), f"{script} knows no {flag}"


def test_links_and_pictures_of_the_documents_are_there() -> None:
    found = 0
    for document in DOCUMENTS:
        text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target:
                found += 1
                assert ((ROOT / document).parent / target).exists(), f"{document}: {target}"
    assert found > 10


# ---- Text: a fit says it in the same words now ----

# One line of a summary has the outcome and what is said of it.
OUTCOME = re.compile(r"^\* (\w+): (.*?)(?=^\* |\Z)", re.MULTILINE | re.DOTALL)
# Only the fit that the document shows knows these details, which the comparison leaves out.
OF_THE_FIT = re.compile(r" \([^()]*(?:\([^()]*\)[^()]*)*\)|, first in step \d+")


def entry_of(code: str, detail: str = "") -> StatusEntry:
    entry = StatusEntry.__new__(StatusEntry)
    entry.__setstate__(("StatusEntry", (code, 1, -1, detail), None))
    return entry


@pytest.mark.parametrize("block", blocks_in("text"), ids=lambda block: f"line {block.line}")
def test_a_summary_in_a_document_has_the_words_of_one(block: Block) -> None:
    outcomes = OUTCOME.findall(block.text)
    assert outcomes
    for code, words in outcomes:
        shown = OF_THE_FIT.sub("", " ".join(words.split()))
        entry = entry_of(code)
        said = OF_THE_FIT.sub("", f"{entry}. {entry.advice}".strip())
        assert shown in ("...", said)
