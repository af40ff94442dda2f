"""Tests of the law itself: density, moments, projections, distribution function, symmetries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import (
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
)

Rows = NDArray[np.float64]

# log f is the same under a gauge, an affine map or a projection (methods.md, section 7).
INVARIANT = 1e-12
# cdf and sf promise this relative error; ppf inverts them.
TAIL = 1e-10
# The trapezoidal rule on the whole line is exact to rounding for densities as smooth as these.
QUADRATURE = 1e-10

# These one-dimensional laws are nearly Gaussian, like the tutorial's, skewed to either side, or of
# very heavy tails.
LINES = {
    "nearly gaussian": (1.0, 0.1, 2.0, 1.0, 200.0),
    "symmetric": (0.0, 0.0, 1.0, 1.0, 1.5),
    "skewed right": (-1.0, 2.0, 0.5, 1.0, 2.0),
    "skewed left": (3.0, -1.5, 1.0, 0.5, 1.0),
    "heavy": (0.0, 0.3, 1.0, 2.0, 0.5),
}


def line(name: str) -> NormalInverseGaussian:
    mu, gamma, sigma2, mu_ig, lam = LINES[name]
    return NormalInverseGaussian.from_classical([mu], [gamma], [[sigma2]], mu_ig, lam)


def grid(law: NormalInverseGaussian, nodes: int = 40_001) -> tuple[Rows, Rows]:
    """Return nodes x and weights of an integral: x = mean + sd sinh(t) for equidistant t."""
    t, step = np.linspace(-9.0, 9.0, nodes, retstep=True)
    deviation = np.sqrt(law.cov()[0, 0])
    return law.mean()[0] + deviation * np.sinh(t), deviation * np.cosh(t) * step


@pytest.mark.parametrize("name", LINES)
def test_the_density_integrates_to_one(name: str) -> None:
    law = line(name)
    x, weight = grid(law)
    assert weight @ law.pdf(x) == pytest.approx(1.0, rel=QUADRATURE, abs=0.0)


def test_the_density_is_the_exponential_of_its_logarithm() -> None:
    law = line("skewed right")
    x = np.concatenate([grid(law, nodes=1001)[0], [1e9, -1e9, 1e200]])
    log_density = law.log_prob(x)
    assert log_density.min() < np.log(5e-324), "far enough for the density to underflow"
    # exp() turns a rounding of its argument, here up to 745, into as much of its value.
    np.testing.assert_allclose(law.pdf(x), np.exp(log_density), rtol=745 * 2**-52, atol=1e-320)


@pytest.mark.parametrize("name", LINES)
def test_moments_are_the_integrals(name: str) -> None:
    law = line(name)
    x, weight = grid(law)
    weight = weight * law.pdf(x)
    deviation = np.sqrt(law.cov()[0, 0])
    u = (x - law.mean()[0]) / deviation
    for power, expected in (
        (1, 0.0),
        (2, 1.0),
        (3, law.skewness()[0]),
        (4, 3.0 + law.kurtosis()[0]),
    ):
        scale = weight @ np.abs(u) ** power
        assert weight @ u**power == pytest.approx(expected, abs=QUADRATURE * scale)


def test_mean_and_covariance_are_those_of_the_draws(truth: NormalInverseGaussian) -> None:
    n = 1_000_000
    x = truth.rvs(n, seed=4)
    # Five standard errors give one false alarm in a million seeds, and the seed is fixed.
    error = 5 * np.sqrt(np.diag(truth.cov()) / n)
    assert (np.abs(x.mean(axis=0) - truth.mean()) < error).all()
    deviation = np.sqrt(np.diag(truth.cov()))
    fourth = np.sqrt((3.0 + truth.kurtosis().max()) / n)
    assert np.abs((np.cov(x.T) - truth.cov()) / np.outer(deviation, deviation)).max() < 5 * fourth


@pytest.mark.parametrize("w", [(1.0, 0.0), (0.5, 0.5), (2.0, -3.0), (-1.0, 0.0)])
def test_a_projection_is_the_law_of_projected_draws(
    w: tuple[float, float], truth: NormalInverseGaussian
) -> None:
    law = truth.project(w)
    n = 20_000
    u = np.sort(law.cdf(truth.rvs(n, seed=6) @ w))
    rank = np.arange(1, n + 1) / n
    distance = max(np.max(rank - u), np.max(u - rank + 1 / n))
    # The distance of Kolmogorov and Smirnov exceeds 2.2/sqrt(n) for one seed in 8000.
    assert distance < 2.2 / np.sqrt(n)
    np.testing.assert_allclose(law.mean(), [truth.mean() @ w], rtol=INVARIANT)
    np.testing.assert_allclose(law.cov(), [[truth.cov() @ w @ w]], rtol=INVARIANT)


def tail_integral(law: NormalInverseGaussian, x: float, side: float) -> float:
    """Return the density's integral from x outward, at x + side e^t sd; both ends fall smoothly."""
    t, step = np.linspace(-40.0, 12.0, 4001, retstep=True)
    distance = np.sqrt(law.cov()[0, 0]) * np.exp(t)
    return float(step * (distance @ law.pdf(x + side * distance)))


@pytest.mark.parametrize("name", LINES)
def test_cdf_and_sf_are_integrals_of_the_density(name: str) -> None:
    law = line(name)
    deviation = np.sqrt(law.cov()[0, 0])
    for u in (-12.0, -5.0, -1.0, 0.0, 1.0, 5.0, 12.0):
        x = law.mean()[0] + u * deviation
        if u <= 0.0:
            assert law.cdf(x) == pytest.approx(tail_integral(law, x, -1.0), rel=TAIL, abs=0.0)
        if u >= 0.0:
            assert law.sf(x) == pytest.approx(tail_integral(law, x, 1.0), rel=TAIL, abs=0.0)


@pytest.mark.parametrize("name", LINES)
def test_cdf_rises_from_zero_to_one_and_sf_falls(name: str) -> None:
    law = line(name)
    x = grid(law, nodes=401)[0]
    cdf, sf = law.cdf(x), law.sf(x)
    np.testing.assert_allclose(cdf + sf, 1.0, rtol=1e-12)
    assert (np.diff(cdf) >= -TAIL * cdf[1:]).all()
    assert (np.diff(sf) <= TAIL * sf[1:]).all()
    assert cdf[0] < 1e-15
    assert sf[-1] < 1e-15


@pytest.mark.parametrize("name", LINES)
def test_ppf_inverts_cdf_and_sf_in_both_tails(name: str) -> None:
    law = line(name)
    q = np.array([1e-300, 1e-100, 1e-12, 1e-3, 0.2, 0.5])
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, rtol=1e-9)  # x rounds, times the slope
    upper = np.array([0.5, 0.8, 0.999, 1 - 2**-40])
    np.testing.assert_allclose(law.sf(law.ppf(upper)), 1 - upper, rtol=TAIL)
    assert law.ppf(0.0) == -np.inf
    assert law.ppf(1.0) == np.inf
    assert law.cdf(-np.inf) == law.sf(np.inf) == 0.0
    assert law.cdf(np.inf) == law.sf(-np.inf) == 1.0


def test_cdf_takes_and_gives_any_shape(truth: NormalInverseGaussian) -> None:
    law = truth.project([1, 1])
    x = np.linspace(-3, 3, 6)
    flat = law.cdf(x)
    assert type(law.cdf(0.5)) is float
    np.testing.assert_array_equal(law.cdf(x.reshape(2, 3)), flat.reshape(2, 3))
    np.testing.assert_array_equal(law.cdf(x[::-1]), flat[::-1])
    assert np.isnan(law.cdf([np.nan, 0.0])).tolist() == [True, False]


def scipy_form(a: float, b: float) -> NormalInverseGaussian:
    """Return scipy.stats.norminvgauss(a, b).

    It has mu = 0, gamma = b, Sigma = 1, mu_ig = 1/sqrt(a^2 - b^2) and lam = 1.
    """
    return NormalInverseGaussian.from_classical([0], [b], [[1]], 1 / np.sqrt(a**2 - b**2), 1.0)


def test_values_of_the_scipy_form_are_met() -> None:
    law = scipy_form(1.0, 0.5)
    x = [-7, -5, 0, 8, 15]
    # The density was integrated at 30 digits; published values have an error of 3e-9 absolute.
    lower = [8.0349114827299734e-07, 2.5126699611884910e-05, 0.31866610539552129]
    published = [8.034920282e-07, 2.512671945e-05, 0.3186661051, 0.9988650664, 0.9999848769]
    np.testing.assert_allclose(law.cdf(x[:3]), lower, rtol=TAIL)
    np.testing.assert_allclose(law.cdf(x), published, rtol=0, atol=3e-9)
    np.testing.assert_allclose(law.sf(8), 1 - 0.998865064173918771, rtol=TAIL)
    np.testing.assert_allclose(law.sf(15), 1 - 0.999984876547689393, rtol=TAIL)
    assert scipy_form(1, 0).sf(25.0) == pytest.approx(1.1318690184042579e-13, rel=TAIL, abs=0.0)
    assert scipy_form(5, -1.5).sf(10.0) == pytest.approx(2.308435233930669e-29, rel=TAIL, abs=0.0)


def random_law(seed: int, d: int) -> NormalInverseGaussian:
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.uniform(0.5, 2.0, d))
    return NormalInverseGaussian.from_classical(
        rng.normal(size=d),
        rng.normal(size=d),
        factor @ factor.T,
        np.exp(rng.normal()),
        np.exp(rng.normal()),
    )


seeds = st.integers(0, 2**32 - 1)
dimensions = st.integers(1, 6)


@given(seed=seeds, d=dimensions, s=st.floats(1e-8, 1e8))
def test_the_density_is_the_same_in_every_gauge(seed: int, d: int, s: float) -> None:
    law = random_law(seed, d)
    x = law.rvs(50, seed=seed)
    np.testing.assert_allclose(
        law.rescale_y(s).log_prob(x), law.log_prob(x), rtol=INVARIANT, atol=INVARIANT
    )


@given(seed=seeds, d=dimensions)
def test_an_affine_map_of_x_is_one_of_the_law(seed: int, d: int) -> None:
    law = random_law(seed, d)
    rng = np.random.default_rng(seed + 1)
    matrix = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.choice([-1, 1], d) * 2.0)
    shift = rng.normal(size=d)
    sigma = matrix @ law.sigma() @ matrix.T
    mapped = law.replace(
        mu=matrix @ law.mu + shift, gamma=matrix @ law.gamma, sigma=(sigma + sigma.T) / 2
    )
    x = law.rvs(50, seed=seed)
    # The map itself rounds; its condition number here stays below 1e3.
    np.testing.assert_allclose(
        mapped.log_prob(x @ matrix.T + shift), law.log_prob(x) - d * np.log(2.0), rtol=1e-9
    )


@given(seed=seeds, d=dimensions)
def test_projections_of_projections_are_projections(seed: int, d: int) -> None:
    law = random_law(seed, d)
    w = np.random.default_rng(seed + 1).normal(size=d)
    law_of_w = law.project(w)
    assert law_of_w.d == 1
    assert law_of_w.project([-2.0]).same_law(law.project(-2.0 * w), INVARIANT)
    np.testing.assert_allclose(law_of_w.sigma(), [[w @ law.sigma() @ w]], rtol=1e-11)
    np.testing.assert_allclose(law_of_w.gamma, [w @ law.gamma], atol=INVARIANT * d * 10)
    assert law_of_w.subordinator() == law.subordinator()


@given(seed=seeds, d=dimensions, distance=st.floats(0.0, 1e6))
def test_posterior_moments_obey_jensen(seed: int, d: int, distance: float) -> None:
    law = random_law(seed, d)
    for row in law.rvs(5, seed=seed) * (1.0 + distance):
        eta = law.e_step(row[None, :]).eta
        # Far away Y | x has hardly any variance: the product is 1 but for rounding.
        assert eta.E_Y * eta.E_inv_Y >= 1.0 - INVARIANT
        assert eta.E_log_Y is not None
        assert -np.log(eta.E_inv_Y) - INVARIANT * 50 <= eta.E_log_Y
        assert eta.E_log_Y <= np.log(eta.E_Y) + INVARIANT * 50


@pytest.mark.parametrize("nu", [2.5, 3.0, 4.0, 5.0])
def test_the_covariance_of_a_symmetric_t_is_nu_over_nu_minus_two_sigma(nu: float) -> None:
    sigma = np.array([[1.0, 0.5], [0.5, 2.0]])
    law = NormalInverseGamma.from_classical([0, 1], [0, 0], sigma, alpha=nu / 2, beta=nu / 2)
    np.testing.assert_allclose(law.cov(), nu / (nu - 2) * sigma, rtol=1e-13)
    assert np.isinf(law.kurtosis()).all() == (nu <= 4)
    assert np.isnan(law.skewness()).all() == (nu <= 3)


@pytest.mark.parametrize("shape", [1e4, 1e8, 1e12, 1e16, 1e30, 1e100])
@pytest.mark.parametrize("gamma", [0.0, 0.3])
def test_every_law_is_the_normal_one_at_large_shapes(shape: float, gamma: float) -> None:
    mu, skewness, sigma = np.zeros(1), np.array([gamma]), np.eye(1)
    order = min(shape, 1e15)
    laws: list[MeanVarianceMixture] = [
        VarianceGamma.from_classical(mu, skewness, sigma, alpha=shape, beta=shape),
        NormalInverseGamma.from_classical(mu, skewness, sigma, alpha=shape, beta=shape),
        NormalInverseGaussian.from_classical(mu, skewness, sigma, mu_ig=1.0, lam=shape),
        GeneralizedHyperbolic.from_classical(mu, skewness, sigma, p=order, a=2 * order, b=1.0),
        GeneralizedHyperbolic.from_classical(mu, skewness, sigma, p=-order, a=1.0, b=2 * order),
    ]
    for law in laws:
        mean = gamma * law.subordinator().E_Y()
        normal = -0.5 * np.log(2 * np.pi) - 0.5 * (1.0 - mean) ** 2
        assert law.log_pdf([[1.0]])[0] == pytest.approx(normal, abs=1e-13 + 4 / order)


@pytest.mark.parametrize("order", [-1e15, 3.0, 1e15])
def test_a_nearly_constant_y_leaves_the_normal_distribution_function(order: float) -> None:
    law = GeneralizedHyperbolic.from_classical([0.0], [0.3], [[1.0]], p=order, a=1e30, b=1e30)
    normal = NormalInverseGaussian.from_classical([0.0], [0.3], [[1.0]], mu_ig=1.0, lam=1e30)
    assert law.cdf(1.0) == pytest.approx(normal.cdf(1.0), abs=1e-14)


@pytest.mark.parametrize("order", [-1e15, -1e6, 1e3, 1e12])
def test_the_law_of_y_at_its_mode_is_a_normal_one_at_large_orders(order: float) -> None:
    a = 2 * abs(order)
    y = GeneralizedHyperbolic.from_classical(
        [0.0], [0.0], [[1.0]], p=order, a=a, b=a
    ).subordinator()
    width = np.hypot(order, a)
    mode = (width + order) / a if order > 0 else a / (width - order)
    log_density = 0.5 * np.log(width / (2 * np.pi)) - np.log(mode)
    assert y.log_prob(mode) == pytest.approx(log_density, abs=1e-14 + 0.2 / width)
