"""How sure: standard errors and intervals of what was fitted, and tests."""

from varimix._varimix import GaussianTest, GaussianTestStream, gaussian_test

__all__ = ["GaussianTest", "GaussianTestStream", "gaussian_test"]
