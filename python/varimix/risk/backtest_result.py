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
    DurationTest,
    EBacktest,
    SimulatedTest,
    TrafficLight,
)
from varimix.html import table_of
from varimix.read_only import restore

HEADS = ("test", "statistic", "p-value", "")
WIDTHS = (32, 12, 10)
ShownRow = tuple[str, str, str, str]


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
class Backtest:
    """The backtest of a value at risk, and of an expected shortfall.

    Attributes
    ----------
    alpha : float
        Probability of the tail.
    test_level : float
        Size of the tests that have critical values.
    counts : BacktestCounts
        What the tests of failures are computed from; it merges in the order of time.
    kupiec : BacktestTest
        That failures have probability alpha.
    christoffersen_independence : BacktestTest
        That a failure does not depend on the day before.
    christoffersen_coverage : BacktestTest
        Both.
    duration_test : DurationTest
        That failures have no memory.
    traffic_light : TrafficLight
        The zone of the Basel Committee.
    shortfall : ShortfallBacktest or None
        Tests of the expected shortfall; None without it.
    """

    alpha: float
    test_level: float
    counts: BacktestCounts
    kupiec: BacktestTest
    christoffersen_independence: BacktestTest
    christoffersen_coverage: BacktestTest
    duration_test: DurationTest
    traffic_light: TrafficLight
    shortfall: ShortfallBacktest | None = None

    @property
    def n(self) -> int:
        """Number of days."""
        return self.counts.days

    @property
    def failures(self) -> int:
        """Number of days whose loss exceeded the value at risk."""
        return self.counts.failures

    @property
    def expected_failures(self) -> float:
        """Mean of that number where the forecasts are right, n alpha."""
        return self.alpha * self.counts.days

    def summary(self) -> str:
        """Return a table of all tests, one a line."""
        heads = _columns(HEADS)
        rule = "=" * 80
        lines = [rule, self._caption(), rule, heads, "-" * 80]
        return "\n".join([*lines, *map(_columns, self._rows()), rule])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, which JSON holds; None where a test has no p-value."""
        n00, n01, n10, n11 = self.counts.transitions
        found: dict[str, Any] = {
            "alpha": self.alpha,
            "test_level": self.test_level,
            "days": self.counts.days,
            "failures": self.counts.failures,
            "expected_failures": self.expected_failures,
            "transitions": {"n00": n00, "n01": n01, "n10": n10, "n11": n11},
            "kupiec": _plain(self.kupiec),
            "christoffersen_independence": _plain(self.christoffersen_independence),
            "christoffersen_coverage": _plain(self.christoffersen_coverage),
            "duration_test": {
                **_plain(self.duration_test),
                "shape": self.duration_test.shape,
                "at_bound": self.duration_test.at_bound,
            },
            "traffic_light": {
                "zone": self.traffic_light.zone,
                "cdf": self.traffic_light.cdf,
                "sf": self.traffic_light.sf,
            },
        }
        if self.shortfall is None:
            return found
        z1, z2 = self.shortfall.acerbi_szekely_z1, self.shortfall.acerbi_szekely_z2
        process = self.shortfall.e_backtest
        return {
            **found,
            "acerbi_szekely_z1": {**_plain(z1), "critical_value": z1.critical_value},
            "acerbi_szekely_z2": {**_plain(z2), "critical_value": z2.critical_value},
            "mcneil_frey": _plain(self.shortfall.mcneil_frey),
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

    def _repr_html_(self) -> str:
        """Return the table of `summary`, as notebooks show it."""
        return table_of(self._caption(), HEADS, self._rows())

    def _caption(self) -> str:
        return (
            f"Backtest at alpha = {self.alpha:g}: {self.failures} of {self.n} days failed, "
            f"{self.expected_failures:.4g} expected"
        )

    def _rows(self) -> Iterator[ShownRow]:
        light, shape = self.traffic_light, self.duration_test.shape
        yield _shown("Kupiec, coverage", self.kupiec)
        yield _shown("Christoffersen, independence", self.christoffersen_independence)
        yield _shown("Christoffersen, both", self.christoffersen_coverage)
        yield _shown("durations, discrete Weibull", self.duration_test, f"shape {shape:.3f}")
        yield "traffic light", f"{light.cdf:.4f}", f"{light.sf:.4f}", light.zone
        if self.shortfall is None:
            return
        for name, z in (
            ("Acerbi-Szekely Z1", self.shortfall.acerbi_szekely_z1),
            ("Acerbi-Szekely Z2", self.shortfall.acerbi_szekely_z2),
        ):
            critical = z.critical_value
            yield _shown(name, z, "" if critical is None else f"critical {critical:.4f}")
        yield _shown("McNeil-Frey", self.shortfall.mcneil_frey)
        yield "FZ0, mean score", f"{self.shortfall.fz0_score:.4f}", "", ""
        process = self.shortfall.e_backtest
        day = process.rejected_on
        yield (
            "e-process, log of its largest",
            f"{process.log_largest:.4f}",
            f"{process.p_value:.4f}",
            "not rejected" if day is None else f"rejected on day {day}",
        )


def _plain(test: BacktestTest | DurationTest | SimulatedTest) -> dict[str, Any]:
    return {"status": test.status, "statistic": test.statistic, "p_value": test.p_value}


def _shown(
    name: str, test: BacktestTest | DurationTest | SimulatedTest, note: str = ""
) -> ShownRow:
    if test.status == "not_testable":
        return name, "", "", "not testable"
    p_value = "" if test.p_value is None else f"{test.p_value:.4f}"
    shown = note if test.status == "tested" else "needs the laws of the days"
    return name, f"{test.statistic:.4f}", p_value, shown


def _columns(cells: tuple[str, str, str, str]) -> str:
    name, statistic, p_value, note = cells
    return f"{name:<{WIDTHS[0]}}{statistic:>{WIDTHS[1]}}{p_value:>{WIDTHS[2]}}  {note}".rstrip()
