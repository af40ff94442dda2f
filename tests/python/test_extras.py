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


@pytest.mark.parametrize(
    ("package", "extra", "code"),
    [
        ("pyarrow", "io", "varimix.open_source([np.eye(2)])"),
        ("pandas", "frames", "model.mean(as_frame=True)"),
        ("matplotlib", "plot", "import varimix.plotting"),
        ("dask", "dask", "import varimix.distributed; varimix.distributed.fit"),
    ],
)
def test_what_needs_an_absent_package_says_so_when_it_is_used(
    package: str, extra: str, code: str
) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "import numpy as np, varimix\n"
        "model = varimix.NormalInverseGaussian.default_init(np.eye(2).repeat(5, axis=0))\n"
        f"{code}"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True
    )
    assert f"needs the package {package}: pip install 'varimix[{extra}]'" in run.stderr


def printed_by(code: str) -> str:
    """Return what a fresh interpreter prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


def test_varimix_alone_imports_no_optional_package() -> None:
    code = (
        "import sys, varimix, varimix.distributed; packages = {'dask', 'distributed', "
        "'matplotlib', 'pandas', 'pyarrow', 'rich', 'river', 'scipy', "
        "'skfolio', 'sklearn'}; print(sorted(packages & set(sys.modules)))"
    )
    assert printed_by(code) == "[]\n"


ONLY_SOME_NEED = {
    "dataclasses", "decimal", "html", "json", "numpy.random", "pathlib", "varimix.inference",
    "varimix.parameterizations", "varimix.risk", "varimix.sources.source", "varimix.special",
}  # fmt: skip


def test_varimix_alone_imports_nothing_that_only_some_need() -> None:
    code = (
        "import sys, numpy, numpy.typing; before = set(sys.modules); import varimix; "
        f"print(sorted({ONLY_SOME_NEED} & set(sys.modules) - before))"
    )
    assert printed_by(code) == "[]\n"


def test_rows_in_lists_import_nothing_that_they_do_not_need() -> None:
    code = (
        "import sys, numpy, numpy.typing; before = set(sys.modules); import varimix; "
        "varimix.NormalInverseGaussian.default_init([[0.0], [1.0], [3.0]]); "
        "print(sorted({'decimal', 'numpy.ma', 'pathlib', 'pyarrow'} & set(sys.modules) - before))"
    )
    assert printed_by(code) == "[]\n"


@pytest.mark.parametrize(
    ("package", "name", "of_it"),
    [
        ("varimix", "inference", "inference"),
        ("varimix", "parameterizations", "to_cgm"),
        ("varimix", "risk", "portfolio"),
        ("varimix", "special", "log_kv"),
        ("varimix.sources", "Source", "stream"),
    ],
)
def test_what_is_imported_later_is_listed_and_found(package: str, name: str, of_it: str) -> None:
    code = (
        f"import {package} as package; print({name!r} in dir(package), hasattr(package, 'no'), "
        f"callable(package.{name}.{of_it})); from {package} import {name}"
    )
    assert printed_by(code) == "True False True\n"


def test_a_fault_inside_an_installed_package_passes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken_extra.py"
    broken.write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        require_extra("broken_extra", "broken", "a test")
