"""tools/check_layers.py passes our own tree and names file, line and include in a bad one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_check(root: Path) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "check_layers.py"), str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stderr


def write(root: Path, path: str, text: str = "#pragma once\n") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write(tmp_path, "include/varimix/core/a.hpp", "#include <vector>\n#include <Eigen/Core>\n")
    write(tmp_path, "include/varimix/special/b.hpp", '#include "varimix/core/a.hpp"\n')
    write(tmp_path, "include/varimix/em/c.hpp", "#include <varimix/core/a.hpp>\n")
    write(tmp_path, "include/varimix/varimix.hpp", '#include "varimix/em/c.hpp"\n')
    write(tmp_path, "src/kernels/d.hpp", '#include "varimix/special/b.hpp"\n')
    write(tmp_path, "src/special/f.hpp")
    write(tmp_path, "src/special/b.cpp", '#include <tbb/task.h>\n\n#include "f.hpp"\n')
    write(tmp_path, "src/em/c.cpp", '#include "kernels/d.hpp"\n#include "e.hpp"\n')
    write(tmp_path, "src/em/e.hpp")
    return tmp_path


def test_our_own_tree_passes() -> None:
    assert run_check(ROOT) == (0, "")


def test_a_good_tree_passes(tree: Path) -> None:
    assert run_check(tree) == (0, "")


@pytest.mark.parametrize(
    ("path", "include", "reason"),
    [
        (
            "include/varimix/core/a.hpp",
            '"varimix/em/c.hpp"',
            "'core' includes 'em', which is below it",
        ),
        ("include/varimix/core/a.hpp", "<varimix/special/b.hpp>", "'special', which is below it"),
        (
            "src/core/a.cpp",
            '"../kernels/d.hpp"',
            "layer 'core' includes 'kernels', which is below it",
        ),
        ("src/special/b.cpp", '"em/e.hpp"', "layer 'special' includes 'em', which is below it"),
        ("src/special/b.cpp", '  "varimix/em/c.hpp"  // why', "'em', which is below it"),
        ("src/special/b.cpp", '"varimix/varimix.hpp"', "not a header of a public layer"),
        ("src/special/b.cpp", '"varimix/kernels/d.hpp"', "not a header of a public layer"),
        ("src/special/b.cpp", '"nowhere.hpp"', "no such file"),
        ("src/special/b.cpp", "<nanobind/nanobind.h>", "does not know Python"),
        ("src/plots/f.cpp", "<vector>", "'plots' is not a layer"),
        ("include/varimix/kernels/f.hpp", "<vector>", "'kernels' is not a public layer"),
        ("include/varimix/em/c.hpp", "<tbb/task.h>", "library, Eigen and varimix only"),
        (
            "include/varimix/em/c.hpp",
            "<boost/math/tools/roots.hpp>",
            "library, Eigen and varimix only",
        ),
        ("include/varimix/em/c.hpp", "<Random123/philox.h>", "library, Eigen and varimix only"),
        ("include/varimix/em/c.hpp", "<hwy/highway.h>", "library, Eigen and varimix only"),
        ("include/varimix/em/c.hpp", '"../../../src/em/e.hpp"', "includes a private one"),
    ],
)
def test_a_bad_include_is_named(tree: Path, path: str, include: str, reason: str) -> None:
    write(tree, path, f"// first line\n#include {include}\n")
    status, message = run_check(tree)
    assert status == 1
    line = 1 if "is not a" in reason else 2
    assert message.startswith(f"{path}:{line}: ")
    assert reason in message
    assert message.count("\n") == 1
