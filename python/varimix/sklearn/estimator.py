"""The estimator: scikit-learn's conventions around varimix's fits."""

from __future__ import annotations

import warnings
from typing import Any, Self

from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning

from varimix import BestFit, EMResult, Eta, OnlineEM, Status
from varimix import MeanVarianceMixture as Model
from varimix.random_keys import RandomState, key_of
from varimix.sklearn.distances import threshold
from varimix.sklearn.fitted_law import FittedLaw
from varimix.sklearn.fitting import Fitted, fit_batch, fit_online, start_state
from varimix.sklearn.options import settings_of
from varimix.sklearn.sample_weights import checked_weights
from varimix.words import BEST

ROWS_TO_FIT = 2  # of weight > 0: fewer have no spread


class MeanVarianceMixture(FittedLaw):
    """A normal variance-mean mixture: density, outliers and robust weights for scikit-learn.

    X = mu + gamma Y + sqrt(Y) Z with Z ~ N(0, Sigma); the law of Y > 0 is the family. ``fit``
    reaches the maximum of the likelihood, or follows an update rule where ``rule`` is given.

    Parameters
    ----------
    family : str or class
        'nig' (NormalInverseGaussian), 'vg' (VarianceGamma), 'ninvg' or 'skewed_t'
        (NormalInverseGamma), 'gh' (GeneralizedHyperbolic), the name of such a class, or the class;
        'best' takes the family of least BIC (``fit_best``), without rule, shrinkage and weights.
    rule : str or update rule, optional
        None: maximum likelihood by ``BatchEMFitter``. An update rule of varimix or of yours, or
        'natural_gradient', 'sample_weighted', 'polyak_ruppert', 'robbins_monro', 'ewma' for one
        with its default settings: ``fit`` reads the rows in order, in batches, and the rule learns
        each. ``partial_fit`` follows it too, or NaturalGradientUpdate where it is None.
    shrinkage : float, optional
        tau >= 0: the statistics are drawn towards a target that counts as tau n rows beside the n
        that are learned (``Shrinkage``); penalised maximum likelihood where ``rule`` is None.
    shrinkage_target : str or Eta
        'diagonal', 'isotropic' or 'model': the initial model with the diagonal of its dispersion,
        with the mean of that diagonal, or as it is; or statistics of your own.
    symmetric : bool
        Hold gamma = 0.
    alpha_min : str
        Least alpha of a VarianceGamma: 'none', 'density' or 'inverse_moment' (BatchEMFitter).
    missing : str
        'error': NaN is an error; 'exact': NaN is a value missing at random, in all methods.
    max_iter, tol : int, float
        Of ``BatchEMFitter``: greatest number of passes, >= 1, and the gain in nats per row at
        which a fit has converged, >= 0.
    batch_size, passes : int
        Rows of a batch and readings of the rows where ``rule`` is given, >= 1.
    n_starts : int
        Starts of each family where ``family='best'``, >= 1.
    contamination : float
        Share of the rows of ``fit`` that ``predict`` calls outliers, in (0, 0.5].
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None
        Of ``sample`` and of the starts of 'best'. An integer gives the same draws at every call, a
        generator new ones; None is fresh randomness, whatever numpy's global seed is.

    Attributes
    ----------
    model_ : NormalInverseGaussian, VarianceGamma, NormalInverseGamma or GeneralizedHyperbolic
        The fitted law.
    state_ : OnlineEM
        All that ``partial_fit`` goes on from: it holds the rows that were learned so far.
    result_ : EMResult or None
        The result of ``fit``; None after ``partial_fit``.
    best_ : BestFit or None
        The table of all families where ``family='best'``.
    status_ : Status
        The outcomes in words, with advice (docs/when_a_fit_fails.md).
    offset_ : float
        The log density below which a row is an outlier: the threshold of the rows of ``fit``; after
        ``partial_fit`` the one that the model itself has, of 10,000 draws.
    n_iter_ : int
        Passes over the rows, or steps where ``rule`` is given and after ``partial_fit``.
    n_features_in_, feature_names_in_ : int, ndarray
        Number of columns, and their names where all are strings.

    Notes
    -----
    A batch fit that ends before it has converged warns with scikit-learn's ConvergenceWarning. All
    other outcomes are in ``status_``; data that determine no initial model also give varimix's
    DegenerateDataWarning. Results do not depend on the number of threads; beside ``n_jobs`` give
    each worker few of them (``varimix.set_threads``).

    Examples
    --------
    >>> import numpy as np
    >>> from varimix.sklearn import MeanVarianceMixture
    >>> X = np.random.default_rng(0).standard_t(4, size=(500, 2))
    >>> mixture = MeanVarianceMixture(family="skewed_t", contamination=0.02).fit(X)
    >>> int((mixture.predict(X) == -1).sum())
    10
    """

    state_: OnlineEM[Any]
    result_: EMResult[Any] | None
    best_: BestFit | None
    status_: Status
    n_iter_: int
    n_features_in_: int

    def __init__(
        self,
        family: str | type[Model] = "nig",
        *,
        rule: str | object | None = None,
        shrinkage: float | None = None,
        shrinkage_target: str | Eta = "diagonal",
        symmetric: bool = False,
        alpha_min: str = "none",
        missing: str = "error",
        max_iter: int = 500,
        tol: float = 1e-9,
        batch_size: int = 256,
        passes: int = 1,
        n_starts: int = 8,
        contamination: float = 0.1,
        random_state: RandomState = None,
    ) -> None:
        self.family = family
        self.rule = rule
        self.shrinkage = shrinkage
        self.shrinkage_target = shrinkage_target
        self.symmetric = symmetric
        self.alpha_min = alpha_min
        self.missing = missing
        self.max_iter = max_iter
        self.tol = tol
        self.batch_size = batch_size
        self.passes = passes
        self.n_starts = n_starts
        self.contamination = contamination
        self.random_state = random_state

    # ---- Fitting ----

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to the rows X (n, d), from the start: what was learned before is forgotten.

        ``sample_weight`` (n) is >= 0: a row of weight 0 counts as absent, one of weight 2 as two.
        ``y`` is not used.

        Raises
        ------
        ValueError
            For an option outside its domain, fewer than two rows of weight > 0, infinity, NaN
            unless missing='exact', bad weights, or weights with family='best'.
        """
        settings = settings_of(self.get_params(deep=False))
        X = self._rows(X, reset=True, ensure_min_samples=ROWS_TO_FIT)
        weights = checked_weights(sample_weight, len(X), ROWS_TO_FIT)
        if settings.family is None and weights is not None:
            raise ValueError(f"sample_weight must be None where family is {BEST!r}")
        key = key_of(self.random_state)
        if settings.rule is None:
            fitted = fit_batch(settings, X, weights, key)
        else:
            fitted = fit_online(settings, X, weights, key)
        self._take(fitted)
        self._offset = threshold(self._log_prob(X), self.contamination, weights)
        if settings.rule is None and not fitted.result.converged:
            text = f"the fit has not converged: {self.status_}"
            warnings.warn(text, ConvergenceWarning, stacklevel=2)
        return self

    def partial_fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Learn one batch X (m, d) more, with the rule that ``fit`` or the first call had.

        The first call without ``fit`` takes its initial model from the batch, which then needs
        d + 1 rows of weight > 0. ``sample_weight`` is as in ``fit``, ``y`` is not used.

        Raises
        ------
        ValueError
            As in ``fit``, and for other columns, too few rows at first, or family='best' at first.
        """
        settings = settings_of(self.get_params(deep=False))
        is_first = not hasattr(self, "state_")
        if is_first and settings.family is None:
            raise ValueError(f"family must be one family for partial_fit, got {BEST!r}")
        X = self._rows(X, reset=is_first)
        weights = checked_weights(sample_weight, len(X), X.shape[1] + 1 if is_first else 0)
        if is_first:
            state = start_state(settings, X, weights, key_of(self.random_state))
            state.update(X, weights)
            self.state_ = state
        else:
            self.state_.update(X, weights)
        self.model_, self.status_ = self.state_.model, self.state_.status
        self.result_ = self.best_ = self._offset = None
        self.n_iter_ = self.state_.step
        return self

    def _take(self, fitted: Fitted) -> None:
        self.result_, self.state_, self.best_ = fitted
        self.model_, self.status_ = fitted.result.model, fitted.result.status
        self.n_iter_ = fitted.result.n_iter
