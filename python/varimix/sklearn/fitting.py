"""The fits behind the estimator: the start, all rows at once, and batch by batch."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from varimix import BestFit, EMResult, OnlineEM, fit_best, fit_stream
from varimix import MeanVarianceMixture as Model
from varimix.sklearn.options import Settings
from varimix.sklearn.sample_weights import rows_by_weight


class Fitted(NamedTuple):
    """What a fit gives: its result, the state that goes on from there, the table of families."""

    result: EMResult[Any]
    state: OnlineEM[Any]
    best: BestFit | None = None


def start_of(settings: Settings, X: NDArray[Any], weights: NDArray[np.float64] | None) -> Model:
    """Return the initial model of the rows, each of which counts by its weight."""
    assert settings.family is not None
    return settings.family.default_init(rows_by_weight(X, weights), missing=settings.missing)


def fit_batch(
    settings: Settings, X: NDArray[Any], weights: NDArray[np.float64] | None, key: int
) -> Fitted:
    """Return the fit of greatest likelihood, and a state that holds these rows at that model.

    The state has learned all rows in one update from there. At the maximum their mean score is 0,
    so the update leaves the model where it is, to the fit's tolerance, also where a prior shrinks
    it; new rows then count beside them.
    """
    if settings.family is None:
        fitter = settings.batch_fitter(None)
        best = fit_best(X, n_starts=settings.n_starts, key=key, fitter=fitter)
        start: Model = best.model
    else:
        best = None
        start = start_of(settings, X, weights)
        fitter = settings.batch_fitter(start)
    result = fitter.fit(start, X, weights)
    state = _state_at(result.model, settings, start, key)
    state.update(X, weights)
    return Fitted(result, state, best)


def fit_online(
    settings: Settings, X: NDArray[Any], weights: NDArray[np.float64] | None, key: int
) -> Fitted:
    """Return the fit of the update rule, which reads the rows in order, batch by batch."""
    state = start_state(settings, X, weights, key)
    how: dict[str, Any] = {"batch_size": settings.batch_size, "passes": settings.passes}
    if weights is None:
        return Fitted(fit_stream(state, X, **how), state)
    w = weights

    def rows_from(first: int) -> Iterator[NDArray[np.float64]]:
        for begin in range(first, len(X), settings.batch_size):
            rows = slice(begin, begin + settings.batch_size)
            yield np.column_stack([X[rows], w[rows]])

    columns = list(range(X.shape[1]))
    result = fit_stream(state, rows_from, columns=columns, weights=X.shape[1], **how)
    return Fitted(result, state)


def start_state(
    settings: Settings, X: NDArray[Any], weights: NDArray[np.float64] | None, key: int
) -> OnlineEM[Any]:
    """Return a state at the initial model of the rows, which it has not learned yet."""
    start = start_of(settings, X, weights)
    return _state_at(start, settings, start, key)


def _state_at(model: Model, settings: Settings, start: Model, key: int) -> OnlineEM[Any]:
    try:
        return OnlineEM(model, settings.online_rule(start), key, **settings.model_options)
    except TypeError as error:  # by its name here, which is not OnlineEM's
        raise TypeError(str(error).replace("eta_update", "rule", 1)) from error
