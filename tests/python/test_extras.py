"""A package that is not installed is an error that names the extra which brings it."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from varimix.extras import require_extra

PACKAGES = ["river", "skfolio", "sklearn"]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_absent_package_names_its_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for name in [name for name in sys.modules if name.startswith(f"varimix.{package}")]:
        monkeypatch.delitem(sys.modules, name)
    message = rf"varimix.{package} needs the package {package}: pip install 'varimix\[{package}\]'"
    with pytest.raises(ImportError, match=message):
        importlib.import_module(f"varimix.{package}")


def test_varimix_alone_imports_no_optional_package() -> None:
    code = (
        "import sys, varimix; "
        "print(sorted({'sklearn', 'skfolio', 'river', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_fault_inside_an_installed_package_passes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken_extra.py"
    broken.write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        require_extra("broken_extra", "broken")
