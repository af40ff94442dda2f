"""Risk of portfolios: backtests of value at risk and expected shortfall.

Returns R are gains; value at risk and expected shortfall are positive where they are losses, and
``alpha`` is the probability of the tail.
"""

from varimix._varimix import (
    BacktestCounts,
    BacktestTest,
    DurationTest,
    EBacktest,
    ScoreDifference,
    SimulatedTest,
    TrafficLight,
    acerbi_szekely,
    diebold_mariano,
    e_backtest,
    fz0_score,
    mcneil_frey,
)
from varimix.risk.backtesting import backtest
from varimix.risk.result import Backtest, ShortfallBacktest

__all__ = [
    "Backtest",
    "BacktestCounts",
    "BacktestTest",
    "DurationTest",
    "EBacktest",
    "ScoreDifference",
    "ShortfallBacktest",
    "SimulatedTest",
    "TrafficLight",
    "acerbi_szekely",
    "backtest",
    "diebold_mariano",
    "e_backtest",
    "fz0_score",
    "mcneil_frey",
]
