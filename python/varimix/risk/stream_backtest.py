"""The backtest of a portfolio in a stream, as `OnlineEM.backtests` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import BacktestCounts, SimulatedTest
from varimix.read_only import make_read_only, restore
from varimix.risk.failure_table import FailureTable, ShownRow, plain_test, shown_test


@dataclass(frozen=True, eq=False)
class StreamBacktest(FailureTable):
    """The days of a portfolio that a state has seen, against the forecasts that it had made.

    The model that was shown before a batch forecasts value at risk and expected shortfall of its
    rows; a row is a day. The tests of failures are those of `backtest`, and raise ValueError
    before the first day.

    Attributes
    ----------
    name : str
        Name of the portfolio.
    weights : array
        Its weights (d), in the order of the model's columns; read-only.
    alpha : float
        Probability of the tail.
    counts : BacktestCounts
        Days and failures, a copy.
    shortfall_days : int
        Days whose forecast of the expected shortfall was finite and > 0, as those of the next five.
    acerbi_szekely_z1, acerbi_szekely_z2 : SimulatedTest
        Z1 and Z2 without p-values: ``"not_simulated"``, as a stream keeps no laws of days.
    fz0_score : float or None
        The mean score FZ0; None before the first day.
    log_e : float
        Logarithm of the e-process now.
    e_p_value : float
        1 over the largest value that the e-process had: a p-value that is valid whenever one looks
        (Wang, Wang and Ziegel 2022). Of merged states the days of each chose their own stakes.
    without_return : int
        Rows that were no day, as a column that the portfolio holds had no value.
    without_forecast : int
        Rows that were no day, as the model's value at risk was beyond 1e100 standard units.
    """

    name: str
    weights: NDArray[np.float64]
    alpha: float
    counts: BacktestCounts
    shortfall_days: int
    acerbi_szekely_z1: SimulatedTest
    acerbi_szekely_z2: SimulatedTest
    fz0_score: float | None
    log_e: float
    e_p_value: float
    without_return: int
    without_forecast: int

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StreamBacktest):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, of.name), getattr(other, of.name))
            if of.name == "weights"
            else getattr(self, of.name) == getattr(other, of.name)
            for of in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds; without days there are no tests of failures."""
        return {
            "name": self.name,
            "weights": self.weights.tolist(),
            **self._failures_to_dict(),
            "shortfall_days": self.shortfall_days,
            "acerbi_szekely_z1": plain_test(self.acerbi_szekely_z1),
            "acerbi_szekely_z2": plain_test(self.acerbi_szekely_z2),
            "fz0_score": self.fz0_score,
            "log_e": self.log_e,
            "e_p_value": self.e_p_value,
            "without_return": self.without_return,
            "without_forecast": self.without_forecast,
        }

    def __repr__(self) -> str:
        """Return it on one line."""
        return (
            f"StreamBacktest({self.name!r}, alpha={self.alpha:g}, days={self.n}, "
            f"failures={self.failures}, expected={self.expected_failures:.4g}, "
            f"e_p_value={self.e_p_value:.4g})"
        )

    def _caption(self) -> str:
        return f"{self.name}: {super()._caption()}"

    def _rows(self) -> Iterator[ShownRow]:
        yield from super()._rows()
        yield shown_test("Acerbi-Szekely Z1", self.acerbi_szekely_z1)
        yield shown_test("Acerbi-Szekely Z2", self.acerbi_szekely_z2)
        if self.fz0_score is not None:
            yield "FZ0, mean score", f"{self.fz0_score:.4f}", "", ""
        yield "e-process, log of it now", f"{self.log_e:.4f}", f"{self.e_p_value:.4f}", ""
        for what, count in (
            ("without a return", self.without_return),
            ("without a forecast", self.without_forecast),
            ("without an expected shortfall", self.n - self.shortfall_days),
        ):
            if count > 0:
                yield f"rows {what}", f"{count}", "", ""


def stream_backtests(parts: list[tuple[Any, ...]]) -> dict[str, StreamBacktest]:
    """Return the backtests of a state by the names of their portfolios."""
    backtests = [StreamBacktest(*part) for part in parts]
    for each in backtests:
        make_read_only([each.weights])
    return {each.name: each for each in backtests}
