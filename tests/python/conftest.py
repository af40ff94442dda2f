"""Fixtures of the Python tests: the tutorial's law, rows of it, every rule, reference data."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from varimix import (
    AffineUpdate,
    EWMAUpdate,
    GeneralizedHyperbolic,
    IdentityUpdate,
    MeanVarianceMixture,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
)

ROOT = Path(__file__).resolve().parents[2]

# Every run has the same examples, no database in the source tree, and no time limit, since the
# machine may be shared.
settings.register_profile(
    "varimix", derandomize=True, database=None, deadline=None, max_examples=50
)
settings.load_profile("varimix")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data, no part of the project; skips if it is absent."""
    folder = Path(os.environ.get("VARIMIX_SHARED", ROOT.parent / "shared"))
    if not (folder / "reference").is_dir():
        pytest.skip(f"no reference data in {folder} (set VARIMIX_SHARED)")
    return folder


@pytest.fixture(scope="session")
def truth() -> NormalInverseGaussian:
    """Return the law of the tutorial."""
    return NormalInverseGaussian.from_classical(
        mu=(0, 0), gamma=(0.4, -0.3), sigma=((1, 0.3), (0.3, 1)), mu_ig=1.0, lam=1.5
    )


@pytest.fixture(scope="session")
def rows(truth: NormalInverseGaussian) -> NDArray[np.float64]:
    """Return 2000 rows of the tutorial's law, read-only."""
    x = truth.rvs(2000, seed=1)
    x.setflags(write=False)
    return x


@pytest.fixture(scope="session")
def many(truth: NormalInverseGaussian) -> NDArray[np.float64]:
    """Return rows for several threads: 150 blocks of 256 rows, and a rest.

    Blocks go out in at most 64 chunks, so that there are several blocks in each.
    """
    return truth.rvs(256 * 150 + 37, seed=2)


@pytest.fixture(scope="session")
def init(rows: NDArray[np.float64]) -> NormalInverseGaussian:
    """Return a model to start from."""
    return NormalInverseGaussian.default_init(rows)


def shrinkage(model: NormalInverseGaussian, *, feedback: bool) -> Shrinkage:
    """Return the rule of Robbins-Monro steps, shrunk to the model."""
    return Shrinkage(RobbinsMonroUpdate(), eta0_from_model(model), tau=0.3, feedback=feedback)


RULES: dict[str, Callable[[NormalInverseGaussian], object]] = {
    "identity": lambda model: IdentityUpdate(),
    "robbins_monro": lambda model: RobbinsMonroUpdate(tau0=10.0),
    "sample_weighted": lambda model: SampleWeightedUpdate(),
    "ewma": lambda model: EWMAUpdate(w=0.1),
    "ewma_half_life": lambda model: EWMAUpdate(half_life=500.0),
    "affine": lambda model: AffineUpdate(b=0.5, c=0.5),
    "natural_gradient": lambda model: NaturalGradientUpdate(),
    "polyak_ruppert": lambda model: PolyakRuppertUpdate(),
    "shrinkage": lambda model: shrinkage(model, feedback=False),
    "shrinkage_feedback": lambda model: shrinkage(model, feedback=True),
}


@pytest.fixture(params=RULES)
def rule_for(request: pytest.FixtureRequest) -> Callable[[NormalInverseGaussian], object]:
    """Return every update rule, one after the other, as a function of the initial model."""
    make: Callable[[NormalInverseGaussian], object] = RULES[request.param]
    return make


# Each family has parameters of its own law of Y.
FAMILIES: dict[type[MeanVarianceMixture], dict[str, float]] = {
    NormalInverseGaussian: {"mu_ig": 1.0, "lam": 1.5},
    VarianceGamma: {"alpha": 2.5, "beta": 2.0},
    NormalInverseGamma: {"alpha": 3.0, "beta": 2.5},
    GeneralizedHyperbolic: {"p": 1.5, "a": 2.0, "b": 1.0},
}


@pytest.fixture(params=FAMILIES, ids=lambda family: family.__name__)
def family(request: pytest.FixtureRequest) -> type[MeanVarianceMixture]:
    """Return every family's class, one after the other."""
    chosen: type[MeanVarianceMixture] = request.param
    return chosen


@pytest.fixture
def shape(family: type[MeanVarianceMixture]) -> dict[str, float]:
    """Return the parameters of the family's law of Y."""
    return FAMILIES[family]


@pytest.fixture
def plane(family: type[MeanVarianceMixture], shape: dict[str, float]) -> MeanVarianceMixture:
    """Return a two-dimensional model of the family."""
    return family.from_classical(
        mu=(0.5, -1), gamma=(0.4, -0.3), sigma=((1, 0.3), (0.3, 1)), **shape
    )


@pytest.fixture
def line(plane: MeanVarianceMixture) -> MeanVarianceMixture:
    """Return a one-dimensional model of the family."""
    return plane.project([1.0, 0.0])


@pytest.fixture
def plane_rows(plane: MeanVarianceMixture) -> NDArray[np.float64]:
    """Return 1500 rows of the two-dimensional model."""
    return plane.rvs(1500, seed=3)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return reports on several kinds of fits and data."""
    from reports import write_reports

    return write_reports(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def examples() -> dict[type, list[object]]:
    """Return values of every public class, in every shape that they come in."""
    from examples_of_values import examples_of_all

    return examples_of_all()
