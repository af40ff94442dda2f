"""Value at risk and expected shortfall of a portfolio, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix.arguments import require_model
from varimix.frames import pandas
from varimix.html import table_of
from varimix.names import Names, weights_in_order
from varimix.plain_values import model_to_dict
from varimix.read_only import make_read_only, restore
from varimix.sources.real_numbers import real_array

Array = NDArray[np.float64]

OF_COLUMNS = (
    "value_at_risk_contributions",
    "expected_shortfall_contributions",
    "value_at_risk_gradient",
    "expected_shortfall_gradient",
)
"""Numbers that a portfolio has of every column, where they exist."""
SCALARS = (
    "alpha",
    "value_at_risk",
    "expected_shortfall",
    "E_Y_at_quantile",
    "E_Y_in_tail",
    "status",
)
ROWS_SHOWN = 8
"""Columns of which a table in a notebook shows all; of more, those that contribute most."""


@dataclass(frozen=True, eq=False, repr=False)
class PortfolioRisk:
    """Tail risk of a portfolio: what `portfolio` returns.

    Its loss is ``-w'X``, and the tail are the losses of which one of ``1/alpha`` is. Arrays have
    the order of the model's columns, and are read-only.

    Attributes
    ----------
    model
        The law of X.
    w : (d)
        Weights.
    alpha : float
        Probability of the tail.
    value_at_risk : float
        The loss that is exceeded with probability alpha.
    expected_shortfall : float
        The mean of the losses beyond it; inf where it does not exist.
    value_at_risk_contributions, expected_shortfall_contributions : (d) or None
        Parts of the columns, ``w`` times the gradient, which sum to it (Euler).
    value_at_risk_gradient, expected_shortfall_gradient : (d) or None
        Derivatives in w: the mean losses of the columns where the portfolio's is the value at risk,
        and beyond it. None where one of them is infinite.
    E_Y_at_quantile, E_Y_in_tail : float
        Means of Y, the variance of the day, given that the loss is the value at risk, and beyond;
        the second is inf for a skewed t with ``alpha_Y <= 1`` and ``g <= 0``.
    status : str
        ``"ok"``; ``"infinite_expected_shortfall"``; or ``"infinite_expected_contribution"``, where
        it is finite but a column's part is not.
    """

    model: Any
    w: Array
    alpha: float
    value_at_risk: float
    expected_shortfall: float
    value_at_risk_contributions: Array | None
    expected_shortfall_contributions: Array | None
    value_at_risk_gradient: Array | None
    expected_shortfall_gradient: Array | None
    E_Y_at_quantile: float
    E_Y_in_tail: float
    status: str

    @property
    def columns(self) -> Names | None:
        """Names of the columns, those of the model, or None."""
        names: Names | None = self.model.columns
        return names

    @cached_property
    def expected_shortfall_hessian(self) -> Array:
        """Second derivatives of the expected shortfall in w (d, d), computed when first asked for.

        They are ``f/alpha`` times the covariance of X given that the loss is the value at risk,
        where f is the density of the loss: positive semidefinite, and 0 in the direction of w.
        ValueError where ``status`` is not ``"ok"``, or the covariance is infinite.
        """
        hessian: Array = _varimix.expected_shortfall_hessian(self.model, self.w, self.alpha)
        hessian.flags.writeable = False
        return hessian

    def as_frame(self) -> Any:
        """Return weights, contributions and gradients as a DataFrame of pandas, a row a column.

        What does not exist is left out. ImportError without pandas.
        """
        found = {"w": self.w} | {
            name: value for name in OF_COLUMNS if (value := getattr(self, name)) is not None
        }
        return pandas().DataFrame(found, index=None if self.columns is None else list(self.columns))

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the Hessian as plain values, the model too; JSON has no inf."""
        arrays = {name: getattr(self, name) for name in ("w", *OF_COLUMNS)}
        return {
            **{name: getattr(self, name) for name in SCALARS},
            **{name: None if of is None else of.tolist() for name, of in arrays.items()},
            "model": model_to_dict(self.model),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PortfolioRisk):
            return NotImplemented
        return bool(
            self.model == other.model
            and self.columns == other.columns
            and np.array_equal(self.w, other.w)
            and self.alpha == other.alpha
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return the two numbers in a line."""
        shown = "" if self.status == "ok" else f", status={self.status!r}"
        return (
            f"PortfolioRisk(d={len(self.w)}, alpha={self.alpha:g}, "
            f"value_at_risk={self.value_at_risk:.6g}, "
            f"expected_shortfall={self.expected_shortfall:.6g}{shown})"
        )

    def _repr_html_(self) -> str:
        """Return a small table, as notebooks show it."""
        heads = ["", "w", *(name.replace("_", " ") for name in OF_COLUMNS[:2])]
        numbers = [self.w, *(getattr(self, name) for name in OF_COLUMNS[:2])]
        names = self.columns or tuple(map(str, range(len(self.w))))
        size = np.abs(numbers[-1] if numbers[-1] is not None else self.w)
        largest = np.sort(np.argsort(-size, kind="stable")[:ROWS_SHOWN])
        rows = [
            (names[j], *("" if of is None else _text(of[j]) for of in numbers)) for j in largest
        ]
        if len(names) > ROWS_SHOWN:
            rows.append((f"... {len(names)} in all", "", "", ""))
        sums = (float(self.w.sum()), self.value_at_risk, self.expected_shortfall)
        rows.append(("sum", *map(_text, sums)))
        return table_of(f"PortfolioRisk: alpha {self.alpha:g}, {self.status}", heads, rows)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)


def portfolio(model: Any, w: ArrayLike, alpha: float = 0.01) -> PortfolioRisk:
    """Return value at risk and expected shortfall of a portfolio, their parts and derivatives.

    The return ``R = w'X`` is a mixture of one dimension, with ``m = w'mu``, ``g = w'gamma`` and
    ``s^2 = w'Sigma w``; its loss is ``-R``. With ``P(R <= q) = alpha``::

        VaR = -q            dVaR/dw = -(mu + gamma e + Sigma w (q - m - g e)/s^2),  e = E[Y | R = q]
        ES = -E[R | R <= q]  dES/dw = -(mu + gamma E[Y | R <= q] + Sigma w E[sqrt(Y) Z | R <= q]/s)

    Nothing is simulated or differenced: one sum over Y gives all tail means, as ratios of positive
    integrals. ``expected_shortfall_hessian`` is computed when it is asked for.

    Parameters
    ----------
    model
        The law of X, of any family.
    w : array-like (d), or by names
        Weights of the columns: an array, a list, a Series of pandas or a dict by the names of the
        columns; columns that a dict leaves out have the weight 0. Positions may be short.
    alpha
        Probability of the tail, 0 < alpha < 1: 0.01 is the level 99%. It may be as small as 1e-300.

    Returns
    -------
    PortfolioRisk
        In units of X. Relative error 1e-12 or better, of the larger of ``abs(value_at_risk)`` and
        the excess of the expected shortfall over it. Where the expected shortfall does not exist
        (a skewed t with ``alpha_Y <= 1`` and ``g < 0``, or ``<= 1/2`` and ``g = 0``) it is inf, and
        ``status`` says so.

    Raises
    ------
    TypeError
        If ``model`` is no model.
    ValueError
        For weights of another dimension, that are not finite, or all 0; names that are not those of
        the model; an alpha outside (0, 1); and an alpha whose value at risk lies beyond 1e100
        standard units, which only laws with hardly any moments have.

    Notes
    -----
    Cost: some 30 microseconds for d = 20, and O(d^2). Euler contributions: Tasche (1999), "Risk
    contributions and performance measurement".
    """
    require_model(model)
    given = real_array(alpha, "alpha")
    if given.shape != () or given.dtype == bool:
        raise ValueError(f"alpha must be one number in (0, 1), got {alpha!r}")
    weights = weights_in_order(w, model.columns)
    numbers = _varimix.portfolio_risk(model, weights, float(given))
    make_read_only(numbers.values())
    return PortfolioRisk(model=model, **numbers)


def _text(value: float) -> str:
    return f"{value:.6g}"
