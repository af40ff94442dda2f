"""Portfolios of the least expected shortfall, and of contributions in given ratios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix.arguments import require_model
from varimix.html import table_of
from varimix.names import Names
from varimix.plain_values import model_to_dict
from varimix.read_only import make_read_only, restore
from varimix.risk.constraints import arrays_of, by_column, number
from varimix.risk.portfolio import PortfolioRisk, portfolio

Array = NDArray[np.float64]
SCALARS = ("alpha", "expected_shortfall", "gap", "iterations", "status")
ROWS_SHOWN = 8
"""Columns of which a table in a notebook shows all; of more, those of the largest weights."""


@dataclass(frozen=True, eq=False, repr=False)
class OptimalPortfolio:
    """A portfolio that is optimal, with its certificate.

    Attributes
    ----------
    model
        The law of X.
    weights : (d) or None
        In the order of the model's columns, read-only; None where ``status`` says that there are
        none.
    alpha : float
        Probability of the tail.
    expected_shortfall : float
        That of the weights; without weights inf, or -inf for ``"unbounded"``.
    gap : float
        Bound of the distance to the optimum: ``(expected_shortfall - bound) /
        abs(expected_shortfall)``, 0 at the optimum up to rounding. Of equal contributions: the
        largest error of a share. inf without weights.
    iterations : int
        Number of steps, each one sweep and one factorisation.
    status : str
        ``"ok"``: optimal to 1e-10; ``"infeasible"``; ``"unbounded"``;
        ``"infinite_expected_shortfall"``: for all portfolios that meet the constraints;
        ``"nonpositive_shortfall"``, only of equal contributions; ``"not_converged"``: the weights
        meet the constraints, and ``gap`` says how far they may be from the optimum; None where no
        portfolio that meets them was found, though none was excluded.
    """

    model: Any
    weights: Array | None
    alpha: float
    expected_shortfall: float
    gap: float
    iterations: int
    status: str

    @property
    def columns(self) -> Names | None:
        """Names of the columns, those of the model, or None."""
        names: Names | None = self.model.columns
        return names

    @property
    def reason(self) -> str:
        """What the status means, in words; "" for ``"ok"``."""
        return _varimix.optimum_sentence(self.status)

    @property
    def mean(self) -> float | None:
        """Mean of the return; None without weights, inf or nan where the law of w'X has none."""
        if self.weights is None:
            return None
        mean = self.model.mean()
        if np.isfinite(mean).all():
            return float(self.weights @ mean)
        return float(self.model.project(self.weights).mean()[0])

    @cached_property
    def risk(self) -> PortfolioRisk:
        """Value at risk, contributions and gradients of the weights.

        ValueError without weights.
        """
        if self.weights is None:
            raise ValueError(f"the portfolio must have weights, got none: {self.reason}")
        return portfolio(self.model, self.weights, self.alpha)

    def as_frame(self) -> Any:
        """Return weights and contributions as a DataFrame of pandas, a row a column.

        ValueError without weights, ImportError without pandas.
        """
        return self.risk.as_frame().rename(columns={"w": "weights"})

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, the model too; JSON has no inf."""
        return {
            **{name: getattr(self, name) for name in SCALARS},
            "weights": None if self.weights is None else self.weights.tolist(),
            "model": model_to_dict(self.model),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OptimalPortfolio):
            return NotImplemented
        return bool(
            np.array_equal(self.weights, other.weights)  # type: ignore[arg-type]
            and self.model == other.model
            and self.columns == other.columns
            and all(getattr(self, name) == getattr(other, name) for name in SCALARS)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return it in a line."""
        found = (
            ""
            if self.weights is None
            else f", expected_shortfall={self.expected_shortfall:.6g}, gap={self.gap:.2g}"
        )
        return (
            f"OptimalPortfolio(d={self.model.d}, alpha={self.alpha:g}{found}, "
            f"status={self.status!r})"
        )

    def _repr_html_(self) -> str:
        """Return a small table, as notebooks show it."""
        caption = f"OptimalPortfolio: alpha {self.alpha:g}, {self.reason or self.status}"
        if self.weights is None:
            return table_of(caption, ("", ""), [("status", self.status)])
        parts = self.risk.expected_shortfall_contributions
        names = self.columns or tuple(map(str, range(len(self.weights))))
        largest = np.sort(np.argsort(-np.abs(self.weights), kind="stable")[:ROWS_SHOWN])
        rows = [
            (names[j], f"{self.weights[j]:.6g}", "" if parts is None else f"{parts[j]:.6g}")
            for j in largest
        ]
        if len(names) > ROWS_SHOWN:
            rows.append((f"... {len(names)} in all", "", ""))
        rows.append(("sum", f"{self.weights.sum():.6g}", f"{self.expected_shortfall:.6g}"))
        rows.append(("gap", "", f"{self.gap:.2g}"))
        return table_of(caption, ("", "weights", "expected shortfall contributions"), rows)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)


def minimum_expected_shortfall(
    model: Any,
    alpha: float = 0.05,
    *,
    target_return: float | None = None,
    lower: Any = 0.0,
    upper: Any = None,
    budget: float | None = 1.0,
    groups: Any = None,
    linear: Any = None,
) -> OptimalPortfolio:
    """Return the portfolio of the least expected shortfall that meets the constraints.

    The minimiser over w of ``ES(w) = E[L | L >= VaR]``, ``L = -w'X``, with
    ``sum w = budget``, ``w'E[X] = target_return``, ``lower <= w <= upper``, and limits of groups
    and of other linear combinations. ES is convex and its derivatives are exact (see `portfolio`):
    nothing is simulated.

    Parameters
    ----------
    model
        The law of X, of any family.
    alpha
        Probability of the tail, 0 < alpha < 1.
    target_return
        The mean of the return, in units of X; None leaves it free.
    lower, upper : number, (d), or mapping
        Bounds of each weight: the same for all, a list, array or Series, or a mapping by the
        columns' names, in which those left out have the default (0, and none). None is no bound.
        Where they are equal the weight is pinned.
    budget
        The sum of the weights; None leaves it free, if other constraints exclude ``w = 0``.
    groups : mapping
        ``{"energy": (["CVX", "XOM"], 0.0, 0.2), ...}``: columns, and limits of the sum of their
        weights, of which None is none.
    linear : (A, low, high)
        ``low <= A w <= high``; A (m, d) is an array, or a frame by the columns' names, the limits
        are numbers or m of them, None is none, and equal ones an equality.

    Returns
    -------
    OptimalPortfolio
        ``status`` says if there is none. ``gap`` is a certificate: for every v that meets the
        constraints ``ES(v) >= g'v``, g the gradient at the weights, and the multipliers bound
        ``g'v`` below (weak duality). For long-only weights it is ``(ES - min_i g_i) / ES``. A
        weight without a bound counts as bounded by ``10 sum |w|``; by convexity a portfolio t times
        as far away may be t gaps better.

    Raises
    ------
    TypeError
        If ``model`` is no model, or groups, linear or names of columns are of another type.
    ValueError
        For an alpha outside (0, 1), bounds that are no numbers or in no order, other names than
        those of the model, a target where ``model.mean()`` is not finite, and constraints that
        ``w = 0`` meets, which has no expected shortfall.

    Notes
    -----
    A primal-dual interior point; without inequalities Newton's method. A linear program finds where
    it starts, and whether the constraints can be met. A skewed t with ``alpha_Y <= 1`` and
    ``gamma != 0`` has an expected shortfall where ``w'gamma > 0`` only, which then is a
    constraint. Cost: 5 to 25 steps of O(d^3). See Nocedal and Wright (2006), chapter 19.
    """
    given = _checked(model, alpha)
    constraints = arrays_of(model, lower, upper, budget, groups, linear)
    target = None if target_return is None else number(target_return, "target_return")
    found = _varimix.minimum_expected_shortfall(model, given, target_return=target, **constraints)
    return optimum_of(model, found)


def equal_contribution(
    model: Any, alpha: float = 0.05, budgets: ArrayLike | Mapping[str, float] | None = None
) -> OptimalPortfolio:
    """Return the long-only portfolio whose columns contribute in given ratios (risk parity).

    ``w_i dES/dw_i = ES b_i``, ``sum w = 1``, w > 0: the minimiser of ``ES(x) - sum_i b_i log x_i``,
    scaled, which is unique. It exists if every long-only portfolio has a finite ES > 0.

    Parameters
    ----------
    model
        The law of X, of any family.
    alpha
        Probability of the tail, 0 < alpha < 1.
    budgets : (d), a Series or a mapping of all columns, or None
        The ratios, > 0, of any sum; None makes them equal.

    Returns
    -------
    OptimalPortfolio
        ``gap`` is the largest error of a share, ``max |w_i g_i / ES - b_i|``. ``status`` is
        ``"nonpositive_shortfall"`` or ``"infinite_expected_shortfall"`` where there is none.

    Raises
    ------
    TypeError
        If ``model`` is no model.
    ValueError
        For an alpha outside (0, 1); budgets of another dimension, <= 0, not finite, or of other
        names than the model's.

    Notes
    -----
    Newton's method: about 10 steps of O(d^3). Maillard, Roncalli and Teiletche (2010), "The
    properties of equally weighted risk contribution portfolios".
    """
    given = _checked(model, alpha)
    shares = None
    if budgets is not None:
        shares = by_column(budgets, np.nan, "budgets", model.columns, model.d)
        for j in np.flatnonzero(~((shares > 0.0) & (shares < np.inf))):
            name = f"column {j}" if model.columns is None else repr(model.columns[j])
            raise ValueError(f"budgets must be finite and > 0, got {shares[j]} for {name}")
    return optimum_of(model, _varimix.equal_contribution(model, given, shares))


def optimum_of(model: Any, numbers: dict[str, Any]) -> OptimalPortfolio:
    """Return the result of what the compiled core found."""
    make_read_only(numbers.values())
    return OptimalPortfolio(model=model, **numbers)


def _checked(model: Any, alpha: Any) -> float:
    """Return alpha as a number; raise for what is no model."""
    require_model(model)
    return number(alpha, "alpha")
