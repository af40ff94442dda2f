"""Every block of a document runs as it is printed; its commands, links and words are there."""

import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from documents import BLOCKS, DOCUMENTS, ROOT, Block, blocks_in
from matplotlib.testing.compare import compare_images

import varimix
from varimix import NormalInverseGaussian, OnlineEM, StatusEntry

PICTURES_DIFFER = 1.0
"""Root mean square of the differences of pixels, of 255, from which on two pictures differ."""
RENEW = "tools/draw_tutorial_pictures.py renews it"


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
