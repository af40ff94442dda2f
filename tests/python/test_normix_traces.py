"""Batch by batch, fits follow the reference package's trajectories on the same data."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    AffineUpdate,
    EWMAUpdate,
    IdentityUpdate,
    NormalInverseGaussian,
    OnlineEM,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    eta0_from_model,
    eta0_isotropic,
)

# The traces were matched by a second, independent program to 3e-7 and are given to 12 digits.
TOLERANCE = 1e-6

# These are all rules of the reference's NIG trajectories, by their names in the file.
RULES = (
    "Identity",
    "RobbinsMonro(10)",
    "SampleWeighted",
    "EWMA(0.1)",
    "Affine(b=0.5,c=0.5)",
    "Shrinkage(Identity,eta0_from_model(init),0.3)",
    "Shrinkage(Identity,eta0_isotropic(init,mean variance),0.5)",
    "Shrinkage(RobbinsMonro(10),eta0_isotropic(init,mean variance),0.5),feedback",
)


@pytest.fixture(scope="module")
def traces(shared: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((shared / "reference" / "normix_traces.json").read_text())
    return content


@pytest.fixture(scope="module")
def data(shared: Path, traces: dict[str, Any]) -> NDArray[np.float64]:
    x = np.loadtxt(shared / "reference" / "data" / traces["data"], delimiter=",", skiprows=1)
    assert x.shape == (traces["rows"], 2)
    return x


@pytest.fixture(scope="module")
def family(traces: dict[str, Any]) -> dict[str, Any]:
    trajectories: dict[str, Any] = traces["families"]["NormalInverseGaussian"]
    return trajectories


@pytest.fixture(scope="module")
def start(family: dict[str, Any]) -> NormalInverseGaussian:
    """Return the traces' initial model in the gauge E[Y] = 1, where 1/lam = E[Y] E[1/Y] - 1."""
    given = family["init"]
    return NormalInverseGaussian.from_classical(
        mu=given["mu"],
        gamma=given["gamma_EY"],
        sigma=given["sigma_EY"],
        mu_ig=1.0,
        lam=1.0 / (given["EY_EinvY"] - 1.0),
    )


def rule_named(name: str, start: NormalInverseGaussian, x: NDArray[np.float64]) -> object:
    isotropic = eta0_isotropic(start, float(np.mean(np.var(x, axis=0, ddof=1))))
    return dict(
        zip(
            RULES,
            (
                IdentityUpdate(),
                RobbinsMonroUpdate(tau0=10.0),
                SampleWeightedUpdate(),
                EWMAUpdate(w=0.1),
                AffineUpdate(b=0.5, c=0.5),
                Shrinkage(IdentityUpdate(), eta0_from_model(start), tau=0.3),
                Shrinkage(IdentityUpdate(), isotropic, tau=0.5),
                Shrinkage(RobbinsMonroUpdate(tau0=10.0), isotropic, tau=0.5, feedback=True),
            ),
            strict=True,
        )
    )[name]


def invariants(model: NormalInverseGaussian) -> dict[str, Any]:
    """Return the gauge-free statistics that the traces hold."""
    y = model.subordinator()
    return {
        "mu": model.mu,
        "gamma_EY": y.E_Y() * model.gamma,
        "sigma_EY": y.E_Y() * model.sigma(),
        "EY_EinvY": y.E_Y() * y.E_inv_Y(),
        "ElogY_minus_logEY": y.E_log_Y() - np.log(y.E_Y()),
    }


def assert_met(model: NormalInverseGaussian, expected: dict[str, Any]) -> None:
    for name, value in invariants(model).items():
        scale = np.max(np.abs(expected[name]))
        np.testing.assert_allclose(
            value, expected[name], rtol=0.0, atol=TOLERANCE * scale, err_msg=name
        )


def test_the_file_holds_the_rules_that_are_tested(family: dict[str, Any]) -> None:
    assert set(family["rules"]) == set(RULES)


def test_the_start_is_the_traces_own(
    start: NormalInverseGaussian, family: dict[str, Any], data: NDArray[np.float64]
) -> None:
    assert_met(start, family["init"])
    assert start.marginal_log_likelihood(data) == pytest.approx(
        family["init"]["mean_ll"], rel=TOLERANCE
    )


@pytest.mark.parametrize("name", RULES)
def test_every_step_of_the_trajectory_is_met(
    name: str,
    traces: dict[str, Any],
    family: dict[str, Any],
    start: NormalInverseGaussian,
    data: NDArray[np.float64],
) -> None:
    trajectory = family["rules"][name]
    assert len(trajectory) == traces["steps"]
    size = traces["batch_size"]
    state = OnlineEM(start, rule_named(name, start, data))
    for t, expected in enumerate(trajectory):
        report = state.update(data[t * size : (t + 1) * size])
        assert report.rows == size
        assert_met(state.model, expected)
    assert state.step == traces["steps"]
    assert state.model.marginal_log_likelihood(data) == pytest.approx(
        trajectory[-1]["mean_ll"], rel=TOLERANCE
    )
