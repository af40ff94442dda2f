"""A prior for skfolio's optimizers: the exact moments of a fitted law, and scenarios drawn from it.

Needs skfolio, which ``pip install 'varimix[skfolio]'`` brings.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from varimix.extras import require_extra

require_extra("skfolio", "skfolio", "varimix.skfolio")

from skfolio.prior import BasePrior, ReturnDistribution  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.utils.validation import check_is_fitted  # noqa: E402

from varimix.sklearn import MeanVarianceMixture  # noqa: E402

__all__ = ["MeanVarianceMixturePrior"]


class MeanVarianceMixturePrior(BasePrior):  # type: ignore[misc]
    """The returns' law is a normal variance-mean mixture.

    Mean and covariance are those of the fitted law, in closed form: E[X] = mu + gamma E[Y] and
    Cov[X] = E[Y] Sigma + Var[Y] gamma gamma'. Scenarios are draws of it, so that the risks of the
    tail (CVaR, EVaR, worst realization) see tails as heavy and as skewed as the law's.

    Parameters
    ----------
    mixture : varimix.sklearn.MeanVarianceMixture, optional
        The estimator of the law; ``MeanVarianceMixture()`` if left out. Its ``random_state`` draws
        the scenarios: without one they are new at every fit.
    n_samples : int, optional
        Number of scenarios, >= 1. None takes the returns themselves; their mean is then not
        exactly ``mu``.
    conditioning : dict, optional
        Draws scenarios given some assets, as ``MeanVarianceMixture.sample`` does: a stress test.
        ``mu`` and ``covariance`` stay those of the law itself.

    Attributes
    ----------
    return_distribution_ : ReturnDistribution
        Mean, covariance, scenarios, and the square root of the covariance that skfolio's
        second-order cones use.
    cholesky_ : ndarray (n_assets, n_assets)
        That square root: lower triangular, ``cholesky_ @ cholesky_.T`` is the covariance.
    mixture_ : MeanVarianceMixture
        The fitted estimator.
    n_features_in_, feature_names_in_ : int, ndarray
        Number of assets, and their names where all are strings.
    """

    return_distribution_: ReturnDistribution
    cholesky_: NDArray[np.float64]
    mixture_: MeanVarianceMixture

    def __init__(
        self,
        mixture: MeanVarianceMixture | None = None,
        n_samples: int | None = 1000,
        conditioning: dict[Any, Any] | None = None,
    ) -> None:
        self.mixture = mixture
        self.n_samples = n_samples
        self.conditioning = conditioning

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to the returns X (n_observations, n_assets), from the start.

        Raises
        ------
        ValueError
            As ``MeanVarianceMixture.fit``; for a law whose mean or covariance is infinite; for NaN
            in X where ``n_samples`` is None.
        """
        mixture = self._new_mixture().fit(X, sample_weight=sample_weight)
        return self._take(mixture, X)

    def partial_fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the returns X (m, n_assets) more; scenarios are drawn, or are X, anew."""
        is_first = not hasattr(self, "mixture_")
        mixture = self._new_mixture() if is_first else self.mixture_
        return self._take(mixture.partial_fit(X, sample_weight=sample_weight), X)

    def sample(
        self, n_samples: int = 1, conditioning: dict[Any, Any] | None = None
    ) -> NDArray[np.floating[Any]]:
        """Return draws (n_samples, n_assets) of the law, given assets or not.

        ``conditioning`` is as in ``MeanVarianceMixture.sample``, whose draws these are.
        """
        check_is_fitted(self, "mixture_")
        return self.mixture_.sample(n_samples, conditioning)

    def _new_mixture(self) -> MeanVarianceMixture:
        if self.mixture is None:
            return MeanVarianceMixture()
        if not isinstance(self.mixture, MeanVarianceMixture):
            raise TypeError(f"mixture must be a MeanVarianceMixture, got {self.mixture!r}")
        copy: MeanVarianceMixture = clone(self.mixture)
        return copy

    def _take(self, mixture: MeanVarianceMixture, X: Any) -> Self:
        mean, covariance = mixture.model_.mean(), mixture.model_.cov()
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            family = type(mixture.model_).__name__
            raise ValueError(
                f"mixture must have a finite mean and covariance, got a {family} whose tails are "
                "too heavy: take another family, or symmetric=True"
            )
        distribution = ReturnDistribution(
            mu=mean, covariance=covariance, returns=self._scenarios(mixture, X)
        )
        self.cholesky_ = distribution.covariance_sqrt.components[0]
        self.return_distribution_, self.mixture_ = distribution, mixture
        self.n_features_in_ = mixture.n_features_in_
        if hasattr(mixture, "feature_names_in_"):
            self.feature_names_in_ = mixture.feature_names_in_
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_  # of an earlier fit
        return self

    def _scenarios(self, mixture: MeanVarianceMixture, X: Any) -> NDArray[Any]:
        if self.n_samples is not None:
            return mixture.sample(self.n_samples, self.conditioning)
        if self.conditioning is not None:
            raise ValueError("conditioning needs n_samples: it is drawn from, got None")
        returns = np.asarray(X, dtype=float)
        if np.isnan(returns).any():
            raise ValueError("n_samples must be a number where X has NaN, got None")
        return returns
