"""Prequential scoring: a model that has not seen a batch scores it, and then learns from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from market_report.prices import FloatArray
from varimix import BatchReport


class Law(Protocol):
    """A one-dimensional law."""

    def cdf(self, x: ArrayLike, /) -> Any:
        """Return P(X <= x)."""

    def sf(self, x: ArrayLike, /) -> Any:
        """Return P(X > x)."""

    def ppf(self, q: ArrayLike, /) -> Any:
        """Return quantiles."""


class Model(Protocol):
    """A forecast: a law of a day's returns."""

    def log_prob(self, X: ArrayLike, /) -> FloatArray:
        """Return the log density of every row."""

    def cov(self) -> FloatArray:
        """Return the covariance."""

    def project(self, w: ArrayLike, /) -> Law:
        """Return the law of w'X."""


M = TypeVar("M", bound=Model)
M_co = TypeVar("M_co", bound=Model, covariant=True)


class State(Protocol[M_co]):
    """A learner: ``varimix.OnlineEM``, or the Gaussian yardstick."""

    @property
    def model(self) -> M_co:
        """The present model, which later updates do not change."""

    @property
    def status(self) -> object:
        """The account of what has happened so far."""

    def update(self, batch: FloatArray, /) -> object:
        """Learn from rows."""


@dataclass(frozen=True)
class Forecast(Generic[M_co]):
    """A model, and the scored days that it forecast before it saw any of them."""

    days: slice
    model: M_co


@dataclass(frozen=True)
class Pass(Generic[M_co]):
    """One walk through the stream.

    Attributes
    ----------
    forecasts : one for every batch, in order
    scores : (n) log density of each day under the model of the batches before it, nats
    final : the model after the last batch
    seconds : wall time of scoring and learning
    status : the state's account of itself, in words
    changes : indices of the scored days on which the state saw that its rows had changed
    """

    forecasts: tuple[Forecast[M_co], ...]
    scores: FloatArray
    final: M_co
    seconds: float
    status: str
    changes: tuple[int, ...] = ()


def batches(rows: int, batch_size: int) -> Iterator[slice]:
    """Cut ``rows`` rows, in order, into batches; the last may be shorter."""
    for start in range(0, rows, batch_size):
        yield slice(start, min(start + batch_size, rows))


def score_then_learn(
    state: State[M], rows: FloatArray, batch_size: int, known: FloatArray | None = None
) -> Pass[M]:
    """Walk once through ``rows`` (n, d), forward in time: score each batch, then learn from it.

    The state learns from ``known`` (n, d) if that is given: ``rows`` with gaps, for example.
    """
    learned = rows if known is None else known
    changes: list[int] = []
    forecasts: list[Forecast[M]] = []
    scores: list[FloatArray] = []
    started = perf_counter()
    for days in batches(len(rows), batch_size):
        model = state.model
        scores.append(model.log_prob(rows[days]))
        report = state.update(learned[days])
        if isinstance(report, BatchReport) and report.change:
            changes.append(days.stop - 1)
        forecasts.append(Forecast(days, model))
    seconds = perf_counter() - started
    return Pass(
        tuple(forecasts),
        np.concatenate(scores),
        state.model,
        seconds,
        str(state.status),
        tuple(changes),
    )
