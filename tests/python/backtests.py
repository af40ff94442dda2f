"""Returns and their forecasts, and backtests of them."""

from typing import Any

import numpy as np

from varimix import NormalInverseGaussian
from varimix.risk import Backtest, BacktestCounts, backtest

LAW = NormalInverseGaussian.from_classical([0.0], [-0.1], [[1.0]], mu_ig=1.0, lam=1.0)
PLANE = NormalInverseGaussian.from_classical([0, 0], [0, 0], np.eye(2), 1.0, 1.0)
ALPHA = 0.025
VAR, ES = float(LAW.value_at_risk(1 - ALPHA)), float(LAW.expected_shortfall(1 - ALPHA))
RETURNS = LAW.rvs(600, seed=4)[:, 0]


def counts_of(failures: Any) -> BacktestCounts:
    counts = BacktestCounts()
    failed = np.asarray(failures, dtype=float)
    counts.add(-2.0 * failed, np.ones(len(failed)))
    return counts


def full(**changes: Any) -> Backtest:
    given: dict[str, Any] = {"alpha": ALPHA, "laws": LAW, "replicates": 400, "seed": 1}
    return backtest(RETURNS, VAR, ES, **{**given, **changes})
