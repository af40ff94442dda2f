"""Clang warns of a view whose rows end before it does."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DANGLING = "const RowView view = rows(); (void)read(view);"
SAFE = [
    "(void)read(rows());",
    "const RowView view = x; (void)read(view);",
    "const RowView view = x.middleRows(0, 1); (void)read(view.select(chosen));",
]
PROGRAM = """
#include <vector>
#include "varimix/core/row_view.hpp"
using namespace varimix;
RowMatrix rows();
Index read(const RowView& x);
"""
FUNCTION = """
void use_{n}() {{
  const RowMatrix x = rows();
  const std::vector<std::int64_t> chosen = {{1}};
#line 1 "statement_{n}"
  {statement}
}}
"""


@pytest.fixture(scope="module")
def warnings() -> str:
    """Return what Clang says of all statements; "statement_n" stands where it is of the nth."""
    compiler = shutil.which("clang++")
    assert compiler is not None, "scripts/setup installs clang"
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wdangling", "-x", "c++", "-"]
    command += ["-I", str(ROOT / "include"), "-isystem", "/usr/include/eigen3"]
    statements = enumerate([DANGLING, *SAFE])
    program = PROGRAM + "".join(FUNCTION.format(n=n, statement=text) for n, text in statements)
    run = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stderr


def test_a_view_of_a_matrix_that_ends_at_once_is_warned_of(warnings: str) -> None:
    (warning,) = [line for line in warnings.splitlines() if "warning:" in line]
    assert warning.startswith("statement_0:1:")
    assert "temporary" in warning


@pytest.mark.parametrize("statement", SAFE)
def test_a_view_that_lives_no_longer_than_its_rows_is_not(warnings: str, statement: str) -> None:
    assert f"statement_{1 + SAFE.index(statement)}" not in warnings
