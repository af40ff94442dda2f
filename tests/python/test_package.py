"""Tests of the package as users import it: names, documentation, types, statuses."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import varimix
from varimix import (
    AffineUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
)

Rows = NDArray[np.float64]

# This release promises these names of the reference package (design.md).
PROMISED = {
    "NormalInverseGaussian",
    "IncrementalEMFitter",
    "IdentityUpdate",
    "RobbinsMonroUpdate",
    "SampleWeightedUpdate",
    "EWMAUpdate",
    "AffineUpdate",
    "Shrinkage",
    "PolyakRuppertUpdate",
    "OnlineEM",
    "EMResult",
    "eta0_from_model",
    "eta0_isotropic",
    "eta0_diagonal",
    "eta0_with_sigma",
    "DegenerateDataWarning",
}


def own_words(value: object) -> str:
    """Return an object's documentation without the signature that nanobind puts in front."""
    return re.sub(
        r"^\w*\(.*$", "", inspect.getdoc(value) or "", count=1, flags=re.MULTILINE
    ).strip()


def members(cls: type) -> dict[str, object]:
    """Return public methods and properties of a class and of those of its bases that are ours."""
    found: dict[str, object] = {}
    for base in cls.__mro__:
        if base.__module__.startswith("varimix"):
            for name, value in vars(base).items():
                if not name.startswith("_") and hasattr(type(value), "__get__"):
                    found.setdefault(name, value)
    return found


def test_all_is_sorted_complete_and_importable() -> None:
    assert len(set(varimix.__all__)) == len(varimix.__all__)
    assert set(varimix.__all__) >= PROMISED
    for name in varimix.__all__:
        assert hasattr(varimix, name), name
    submodules = {module.name for module in pkgutil.iter_modules(varimix.__path__)}
    public = {name for name in vars(varimix) if not name.startswith("_")} - submodules
    assert public == set(varimix.__all__)


def test_every_submodule_can_be_imported_and_says_what_it_is() -> None:
    names = [module.name for module in pkgutil.iter_modules(varimix.__path__)]
    assert "_varimix" in names
    for name in names:
        module = importlib.import_module(f"varimix.{name}")
        assert module.__doc__, name


# These names are those of the reference package.
ALIASES = {"NormalMixture", "NormalMixtureEta"}


def test_types_are_shipped() -> None:
    folder = Path(varimix.__file__).parent
    assert (folder / "py.typed").is_file()
    stub = (folder / "_varimix.pyi").read_text()
    for name in varimix.__all__:
        if name not in ALIASES and name not in (
            "DegenerateDataWarning",
            "fit_stream",
            "open_source",
            "report",
        ):
            assert re.search(rf"^(class |def |){name}\b", stub, re.MULTILINE), name


# A union of classes has no documentation of its own.
@pytest.mark.parametrize("name", sorted(set(varimix.__all__) - {"MeanVarianceMixture"} - ALIASES))
def test_every_public_object_is_documented(name: str) -> None:
    value = getattr(varimix, name)
    assert own_words(value), name
    if inspect.isclass(value):
        of_class = set(re.findall(r"\w+", own_words(value)))
        silent = [m for m, v in members(value).items() if not own_words(v) and m not in of_class]
        assert not silent, "documented neither by themselves nor by their class"


def test_the_version_is_that_of_the_project(root: Path) -> None:
    declared = re.search(
        r"project\(varimix VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text()
    )
    assert declared
    assert varimix.__version__ == declared[1]


def test_every_status_of_the_library_has_its_documented_name(
    root: Path, truth: NormalInverseGaussian
) -> None:
    header = (root / "include" / "varimix" / "core" / "status.hpp").read_text()
    enumeration = re.search(r"enum class StatusCode \{(.*?)\};", header, re.DOTALL)
    assert enumeration
    codes = re.findall(r"^\s*k(\w+),\s*///< \w+", enumeration[1], re.MULTILINE)
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", code).lower() for code in codes}
    assert len(names) == len(re.findall(r"^\s*k\w+", enumeration[1], re.MULTILINE))
    assert names >= {"completed", "not_started", "batch_capped", "gaussian_limit"}
    status = OnlineEM(truth).status
    for name in names:
        assert name not in status
        assert status.count(name) == 0


def test_a_misspelt_status_is_an_error(truth: NormalInverseGaussian) -> None:
    status = OnlineEM(truth).status
    with pytest.raises(ValueError, match="code must be the name of a status code, got 'gaussian'"):
        status.count("gaussian")
    with pytest.raises(ValueError, match="got 'Converged'"):
        "Converged" in status  # noqa: B015  # the question itself is refused


def test_a_status_tells_what_how_often_and_when(truth: NormalInverseGaussian, rows: Rows) -> None:
    state = OnlineEM(truth, AffineUpdate(b=2.0, c=-1.0))
    for k in range(40):
        state.update(rows[50 * k : 50 * k + 50])
    status = state.status
    assert len(status) == len(status.entries) == len(status.codes) > 0
    (entry,) = (e for e in status.entries if e.code == "step_halved")
    assert entry.count == status.count("step_halved") > 1
    assert 0 <= entry.first_step < 40
    assert entry.detail in str(status)
    assert f"first in step {entry.first_step}" in str(status)
    assert f"{entry.count} times" in repr(status)
    assert "step_halved" in repr(entry)
    assert state.status == status
    assert OnlineEM(truth).status != status


@pytest.mark.parametrize(
    ("regularization", "invariant"),
    [
        ("mean_y_one", lambda m: m.subordinator().E_Y()),
        ("none", lambda m: m.subordinator().E_Y()),
        ("det_sigma_one", lambda m: np.linalg.det(m.sigma())),
        ("a_eq_b", lambda m: m.lam / m.mu_ig**2 / m.lam),
    ],
    ids=["mean_y_one", "none", "det_sigma_one", "a_eq_b"],
)
def test_every_gauge_shows_the_same_law(
    regularization: str, invariant: object, truth: NormalInverseGaussian, rows: Rows
) -> None:
    assert callable(invariant)
    start = truth.rescale_y(7.0)
    plain, shown = (
        IncrementalEMFitter(
            eta_update=IdentityUpdate(), regularization=gauge, batch_size=500, max_steps=5
        )
        .fit(start, rows, key=0)
        .model
        for gauge in ("none", regularization)
    )
    # The gauge is a rounding or two away from exact.
    assert invariant(shown) == pytest.approx(1.0, rel=1e-13, abs=0.0)
    assert shown.same_law(plain, 1e-13)


def test_det_sigma_x_shows_the_determinant_of_the_start(
    truth: NormalInverseGaussian, rows: Rows
) -> None:
    start = truth.rescale_y(7.0)
    fitter = IncrementalEMFitter(regularization="det_sigma_x", batch_size=500, max_steps=5)
    shown = fitter.fit(start, rows, key=0).model
    assert shown.log_det_sigma() == pytest.approx(start.log_det_sigma(), abs=1e-13)
