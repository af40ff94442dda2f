"""Models and statistics are values: they compare, copy, pickle and print, and never change."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import (
    Eta,
    EWMAUpdate,
    IncrementalEMFitter,
    InverseGaussian,
    NaturalGradientUpdate,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
)

Rows = NDArray[np.float64]

# repr shows six digits.
SHOWN = 1e-5
# Results that are exact in exact arithmetic may have a few roundings of a double.
ROUNDING = 1e-13

FIELDS = ("E_inv_Y", "E_Y", "E_log_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")


def assert_close(left: Eta, right: Eta, tolerance: float = ROUNDING) -> None:
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(left, name), getattr(right, name), rtol=tolerance, atol=tolerance, err_msg=name
        )


@pytest.mark.parametrize("via", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_copies_equal_the_original(
    via: Callable[[object], object], truth: NormalInverseGaussian, rows: Rows
) -> None:
    fitted = IncrementalEMFitter(max_steps=3).fit(truth, rows, key=0).model
    eta = fitted.e_step(rows + 1e6).eta
    values: list[object] = [truth, fitted, truth.compute_eta_from_model(), eta]
    for value in values:
        other = via(value)
        assert type(other) is type(value)
        assert other is not value
        assert other == value
        assert repr(other) == repr(value)


def test_a_pickled_model_gives_the_same_bits(truth: NormalInverseGaussian, rows: Rows) -> None:
    other = pickle.loads(pickle.dumps(truth))
    np.testing.assert_array_equal(other.log_prob(rows), truth.log_prob(rows))
    np.testing.assert_array_equal(other.rvs(5, seed=3), truth.rvs(5, seed=3))


@pytest.mark.parametrize(
    "change",
    [{"mu": [0, 1e-300]}, {"gamma": [0.4, -0.3 - 1e-16]}, {"mu_ig": 1 + 2**-52}, {"lam": 1.6}],
    ids=lambda change: next(iter(change)),
)
def test_equality_is_exact(change: dict[str, object], truth: NormalInverseGaussian) -> None:
    other = truth.replace(**change)  # type: ignore[arg-type]
    assert other != truth
    assert truth == truth.replace()


def test_nothing_equals_a_model_but_a_model(truth: NormalInverseGaussian) -> None:
    for other in (3, None, "model", repr(truth), truth.compute_eta_from_model()):
        assert truth != other
    assert truth.subordinator() == InverseGaussian(1.0, 1.5)
    assert truth.subordinator() != InverseGaussian(1.0, 1.25)


@pytest.mark.parametrize("shorter_first", [True, False])
def test_values_of_other_dimensions_are_not_equal(
    shorter_first: bool, truth: NormalInverseGaussian
) -> None:
    pair = (truth.project([1, 0]), truth)  # the second continues the first's parameters
    line, plane = pair if shorter_first else pair[::-1]
    assert line != plane
    assert line.compute_eta_from_model() != plane.compute_eta_from_model()
    assert not line.same_law(plane, 1.0)


def test_what_is_equal_is_not_hashed_differently(truth: NormalInverseGaussian) -> None:
    """Equal values have equal hashes or none, since a set must not hold both."""
    pairs: list[tuple[object, object]] = [
        (truth, truth.replace()),
        (truth.compute_eta_from_model(), truth.compute_eta_from_model()),
        (truth.subordinator(), truth.subordinator()),
    ]
    for value, same in pairs:
        assert value == same
        try:
            assert hash(value) == hash(same)
        except TypeError:
            assert type(value).__hash__ is None


def test_repr_can_be_read_back(truth: NormalInverseGaussian) -> None:
    read = eval(repr(truth), {"NormalInverseGaussian": NormalInverseGaussian.from_classical})
    assert read == truth  # all its parameters are short
    rotated = NormalInverseGaussian.from_classical(
        np.pi * np.arange(3), [1e-9, -1e9, 1 / 3], np.diag([1e-20, 2.0, 3e20]), 2 / 3, 1e5 / 7
    )
    read = eval(repr(rotated), {"NormalInverseGaussian": NormalInverseGaussian.from_classical})
    for name in ("mu", "gamma", "L_Sigma", "mu_ig", "lam"):
        np.testing.assert_allclose(getattr(read, name), getattr(rotated, name), rtol=SHOWN)
    eta = rotated.compute_eta_from_model()
    np.testing.assert_allclose(eval(repr(eta)).E_X, eta.E_X, rtol=SHOWN)


def test_repr_of_rules_can_be_read_back() -> None:
    for rule in (EWMAUpdate(w=0.25), RobbinsMonroUpdate(tau0=20.0), PolyakRuppertUpdate(n0=7.0)):
        assert repr(eval(repr(rule))) == repr(rule)
    assert eval(repr(EWMAUpdate(half_life=500.0))).half_life == 500.0
    assert "0.25" in repr(EWMAUpdate(w=0.25))


def test_what_a_fit_shows_is_readable(truth: NormalInverseGaussian, rows: Rows) -> None:
    result = IncrementalEMFitter(max_steps=3).fit(truth, rows, key=0)
    for part in ("n_iter=3", "completed (3 steps)", "NormalInverseGaussian(mu=["):
        assert part in repr(result)
    state = OnlineEM(truth)
    assert "step_reverted" not in state.status
    assert str(state.status) == "ok"
    report = state.update(rows)
    assert "rows=2000" in repr(report)
    assert "step=1" in repr(state)
    assert "total_weight=2000" in repr(state)


def test_replace_changes_what_it_is_told_and_leaves_the_original(
    truth: NormalInverseGaussian,
) -> None:
    before = repr(truth)
    other = truth.replace(mu=[1, 2], lam=3.0)
    assert other.mu.tolist() == [1, 2]
    assert other.lam == 3.0
    assert (other.gamma == truth.gamma).all()
    assert (other.L_Sigma == truth.L_Sigma).all()
    assert other.mu_ig == truth.mu_ig
    np.testing.assert_allclose(truth.replace(sigma=np.eye(2) * 4).L_Sigma, np.eye(2) * 2)
    assert repr(truth) == before


def test_arrays_handed_out_are_copies(truth: NormalInverseGaussian, rows: Rows) -> None:
    eta = truth.e_step(rows).eta
    result = IncrementalEMFitter(max_steps=2, verbose=1).fit(truth, rows, key=0)
    shown: list[tuple[object, Callable[[], Rows]]] = [
        (truth, lambda: truth.mu),
        (truth, lambda: truth.gamma),
        (truth, lambda: truth.L_Sigma),
        (truth, truth.sigma),
        (truth, truth.mean),
        (truth, truth.cov),
        (eta, lambda: eta.E_X),
        (eta, lambda: eta.E_X_inv_Y),
        (eta, lambda: eta.E_XXT_inv_Y),
        (result, lambda: result.log_likelihoods),
        (result, lambda: result.param_changes),
    ]
    for value, read in shown:
        before, array = repr(value), read()
        expected = array.copy()
        if array.flags.writeable:
            array[...] = -7.0
        np.testing.assert_array_equal(read(), expected)
        assert repr(value) == before


def test_arrays_handed_in_are_copied() -> None:
    mu, sigma = np.zeros(2), np.eye(2)
    model = NormalInverseGaussian.from_classical(mu, mu, sigma, 1.0, 1.0)
    before = repr(model)
    mu[:], sigma[:] = 9.0, 9.0
    assert repr(model) == before


@pytest.mark.parametrize("name", ["mu", "gamma", "L_Sigma", "d", "mu_ig", "lam", "new"])
def test_a_model_has_no_setters(name: str, truth: NormalInverseGaussian) -> None:
    with pytest.raises(AttributeError):
        setattr(truth, name, 1.0)


def test_states_are_independent_of_their_copies(truth: NormalInverseGaussian, rows: Rows) -> None:
    state = OnlineEM(truth)
    state.update(rows[:500])
    other = copy.copy(state)
    model, eta = state.model, state.eta
    other.update(rows[500:])
    assert (state.step, other.step) == (1, 2)
    assert (state.model, state.eta) == (model, eta)
    assert other.model != model


@given(s=st.floats(1e-8, 1e8))
def test_rescale_y_keeps_the_law(s: float) -> None:
    model = NormalInverseGaussian.from_classical([1, 2], [0.4, -3], [[1, 0.3], [0.3, 9]], 2.0, 0.7)
    other = model.rescale_y(s)
    assert other.same_law(model, ROUNDING)
    assert model.same_law(other, ROUNDING)
    assert other.mu_ig == pytest.approx(2.0 * s, rel=ROUNDING, abs=0.0)
    assert_close(other.compute_eta_from_model(), model.compute_eta_from_model().rescale_y(s), 1e-12)
    assert not other.replace(mu=[1.1, 2]).same_law(model, 1e-3)
    assert not other.replace(lam=other.lam * 1.01).same_law(model, 1e-3)


def test_defaults_are_what_the_documents_say(truth: NormalInverseGaussian) -> None:
    assert EWMAUpdate().w == 0.1
    assert EWMAUpdate(half_life=5.0).w is None
    assert OnlineEM(truth) == OnlineEM(
        truth, NaturalGradientUpdate(), 0, score_half_life=10_000.0, inner_iter=1
    )
    assert OnlineEM(truth) != OnlineEM(truth, score_half_life=10_001.0)


def test_the_pickle_of_another_rule_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not the state of a pickled PolyakRuppertUpdate"):
        PolyakRuppertUpdate.__new__(PolyakRuppertUpdate).__setstate__(EWMAUpdate().__getstate__())
