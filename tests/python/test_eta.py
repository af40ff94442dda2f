"""Expectation parameters come from values and back, merge, and go through the M-step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import (
    Eta,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    NormalMixtureEta,
    OnlineEM,
    eta0_diagonal,
    eta0_from_model,
    eta0_with_sigma,
)

Rows = NDArray[np.float64]

# Statistics merged over any cut are those of one pass (methods.md, section 7).
MERGED = 1e-13
# A moment of 2000 rows has an error of a few roundings of the sum's largest term.
SUMMED = 1e-12
# The M-step solves a (d+2) x (d+2) system of condition 100 here.
SOLVED = 1e-12

FIELDS = ("E_inv_Y", "E_Y", "E_log_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")


def assert_close(left: Eta, right: Eta, tolerance: float) -> None:
    assert left.d == right.d
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(left, name), getattr(right, name), rtol=tolerance, atol=tolerance, err_msg=name
        )


def test_the_reference_packages_name_is_the_same_class() -> None:
    assert NormalMixtureEta is Eta


def test_values_go_in_and_come_out() -> None:
    xx = np.array([[2.0, 0.5], [0.5, 1.0]])
    eta = Eta(2.0, 1.5, -0.25, [1.0, 2.0], [3.0, 4.0], xx)
    assert (eta.E_inv_Y, eta.E_Y, eta.E_log_Y, eta.d, eta.weight) == (2.0, 1.5, -0.25, 2, 0.0)
    assert eta.E_X.tolist() == [1.0, 2.0]
    assert eta.E_X_inv_Y.tolist() == [3.0, 4.0]
    assert (eta.E_XXT_inv_Y == xx).all()
    assert Eta(2.0, 1.5, None, [1.0], [3.0], [[2.0]]).E_log_Y is None


def test_a_round_trip_through_values_is_the_same_statistics(
    truth: NormalInverseGaussian, rows: Rows
) -> None:
    eta = truth.e_step(rows).eta
    again = Eta(*(getattr(eta, name) for name in FIELDS))
    assert_close(again, eta, MERGED)
    assert truth.m_step(again).same_law(truth.m_step(eta), SOLVED)


def test_eta_of_a_model_is_what_its_formulas_say(truth: NormalInverseGaussian) -> None:
    eta = truth.compute_eta_from_model()
    mu, gamma, s1, s2 = truth.mu, truth.gamma, 1 / 1.0 + 1 / 1.5, 1.0
    assert eta.E_inv_Y == pytest.approx(s1, rel=MERGED, abs=0.0)
    assert abs(eta.E_Y - s2) < MERGED
    np.testing.assert_allclose(eta.E_X, truth.mean(), rtol=MERGED)
    np.testing.assert_allclose(eta.E_X_inv_Y, mu * s1 + gamma, rtol=MERGED)
    second = truth.sigma() + s1 * np.outer(mu, mu) + s2 * np.outer(gamma, gamma)
    second += np.outer(mu, gamma) + np.outer(gamma, mu)
    np.testing.assert_allclose(eta.E_XXT_inv_Y, second, rtol=MERGED)
    assert eta.weight == 0.0


@given(
    d=st.integers(1, 5),
    tail=st.floats(1e-3, 1e3),
    scale=st.floats(1e-6, 1e6),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_m_step_inverts_the_eta_of_a_model(
    d: int, tail: float, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.uniform(0.5, 2.0, d))
    model = NormalInverseGaussian.from_classical(
        mu=scale * rng.normal(size=d),
        gamma=scale * rng.normal(size=d),
        sigma=scale**2 * factor @ factor.T,
        mu_ig=1.0,
        lam=1.0 / tail,
    )
    eta = model.compute_eta_from_model()
    # The tail weight is E[Y] E[1/Y] - 1: relative to it a rounding grows by 1/tail.
    tolerance = 1e-11 * max(1.0, 1.0 / tail)
    assert NormalInverseGaussian.from_expectation(eta).same_law(model, tolerance)
    assert model.m_step(eta) == NormalInverseGaussian.from_expectation(eta)


def test_an_e_step_gives_the_sample_mean_and_the_likelihood(
    truth: NormalInverseGaussian, rows: Rows
) -> None:
    result = truth.e_step(rows)
    np.testing.assert_allclose(result.eta.E_X, rows.mean(axis=0), rtol=SUMMED)
    assert result.eta.weight == len(rows)
    assert result.log_lik == pytest.approx(truth.log_prob(rows).mean(), rel=SUMMED)
    assert result.log_lik == truth.marginal_log_likelihood(rows)


def test_an_e_and_an_m_step_are_one_step_of_identity(
    truth: NormalInverseGaussian, rows: Rows
) -> None:
    by_hand = truth.m_step(truth.e_step(rows).eta)
    state = OnlineEM(truth, IdentityUpdate())
    state.update(rows)
    assert state.model.same_law(by_hand, SOLVED)
    drawn = IncrementalEMFitter(batch_size=2000, max_steps=1, eta_update=IdentityUpdate())
    assert drawn.fit(truth, rows, key=0).model.same_law(by_hand, SOLVED)


@given(cut=st.integers(1, 1999), second=st.integers(1, 1999), offset=st.sampled_from([0.0, 1e6]))
def test_merging_any_partition_gives_the_whole(cut: int, second: int, offset: float) -> None:
    model = NormalInverseGaussian.from_classical(
        [offset, -offset], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5
    )
    x = model.rvs(2000, seed=9)
    whole = model.e_step(x).eta
    pieces = [model.e_step(piece).eta for piece in np.split(x, sorted({cut, second}))]
    forward = pieces[0]
    for piece in pieces[1:]:
        forward = forward.merge(piece)
    backward = pieces[-1]
    for piece in pieces[-2::-1]:
        backward = backward.merge(piece)
    for merged in (forward, backward):
        assert merged.weight == 2000
        assert_close(merged, whole, MERGED)
        assert model.m_step(merged).same_law(model.m_step(whole), SOLVED)


def test_statistics_about_different_origins_merge(truth: NormalInverseGaussian, rows: Rows) -> None:
    """Each model gathers its E-step about its own location; both hold the same rows here."""
    moved = truth.replace(mu=truth.mu + 1e-9)  # the origin differs, the posterior hardly
    halves = truth.e_step(rows[:1000]).eta.merge(moved.e_step(rows[1000:]).eta)
    assert_close(halves, truth.e_step(rows).eta, 1e-7)
    swapped = moved.e_step(rows[1000:]).eta.merge(truth.e_step(rows[:1000]).eta)
    assert_close(halves, swapped, SUMMED)


def test_targets_keep_the_model_and_replace_its_dispersion(truth: NormalInverseGaussian) -> None:
    assert eta0_from_model(truth) == truth.compute_eta_from_model()
    wanted = np.array([[2.0, -0.5], [-0.5, 3.0]])
    for eta0, sigma in (
        (eta0_with_sigma(truth, wanted), wanted),
        (eta0_diagonal(truth, [4, 5]), np.diag([4.0, 5.0])),
    ):
        assert truth.m_step(eta0).same_law(truth.replace(sigma=sigma), SOLVED)


@pytest.mark.parametrize("c", [0.0, 0.3, 1.0])
def test_a_blend_is_the_mean_with_the_weight_c(
    truth: NormalInverseGaussian, rows: Rows, c: float
) -> None:
    one, other = truth.e_step(rows[:50]).eta, truth.e_step(rows[50:]).eta
    blended = one.blend(other, c)
    np.testing.assert_allclose(blended.E_X, (1 - c) * one.E_X + c * other.E_X, rtol=1e-12)
    np.testing.assert_allclose(blended.E_Y, (1 - c) * one.E_Y + c * other.E_Y, rtol=1e-12)
    np.testing.assert_allclose(
        blended.E_XXT_inv_Y, (1 - c) * one.E_XXT_inv_Y + c * other.E_XXT_inv_Y, rtol=1e-12
    )


@pytest.mark.parametrize("c", [-0.1, 1.1, float("nan")])
def test_a_blend_outside_of_zero_to_one_is_refused(truth: NormalInverseGaussian, c: float) -> None:
    eta = truth.compute_eta_from_model()
    with pytest.raises(ValueError, match=r"c must be in \[0, 1\]"):
        eta.blend(eta, c)
    with pytest.raises(ValueError, match=r"dimension|layout|statistics|fields"):
        eta.blend(Eta(1.5, 1.0, None, [0.0], [0.0], [[1.0]]), 0.5)


def test_centred_fields_are_those_that_are_held(truth: NormalInverseGaussian, rows: Rows) -> None:
    far = 1e8
    law = truth.replace(mu=truth.mu + far)
    eta = law.e_step(rows + far).eta
    assert abs(eta.origin - far).max() < 10
    centred = eta.centred()
    assert centred.origin.tolist() == [0.0, 0.0]
    # X - origin has numbers of size 1, and of these no digit is lost.
    near = truth.replace(mu=law.mu - eta.origin).e_step((rows + far) - eta.origin).eta
    assert_close(centred, near, SUMMED)
    fields = [getattr(centred, name) for name in FIELDS]
    again = Eta(*fields, origin=eta.origin)
    np.testing.assert_array_equal(again.origin, eta.origin)
    assert_close(again.centred(), centred, 0.0)
    np.testing.assert_array_equal(again.E_X, eta.E_X)
    assert law.m_step(again) == law.m_step(eta)


def test_another_origin_says_the_same(truth: NormalInverseGaussian, rows: Rows) -> None:
    eta = truth.e_step(rows).eta
    moved = eta.with_origin([1.0, -2.0])
    assert moved.origin.tolist() == [1.0, -2.0]
    assert moved.weight == eta.weight
    assert_close(moved, eta, SUMMED)
    np.testing.assert_allclose(moved.centred().E_X, eta.E_X - [1.0, -2.0], rtol=SUMMED)


@pytest.mark.parametrize("origin", [[0.0], [0.0, np.nan], [0.0, np.inf], [[0.0, 1.0]]])
def test_an_origin_that_is_none_is_refused(truth: NormalInverseGaussian, origin: object) -> None:
    eta = truth.compute_eta_from_model()
    fields = [getattr(eta, name) for name in FIELDS]
    with pytest.raises(ValueError, match=r"^origin must be "):
        eta.with_origin(origin)
    with pytest.raises(ValueError, match=r"^origin must be "):
        Eta(*fields, origin=origin)
    with pytest.raises(ValueError, match="origin"):
        eta.with_origin("a")
