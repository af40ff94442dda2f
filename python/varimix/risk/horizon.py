"""Laws of sums of independent days: exact where they have a closed form, else simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix._varimix import MeanVarianceMixture
from varimix.arguments import one_number, probability, require_model, whole_number
from varimix.html import table_of
from varimix.names import Names, weights_in_order
from varimix.plain_values import family_of, model_to_dict
from varimix.read_only import restore
from varimix.sources.real_numbers import real_array

Array = NDArray[np.float64]
MOST_DAYS = 10_000
"""Days of a horizon that is simulated, at most: 40 years."""
MOST_ROWS = 2**40
"""Draws that can be asked for; memory ends before."""


def horizon_law(model: MeanVarianceMixture, days: float) -> MeanVarianceMixture:
    """Return the exact law of the sum of ``days`` independent days, where it has a closed form.

    With h days, ``mu`` becomes ``h mu``, ``gamma`` and ``Sigma`` stay, and the law of Y becomes::

        NormalInverseGaussian   mu_ig h, lam h^2
        VarianceGamma           alpha h, beta

    These laws are infinitely divisible: h may be any number > 0, as 0.5 for half a day. So are a
    GeneralizedHyperbolic with p = -1/2 or b = 0, which is one of the two, and a NormalInverseGamma
    with alpha = 1/2, a Cauchy law where gamma = 0: beta becomes ``beta h^2``. With days = 1 the law
    is the model itself, in every family.

    Parameters
    ----------
    model
        The law of one day.
    days
        h, > 0 and finite.

    Returns
    -------
    A model with the names of the columns: all its functions are exact for h days.

    Raises
    ------
    TypeError
        If ``model`` is no model.
    ValueError
        Unless days > 0 and finite; for a law whose sums have no closed form (`simulate_horizon`
        takes it); and where a parameter leaves the doubles.

    Notes
    -----
    Returns that are added up over days are log returns, or those of a book that is brought back to
    its weights every day; days are independent, so that clusters of volatility are left out.
    """
    require_model(model)
    h = one_number(days, "days")
    if not 0 < h < np.inf:
        raise ValueError(f"days must be > 0 and finite, got {h}")
    if h != 1 and not _varimix.is_closed_under_sums(model):
        raise ValueError(
            f"days must be 1 for this {family_of(model)}, whose sums have no closed form (see "
            f"simulate_horizon), got {h}"
        )
    return _varimix.horizon_law(model, h)


def convolution(first: MeanVarianceMixture, second: MeanVarianceMixture) -> MeanVarianceMixture:
    """Return the exact law of the sum of two independent draws, one of each model.

    Let ``a`` be ``lam/mu_ig^2`` of a NormalInverseGaussian and ``2 beta`` of a VarianceGamma. The
    sum of two laws of one family is of the family exactly where one factor c gives::

        a_2 = c a_1,  gamma_2 = c gamma_1,  Sigma_2 = c Sigma_1

    With Y_2' = c Y_2 both then have the gamma and Sigma of the first, and::

        NormalInverseGaussian   mu_ig_1 + c mu_ig_2,  (sqrt(lam_1) + sqrt(c lam_2))^2
        VarianceGamma           alpha_1 + alpha_2,  beta_1

    That gamma_1 and gamma_2 are parallel is not enough. ``horizon_law(model, 2)`` is the sum of two
    equal laws.

    Parameters
    ----------
    first, second
        The two laws; the columns of both have the same names, or one has none.

    Returns
    -------
    A model with these names, and ``mu = mu_1 + mu_2``.

    Raises
    ------
    TypeError
        If one is no model.
    ValueError
        For laws whose sum is not of the family, saying which of the conditions fails (numbers are
        compared to 1e-12 of their scales); for other dimensions or names.
    """
    require_model(first, "first")
    require_model(second, "second")
    return _varimix.convolution(first, second)


@dataclass(frozen=True, eq=False, repr=False)
class HorizonRisk:
    """Simulated tail risk of a portfolio over several days, from `SimulatedHorizon.portfolio`.

    Attributes
    ----------
    w : (d)
        Weights of the columns.
    alpha : float
        Probability of the tail.
    value_at_risk, expected_shortfall : float
        Estimates; the expected shortfall is inf where it does not exist.
    value_at_risk_error, expected_shortfall_error : float
        Their standard errors, of the simulation alone; inf for one draw, and that of the expected
        shortfall where the variance of a loss in the tail is infinite.
    effective_sample_size : float
        How many of the draws count in the tail, ``(sum P)^2 / sum P^2`` of the probabilities of the
        tail given each draw.
    status : str
        ``"ok"``; ``"small_effective_sample_size"`` below 100, where estimates and their errors are
        rough; or ``"infinite_expected_shortfall"``.
    """

    w: Array
    alpha: float
    value_at_risk: float
    expected_shortfall: float
    value_at_risk_error: float
    expected_shortfall_error: float
    effective_sample_size: float
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values; JSON has no inf."""
        return {**vars(self), "w": self.w.tolist()}

    def __eq__(self, other: object) -> bool:
        return (
            self.to_dict() == other.to_dict() if isinstance(other, HorizonRisk) else NotImplemented
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return the two numbers and their errors in a line."""
        shown = "" if self.status == "ok" else f", status={self.status!r}"
        return (
            f"HorizonRisk(d={len(self.w)}, alpha={self.alpha:g}, "
            f"value_at_risk={self.value_at_risk:.6g} +- {self.value_at_risk_error:.2g}, "
            f"expected_shortfall={self.expected_shortfall:.6g} +- "
            f"{self.expected_shortfall_error:.2g}{shown})"
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedHorizon:
    """The sum of several independent days of a model: what `simulate_horizon` returns.

    Given S, the sum of the Y of the days, the sum of h days is normal,
    ``N(h mu + gamma S, S Sigma)``. S is simulated, and all else is computed from this law: a
    distribution function is the mean of normal ones, as smooth, and with less error than that of
    simulated returns.

    Attributes
    ----------
    model
        The law of one day.
    days : int
        h, the number of days.
    sums_of_y : (n)
        Draws of S, read-only.
    """

    model: Any
    days: int
    sums_of_y: Array

    @property
    def columns(self) -> Names | None:
        """Names of the columns, those of the model, or None."""
        names: Names | None = self.model.columns
        return names

    def mean(self) -> Array:
        """Return the exact mean (d), ``h model.mean()``, with its infinities and NaN."""
        mean: Array = self.days * self.model.mean()
        return mean

    def cov(self) -> Array:
        """Return the exact covariance (d, d), ``h model.cov()``, with its infinities and NaN."""
        cov: Array = self.days * self.model.cov()
        return cov

    def portfolio(self, w: ArrayLike, alpha: float = 0.01) -> HorizonRisk:
        """Return value at risk and expected shortfall of a portfolio, with standard errors.

        With ``u_i = (q - h w'mu - S_i w'gamma) / (s sqrt(S_i))``, ``s^2 = w'Sigma w``, q solves
        ``mean(Phi(u_i)) = alpha``, and the expected shortfall is
        ``-q + mean(s sqrt(S_i) (phi(u_i) + u_i Phi(u_i))) / alpha``.

        Weights ``w`` are given as to `varimix.risk.portfolio`. ValueError as there.
        """
        tail = probability(alpha, "alpha")
        weights = weights_in_order(w, self.columns)
        numbers = _varimix.horizon_risk(self.model, weights, self.days, self.sums_of_y, tail)
        numbers["w"].flags.writeable = False
        return HorizonRisk(**numbers)

    def cdf(self, w: ArrayLike, x: ArrayLike) -> tuple[Any, Any]:
        """Return ``P(w'X <= x)`` over the days, elementwise, and its standard error.

        Weights ``w`` are given as to `varimix.risk.portfolio`. NaN gives NaN.
        """
        points = real_array(x, "x").astype(float)
        weights = weights_in_order(w, self.columns)
        cdf, error = _varimix.horizon_cdf(
            self.model, weights, self.days, self.sums_of_y, points.ravel()
        )
        if points.ndim == 0:
            return float(cdf[0]), float(error[0])
        return cdf.reshape(points.shape), error.reshape(points.shape)

    def rvs(self, n: int, seed: Any = None) -> Array:
        """Return n fresh draws of the sum of the days (n, d), exact in law.

        Row i depends on the seed and i alone, as those of ``model.rvs``. Cost: n h draws of Y.
        """
        rows = whole_number(n, "n", MOST_ROWS)
        return _varimix.draw_horizon_rows(self.model, self.days, rows, seed)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, the model too."""
        return {
            "model": model_to_dict(self.model),
            "days": self.days,
            "sums_of_y": self.sums_of_y.tolist(),
        }

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.sums_of_y)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SimulatedHorizon):
            return NotImplemented
        return bool(
            self.model == other.model
            and self.columns == other.columns
            and self.days == other.days
            and np.array_equal(self.sums_of_y, other.sums_of_y)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return family, days and draws in a line."""
        return (
            f"SimulatedHorizon({family_of(self.model)}, d={self.model.d}, days={self.days}, "
            f"n={len(self)})"
        )

    def _repr_html_(self) -> str:
        """Return a small table, as notebooks show it."""
        rows = [("days", self.days), ("draws", len(self)), ("columns", self.model.d)]
        return table_of(f"SimulatedHorizon of {family_of(self.model)}", ("", ""), rows)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)


def simulate_horizon(
    model: MeanVarianceMixture, days: int, n: int = 10_000, seed: Any = None
) -> SimulatedHorizon:
    """Simulate the sum of several independent days of a model of any family.

    A sum of NormalInverseGaussian or VarianceGamma days has a law in closed form, `horizon_law`; of
    the other families it has none, and is simulated here, with standard errors.

    Parameters
    ----------
    model
        The law of one day.
    days
        h, a whole number from 1 to 10,000: a part of a day has no law in the other families that is
        known.
    n
        Number of draws of S, the sum of the days' Y. Standard errors fall as ``1/sqrt(n)``.
    seed : int, array of int, numpy.random.Generator, or None
        Draw i depends on the seed and i alone: the first draws do not depend on n, and the bits not
        on the number of threads. None, the default, gives fresh draws in every call.

    Returns
    -------
    SimulatedHorizon

    Raises
    ------
    TypeError
        If ``model`` is no model, or days or n is no whole number.
    ValueError
        For days outside 1 to 10,000, and n < 1.

    Notes
    -----
    Cost: n h draws of Y, some 50 to 200 ns each.
    """
    require_model(model)
    h = whole_number(days, "days", MOST_DAYS)
    sums = _varimix.draw_sums_of_y(model, h, whole_number(n, "n", MOST_ROWS), seed)
    sums.flags.writeable = False
    return SimulatedHorizon(model=model, days=h, sums_of_y=sums)
