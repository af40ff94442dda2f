"""Risk of portfolios: value at risk, expected shortfall, what contributes to them, and backtests.

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
from varimix.risk.backtest_result import Backtest, ShortfallBacktest
from varimix.risk.backtesting import backtest
from varimix.risk.portfolio import PortfolioRisk, portfolio

__all__ = [
    "Backtest",
    "BacktestCounts",
    "BacktestTest",
    "DurationTest",
    "EBacktest",
    "PortfolioRisk",
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
    "portfolio",
]
