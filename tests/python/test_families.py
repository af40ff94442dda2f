"""Four families share one interface: construction, values, statistics, and fits."""

import copy
import inspect
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import varimix
from varimix import (
    DegenerateDataWarning,
    EMResult,
    GeneralizedHyperbolic,
    IncrementalEMFitter,
    MeanVarianceMixture,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    eta0_diagonal,
    eta0_from_model,
    eta0_isotropic,
    eta0_with_sigma,
)

Rows = NDArray[np.float64]

ROUNDING = 1e-12


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def test_all_families_have_the_same_interface(family: Any, shape: dict[str, float]) -> None:
    own = public(family) - set(shape)
    assert own == public(NormalInverseGaussian) - {"mu_ig", "lam"}
    assert isinstance(family.from_classical([0], [0], [[1]], **shape), MeanVarianceMixture)


def test_parameters_are_shown_as_they_were_given(plane: Any, shape: dict[str, float]) -> None:
    for name, value in shape.items():
        assert getattr(plane, name) == value
        assert getattr(plane.subordinator(), name) == value
        with pytest.raises(AttributeError):
            setattr(plane, name, value)
    np.testing.assert_array_equal(plane.mu, [0.5, -1])
    np.testing.assert_allclose(plane.sigma(), [[1, 0.3], [0.3, 1]], rtol=ROUNDING)
    law = varimix.__dict__[type(plane.subordinator()).__name__]
    assert law(**shape) == plane.subordinator()


def test_replace_changes_one_parameter(plane: Any, shape: dict[str, float]) -> None:
    for name, value in shape.items():
        other = plane.replace(**{name: 2.0 * value})
        assert getattr(other, name) == 2.0 * value
        assert other != plane
        assert other.replace(**{name: value}) == plane
    np.testing.assert_array_equal(plane.replace(mu=[3, 4]).mu, [3, 4])
    assert plane.replace() == plane


def test_a_parameter_outside_its_domain_is_named(family: Any, shape: dict[str, float]) -> None:
    for name, value in shape.items():
        for bad in (np.nan, np.inf, -value if name != "p" else 1e300):
            with pytest.raises(ValueError, match=rf"\b{name}\b.* must be .*, got"):
                family.from_classical([0], [0], [[1]], **{**shape, name: bad})


def test_another_familys_parameter_is_refused(family: Any, shape: dict[str, float]) -> None:
    with pytest.raises(TypeError):
        family.from_classical([0], [0], [[1]], **{**shape, "nu": 1.0})
    with pytest.raises(TypeError):
        family.from_classical([0], [0], [[1]])


def test_a_model_is_a_value(plane: Any, plane_rows: Rows) -> None:
    fitted = plane.fit(plane_rows, max_iter=3).model
    for model in (plane, fitted):
        for other in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert type(other) is type(model)
            assert other == model
            assert repr(other) == repr(model)
    assert repr(plane).startswith(type(plane).__name__ + "(mu=[0.5, -1], ")


def test_models_of_different_families_differ(plane: Any) -> None:
    for other in (VarianceGamma, NormalInverseGamma):
        model = other.from_classical(plane.mu, plane.gamma, plane.sigma(), 2.5, 2.0)
        assert (model == plane) is (type(plane) is other and plane.alpha == 2.5)


def test_moments_are_those_of_the_draws(plane: Any) -> None:
    n = 200_000
    x = plane.rvs(n, seed=4)
    deviation = np.sqrt(np.diag(plane.cov()))
    # Five standard errors give one false alarm in a million seeds, and the seed is fixed.
    assert (np.abs(x.mean(axis=0) - plane.mean()) < 5 * deviation / np.sqrt(n)).all()
    np.testing.assert_array_equal(plane.rvs(5, seed=4), x[:5])


def test_eta_of_a_model_gives_the_model_again(plane: Any) -> None:
    eta = plane.compute_eta_from_model()
    again = type(plane).from_expectation(eta)
    assert type(again) is type(plane)
    assert again.same_law(plane, 1e-9)
    assert plane.m_step(eta).same_law(plane, 1e-9)


def test_targets_keep_the_law_of_y(plane: Any) -> None:
    assert eta0_from_model(plane) == plane.compute_eta_from_model()
    targets = {
        eta0_isotropic: 2.0,
        eta0_diagonal: [2.0, 3.0],
        eta0_with_sigma: [[2.0, 0.5], [0.5, 3.0]],
    }
    for target, dispersion in targets.items():
        model = plane.from_expectation(target(plane, dispersion))  # type: ignore[operator]
        wanted = np.atleast_1d(dispersion)
        wanted = wanted if wanted.ndim == 2 else np.diag(np.broadcast_to(wanted, 2))
        np.testing.assert_allclose(model.sigma(), wanted, atol=1e-9)
        assert model.subordinator().E_Y() == pytest.approx(plane.subordinator().E_Y(), rel=1e-9)


def test_default_init_warns_where_data_are_degenerate(family: Any) -> None:
    x = np.column_stack([np.full(50, 3.0), np.linspace(0, 1, 50)])
    with pytest.warns(DegenerateDataWarning, match="column 0"):
        model = family.default_init(x)
    assert type(model) is family
    assert np.isfinite(model.log_prob(x[:3] + 0.01)).all()


def test_fit_of_the_class_starts_from_default_init(family: Any, plane_rows: Rows) -> None:
    result = family.fit(plane_rows)
    assert isinstance(result, EMResult)
    assert type(result.model) is family
    assert result.converged
    started = family.default_init(plane_rows).fit(plane_rows)
    assert started.model == result.model
    assert family.fit(plane_rows, max_iter=0).model == family.default_init(plane_rows)


def test_fit_of_a_model_starts_from_the_model(plane: Any, plane_rows: Rows) -> None:
    assert plane.fit(plane_rows, max_iter=0).model == plane
    start = plane.marginal_log_likelihood(plane_rows)
    result = plane.fit(plane_rows)
    assert result.log_likelihoods[0] == pytest.approx(start, rel=1e-12)
    assert result.model.marginal_log_likelihood(plane_rows) >= start


def test_fit_passes_options_and_weights_on(plane: Any, plane_rows: Rows) -> None:
    held = plane.fit(plane_rows, symmetric=True, tol=1e-6)
    np.testing.assert_array_equal(held.model.gamma, 0.0)
    weights = np.ones(len(plane_rows))
    weights[1000:] = 0.0
    np.testing.assert_array_equal(
        plane.fit(plane_rows, weights, max_iter=4).model.mu,
        plane.fit(plane_rows[:1000], max_iter=4).model.mu,
    )
    with pytest.raises(TypeError, match="tolerance"):
        plane.fit(plane_rows, tolerance=1e-6)
    with pytest.raises(ValueError, match=r"^max_iter must be >= 0, got -1"):
        type(plane).fit(plane_rows, max_iter=-1)


def test_what_fit_is_says_so(family: Any, plane: Any) -> None:
    assert family.__name__ in repr(family.fit)
    assert repr(plane) in repr(plane.fit)
    assert "default_init" in inspect.getdoc(type(family.fit))


def test_one_class_of_state_and_of_result_for_all_families(plane: Any, plane_rows: Rows) -> None:
    state = OnlineEM(plane)
    assert type(state) is OnlineEM
    assert state.model == plane
    state.update(plane_rows[:300])
    assert type(state.model) is type(state.driving_model) is type(plane)
    other = copy.deepcopy(state)
    other.update(plane_rows[300:600])
    assert (state.step, other.step) == (1, 2)
    assert type(plane).__name__ in repr(state)
    fitter = IncrementalEMFitter(batch_size=100, max_steps=20)
    result = fitter.fit(plane, plane_rows, key=0)
    assert type(result) is EMResult
    assert type(result.model) is type(plane)
    assert fitter.state is not None
    assert fitter.state.model == result.model
    assert type(plane).__name__ in repr(result)


def test_a_summary_says_in_plain_words_what_happened(plane: Any, plane_rows: Rows) -> None:
    result = IncrementalEMFitter(batch_size=100, max_steps=5).fit(plane, plane_rows, key=0)
    text = result.summary()
    assert text.startswith(f"{type(plane).__name__} of dimension 2, 5 steps in ")
    (entry,) = (e for e in result.status.entries if e.code == "completed")
    assert not entry.advice, "a regular end is nothing to do something about"
    assert str(entry) in text
    short = type(plane).fit(plane_rows, max_iter=1)
    (entry,) = (e for e in short.status.entries if e.code == "budget_spent")
    assert entry.advice
    assert entry.advice in short.summary()


@pytest.mark.parametrize("make", [OnlineEM, IncrementalEMFitter])
def test_wrong_constraints_are_named(make: Any, plane: Any, plane_rows: Rows) -> None:
    def start(**options: object) -> object:
        if make is OnlineEM:
            return OnlineEM(plane, **options)  # type: ignore[arg-type]
        fitter = IncrementalEMFitter(max_steps=1, **options)  # type: ignore[arg-type]
        return fitter.fit(plane, plane_rows, key=0)

    with pytest.raises(ValueError, match=r"^fixed must be .*, got 'nu'"):
        start(fixed=["nu"])
    with pytest.raises(ValueError, match=r"^gamma must be 0 where it is fixed"):
        start(fixed=("gamma",), symmetric=True)
    with pytest.raises(ValueError, match=r"^alpha_min must be .*, got 'least'"):
        start(alpha_min="least")


def test_constraints_hold_in_incremental_fits(plane: Any, plane_rows: Rows) -> None:
    fixed = ("mu",)
    fitter = IncrementalEMFitter(batch_size=200, max_steps=10, fixed=fixed, symmetric=True)
    model = fitter.fit(plane, plane_rows, key=0).model
    np.testing.assert_array_equal(model.mu, plane.mu)
    np.testing.assert_array_equal(model.gamma, 0.0)
    state = OnlineEM(plane, symmetric=True, fixed=list(fixed))
    state.update(plane_rows)
    np.testing.assert_array_equal(state.model.mu, plane.mu)
    np.testing.assert_array_equal(state.model.gamma, 0.0)


def test_alpha_min_bounds_a_variance_gamma() -> None:
    truth = VarianceGamma.from_classical([0, 0], [0.1, 0], np.eye(2), 0.6, 0.6)
    x = truth.rvs(2000, seed=1)
    model = VarianceGamma.fit(x, alpha_min="density").model
    assert model.alpha == pytest.approx(1.1, rel=1e-12)
    assert "shape_minimum" in VarianceGamma.fit(x, alpha_min="density").status


def test_a_function_of_models_refuses_anything_else() -> None:
    for call in (OnlineEM, eta0_from_model, IncrementalEMFitter().start):
        with pytest.raises(TypeError):
            call("NormalInverseGaussian")  # type: ignore[operator]


seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, d=st.integers(1, 5))
def test_families_meet_where_they_are_one_law(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.uniform(0.5, 2.0, d))
    location = (rng.normal(size=d), rng.normal(size=d), factor @ factor.T)
    one, two = np.exp(rng.normal(size=2))
    pairs: list[tuple[MeanVarianceMixture, GeneralizedHyperbolic]] = [
        (
            NormalInverseGaussian.from_classical(*location, one, two),
            GeneralizedHyperbolic.from_classical(*location, -0.5, two / one**2, two),
        ),
        (
            VarianceGamma.from_classical(*location, one, two),
            GeneralizedHyperbolic.from_classical(*location, one, 2 * two, 0.0),
        ),
        (
            NormalInverseGamma.from_classical(*location, one, two),
            GeneralizedHyperbolic.from_classical(*location, -one, 0.0, 2 * two),
        ),
    ]
    for special, general in pairs:
        x = special.rvs(20, seed=seed)
        np.testing.assert_allclose(general.log_prob(x), special.log_prob(x), rtol=1e-10, atol=1e-10)


def test_the_stub_names_every_familys_own_parameters(family: Any, shape: dict[str, float]) -> None:
    text = Path(varimix.__file__).with_name("_varimix.pyi").read_text()
    body = re.search(rf"^class {family.__name__}:.*?(?=^class |\Z)", text, re.MULTILINE | re.DOTALL)
    assert body
    parameters = ", ".join(f"{name}: float" for name in shape)
    assert f"{parameters}) -> {family.__name__}" in body[0]
    assert "fit: FitMethod" in body[0]
