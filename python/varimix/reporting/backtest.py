"""Quantiles that were predicted for rows, and the rows that passed them."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import MeanVarianceMixture, OnlineEM
from varimix.reporting.portfolio import Line
from varimix.warnings import DegenerateDataWarning

Values = NDArray[np.float64]

Visit = Callable[[int, int, Any], None]

MODEL, GAUSSIAN, HISTORY = "model", "Gaussian", "history"
TITLES = {MODEL: "Model", GAUSSIAN: "Gaussian", HISTORY: "Rows themselves"}
"""The predictors, and what they are called."""
WARM_UP = 250
"""Rows to start from, at least: about a year of trading days."""
WARM_UP_PER_COLUMN = 5
"""Rows to start from for each parameter of a mean, where columns are many."""
BATCH = 21
"""Rows that a forecast stands still for, at least: about a month of trading days."""
MOST_FORECASTS = 400
"""Of long data the batches are longer, so that there are no more forecasts than this."""
WORK_OF_A_ROW = 300
"""Work of a row beside that of its (d + 1)^2 products, in the same unit."""
MOST_WORK = 1e9
"""Work up to which a backtest streams unasked: 10 to 15 seconds (1e6 rows of 5 columns: 5 s)."""


@dataclass(frozen=True)
class Backtest:
    """Predicted quantiles of w'X beside what came.

    Attributes
    ----------
    is_prequential : whether every quantile was predicted before its row was seen
    rows : (m) numbers of the rows that were predicted, in order
    values : (m) w'x
    levels : probabilities of the quantiles; below 1/2 rows should be above them
    quantiles : (m, levels) for each predictor: MODEL, GAUSSIAN, HISTORY
    batch : rows that a forecast stood still for
    warm_up : rows that all forecasts had seen
    notes : what happened on the way, in sentences
    means_beyond : (m) E[w'X | w'X <= q] for the quantile q of one level, or None
    laws, of_row : the predicted laws of w'X, and which of them each row has; empty in sample
    ahead : the model that has learned all rows, which predicts the next one; None in sample
    """

    is_prequential: bool
    rows: NDArray[np.intp]
    values: Values
    levels: tuple[float, ...]
    quantiles: dict[str, Values]
    batch: int
    warm_up: int
    notes: tuple[str, ...] = ()
    means_beyond: Values | None = None
    laws: tuple[Any, ...] = ()
    of_row: NDArray[np.intp] | None = None
    ahead: MeanVarianceMixture | None = None

    @property
    def has_means_beyond(self) -> bool:
        """Whether the mean beyond the quantile was predicted, and exists, for all rows."""
        return self.means_beyond is not None and bool(np.isfinite(self.means_beyond).all())

    def breaches(self, predictor: str, level: float) -> NDArray[np.bool_]:
        """Return which rows passed the quantile of a level outwards."""
        k = self.levels.index(level)
        quantile = self.quantiles[predictor][:, k]
        passed = self.values < quantile if level < 0.5 else self.values > quantile
        return np.asarray(passed)


def rare(level: float) -> float:
    """Return the probability of passing the quantile of a level outwards."""
    return min(level, 1.0 - level)


def in_sample(model: MeanVarianceMixture, line: Line, levels: tuple[float, ...]) -> Backtest:
    """Compare all rows with the quantiles of one model, which may have learned from them."""
    rows = line.rows
    values = line.values[rows]
    everywhere = np.ones((len(rows), 1))
    quantiles = {
        MODEL: line.quantiles(model, rows, levels),
        GAUSSIAN: everywhere * gaussian_quantiles(values, levels),
        HISTORY: everywhere * history_quantiles(values, levels),
    }
    return Backtest(False, rows, values, levels, quantiles, len(rows), 0)


def warm_up_rows(n: int, d: int) -> int | None:
    """Return the rows that a prequential backtest starts from, or None where rows are too few."""
    warm_up = max(WARM_UP, WARM_UP_PER_COLUMN * (d + 1))
    return warm_up if n >= 2 * warm_up else None


def is_cheap(n: int, d: int) -> bool:
    """Return whether streaming n rows of d columns takes seconds."""
    return n * ((d + 1) ** 2 + WORK_OF_A_ROW) <= MOST_WORK


def prequential(
    family: type[MeanVarianceMixture],
    values: Values,
    line: Line,
    levels: tuple[float, ...],
    rule: object | None,
    *,
    alpha: float | None = None,
    visit: Visit | None = None,
) -> Backtest:
    """Predict each batch of rows (n, d) by a model that has learned those before it alone.

    The model starts from the first rows and learns the others in order, by ``rule``. Gaussian and
    history are those of all values before the batch. With ``alpha`` the mean beyond the quantile of
    that level is predicted as well. ``visit`` is called with every batch, its first row and the one
    after its last, and the model that has not learned it. Cost: that of one pass of the rule, and a
    law of w'X, about 0.1 ms, for each batch and for each pattern of missing values in it.
    """
    n, d = values.shape
    warm_up = warm_up_rows(n, d)
    assert warm_up is not None, "the caller has counted the rows"
    batch = max(BATCH, ceil((n - warm_up) / MOST_FORECASTS))
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DegenerateDataWarning)
        start: Any = family.default_init(values[:warm_up], missing="exact")
    notes += [f"The rows to start from are degenerate: {w.message}" for w in caught]
    state = OnlineEM(start, rule, missing="exact", score=False)
    kept: list[NDArray[np.intp]] = []
    parts: dict[str, list[Values]] = {MODEL: [], GAUSSIAN: [], HISTORY: []}
    laws: list[Any] = []
    of_rows: list[NDArray[np.intp]] = []
    for first in range(warm_up, n, batch):
        last = min(first + batch, n)
        rows = first + np.flatnonzero(~np.isnan(line.values[first:last]))
        past = line.values[:first]
        past = past[~np.isnan(past)]
        kept.append(rows)
        model: Any = state.model
        if visit is not None:
            visit(first, last, model)
        those, of_row = line.laws(model, rows)
        found = np.array([law.ppf(np.array(levels)) for law in those]).reshape(-1, len(levels))
        parts[MODEL].append(found[of_row])
        of_rows.append(of_row + len(laws))
        laws += those
        everywhere = np.ones((len(rows), 1))
        parts[GAUSSIAN].append(everywhere * gaussian_quantiles(past, levels))
        parts[HISTORY].append(everywhere * history_quantiles(past, levels))
        state.update(values[first:last])
    notes += [f"While it learned: {entry}" for entry in state.status.entries]
    rows = np.concatenate(kept)
    quantiles = {name: np.concatenate(found) for name, found in parts.items()}
    which = np.concatenate(of_rows)
    beyond = None
    if alpha is not None:
        beyond = np.array([-law.expected_shortfall(1.0 - alpha) for law in laws])[which]
    return Backtest(
        True, rows, line.values[rows], levels, quantiles, batch, warm_up, tuple(notes), beyond,
        tuple(laws), which, state.model,
    )  # fmt: skip


def gaussian_quantiles(values: Values, levels: Sequence[float]) -> Values:
    """Return the quantiles of the Gaussian with the mean and standard deviation of ``values``.

    NaN where there are fewer than two values.
    """
    if len(values) < 2:
        return np.full(len(levels), np.nan)
    mean, deviation = moments(values)
    z = np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.asarray(mean + deviation * z)


def moments(values: Values) -> tuple[float, float]:
    """Return mean and standard deviation; in units of the largest, whose square may overflow."""
    unit = float(np.abs(values).max()) or 1.0
    scaled = values / unit
    return unit * float(scaled.mean()), unit * float(scaled.std())


def history_quantiles(values: Values, levels: Sequence[float]) -> Values:
    """Return the quantiles of ``values``; NaN where they are too few to reach so far out."""
    if len(values) == 0:
        return np.full(len(levels), np.nan)
    found = np.quantile(values, levels, method="weibull")
    reached = np.array([rare(level) * (len(values) + 1) >= 1.0 for level in levels])
    return np.where(reached, found, np.nan)


def require_rule(rule: object | None, model: MeanVarianceMixture) -> None:
    """Raise for what is no update rule, and ValueError for one that needs the times of rows."""
    if rule is None:
        return
    try:
        OnlineEM(model, rule)
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace("eta_update", "rule", 1)) from error
    inner: object | None = rule
    while inner is not None:
        if isinstance(getattr(inner, "half_life", None), datetime.timedelta):
            raise ValueError(f"rule must have a half-life in rows for a backtest, got {rule!r}")
        inner = getattr(inner, "base", None)
