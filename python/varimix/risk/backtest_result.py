"""What a backtest found, as a value that prints as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import (
    BacktestCounts,
    BacktestTest,
    EBacktest,
    SimulatedTest,
)
from varimix.read_only import restore
from varimix.risk.failure_table import FailureTable, ShownRow, plain_test, shown_test


@dataclass(frozen=True, eq=False)
class ShortfallBacktest:
    """Tests of an expected shortfall.

    Attributes
    ----------
    acerbi_szekely_z1, acerbi_szekely_z2 : SimulatedTest
        Z1, of the size of losses where days fail, and Z2, of their number too; low where losses
        are larger than forecast.
    mcneil_frey : BacktestTest
        The bootstrap test that losses beyond the value at risk are not larger than ES.
    fz0_scores : (n)
        The score of each day; `diebold_mariano` compares them with another model's.
    e_backtest : EBacktest
        The e-process, which one may look at every day.
    """

    acerbi_szekely_z1: SimulatedTest
    acerbi_szekely_z2: SimulatedTest
    mcneil_frey: BacktestTest
    fz0_scores: NDArray[np.float64]
    e_backtest: EBacktest

    @property
    def fz0_score(self) -> float:
        """The mean score; in units of the returns it is log ES in the mean of right forecasts."""
        return float(self.fz0_scores.mean())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ShortfallBacktest):
            return NotImplemented
        return np.array_equal(self.fz0_scores, other.fz0_scores) and all(
            getattr(self, of.name) == getattr(other, of.name)
            for of in fields(self)
            if of.name != "fz0_scores"
        )

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def __repr__(self) -> str:
        """Return it on one line."""
        return (
            f"ShortfallBacktest(z2={self.acerbi_szekely_z2.statistic:.4g}, "
            f"fz0_score={self.fz0_score:.4g}, e_backtest={self.e_backtest!r})"
        )


@dataclass(frozen=True)
class Backtest(FailureTable):
    """The backtest of a value at risk, and of an expected shortfall.

    Attributes
    ----------
    alpha : float
        Probability of the tail.
    test_level : float
        Size of the tests that have critical values.
    counts : BacktestCounts
        What the tests of failures are computed from; it merges in the order of time.
    shortfall : ShortfallBacktest or None
        Tests of the expected shortfall; None without it.
    """

    alpha: float
    test_level: float
    counts: BacktestCounts
    shortfall: ShortfallBacktest | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds; None where a test has no p-value."""
        found: dict[str, Any] = {"test_level": self.test_level, **self._failures_to_dict()}
        if self.shortfall is None:
            return found
        z1, z2 = self.shortfall.acerbi_szekely_z1, self.shortfall.acerbi_szekely_z2
        process = self.shortfall.e_backtest
        return {
            **found,
            "acerbi_szekely_z1": {**plain_test(z1), "critical_value": z1.critical_value},
            "acerbi_szekely_z2": {**plain_test(z2), "critical_value": z2.critical_value},
            "mcneil_frey": plain_test(self.shortfall.mcneil_frey),
            "fz0_score": self.shortfall.fz0_score,
            "e_backtest": {
                "log_largest": process.log_largest,
                "p_value": process.p_value,
                "rejected_on": process.rejected_on,
            },
        }

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return it on one line."""
        return (
            f"Backtest(alpha={self.alpha:g}, days={self.n}, failures={self.failures}, "
            f"expected={self.expected_failures:.4g}, zone={self.traffic_light.zone!r})"
        )

    def _rows(self) -> Iterator[ShownRow]:
        yield from super()._rows()
        if self.shortfall is None:
            return
        for name, z in (
            ("Acerbi-Szekely Z1", self.shortfall.acerbi_szekely_z1),
            ("Acerbi-Szekely Z2", self.shortfall.acerbi_szekely_z2),
        ):
            critical = z.critical_value
            yield shown_test(name, z, "" if critical is None else f"critical {critical:.4f}")
        yield shown_test("McNeil-Frey", self.shortfall.mcneil_frey)
        yield "FZ0, mean score", f"{self.shortfall.fz0_score:.4f}", "", ""
        process = self.shortfall.e_backtest
        day = process.rejected_on
        yield (
            "e-process, log of its largest",
            f"{process.log_largest:.4f}",
            f"{process.p_value:.4f}",
            "not rejected" if day is None else f"rejected on day {day}",
        )
