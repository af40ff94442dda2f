"""The backtest of a value at risk, and of an expected shortfall, by all tests at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import (
    BacktestCounts,
    MeanVarianceMixture,
    acerbi_szekely,
    e_backtest,
    fz0_score,
    mcneil_frey,
)
from varimix.arguments import probability, whole_number
from varimix.risk.backtest_result import Backtest, ShortfallBacktest
from varimix.rows import numbers_in_memory

MOST_REPLICATES = 10**8
"""Of which sums and counts take 1.6 GB."""


def backtest(
    returns: Any,
    value_at_risk: Any,
    expected_shortfall: Any = None,
    *,
    alpha: float,
    laws: MeanVarianceMixture | Iterable[MeanVarianceMixture] | None = None,
    seed: Any = 0,
    replicates: int = 5000,
    test_level: float = 0.05,
) -> Backtest:
    """Test forecasts of value at risk, and of expected shortfall, against the returns that came.

    A day fails where its return is below minus its value at risk. The failures are tested by
    Kupiec (1995), Christoffersen (1998: independence, and conditional coverage), the durations of
    Christoffersen and Pelletier (2004) in the discrete form of Haas (2005), and the traffic light
    of the Basel Committee (1996). With ``expected_shortfall`` there are also Z1 and Z2 of Acerbi
    and Szekely (2014), McNeil and Frey (2000), the mean score FZ0 of Patton, Ziegel and Chen
    (2019), and the e-process of Wang, Wang and Ziegel (2022).

    Parameters
    ----------
    returns : array_like, shape (n,)
        The returns, in the order of time: an array, a series of pandas or polars, an Arrow array,
        or a list. Labels of days are not used.
    value_at_risk, expected_shortfall : array_like, shape (n,), or a number for all days
        The forecasts of each day, positive where they are losses; in the unit of the returns.
        An expected shortfall is > 0 and above its value at risk.
    alpha : float
        The probability of the tail, in (0, 1), as 0.01; not 0.99.
    laws : a model, or n models, optional
        The law of the return that was forecast for each day, or one for all: models of one column,
        as ``model.project(w)``. Without them Z1 and Z2 have no p-values.
    seed : int, array of int, or numpy.random.Generator
        The key of the draws of Z1, Z2, and of the bootstrap of McNeil and Frey. The same seed gives
        the same bits for any number of threads.
    replicates : int
        Draws of a null law.
    test_level : float
        The size of the tests for which critical values, and the threshold of the e-process, are
        given.

    Returns
    -------
    Backtest
        Each test by name; `Backtest.summary` is a table of all.

    Raises
    ------
    ValueError
        For lengths that differ, numbers that are not finite, no days, and anything else outside
        its domain; the message names the argument, the day and the value.
    TypeError
        For anything but numbers, and laws that are no models.

    Notes
    -----
    Cost: O(n) for all but Z1 and Z2 with laws, 0.2 s for n = 1000 days of one law, 1 s where each
    day has its own.

    Examples
    --------
    >>> from varimix import NormalInverseGaussian
    >>> from varimix.risk import backtest
    >>> law = NormalInverseGaussian.from_classical([0.0], [-0.1], [[1.0]], 1.0, 1.5)
    >>> returns = law.rvs(1000, seed=3)[:, 0]
    >>> risk = law.value_at_risk(0.95), law.expected_shortfall(0.95)
    >>> result = backtest(returns, *risk, alpha=0.05, laws=law)
    >>> result.counts.days
    1000
    """
    level, size = probability(alpha, "alpha"), probability(test_level, "test_level")
    drawn = whole_number(replicates, "replicates", MOST_REPLICATES)
    if seed is None:
        raise TypeError("seed must be an integer, an array of them or a Generator, got None")
    gains = _line(returns, "returns")
    losses = _forecasts(value_at_risk, len(gains), "value_at_risk")
    counts = BacktestCounts()
    counts.add(gains, losses)
    shortfall = None
    if expected_shortfall is not None:
        tails = _forecasts(expected_shortfall, len(gains), "expected_shortfall")
        forecasts = (gains, losses, tails, level)
        z1, z2 = acerbi_szekely(*forecasts, laws=laws, seed=seed, replicates=drawn, test_level=size)
        shortfall = ShortfallBacktest(
            acerbi_szekely_z1=z1,
            acerbi_szekely_z2=z2,
            mcneil_frey=mcneil_frey(*forecasts, seed=seed, replicates=drawn),
            fz0_scores=fz0_score(*forecasts),
            e_backtest=e_backtest(*forecasts, test_level=size),
        )
    elif laws is not None:
        raise ValueError("laws must be None without expected_shortfall, got models")
    return Backtest(
        alpha=level,
        test_level=size,
        counts=counts,
        shortfall=shortfall,
    )


def _line(data: Any, name: str) -> NDArray[np.float64]:
    """Return numbers of one dimension, also of a frame or matrix of one column."""
    values = np.asarray(numbers_in_memory(data, name), dtype=np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"{name} must be of one dimension, got shape {values.shape}")
    if len(values) == 0:
        raise ValueError(f"{name} must have at least one day, got none")
    return values


def _forecasts(data: Any, days: int, name: str) -> NDArray[np.float64]:
    """Return a forecast of each day; a number is that of all."""
    if np.ndim(data) == 0 and not hasattr(data, "__arrow_c_stream__"):
        return np.full(days, float(numbers_in_memory(data, name)))
    return _line(data, name)
