"""Tests of the laws of Y as distributions in their own right, beside scipy's."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from varimix import Gamma, GeneralizedInverseGaussian, InverseGamma, InverseGaussian, LawFit

# scipy itself has this error in the middle of these laws.
SCIPY = 1e-9
ROUNDING = 1e-12

LAWS: dict[str, tuple[Any, Any]] = {
    "InverseGaussian": (InverseGaussian(1.3, 2.0), stats.invgauss(1.3 / 2.0, scale=2.0)),
    "Gamma": (Gamma(2.5, 1.5), stats.gamma(2.5, scale=1 / 1.5)),
    "InverseGamma": (InverseGamma(5.5, 4.0), stats.invgamma(5.5, scale=4.0)),
    "GeneralizedInverseGaussian": (
        GeneralizedInverseGaussian(-0.7, 1.2, 2.0),
        stats.geninvgauss(-0.7, np.sqrt(2.4), scale=np.sqrt(2.0 / 1.2)),
    ),
}


@pytest.fixture(params=LAWS)
def law(request: pytest.FixtureRequest) -> Any:
    return LAWS[request.param][0]


@pytest.fixture(params=LAWS)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return LAWS[request.param]


def test_functions_are_those_of_scipy(pair: tuple[Any, Any]) -> None:
    law, other = pair
    y = np.geomspace(0.05, 20.0, 40)
    q = np.linspace(0.01, 0.99, 21)
    np.testing.assert_allclose(law.log_prob(y), other.logpdf(y), rtol=SCIPY, atol=SCIPY)
    np.testing.assert_allclose(law.pdf(y), other.pdf(y), rtol=SCIPY)
    np.testing.assert_allclose(law.cdf(y), other.cdf(y), rtol=1e-7, atol=SCIPY)
    np.testing.assert_allclose(law.sf(y), other.sf(y), rtol=1e-7, atol=SCIPY)
    np.testing.assert_allclose(law.ppf(q), other.ppf(q), rtol=1e-6)
    np.testing.assert_allclose(law.isf(q), other.isf(q), rtol=1e-6)
    assert law.mean() == pytest.approx(other.mean(), rel=SCIPY)
    assert law.var() == pytest.approx(other.var(), rel=SCIPY)
    assert law.entropy() == pytest.approx(float(other.entropy()), rel=1e-7)


def test_tails_and_quantiles_invert_each_other_far_out(law: Any) -> None:
    q = np.array([1e-250, 1e-30, 1e-3, 0.5])
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, rtol=1e-10)
    np.testing.assert_allclose(law.sf(law.isf(q)), q, rtol=1e-10)
    np.testing.assert_allclose(np.exp(law.log_cdf(law.ppf(0.3))), 0.3, rtol=ROUNDING)
    np.testing.assert_allclose(np.exp(law.log_sf(law.ppf(0.3))), 0.7, rtol=ROUNDING)
    assert (law.ppf(0.0), law.isf(0.0)) == (0.0, np.inf)
    assert np.isfinite(law.log_sf(1e4))


def test_moments_of_any_order_are_expectations(law: Any) -> None:
    np.testing.assert_allclose(
        law.moment([0.0, 1.0, -1.0]), [1.0, law.E_Y(), law.E_inv_Y()], rtol=ROUNDING
    )
    assert law.moment(2.0) - law.E_Y() ** 2 == pytest.approx(law.var(), rel=1e-10)
    assert law.mean() == law.E_Y()
    assert InverseGamma(1.5, 1.0).moment(1.5) == np.inf
    assert InverseGamma(1.5, 1.0).var() == np.inf


def test_elementwise_functions_keep_shape_and_read_any_layout(law: Any) -> None:
    y = np.linspace(0.2, 4.0, 12)
    flat = law.cdf(y)
    assert type(law.cdf(0.5)) is type(law.moment(1)) is float
    for view in (y.reshape(3, 4), np.asfortranarray(y.reshape(3, 4)), y[::-1], y[::2]):
        np.testing.assert_array_equal(law.cdf(view), np.interp(view, y, flat))
    np.testing.assert_array_equal(law.cdf(y.tolist()), flat)
    np.testing.assert_array_equal(law.cdf(y.astype("f4")), law.cdf(y.astype("f4").astype(float)))
    assert law.cdf(np.empty((0, 3))).shape == (0, 3)
    assert np.isnan(law.cdf([np.nan, 1.0])).tolist() == [True, False]


def test_draws_follow_the_law_and_are_keyed_by_their_place(law: Any) -> None:
    n = 20_000
    y = law.rvs(n, seed=11)
    np.testing.assert_array_equal(law.rvs(100, seed=11), y[:100])
    assert (law.rvs(100, seed=(1, 2)) != y[:100]).any()
    u = np.sort(law.cdf(y))
    rank = np.arange(1, n + 1) / n
    # The distance of Kolmogorov and Smirnov exceeds 2.2/sqrt(n) for one seed in 8000.
    assert max(np.max(rank - u), np.max(u - rank + 1 / n)) < 2.2 / np.sqrt(n)


def test_both_parameterisations_map_back(law: Any) -> None:
    family = type(law)
    again = family.from_natural(law.natural_parameters())
    names = [
        name for name in ("mu_ig", "lam", "alpha", "beta", "p", "a", "b") if hasattr(law, name)
    ]
    for name in names:
        assert getattr(again, name) == pytest.approx(getattr(law, name), rel=ROUNDING)
    eta = law.expectation_parameters()
    assert list(eta.values()) == [getattr(law, name)() for name in eta]
    matched = family.from_expectation(**eta)
    for name in names:
        assert getattr(matched, name) == pytest.approx(getattr(law, name), rel=1e-9)


def test_the_gradient_of_the_log_partition_is_the_expectation() -> None:
    """For near laws of one family, the change of log f at 1 follows from theta and eta."""
    one, two = Gamma(2.5, 1.5), Gamma(2.5 + 1e-6, 1.5 - 1e-6)
    step = np.asarray(two.natural_parameters()) - one.natural_parameters()
    eta = np.array(list(one.expectation_parameters().values()))
    change = one.log_prob(1.0) - two.log_prob(1.0) + step @ [1.0, 0.0]
    assert change == pytest.approx(step @ eta, rel=1e-5)


def test_a_law_is_a_value(law: Any) -> None:
    for other in (copy.copy(law), copy.deepcopy(law), pickle.loads(pickle.dumps(law))):
        assert type(other) is type(law)
        assert other == law
        assert repr(other) == repr(law)
    assert law != law.rescale_y(2.0)
    assert law.rescale_y(2.0).mean() == pytest.approx(2.0 * law.mean(), rel=ROUNDING)
    assert type(law).__name__ + "(" in repr(law)


def test_fit_is_the_maximum_of_the_likelihood(law: Any) -> None:
    y = law.rvs(5000, seed=2)
    fit = type(law).fit(y)
    assert isinstance(fit, LawFit)
    assert fit.limit == "none"
    assert fit.total_weight == 5000
    assert fit.log_likelihood == pytest.approx(fit.law.log_prob(y).sum(), rel=1e-11)
    assert fit.log_likelihood >= law.log_prob(y).sum()
    for other in (fit.law.rescale_y(1.001), fit.law.rescale_y(0.999)):
        assert other.log_prob(y).sum() < fit.log_likelihood
    assert repr(fit.law) in repr(fit)


def test_weights_count_data(law: Any) -> None:
    y = law.rvs(300, seed=2)
    weights = np.arange(300) % 3
    repeated = type(law).fit(np.repeat(y, weights))
    weighted = type(law).fit(y, weights)
    assert weighted.total_weight == repeated.total_weight == weights.sum()
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)


def test_a_given_parameter_is_held() -> None:
    y = Gamma(2.5, 1.5).rvs(300, seed=2)
    fit = Gamma.fit(y, alpha=1.0)
    assert fit.law.alpha == 1.0
    assert fit.law.beta == pytest.approx(1.0 / y.mean(), rel=ROUNDING)
    with pytest.raises(TypeError):
        Gamma.fit(y, lam=1.0)  # type: ignore[call-arg]


def test_limits_of_a_fit_have_names(law: Any) -> None:
    for y in (2.0, 1e-200, 1e200):
        assert type(law).fit([y, y, y]).limit == "gaussian"
    y = InverseGamma(3.0, 1.0).rvs(4000, seed=3)
    assert GeneralizedInverseGaussian.fit(y).limit in ("none", "inverse_gamma_face")


Case = tuple[Callable[[Any], object], str]

BAD: dict[str, Case] = {
    "q above one": (lambda law: law.ppf([0.5, 1.5]), r"^q must be in \[0, 1\], got 1.5"),
    "q not a number": (lambda law: law.isf(np.nan), r"^q must be in \[0, 1\], got nan"),
    "y of strings": (lambda law: law.cdf(["a"]), "^y must be an array of real numbers"),
    "y complex": (lambda law: law.log_prob(1j), "^y must be an array of real numbers"),
    "n negative": (lambda law: law.rvs(-1, seed=0), "^n must be >= 0, got -1"),
    "seed negative": (lambda law: law.rvs(1, seed=-1), "^seed must be an integer >= 0"),
    "theta of another size": (
        lambda law: law.from_natural([1.0]),
        "^theta must be of [23]",
    ),
    "no moments": (lambda law: law.from_expectation(), "^E_.*Y must be given for a .*, got None"),
    "moments infeasible": (lambda law: law.from_expectation(0.5, 0.5, 0.0), "must be"),
    "no data": (lambda law: law.fit([]), "must be"),
    "data of two dimensions": (lambda law: law.fit([[1.0]]), "^data must be one-dimensional"),
    "data negative": (lambda law: law.fit([1.0, -2.0]), r"\[1\].* must be .*, got -2"),
    "data not a number": (lambda law: law.fit([np.nan, 1.0]), r"\[0\].* must be .*, got nan"),
    "no weights": (lambda law: law.fit([1.0], []), "^weights must be one for each datum"),
    "weights of another size": (lambda law: law.fit([1.0, 2.0], [1.0]), "weights"),
    "weights negative": (lambda law: law.fit([1.0, 2.0], [1.0, -1.0]), "weights"),
    "weights zero": (lambda law: law.fit([1.0, 2.0], [0, 0]), "weights"),
    "gauge zero": (lambda law: law.rescale_y(0.0), "must be"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str, law: Any) -> None:
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call(law)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0, 0.0])
def test_a_bad_parameter_is_named(bad: float) -> None:
    for family, name in ((InverseGaussian, "lam"), (Gamma, "beta"), (InverseGamma, "beta")):
        with pytest.raises(ValueError, match=rf"\b{name}\b.* must be"):
            family(1.0, bad)
    with pytest.raises(ValueError, match=r"\bb\b.* must be"):
        GeneralizedInverseGaussian(-1.0, 1.0, bad)


def test_data_are_not_written_to() -> None:
    y = np.linspace(0.1, 3.0, 7)
    y.setflags(write=False)
    before = y.copy()
    Gamma(2.0, 1.0).cdf(y)
    Gamma(2.0, 1.0).cdf(y[::2])
    Gamma.fit(y[::-1])
    np.testing.assert_array_equal(y, before)


@given(p=st.floats(-20, 20), log_z=st.floats(-4, 4), log_s=st.floats(-5, 5))
def test_a_gig_comes_back_from_its_moments(p: float, log_z: float, log_s: float) -> None:
    z, s = np.exp(log_z), np.exp(log_s)
    law = GeneralizedInverseGaussian(p, z / s, z * s)
    again = GeneralizedInverseGaussian.from_expectation(**law.expectation_parameters())
    for name, moment in law.expectation_parameters().items():
        assert getattr(again, name)() == pytest.approx(moment, rel=1e-11, abs=1e-11)
