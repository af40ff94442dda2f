"""What a fitted law says of rows: density, outliers, robust weights, draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OutlierMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from varimix import GeneralizedHyperbolic
from varimix import MeanVarianceMixture as Model
from varimix.conditional_sampling import draw_given
from varimix.random_keys import RandomState, key_of
from varimix.sklearn.advice import advice_about, require_no_times
from varimix.sklearn.distances import in_unit_gauge, mahalanobis, model_threshold
from varimix.sklearn.sample_weights import checked_weights

FLOATS = (np.float64, np.float32)  # types that varimix reads in place


class FittedLaw(OutlierMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The methods of the estimator that read ``model_``."""

    model_: Model
    missing: str
    symmetric: bool
    contamination: float
    random_state: RandomState
    _offset: float | None  # None where offset_ is still to be drawn from the model

    # ---- Density ----

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return the log density (n) of every row of X (n, d), nats.

        With missing='exact' it is that of what a row shows, 0 for a row that shows nothing.
        """
        return self._log_prob(self._fitted_rows(X))

    def score(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the mean log density of the rows X (n, d) that show something, nats per row."""
        X = self._fitted_rows(X)
        weights = checked_weights(sample_weight, len(X), 1)
        shown = ~np.isnan(X).all(axis=1)
        if not shown.any():
            raise ValueError("X must have a row that shows something, got NaN only")
        return float(
            np.average(
                self._log_prob(X)[shown], weights=None if weights is None else weights[shown]
            )
        )

    def aic(self, X: Any) -> float:
        """Return Akaike's criterion on X (n, d), 2 p - 2 n score(X), with p free parameters."""
        total, _ = self._log_likelihood(X)
        return 2 * self._n_parameters() - 2 * total

    def bic(self, X: Any) -> float:
        """Return the Bayesian criterion p log(n) - 2 n score(X); n rows of X show something."""
        total, n = self._log_likelihood(X)
        return self._n_parameters() * float(np.log(n)) - 2 * total

    def _log_likelihood(self, X: Any) -> tuple[float, int]:
        X = self._fitted_rows(X)
        n = int((~np.isnan(X).all(axis=1)).sum())
        if n == 0:
            raise ValueError("X must have a row that shows something, got NaN only")
        return float(self._log_prob(X).sum()), n

    def _n_parameters(self) -> int:
        return parameter_count(self.model_, symmetric=self.symmetric)

    def sample(
        self,
        n_samples: int = 1,
        conditioning: dict[Any, Any] | None = None,
        random_state: RandomState = None,
    ) -> NDArray[np.floating[Any]]:
        """Return draws (n_samples, d) of the law, by ``random_state`` or else the estimator's.

        It is an array alone: there are no components whose labels could stand beside it, as
        GaussianMixture.sample has them.

        ``conditioning`` maps columns, by name or number, to a value that all draws have, to bounds
        as a tuple (low, high), or to one value a draw as a list or array of n_samples; the other
        columns are drawn from their exact law given those. At least one column must be left.

        Raises
        ------
        ValueError
            For n_samples < 1, another column, other shapes or values not finite, or bounds that
            contain too little probability to draw from.
        """
        check_is_fitted(self)
        if random_state is None:
            random_state = self.random_state
        names = list(getattr(self, "feature_names_in_", []))
        return draw_given(self.model_, n_samples, conditioning or {}, names, key_of(random_state))

    # ---- Outliers and robust weights ----

    @property
    def offset_(self) -> float:
        """The log density below which a row is an outlier."""
        check_is_fitted(self)
        if self._offset is None:
            self._offset = model_threshold(self.model_, self.contamination)
        return self._offset

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return score_samples(X) - offset_, which is negative for outliers."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return -1 for outliers, rows of the lowest densities, and 1 for all others."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the Mahalanobis distance and the robust weight E[1/Y|x] of every row (n, 2).

        The distance is sqrt((x - mu)' Sigma^-1 (x - mu)). The weight is small for an outlier; it is
        that by which the M-step weighs the row, and infinite at mu for a VarianceGamma with
        alpha <= d/2 + 1. Both are in the gauge E[Y] = 1 (E[1/Y] = 1 for a NormalInverseGamma, and
        where E[Y] is infinite). With missing='exact' they are those of what a row shows.
        """
        X = self._fitted_rows(X)
        model = in_unit_gauge(self.model_)
        weight = model.posterior(X, missing=self.missing).E_inv_Y
        return np.column_stack([mahalanobis(model, X), weight])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the names of the columns of ``transform``; ``input_features`` is not used."""
        check_is_fitted(self)
        return np.array(["mahalanobis_distance", "robust_weight"], dtype=object)

    # ---- Validation ----

    def _log_prob(self, X: NDArray[Any]) -> NDArray[np.float64]:
        return self.model_.log_prob(X, missing=self.missing)

    def _fitted_rows(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        return self._rows(X, reset=False)

    def _rows(self, X: Any, *, reset: bool, **options: Any) -> NDArray[Any]:
        if isinstance(X, np.ma.MaskedArray):  # whose mask scikit-learn would drop
            raise ValueError("X must be an array without a mask, got a masked array")
        require_no_times(X)
        finite = "allow-nan" if self.missing == "exact" else True
        try:
            rows: NDArray[Any] = validate_data(
                self, X, reset=reset, dtype=FLOATS, ensure_all_finite=finite, **options
            )
        except ValueError as error:
            for note in advice_about(X, str(error)):
                error.add_note(note)  # the words of the message are scikit-learn's own
            raise
        return rows

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")  # a fit that failed may have left n_features_in_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "exact"
        return tags


def parameter_count(model: Model, *, symmetric: bool) -> int:
    """Return the number of free parameters: mu, gamma, Sigma, and the shape of the law of Y.

    It is d + d + d (d + 1)/2 and one shape, of which a GeneralizedHyperbolic has two; the gauge
    does not count. A ``symmetric`` model has no gamma.
    """
    d = model.d
    shapes = 2 if isinstance(model, GeneralizedHyperbolic) else 1
    return d * (1 if symmetric else 2) + d * (d + 1) // 2 + shapes
