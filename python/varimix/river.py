"""An anomaly detector for river: a law that learns a stream, row by row or batch by batch.

Needs river, which ``pip install 'varimix[river]'`` brings.
"""

import math
import warnings
from collections.abc import Hashable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from varimix import MeanVarianceMixture as Model
from varimix import OnlineEM
from varimix.extras import require_extra
from varimix.words import BEST, family_of, rule_of

require_extra("river", "river", "varimix.river")

from river.base import AnomalyDetector  # noqa: E402

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["MeanVarianceMixture"]


class MeanVarianceMixture(AnomalyDetector):
    """A normal variance-mean mixture that learns a stream by online EM, in memory O(d^2).

    The score of a row is minus its log density: high for an anomaly. It is not confined to [0, 1]:
    for metrics that need that, as river's ROCAUC, put river's QuantileFilter around it. A feature
    that a row lacks, or whose value is None or NaN, is missing at random: the row counts by what it
    shows.

    Parameters
    ----------
    family : str or class
        'nig', 'vg', 'ninvg' or 'skewed_t', 'gh', the name of a family's class, or the class.
    rule : str or update rule, optional
        NaturalGradientUpdate if left out, which never forgets; give it, or EWMAUpdate, a half-life
        in rows for a stream whose law changes. The words are those of varimix.sklearn.
    grace_period : int
        Rows that are kept, >= 2, before the law starts from their moments, and at least d + 1. They
        decide on the features. Until then every score is 0.

    Attributes
    ----------
    state : OnlineEM or None
        The law (``state.model``), its outcomes, prequential score and drift signal.
    features : list
        The features, in the order of the columns of the law.

    Examples
    --------
    >>> import random
    >>> from varimix.river import MeanVarianceMixture
    >>> rng = random.Random(0)
    >>> detector = MeanVarianceMixture()
    >>> for _ in range(500):
    ...     detector.learn_one({"a": rng.gauss(0, 1), "b": rng.gauss(0, 1)})
    >>> detector.score_one({"a": 5, "b": -5}) > detector.score_one({"a": 0.5, "b": 0.5})
    True
    """

    grace_period: int
    _law: type[Model]
    _rule: object | None

    def __init__(
        self,
        family: str | type[Model] = "nig",
        rule: str | object | None = None,
        grace_period: int = 64,
    ) -> None:
        law = family_of(family)
        if law is None:
            raise ValueError(f"family must be one family for a stream, got {BEST!r}")
        if isinstance(grace_period, bool) or not isinstance(grace_period, Integral):
            raise TypeError(f"grace_period must be a whole number, got {grace_period!r}")
        if grace_period < 2:
            raise ValueError(f"grace_period must be >= 2, got {grace_period}")
        self.family = family
        self.rule = rule
        self.grace_period = grace_period
        self.state: OnlineEM[Any] | None = None
        self.features: list[Hashable] = []
        self._rule = rule_of(rule)
        self._law = law
        self._kept: list[dict[Hashable, float]] = []
        self._left_out: set[Hashable] = set()

    def learn_one(self, x: Mapping[Hashable, Any]) -> None:
        """Learn a row. A feature that the grace period did not show is left out, with a warning.

        Raises
        ------
        ValueError
            For a value that is infinite, or no number; the message names the feature.
        """
        row = {feature: _number(feature, value) for feature, value in x.items()}
        if self.state is None:
            self._keep(row)
        else:
            self._warn_of_new(row)
            self.state.update(self._array(row))

    def learn_many(self, X: "pd.DataFrame | pl.DataFrame") -> None:
        """Learn the rows of a frame of pandas or polars; after the grace period they are one batch.

        Raises ValueError as ``learn_one`` does.
        """
        if hasattr(X, "itertuples"):
            lines = X.itertuples(index=False, name=None)
        elif hasattr(X, "iter_rows"):
            lines = X.iter_rows()
        else:
            raise TypeError(f"X must be a frame of pandas or polars, got {type(X).__name__}")
        rows = [
            {name: _number(name, value) for name, value in zip(X.columns, line, strict=True)}
            for line in lines
        ]
        position = 0
        while self.state is None and position < len(rows):
            self._keep(rows[position])
            position += 1
        rest = rows[position:]
        if self.state is not None and rest:
            self._warn_of_new(rest[0])
            self.state.update(np.vstack([self._array(row) for row in rest]))

    def score_one(self, x: Mapping[Hashable, Any]) -> float:
        """Return minus the log density of what a row shows, nats; 0 before the law has started."""
        if self.state is None:
            return 0.0
        row = self._array({feature: _number(feature, x.get(feature)) for feature in self.features})
        return -float(self.state.model.log_prob(row, missing="exact")[0])

    def _array(self, row: Mapping[Hashable, float]) -> NDArray[np.float64]:
        return np.array([[row.get(feature, math.nan) for feature in self.features]])

    def _keep(self, row: dict[Hashable, float]) -> None:
        """Keep a row that shows something, and start the law once there are enough of them."""
        if all(math.isnan(value) for value in row.values()):
            return
        self._kept.append(row)
        if len(self._kept) < self.grace_period:
            return
        features = sorted({feature for row in self._kept for feature in row}, key=str)
        if len(self._kept) < len(features) + 1:
            return
        self.features = features
        rows = np.vstack([self._array(row) for row in self._kept])
        start = self._law.default_init(rows, missing="exact")
        state = OnlineEM(start, self._rule, missing="exact")
        state.update(rows)
        self.state = state
        self._kept.clear()

    def _warn_of_new(self, row: Mapping[Hashable, float]) -> None:
        new = [name for name in row if name not in self._left_out and name not in self.features]
        if new:
            self._left_out.update(new)
            text = f"features that the grace period did not show are left out: {new}"
            warnings.warn(text, UserWarning, stacklevel=3)


def _number(feature: Hashable, value: Any) -> float:
    """Return a value as a float, NaN for None and for what pandas calls missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return math.nan
    if not isinstance(value, Real | Decimal | np.bool_):
        raise ValueError(f"feature {feature!r} must be a number, got {value!r}")
    number = float(value)
    if math.isinf(number):
        raise ValueError(f"feature {feature!r} must be finite, got {value!r}")
    return number
