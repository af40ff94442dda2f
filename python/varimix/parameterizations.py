"""Conversions to and from the parameters of other packages and papers.

``to_...`` does not depend on the gauge of the model (except ``to_ghyp_chi_psi``, which keeps it);
``from_...`` returns a model in the gauge that it names. There and back, parameters agree to a few
units of rounding. All raise ValueError for a parameter outside its domain, naming it, and for a law
that the other form, or the ``family`` that is asked for, does not have.

>>> from scipy import stats
>>> stats.norminvgauss(*to_scipy_norminvgauss(model)).pdf(x)
"""

from typing import Any, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix._varimix import (
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGaussian,
    VarianceGamma,
)

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)
Array = NDArray[np.float64]


class ScipyNorminvgauss(NamedTuple):
    """Parameters of ``scipy.stats.norminvgauss``: a > 0, abs(b) < a, scale > 0."""

    a: float
    b: float
    loc: float
    scale: float


class ScipyGenhyperbolic(NamedTuple):
    """Parameters of ``scipy.stats.genhyperbolic``: a > abs(b), or >= if p < 0; scale > 0."""

    p: float
    a: float
    b: float
    loc: float
    scale: float


class GhypChiPsi(NamedTuple):
    """(lambda, chi, psi) of R's ghyp: lambda = p, chi = b, psi = a, in any gauge."""

    lambda_: float
    chi: float
    psi: float
    mu: Array
    sigma: Array
    gamma: Array


class GhypAlphaBetaDelta(NamedTuple):
    """Barndorff-Nielsen's parameters, ghyp's "alpha.delta"; ``delta_matrix`` has determinant 1."""

    lambda_: float
    alpha: float
    delta: float
    beta: Array
    mu: Array
    delta_matrix: Array


class VarianceGammaSigmaNuTheta(NamedTuple):
    """(sigma, nu, theta) of Madan, Carr and Chang (1998), with a location mu."""

    sigma: float
    nu: float
    theta: float
    mu: float


class VarianceGammaCgm(NamedTuple):
    """(C, G, M) of Carr, Geman, Madan and Yor (2002), their Y being 0, with a location mu."""

    C: float
    G: float
    M: float
    mu: float


def to_scipy_norminvgauss(model: NormalInverseGaussian) -> ScipyNorminvgauss:
    """Return a one-dimensional model as scipy's norminvgauss.

    a - abs(b) is known to a rounding of a.
    """
    return ScipyNorminvgauss(*_varimix.to_scipy_norminvgauss(model))


def from_scipy_norminvgauss(
    a: float, b: float, loc: float = 0.0, scale: float = 1.0
) -> NormalInverseGaussian:
    """Return the law of X = loc + scale (b Y + sqrt(Y) Z), in the gauge lam = 1."""
    return _varimix.from_scipy_norminvgauss(a, b, loc, scale)


def to_scipy_genhyperbolic(model: MeanVarianceMixture) -> ScipyGenhyperbolic:
    """Return a one-dimensional model of any family but VarianceGamma as scipy's genhyperbolic."""
    return ScipyGenhyperbolic(*_varimix.to_scipy_genhyperbolic(model))


@overload
def from_scipy_genhyperbolic(
    p: float, a: float, b: float, loc: float = ..., scale: float = ...
) -> GeneralizedHyperbolic: ...
@overload
def from_scipy_genhyperbolic(
    p: float,
    a: float,
    b: float,
    loc: float = ...,
    scale: float = ...,
    *,
    family: type[AnyModel],
) -> AnyModel: ...
def from_scipy_genhyperbolic(
    p: float,
    a: float,
    b: float,
    loc: float = 0.0,
    scale: float = 1.0,
    *,
    family: Any = GeneralizedHyperbolic,
) -> Any:
    """Return the law in the gauge Y ~ GIG(p, a^2 - b^2, 1), as a model of ``family``."""
    return _varimix.from_scipy_genhyperbolic(p, a, b, loc, scale, family)


def to_ghyp_chi_psi(model: MeanVarianceMixture) -> GhypChiPsi:
    """Return a model of any family in ghyp's (lambda, chi, psi), in the model's own gauge.

    ``sigma`` is the dispersion; ghyp's univariate sigma is its root.
    """
    return GhypChiPsi(*_varimix.to_ghyp_chi_psi(model))


@overload
def from_ghyp_chi_psi(
    lambda_: float, chi: float, psi: float, mu: ArrayLike, sigma: ArrayLike, gamma: ArrayLike
) -> GeneralizedHyperbolic: ...
@overload
def from_ghyp_chi_psi(
    lambda_: float,
    chi: float,
    psi: float,
    mu: ArrayLike,
    sigma: ArrayLike,
    gamma: ArrayLike,
    *,
    family: type[AnyModel],
) -> AnyModel: ...
def from_ghyp_chi_psi(
    lambda_: float,
    chi: float,
    psi: float,
    mu: ArrayLike,
    sigma: ArrayLike,
    gamma: ArrayLike,
    *,
    family: Any = GeneralizedHyperbolic,
) -> Any:
    """Return the law in the gauge given, as a model of ``family``.

    The domain is chi, psi >= 0, with chi > 0 for lambda <= 0 and psi > 0 for lambda >= 0.
    """
    return _varimix.from_ghyp_chi_psi(lambda_, chi, psi, mu, sigma, gamma, family)


def to_ghyp_alpha_beta_delta(model: MeanVarianceMixture) -> GhypAlphaBetaDelta:
    """Return a model of any family in ghyp's "alpha.delta" form."""
    return GhypAlphaBetaDelta(*_varimix.to_ghyp_alpha_beta_delta(model))


@overload
def from_ghyp_alpha_beta_delta(
    lambda_: float,
    alpha: float,
    delta: float,
    beta: ArrayLike,
    mu: ArrayLike,
    delta_matrix: ArrayLike,
) -> GeneralizedHyperbolic: ...
@overload
def from_ghyp_alpha_beta_delta(
    lambda_: float,
    alpha: float,
    delta: float,
    beta: ArrayLike,
    mu: ArrayLike,
    delta_matrix: ArrayLike,
    *,
    family: type[AnyModel],
) -> AnyModel: ...
def from_ghyp_alpha_beta_delta(
    lambda_: float,
    alpha: float,
    delta: float,
    beta: ArrayLike,
    mu: ArrayLike,
    delta_matrix: ArrayLike,
    *,
    family: Any = GeneralizedHyperbolic,
) -> Any:
    """Return the law in the gauge Sigma = delta_matrix, as a model of ``family``.

    The domain is delta >= 0, with delta > 0 for lambda <= 0, and alpha > r for
    r = sqrt(beta' delta_matrix beta); alpha = r is allowed for lambda < 0.
    """
    return _varimix.from_ghyp_alpha_beta_delta(
        lambda_, alpha, delta, beta, mu, delta_matrix, family
    )


def to_sigma_nu_theta(model: VarianceGamma) -> VarianceGammaSigmaNuTheta:
    """Return a one-dimensional VarianceGamma in the parameters of Madan, Carr and Chang."""
    return VarianceGammaSigmaNuTheta(*_varimix.to_sigma_nu_theta(model))


def from_sigma_nu_theta(sigma: float, nu: float, theta: float, mu: float = 0.0) -> VarianceGamma:
    """Return the law of X = mu + theta G + sigma sqrt(G) Z, in the gauge E[Y] = 1.

    G is of gamma law, of mean 1 and variance nu; in this gauge it is Y, and alpha = beta = 1/nu.
    """
    return _varimix.from_sigma_nu_theta(sigma, nu, theta, mu)


def to_cgm(model: VarianceGamma) -> VarianceGammaCgm:
    """Return a one-dimensional VarianceGamma as a CGMY law whose Y is 0."""
    return VarianceGammaCgm(*_varimix.to_cgm(model))


def from_cgm(C: float, G: float, M: float, mu: float = 0.0) -> VarianceGamma:
    """Return the law of shape C, gains of rate M and losses of rate G, in the gauge E[Y] = 1."""
    return _varimix.from_cgm(C, G, M, mu)
