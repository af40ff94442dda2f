"""Every block of C++ of a document compiles, without code made of it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from documents import ROOT, blocks_in

EIGEN = Path("/usr/include/eigen3")


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
