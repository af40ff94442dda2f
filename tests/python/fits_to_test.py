"""Rows of a skewed law, and the fits that likelihood ratios and Vuong's test compare."""

import numpy as np
from numpy.typing import NDArray

from varimix import GeneralizedHyperbolic, NormalInverseGamma, NormalInverseGaussian, VarianceGamma

Rows = NDArray[np.float64]
TRUE = NormalInverseGaussian.from_classical(
    [0.5, -1 / 3], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.0
)
X: Rows = TRUE.rvs(400, seed=3)
NIG, VG = NormalInverseGaussian.fit(X), VarianceGamma.fit(X)
SKEWED_T, GH = NormalInverseGamma.fit(X), GeneralizedHyperbolic.fit(X)
SYMMETRIC = NormalInverseGaussian.fit(X, symmetric=True)
