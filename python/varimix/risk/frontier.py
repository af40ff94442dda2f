"""The frontier of mean return and expected shortfall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix.arguments import require_model
from varimix.frames import pandas
from varimix.html import table_of
from varimix.names import Names
from varimix.plain_values import model_to_dict
from varimix.risk.constraints import arrays_of
from varimix.risk.optimal_portfolio import (
    OptimalPortfolio,
    minimum_expected_shortfall,
    optimum_of,
)
from varimix.sources.real_numbers import real_array

Array = NDArray[np.float64]
FEWEST_POINTS = 2


@dataclass(frozen=True)
class Frontier:
    """Portfolios of the least expected shortfall for their mean return, in the order of the means.

    It is a sequence of `OptimalPortfolio`.

    Attributes
    ----------
    model
        The law of X.
    alpha : float
        Probability of the tail.
    portfolios : tuple of OptimalPortfolio
        The first is that of the least expected shortfall of all, the last has the largest mean,
        where targets were not given.
    targets : tuple of float
        The mean returns that were asked for.
    """

    model: Any
    alpha: float
    portfolios: tuple[OptimalPortfolio, ...]
    targets: tuple[float, ...]

    @property
    def columns(self) -> Names | None:
        """Names of the columns, those of the model, or None."""
        names: Names | None = self.model.columns
        return names

    @property
    def expected_shortfall(self) -> Array:
        """Expected shortfall of each portfolio (n); inf where a target cannot be met."""
        return np.array([one.expected_shortfall for one in self.portfolios])

    @property
    def weights(self) -> Array:
        """Weights, a row a portfolio (n, d); NaN where a target cannot be met."""
        none = np.full(self.model.d, np.nan)
        return np.array([none if one.weights is None else one.weights for one in self.portfolios])

    def as_frame(self) -> Any:
        """Return a DataFrame of pandas, a row a portfolio.

        Its columns are ``mean``, ``expected_shortfall``, ``gap``, ``status``, and the weights by
        the columns' names or numbers. ImportError without pandas.
        """
        names = range(self.model.d) if self.columns is None else self.columns
        frame = pandas().DataFrame(
            {
                "mean": self.targets,
                "expected_shortfall": self.expected_shortfall,
                "gap": [one.gap for one in self.portfolios],
                "status": [one.status for one in self.portfolios],
            }
        )
        weights = pandas().DataFrame(self.weights, columns=list(names))
        return pandas().concat([frame, weights], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, the model once; JSON has no inf."""
        points = [one.to_dict() for one in self.portfolios]
        for point in points:
            del point["model"]
        return {
            "alpha": self.alpha,
            "targets": list(self.targets),
            "portfolios": points,
            "model": model_to_dict(self.model),
        }

    def __len__(self) -> int:
        return len(self.portfolios)

    def __iter__(self) -> Iterator[OptimalPortfolio]:
        return iter(self.portfolios)

    def __getitem__(self, k: int) -> OptimalPortfolio:
        return self.portfolios[k]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return it in a line."""
        found = self.expected_shortfall
        return (
            f"Frontier(n={len(self)}, alpha={self.alpha:g}, "
            f"mean={self.targets[0]:.6g}..{self.targets[-1]:.6g}, "
            f"expected_shortfall={found.min():.6g}..{found.max():.6g})"
        )

    def _repr_html_(self) -> str:
        """Return a small table, as notebooks show it."""
        rows = [
            (f"{target:.6g}", f"{one.expected_shortfall:.6g}", f"{one.gap:.2g}", one.status)
            for target, one in zip(self.targets, self.portfolios, strict=True)
        ]
        heads = ("mean", "expected shortfall", "gap", "status")
        return table_of(f"Frontier: alpha {self.alpha:g}", heads, rows)


def frontier(
    model: Any,
    alpha: float = 0.05,
    n: int = 20,
    *,
    target_returns: ArrayLike | None = None,
    lower: Any = 0.0,
    upper: Any = None,
    budget: float | None = 1.0,
    groups: Any = None,
    linear: Any = None,
) -> Frontier:
    """Return the portfolios of the least expected shortfall for each of n mean returns.

    Parameters
    ----------
    model
        The law of X, of any family; its mean must be finite.
    alpha
        Probability of the tail, 0 < alpha < 1.
    n : int
        Number of portfolios, >= 2. Their means are equally spaced from that of the least expected
        shortfall to the largest that the constraints allow.
    target_returns : (n), optional
        The means themselves, in place of ``n``.
    lower, upper, budget, groups, linear
        As in `minimum_expected_shortfall`.

    Returns
    -------
    Frontier
        A mean that cannot be met has a portfolio without weights, whose ``status`` says so.

    Raises
    ------
    ValueError
        As `minimum_expected_shortfall`; n < 2; constraints that no portfolio meets, or that bound
        neither the expected shortfall nor the mean, where ``target_returns`` are not given; a model
        whose mean is not finite.

    Notes
    -----
    Cost: n times that of `minimum_expected_shortfall`.
    """
    constraints = {
        "lower": lower, "upper": upper, "budget": budget, "groups": groups, "linear": linear,
    }  # fmt: skip
    if target_returns is not None:
        targets = real_array(target_returns, "target_returns")
        if targets.ndim != 1 or len(targets) == 0 or not np.isfinite(targets).all():
            raise ValueError(
                f"target_returns must be finite numbers, at least one, got {target_returns!r:.80}"
            )
        found = [_with_target(model, alpha, float(one), constraints) for one in targets]
        return Frontier(model, found[0].alpha, tuple(found), tuple(map(float, targets)))
    require_model(model)
    if not np.isfinite(model.mean()).all():
        raise ValueError(f"the mean of X must be finite, got {model.mean().tolist()}")
    if isinstance(n, bool | np.bool_) or not isinstance(n, Integral) or n < FEWEST_POINTS:
        raise ValueError(f"n must be a whole number >= {FEWEST_POINTS}, got {n!r}")
    first = minimum_expected_shortfall(model, alpha, **constraints)
    least = _mean_of(first, "expected shortfall")
    arrays = arrays_of(model, **constraints)
    largest = _mean_of(
        optimum_of(model, _varimix.maximum_mean(model, first.alpha, **arrays)), "mean"
    )
    means = np.linspace(least, max(least, largest), int(n))
    # Constraints that leave one mean leave the first portfolio, which has it to the last digit.
    rest = [
        first if one == least else _with_target(model, alpha, float(one), constraints)
        for one in means[1:]
    ]
    return Frontier(model, first.alpha, (first, *rest), tuple(map(float, means)))


def _with_target(
    model: Any, alpha: float, target: float, constraints: dict[str, Any]
) -> OptimalPortfolio:
    return minimum_expected_shortfall(model, alpha, target_return=target, **constraints)


def _mean_of(end: OptimalPortfolio, what: str) -> float:
    """Return the mean of an end of the frontier; raise where there is none."""
    mean = end.mean
    if mean is None:
        raise ValueError(
            f"constraints must leave a portfolio and bound its {what}, got {end.status!r}: "
            f"{end.reason}"
        )
    return mean
