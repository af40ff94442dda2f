"""Portfolios that a stream backtests, as `OnlineEM` is given them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.arguments import one_number
from varimix.names import weights_in_order
from varimix.sources.real_numbers import real_array

Watched = tuple[str, NDArray[np.float64], float]


def watched_portfolios(model: Any, portfolios: Any, portfolio_alpha: Any) -> list[Watched]:
    """Return name, weights in the order of the model's columns, and alpha of each portfolio.

    Raises
    ------
    TypeError
        For portfolios that are no mapping of names to weights.
    ValueError
        For weights that are not numbers or of other columns, and alphas of other portfolios; what
        is outside its domain `OnlineEM` refuses.
    """
    if not isinstance(portfolios, Mapping):
        raise TypeError(
            "portfolios must be a dict of weights by the names of portfolios, "
            f"got {type(portfolios).__name__}"
        )
    for name in portfolios:
        if not isinstance(name, str):
            raise TypeError(f"the names of portfolios must be strings, got {name!r}")
    alphas = _alphas(portfolios, portfolio_alpha)
    return [
        (name, _weights(model, weights, f"portfolios[{name!r}]"), alphas[name])
        for name, weights in portfolios.items()
    ]


def _weights(model: Any, weights: Any, name: str) -> NDArray[np.float64]:
    array = real_array(weights_in_order(weights, model.columns, name), name)
    if array.ndim != 1:
        raise ValueError(f"{name} must be of one dimension, got shape {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def _alphas(portfolios: Mapping[str, Any], alpha: Any) -> dict[str, float]:
    if not isinstance(alpha, Mapping):
        return dict.fromkeys(portfolios, one_number(alpha, "portfolio_alpha"))
    if set(alpha) != set(portfolios):
        raise ValueError(
            f"portfolio_alpha must have the names of portfolios, {list(portfolios)}, "
            f"got {list(alpha)}"
        )
    return {name: one_number(alpha[name], f"portfolio_alpha[{name!r}]") for name in portfolios}
