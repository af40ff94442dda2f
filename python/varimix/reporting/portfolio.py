"""The line w'x of rows that may have holes, and its law for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import MeanVarianceMixture
from varimix.risk import PortfolioRisk, portfolio

Values = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Line:
    """The numbers w'x of rows x, each by what it shows.

    A row that lacks a value has the weights of what it shows, times one number that gives them the
    sum of sizes, sum |w_j|, of the whole. Its law is exact, too: that of these weights.

    Attributes
    ----------
    weights : (d) w
    values : (n) w'x; NaN where a row shows no column that has a weight
    pattern : (n) which of ``masks`` a row shows
    masks : (k, d) the columns shown
    """

    weights: Values
    values: Values
    pattern: Places
    masks: NDArray[np.bool_]

    @property
    def rows(self) -> Places:
        """The rows that have a value."""
        return np.flatnonzero(~np.isnan(self.values))

    @property
    def n_partial(self) -> int:
        """Number of rows that have a value and lack a column that has a weight."""
        return len(self.rows) - len(self.complete)

    @property
    def complete(self) -> Values:
        """The values of the rows that show all columns with a weight."""
        whole = np.all(self.masks[:, self.weights != 0.0], axis=1)
        return np.asarray(self.values[np.take(whole, self.pattern)])

    def shown_weights(self, pattern: int) -> Values:
        """Return the weights of rows with this pattern."""
        kept = np.where(self.masks[pattern], self.weights, 0.0)
        whole, shown = np.abs(self.weights).sum(), np.abs(kept).sum()
        return np.asarray(kept * (whole / shown)) if shown < whole else self.weights

    def quantiles(
        self, model: MeanVarianceMixture, rows: Places, levels: tuple[float, ...]
    ) -> Values:
        """Return the quantiles (len(rows), levels) of the law of w'X by what each row shows."""
        laws, of_row = self.laws(model, rows)
        found = np.array([law.ppf(np.array(levels)) for law in laws]).reshape(-1, len(levels))
        return np.asarray(found[of_row])

    def laws(self, model: MeanVarianceMixture, rows: Places) -> tuple[list[Any], Places]:
        """Return the laws of w'X by what rows show, and which of them each row has."""
        patterns, of_row = np.unique(self.pattern[rows], return_inverse=True)
        laws: list[Any] = [model.project(self.shown_weights(int(k))) for k in patterns]
        return laws, of_row.reshape(-1)


def tail_risk(model: MeanVarianceMixture, weights: Values, alpha: float) -> PortfolioRisk | None:
    """Return value at risk, expected shortfall and their parts, or None where there are none.

    A law with hardly any moments may have its quantile beyond what `portfolio` computes.
    """
    try:
        return portfolio(model, weights, alpha)
    except ValueError:
        return None


def line_of(values: Values, weights: Values) -> Line:
    """Return the line ``weights``'x of rows (n, d), where NaN is a missing value."""
    needed = weights != 0.0
    shown = ~np.isnan(values) | ~needed
    packed = np.packbits(shown, axis=1)
    _, first, pattern = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    masks = shown[first]
    sizes = np.where(masks, np.abs(weights), 0.0).sum(axis=1)
    whole = float(np.abs(weights).sum())
    with np.errstate(divide="ignore"):
        scale = np.where(masks[:, needed].all(axis=1), 1.0, whole / sizes)
    products = np.where(np.isnan(values), 0.0, values) @ weights
    shows_none = sizes[pattern] == 0.0
    with np.errstate(invalid="ignore"):
        line = np.where(shows_none, np.nan, products * scale[pattern])
    return Line(weights, line, pattern.reshape(-1), masks)
