"""Clang warns of a view whose rows end before it does."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
#include <vector>
#include "varimix/core/row_view.hpp"
using namespace varimix;
RowMatrix rows();
Index read(const RowView& x);
void use() {{
  const RowMatrix x = rows();
  const std::vector<std::int64_t> chosen = {{1}};
  {statement}
}}
"""


def warnings_of(statement: str) -> str:
    compiler = shutil.which("clang++")
    assert compiler is not None, "scripts/setup installs clang"
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wdangling", "-x", "c++", "-"]
    command += ["-I", str(ROOT / "include"), "-isystem", "/usr/include/eigen3"]
    program = PROGRAM.format(statement=statement)
    run = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stderr


def test_a_view_of_a_matrix_that_ends_at_once_is_warned_of() -> None:
    assert "temporary" in warnings_of("const RowView view = rows(); (void)read(view);")


@pytest.mark.parametrize(
    "statement",
    [
        "(void)read(rows());",
        "const RowView view = x; (void)read(view);",
        "const RowView view = x.middleRows(0, 1); (void)read(view.select(chosen));",
    ],
)
def test_a_view_that_lives_no_longer_than_its_rows_is_not(statement: str) -> None:
    assert warnings_of(statement) == ""
