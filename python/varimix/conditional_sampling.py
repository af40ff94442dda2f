"""Draws of a law given some of its columns: values, one value a draw, or bounds."""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from varimix import GeneralizedInverseGaussian
from varimix import MeanVarianceMixture as Model
from varimix.conditional_regression import Array, regression
from varimix.sources.real_numbers import real_array

MAX_ROUNDS = 1000
"""Rounds of rejection: a draw is given up where bounds hold less than some 1/1000 of the rest."""


class Conditions(NamedTuple):
    """What draws are given: values (n) and bounds of columns, by number."""

    values: dict[int, Array]
    bounds: dict[int, tuple[float, float]]


def draw_given(
    model: Model, n: int, conditioning: Mapping[Any, Any], names: Sequence[str], key: int
) -> Array:
    """Return n draws (n, d) of the law of X given ``conditioning``, exact in law.

    Parameters
    ----------
    model
        The law of X.
    n
        Number of draws, >= 1.
    conditioning
        Maps a column, by name or number from 0, to a number, to bounds as a tuple (low, high), or
        to n numbers, one for each draw. Strictly fewer columns than d.
    names
        Names of the columns; none if they have only numbers.
    key
        Key of the draws.

    Raises
    ------
    ValueError
        For n < 1, a column that is not there, all columns, values that are not finite or of another
        shape, bounds that are not ordered, or that hold too little probability to draw from.
    """
    if isinstance(n, bool) or not isinstance(n, Integral):
        raise TypeError(f"n_samples must be a whole number, got {n!r}")
    if n < 1:
        raise ValueError(f"n_samples must be >= 1, got {n}")
    if not isinstance(conditioning, Mapping):
        raise TypeError(f"conditioning must map columns to values, got {conditioning!r}")
    if not conditioning:
        return model.rvs(int(n), seed=key)
    given = _conditions(model.d, int(n), conditioning, names)
    rng = np.random.default_rng(key)
    draws = np.empty((int(n), model.d))
    pending = np.arange(int(n))
    for _ in range(MAX_ROUNDS):
        draws[pending] = _proposals(model, len(pending), given, pending, rng)
        inside = np.ones(len(pending), dtype=bool)
        for column, (low, high) in given.bounds.items():
            x = draws[pending, column]
            inside &= (low <= x) & (x <= high)
        pending = pending[~inside]
        if len(pending) == 0:
            return draws
    raise ValueError(
        f"conditioning must hold more probability: after {MAX_ROUNDS} rounds {len(pending)} of "
        f"{n} draws are outside the bounds"
    )


def _proposals(
    model: Model, n: int, given: Conditions, draws: NDArray[np.intp], rng: np.random.Generator
) -> Array:
    """Return draws given the values and the narrowest of the bounds; other bounds may not hold."""
    values = {column: value[draws] for column, value in given.values.items()}
    if given.bounds:
        column = min(given.bounds, key=lambda j: _probability(model, j, given.bounds[j]))
        values[column] = _within(model, n, values, column, given.bounds[column], rng)
    return _given_values(model, n, values, rng)


def _within(
    model: Model,
    n: int,
    values: dict[int, Array],
    column: int,
    bounds: tuple[float, float],
    rng: np.random.Generator,
) -> Array:
    """Return draws of a column given the values of others and its bounds, by its quantiles."""
    uniform = rng.uniform(size=n)
    unit = np.zeros(model.d)
    unit[column] = 1
    if not values:
        return _between(model.project(unit), bounds, uniform)
    x = np.empty(n)
    columns = np.array(list(values))
    rows = np.column_stack(list(values.values()))
    free = np.delete(np.arange(model.d), columns)
    distinct, of_row = np.unique(rows, axis=0, return_inverse=True)
    for number, row in enumerate(distinct):
        given = dict(zip(columns.tolist(), row.tolist(), strict=True))
        law = model.conditional_law(given).project(unit[free])
        mine = of_row.reshape(-1) == number
        x[mine] = _between(law, bounds, uniform[mine])
    return x


def _between(law: Any, bounds: tuple[float, float], uniform: Array) -> Array:
    """Return quantiles of a law of one dimension within bounds; from the end with less of it."""
    low, high = bounds
    if law.sf(low) < law.cdf(high):
        top, bottom = law.sf(low), law.sf(high)
        x = law.isf(bottom + uniform * (top - bottom))
    else:
        bottom, top = law.cdf(low), law.cdf(high)
        x = law.ppf(bottom + uniform * (top - bottom))
    if not top > bottom:
        raise ValueError(f"conditioning must hold some probability, got the bounds {bounds}")
    clipped: Array = np.clip(x, low, high)  # a quantile is exact but for rounding
    return clipped


def _probability(model: Model, column: int, bounds: tuple[float, float]) -> float:
    unit = np.zeros(model.d)
    unit[column] = 1
    law = model.project(unit)
    return float(law.cdf(bounds[1]) - law.cdf(bounds[0]))


def _given_values(
    model: Model, n: int, values: dict[int, Array], rng: np.random.Generator
) -> Array:
    """Return draws (n, d) given values (n) of some columns, each drawn from its own law."""
    columns = np.array(list(values))
    rows = np.column_stack(list(values.values()))
    r = regression(model, columns)
    deviations = rows - model.mu[columns]
    b = r.b + np.sum((deviations @ r.whiten.T) ** 2, axis=1)
    y = np.empty(n)
    for value in np.unique(b):
        mine = np.flatnonzero(b == value)
        law = GeneralizedInverseGaussian(r.p, r.a, value)
        y[mine] = law.rvs(len(mine), seed=int(rng.integers(2**63 - 1)))
    normal = rng.standard_normal((n, len(r.free))) @ r.factor.T
    draws = np.empty((n, model.d))
    draws[:, columns] = rows
    draws[:, r.free] = (model.mu[r.free] + deviations @ r.slope.T + y[:, None] * r.gamma) + np.sqrt(
        y
    )[:, None] * normal
    return draws


def _conditions(
    d: int, n: int, conditioning: Mapping[Any, Any], names: Sequence[str]
) -> Conditions:
    given = Conditions({}, {})
    for name, value in conditioning.items():
        column = _column(d, name, names)
        if column in given.values or column in given.bounds:
            raise ValueError(f"conditioning must name a column once, got {name!r} again")
        if isinstance(value, tuple):
            given.bounds[column] = _bounds(name, value)
        else:
            given.values[column] = _values(name, value, n)
    if len(given.values) + len(given.bounds) >= d:
        raise ValueError(f"conditioning must leave a column of the {d}, got all of them")
    return given


def _column(d: int, name: object, names: Sequence[str]) -> int:
    if isinstance(name, str) and name in names:
        return list(names).index(name)
    if isinstance(name, Integral) and not isinstance(name, bool) and 0 <= int(name) < d:
        return int(name)
    known = f"{list(names)} or " if names else ""
    raise ValueError(f"conditioning must be of columns {known}0 to {d - 1}, got {name!r}")


def _bounds(name: object, value: tuple[Any, ...]) -> tuple[float, float]:
    if len(value) != 2 or not all(isinstance(end, Real) for end in value):
        raise ValueError(f"conditioning of {name!r} must be bounds (low, high), got {value!r}")
    low, high = float(value[0]), float(value[1])
    if not low < high:
        raise ValueError(f"conditioning of {name!r} must have low < high, got {value!r}")
    return low, high


def _values(name: object, value: Any, n: int) -> Array:
    array = real_array(value, f"conditioning of {name!r}").astype(float)
    if array.shape not in ((), (n,)):
        raise ValueError(
            f"conditioning of {name!r} must be one number or {n}, got the shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"conditioning of {name!r} must be finite, got {value!r}")
    return np.broadcast_to(array, (n,)).astype(float)
