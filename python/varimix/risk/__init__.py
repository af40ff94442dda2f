"""Risk of portfolios: value at risk, expected shortfall, their parts, optima, stress, backtests.

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
from varimix.risk.frontier import Frontier, frontier
from varimix.risk.horizon import (
    HorizonRisk,
    SimulatedHorizon,
    convolution,
    horizon_law,
    simulate_horizon,
)
from varimix.risk.optimal_portfolio import (
    OptimalPortfolio,
    equal_contribution,
    minimum_expected_shortfall,
)
from varimix.risk.portfolio import PortfolioRisk, portfolio
from varimix.risk.scenarios import Scenarios, scenarios
from varimix.risk.stream_backtest import StreamBacktest

__all__ = [
    "Backtest",
    "BacktestCounts",
    "BacktestTest",
    "DurationTest",
    "EBacktest",
    "Frontier",
    "HorizonRisk",
    "OptimalPortfolio",
    "PortfolioRisk",
    "Scenarios",
    "ScoreDifference",
    "ShortfallBacktest",
    "SimulatedHorizon",
    "SimulatedTest",
    "StreamBacktest",
    "TrafficLight",
    "acerbi_szekely",
    "backtest",
    "convolution",
    "diebold_mariano",
    "e_backtest",
    "equal_contribution",
    "frontier",
    "fz0_score",
    "horizon_law",
    "mcneil_frey",
    "minimum_expected_shortfall",
    "portfolio",
    "scenarios",
    "simulate_horizon",
]
