"""Tail risk of portfolios under a model."""

from varimix.risk.portfolio import PortfolioRisk, portfolio

__all__ = ["PortfolioRisk", "portfolio"]
