"""Numbers of a model that do not depend on its gauge, by name, for pictures along a path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import MeanVarianceMixture
from varimix.plotting.density import SHAPES

Values = NDArray[np.float64]
Quantity = str | Callable[[Any], float]

LABELS = {
    "tail_weight": "tail weight E[Y] E[1/Y] − 1",
    "correlation": "correlation in Σ",
    "mu": "μ",
    "gamma": "γ, where E[Y] = 1",
    "sigma": "√Σ_jj, where E[Y] = 1",
    "mean": "mean",
    "std": "standard deviation",
    "skewness": "skewness",
    "kurtosis": "excess kurtosis",
}
"""What a quantity is called on an axis."""
GAUGE_FREE = ("alpha", "p")
"""Parameters of the law of Y that are the same in every gauge."""
OF_ALL = ("tail_weight",)
"""Quantities of the whole law; others of this list are of a column, or of a pair of them."""


def quantity_label(quantity: Quantity, model: MeanVarianceMixture) -> str:
    """Return what the quantity is called on an axis.

    Raises
    ------
    ValueError
        For a name that is no quantity of this family.
    """
    if callable(quantity):
        return str(getattr(quantity, "__name__", "value"))
    of_y = SHAPES[type(model)]
    if quantity in LABELS:
        return LABELS[quantity]
    if quantity in of_y:
        return quantity if quantity in GAUGE_FREE else f"{quantity}, where E[Y] = 1"
    known = ", ".join([*LABELS, *of_y])
    raise ValueError(f"quantity must be a function, or one of {known}, got {quantity!r}")


def values_of(
    quantity: Quantity, model: MeanVarianceMixture, columns: Sequence[str], chosen: Sequence[int]
) -> dict[str, float]:
    """Return the values of a quantity by name, of the chosen columns where it is of columns."""
    if callable(quantity):
        value = quantity(model)
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"quantity must return a number, got {type(value).__name__}")
        return {"": float(value)}
    if quantity in OF_ALL:
        return {"": float(getattr(model, quantity)())}
    if quantity in SHAPES[type(model)]:
        law = model if quantity in GAUGE_FREE else _unit_gauge(model)
        return {"": float(getattr(law, quantity))}
    if quantity == "correlation":
        return _correlations(model, columns, chosen)
    of_columns = _of_columns(quantity, model)
    return {columns[j]: float(of_columns[j]) for j in chosen}


def _unit_gauge(model: MeanVarianceMixture) -> MeanVarianceMixture:
    """Return the same law with E[Y] = 1, or as it is where E[Y] does not exist."""
    mean = model.subordinator().E_Y()
    if not np.isfinite(mean):
        raise ValueError(f"quantity must exist: E[Y] = {mean:g} cannot be made 1")
    return model.rescale_y(1.0 / mean)


def _correlations(
    model: MeanVarianceMixture, columns: Sequence[str], chosen: Sequence[int]
) -> dict[str, float]:
    sigma = model.sigma()
    scale = np.sqrt(np.diag(sigma))
    return {
        f"{columns[i]}, {columns[j]}": float(sigma[i, j] / (scale[i] * scale[j]))
        for place, i in enumerate(chosen)
        for j in chosen[place + 1 :]
    }


def _of_columns(quantity: str, model: MeanVarianceMixture) -> Values:
    if quantity == "mu":
        return model.mu
    if quantity == "gamma":
        return _unit_gauge(model).gamma
    if quantity == "sigma":
        return np.sqrt(np.diag(_unit_gauge(model).sigma()))
    if quantity == "std":
        return np.sqrt(np.diag(model.cov()))
    return np.asarray(getattr(model, quantity)())
