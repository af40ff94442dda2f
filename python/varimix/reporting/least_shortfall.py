"""The long-only portfolio of the least expected shortfall, chosen before its rows were seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix.reporting.backtest import MOST_FORECASTS
from varimix.reporting.inputs import Values
from varimix.reporting.portfolio import tail_risk
from varimix.risk import OptimalPortfolio, minimum_expected_shortfall

MOST_COLUMNS = 100
"""Columns up to which choosing weights so often takes a fraction of a second."""
MOST_CHOICES = 50
"""Times that weights are chosen anew in a backtest, at most."""
BATCHES_OF_A_CHOICE = ceil(MOST_FORECASTS / MOST_CHOICES)
"""Batches that weights stand still for."""
FEWEST_DAYS = 100
"""Rows without holes, at least, for a realised risk to say something."""


@dataclass(frozen=True)
class Judged:
    """What was predicted of a portfolio, in the mean of its rows, and what came.

    Attributes
    ----------
    values : (m) w'x
    mean, value_at_risk, expected_shortfall : predicted, the mean of all rows
    breaches : rows whose loss exceeded the value at risk that was predicted for it
    """

    values: Values
    mean: float
    value_at_risk: float
    expected_shortfall: float
    breaches: int


@dataclass(frozen=True)
class LeastShortfall:
    """A portfolio of the least expected shortfall beside the given one.

    Attributes
    ----------
    chosen : the portfolio for the row to come; None where nothing was computed
    why_not : why nothing was computed, or ""
    given, least : how both did on rows that they were chosen before; None without such rows
    choices : times that weights were chosen
    without : rows for which no portfolio had a finite expected shortfall
    batches : batches of the backtest that weights stood still for
    why_not_judged : why there are no such rows, or ""
    """

    chosen: OptimalPortfolio | None = None
    why_not: str = ""
    given: Judged | None = None
    least: Judged | None = None
    choices: int = 0
    without: int = 0
    batches: int = BATCHES_OF_A_CHOICE
    why_not_judged: str = ""


class Walk:
    """What a backtest is told of both portfolios, batch by batch, in order of time.

    Called with a batch's first row, the one after its last, and the model that has not learned it.
    Weights are chosen by the model of every BATCHES_OF_A_CHOICE-th batch. Rows with holes are left
    out, so that both portfolios are judged by the same rows.
    """

    def __init__(self, values: Values, weights: Values, alpha: float) -> None:
        self._values = values
        self._weights = weights
        self._alpha = alpha
        self._complete: NDArray[np.bool_] = np.asarray(~np.isnan(values).any(axis=1))
        self._visited = 0
        self._parts: dict[str, list[tuple[Values, Values]]] = {"given": [], "least": []}
        self.chosen: OptimalPortfolio | None = None
        self.choices = 0
        self.without = 0

    def __call__(self, first: int, last: int, model: Any) -> None:
        """Choose weights where it is time to, and predict the batch for both portfolios."""
        if self._visited % BATCHES_OF_A_CHOICE == 0:
            self.chosen = choose(model, self._weights, self._alpha)
            self.choices += 1
        self._visited += 1
        weights = self.chosen.weights if self.chosen is not None else None
        rows = first + np.flatnonzero(self._complete[first:last])
        if weights is None:
            self.without += len(rows)
            return
        given, least = (tail_risk(model, w, self._alpha) for w in (self._weights, weights))
        if given is None or least is None:
            self.without += len(rows)
            return
        mean = np.asarray(model.mean())
        for name, risk in (("given", given), ("least", least)):
            with np.errstate(invalid="ignore"):  # a mean may not exist
                expected = float(risk.w @ mean)
            told = np.array([expected, risk.value_at_risk, risk.expected_shortfall])
            predicted = np.tile(told, (len(rows), 1))
            self._parts[name].append((self._values[rows] @ risk.w, predicted))

    @property
    def days(self) -> int:
        """Rows that were predicted for both."""
        return sum(len(values) for values, _ in self._parts["given"])

    def judged(self, name: str) -> Judged:
        """Return how a portfolio did, "given" or "least"."""
        values = np.concatenate([values for values, _ in self._parts[name]])
        told = np.concatenate([told for _, told in self._parts[name]])
        mean, value_at_risk, shortfall = (float(x) for x in told.mean(axis=0))
        breaches = int((values < -told[:, 1]).sum())
        return Judged(values, mean, value_at_risk, shortfall, breaches)


def can_choose(weights: Values) -> bool:
    """Return whether there are long-only portfolios of this budget to choose among."""
    return why_no_choice(weights) == ""


def why_no_choice(weights: Values) -> str:
    """Return why no long-only portfolio is chosen in place of ``weights`` (d), or ""."""
    if len(weights) == 1:
        return "there is one column, and nothing to choose"
    if len(weights) > MOST_COLUMNS:
        return (
            f"choosing weights of {len(weights)} columns again and again would take long; "
            f"varimix.risk.minimum_expected_shortfall does it once (this page up to {MOST_COLUMNS})"
        )
    if not weights.sum() > 0.0:
        return f"no long-only portfolio has weights of the sum {weights.sum():.4g}, as these have"
    return ""


def choose(model: Any, weights: Values, alpha: float) -> OptimalPortfolio:
    """Return the long-only portfolio of the least expected shortfall, of the sum of ``weights``."""
    return minimum_expected_shortfall(model, alpha, budget=float(weights.sum()))


def least_shortfall(ahead: Any, weights: Values, alpha: float, walk: Walk | None) -> LeastShortfall:
    """Return the portfolio for the row to come, and how such portfolios did in a backtest."""
    if walk is None:
        return LeastShortfall(why_not=why_no_choice(weights))
    chosen = choose(ahead, weights, alpha)
    if chosen.weights is None:
        return LeastShortfall(why_not=chosen.reason.removesuffix("."))
    if walk.choices == 0:
        return LeastShortfall(chosen, why_not_judged="no backtest predicted rows before they came")
    if walk.days < FEWEST_DAYS:
        return LeastShortfall(
            chosen, why_not_judged=f"only {walk.days} of the rows to be predicted show all columns"
        )
    return LeastShortfall(
        chosen, "", walk.judged("given"), walk.judged("least"), walk.choices, walk.without
    )
