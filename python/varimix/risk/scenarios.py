"""Draws of a model given values and bounds of some columns: stress scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix import _varimix
from varimix._varimix import MeanVarianceMixture
from varimix.arguments import probability, require_model, whole_number
from varimix.frames import pandas
from varimix.html import table_of
from varimix.names import Names, weights_in_order
from varimix.plain_values import model_to_dict
from varimix.read_only import make_read_only, restore
from varimix.risk.conditioning import columns_and_bounds
from varimix.sources.real_numbers import real_array

Array = NDArray[np.float64]
Condition = tuple[int, float, float]
MOST_ROWS = 2**40
"""Rows that can be asked for; memory ends before."""
SCALARS = ("effective_sample_size", "log_probability", "relative_error", "method", "status")
ROWS_SHOWN = 8
"""Columns of which a table in a notebook shows all; of more, the first ones."""


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios:
    """Weighted draws of a model given conditions: what `scenarios` returns.

    Arrays are read-only. Means, quantiles and risks of the rows take the weights into account.

    Attributes
    ----------
    model
        The law of X without conditions.
    conditions : tuple of (column, lower, upper)
        What was asked for, by numbers of columns.
    x : array
        (n, d): rows that meet the conditions, all columns in the order of the model.
    weights : (n)
        Weights of the rows, >= 0, of sum 1.
    effective_sample_size : float
        ``1 / sum(weights**2)``: n where all weights are equal.
    log_probability : float
        Log of the probability of the bounds, given the values; 0 without bounds.
    relative_error : float
        Standard error of that probability, over it. It is 0 where the probability was computed, and
        inf for one row.
    method : str
        ``"exact"``: rows are draws of the conditional law, and weights are equal. ``"importance"``:
        rows stand for that law with their weights.
    status : str
        ``"ok"``; ``"small_effective_sample_size"`` where it is below a tenth of n; or
        ``"uncertain_proposal"`` where the tilts were not found, as for columns that all but
        determine one another: the rows are not to be relied on then, whatever their weights.
    """

    model: Any
    conditions: tuple[Condition, ...]
    x: Array
    weights: Array
    effective_sample_size: float
    log_probability: float
    relative_error: float
    method: str
    status: str

    @property
    def columns(self) -> Names | None:
        """Names of the columns, those of the model, or None."""
        names: Names | None = self.model.columns
        return names

    @property
    def probability(self) -> float:
        """Probability of the bounds, given the values; 0 below the doubles."""
        return exp(self.log_probability)

    @property
    def probability_error(self) -> float:
        """Standard error of ``probability``; 0 where it was computed."""
        return self.probability * self.relative_error if self.relative_error else 0.0

    def mean(self) -> Array:
        """Return the weighted mean of every column (d)."""
        mean: Array = self.weights @ self.x
        return mean

    def mean_error(self) -> Array:
        """Return the standard error of ``mean()`` (d): ``sqrt(sum w^2 (x - mean)^2)``."""
        scales, scaled = self._deviations()
        error: Array = scales * np.sqrt(self.weights**2 @ scaled**2)
        return error

    def cov(self) -> Array:
        """Return the weighted covariance (d, d), over ``1 - sum w^2``: unbiased for equal weights.

        ValueError where one row has all of the weight, and for a covariance beyond the doubles.
        """
        scales, scaled = self._deviations()
        with np.errstate(over="ignore"):
            cov: Array = scales[:, np.newaxis] * self._cov_of(scaled) * scales
        if not np.isfinite(cov).all():
            raise ValueError("cov needs a covariance within doubles, got inf; std has its roots")
        return cov

    def std(self) -> Array:
        """Return the weighted standard deviation of every column (d). ValueError as of ``cov``."""
        scales, scaled = self._deviations()
        std: Array = scales * np.sqrt(np.diag(self._cov_of(scaled)))
        return std

    def quantile(self, q: ArrayLike) -> Array:
        """Return quantiles of every column, (d) for one q or (len(q), d).

        The quantile is the least value up to which the rows have the weight q. ValueError unless
        every q is in [0, 1].
        """
        levels = real_array(q, "q").astype(float)
        if levels.ndim > 1 or not ((levels >= 0) & (levels <= 1)).all():
            raise ValueError(f"q must be a number in [0, 1] or several, got {q!r}")
        columns = [_quantiles(column, self.weights, np.atleast_1d(levels)) for column in self.x.T]
        found = np.column_stack(columns)
        return found[0] if levels.ndim == 0 else found

    def value_at_risk(self, w: ArrayLike, alpha: float = 0.05) -> float:
        """Return the loss ``-w'x`` that is exceeded with probability alpha, minus a quantile.

        Weights of columns ``w`` are given as to `portfolio`. ValueError unless 0 < alpha < 1.
        """
        level = np.array([probability(alpha, "alpha")])
        return -float(_quantiles(self._returns(w), self.weights, level)[0])

    def expected_shortfall(self, w: ArrayLike, alpha: float = 0.05) -> float:
        """Return the mean of the losses ``-w'x`` in the tail of probability alpha.

        The row at the value at risk counts with the part of its weight that alpha leaves it
        (Acerbi and Tasche 2002). ValueError unless 0 < alpha < 1.
        """
        tail = probability(alpha, "alpha")
        returns = self._returns(w)
        order = np.argsort(returns, kind="stable")
        before = np.concatenate([[0.0], np.cumsum(self.weights[order])[:-1]])
        counted = np.clip(tail - before, 0.0, self.weights[order])
        return -float(counted @ returns[order] / counted.sum())

    def as_frame(self) -> Any:
        """Return the rows as a DataFrame of pandas by the names of the columns, without weights.

        ImportError without pandas.
        """
        return pandas().DataFrame(self.x, columns=None if self.columns is None else self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, the model too; JSON has no inf."""
        return {
            **{name: getattr(self, name) for name in SCALARS},
            "conditions": [list(condition) for condition in self.conditions],
            "x": self.x.tolist(),
            "weights": self.weights.tolist(),
            "model": model_to_dict(self.model),
        }

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.x)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenarios):
            return NotImplemented
        return bool(
            self.model == other.model
            and self.columns == other.columns
            and self.conditions == other.conditions
            and np.array_equal(self.x, other.x)
            and np.array_equal(self.weights, other.weights)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return the numbers that say what the rows are worth in a line."""
        shown = "" if self.status == "ok" else f", status={self.status!r}"
        return (
            f"Scenarios(n={len(self)}, d={self.x.shape[1]}, method={self.method!r}, "
            f"effective_sample_size={self.effective_sample_size:.6g}, "
            f"probability={self._probability_text()}{shown})"
        )

    def _repr_html_(self) -> str:
        """Return a small table, as notebooks show it."""
        names = self.columns or tuple(map(str, range(self.x.shape[1])))
        bounds = {column: (lower, upper) for column, lower, upper in self.conditions}
        mean = self.mean()
        ends = self.quantile([0.05, 0.95])
        rows = [
            (names[j], _bounds_text(bounds.get(j)), *(f"{v:.6g}" for v in (mean[j], *ends[:, j])))
            for j in range(min(len(names), ROWS_SHOWN))
        ]
        if len(names) > ROWS_SHOWN:
            rows.append((f"... {len(names)} in all", "", "", "", ""))
        caption = (
            f"Scenarios: {len(self)} rows, {self.method}, worth {self.effective_sample_size:.6g}, "
            f"probability {self._probability_text()}, {self.status}"
        )
        return table_of(caption, ("", "given", "mean", "5%", "95%"), rows)

    def _probability_text(self) -> str:
        """Return the probability in four digits, as a power of ten where doubles have none."""
        if self.probability > 0:
            return f"{self.probability:.4g}"
        return f"10^{self.log_probability / np.log(10):.4g}"

    def _returns(self, w: ArrayLike) -> Array:
        weights = real_array(weights_in_order(w, self.columns), "w").astype(float)
        d = self.x.shape[1]
        if weights.shape != (d,):
            raise ValueError(f"w must be of dimension {d}, got the shape {weights.shape}")
        if not np.isfinite(weights).all():
            raise ValueError(f"w must be finite, got {weights.tolist()}")
        with np.errstate(over="ignore", invalid="ignore"):
            returns: Array = self.x @ weights
        if not np.isfinite(returns).all():
            raise ValueError(f"w must keep w'x of all rows within doubles, got {weights.tolist()}")
        return returns

    def _deviations(self) -> tuple[Array, Array]:
        """Return scales of the columns (d), and deviations from the mean by them, within 2."""
        halves = 0.5 * self.x - 0.5 * self.mean()
        largest = np.abs(halves).max(axis=0)
        scales = np.where(largest > 0.0, largest, 1.0)
        return scales, 2.0 * (halves / scales)

    def _cov_of(self, deviations: Array) -> Array:
        share = 1.0 - float(self.weights @ self.weights)
        if share <= 0:
            raise ValueError("cov needs weight on two rows or more, got all of it on one")
        cov: Array = (deviations.T * self.weights) @ deviations / share
        return cov

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)


def scenarios(
    model: MeanVarianceMixture, conditions: Any, n: int = 10_000, seed: Any = None
) -> Scenarios:
    """Draw from a model given values of some columns, and bounds of some or all.

    Values are met first, exactly: the other columns have the law ``model.conditional_law``. Bounds
    on one column are met exactly too: it is drawn by its quantiles, Y from its law given the
    column, the others given both. Bounds on several columns are met by importance sampling: log Y
    is drawn from a law close to its own given the conditions, then the columns one after the other
    from truncated normal laws, all with exponential tilts (Botev 2017), so that conditions of
    probability 1e-8, and far below, still leave most of the rows effective.

    Parameters
    ----------
    model
        The law of X, of any family.
    conditions : mapping of columns to numbers or bounds
        By name or by number from 0: a number is a value; two numbers ``(lower, upper)``, a tuple, a
        list or an array, are bounds, either of which may be infinite. Two bounds that are equal are
        a value, and ``(-inf, inf)`` is no condition.
    n
        Number of rows.
    seed : int, array of int, numpy.random.Generator, or None
        Row i depends on the seed and i alone: the first rows do not depend on n, and the bits not
        on the number of threads. None, the default, gives fresh rows in every call.

    Returns
    -------
    Scenarios
        Rows with weights, their effective sample size, and the probability of the bounds.

    Raises
    ------
    TypeError
        If ``model`` is no model, ``conditions`` no mapping, n no whole number.
    ValueError
        For conditions on no column, one that is not there or comes twice, values of all columns,
        NaN, lower > upper; a value at which the density is unbounded (a VarianceGamma at mu);
        bounds for which no proposal is found, far beyond any probability of interest or of columns
        that all but determine one another; and n < 1.

    Notes
    -----
    Where means of the model are infinite, so may be those of the conditional law: means of rows are
    finite and say nothing then. Bounds on one column that hold less than 1e-300, or less than 1e-3
    of the smaller tail that they are part of, are met by importance sampling too.
    """
    require_model(model)
    given = columns_and_bounds(conditions, model.columns, model.d)
    rows = whole_number(n, "n", MOST_ROWS)
    numbers = _varimix.draw_scenarios(model, given, rows, seed)
    make_read_only(numbers.values())
    return Scenarios(model=model, conditions=tuple(given), **numbers)


def _quantiles(values: Array, weights: Array, levels: Array) -> Array:
    """Return the least values up to which the weights sum to each level."""
    order = np.argsort(values, kind="stable")
    places = np.searchsorted(np.cumsum(weights[order]), levels)
    found: Array = values[order][np.minimum(places, len(values) - 1)]  # a sum may round to below 1
    return found


def _bounds_text(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return ""
    lower, upper = bounds
    return f"{lower:.6g}" if lower == upper else f"{lower:.6g} to {upper:.6g}"
