"""The regression of some columns on others, for conditions that differ from row to row."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from varimix import MeanVarianceMixture as Model
from varimix.parameterizations import to_ghyp_chi_psi

Array: TypeAlias = NDArray[np.floating[Any]]


class Regression(NamedTuple):
    """The law of the free columns given others: all but the values that these have."""

    p: float
    a: float
    b: float
    free: NDArray[np.intp]
    slope: Array  # Sigma_uo Sigma_oo^-1
    gamma: Array
    factor: Array  # Cholesky of the dispersion that is left
    whiten: Array  # inverse of the Cholesky factor of Sigma_oo


def regression(model: Model, columns: NDArray[np.intp]) -> Regression:
    """Return the regression of the other columns on ``columns``, whatever values these have.

    Given x_o, Y ~ GIG(p - k/2, a + gamma_o' S gamma_o, b + (x_o - mu_o)' S (x_o - mu_o)) with k
    columns and S = Sigma_oo^-1, and the others are mu_u + B (x_o - mu_o) + (gamma_u - B gamma_o) Y
    + sqrt(Y) Z, Z ~ N(0, Sigma_uu - B Sigma_ou), B = Sigma_uo S (McNeil, Frey and Embrechts 2015,
    section 6.2). ``model.conditional_law`` is the law itself, for one condition.
    """
    p, b, a, _, sigma, gamma = to_ghyp_chi_psi(model)
    free = np.delete(np.arange(model.d), columns)
    seen = sigma[np.ix_(columns, columns)]
    slope: Array = np.linalg.solve(seen, sigma[np.ix_(columns, free)]).T
    whiten = np.linalg.inv(np.linalg.cholesky(seen))
    left = sigma[np.ix_(free, free)] - slope @ sigma[np.ix_(columns, free)]
    factor: Array = np.linalg.cholesky(0.5 * (left + left.T))
    return Regression(
        p=p - 0.5 * len(columns),
        a=a + float(np.sum((whiten @ gamma[columns]) ** 2)),
        b=b,
        free=free,
        slope=slope,
        gamma=gamma[free] - slope @ gamma[columns],
        factor=factor,
        whiten=whiten,
    )
