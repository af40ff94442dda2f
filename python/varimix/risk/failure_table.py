"""The tests of a value at risk, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from varimix._varimix import (
    BacktestCounts,
    BacktestTest,
    DurationTest,
    SimulatedTest,
    TrafficLight,
)
from varimix.html import table_of

HEADS = ("test", "statistic", "p-value", "")
WIDTHS = (32, 12, 10)
ShownRow = tuple[str, str, str, str]


class FailureTable:
    """Days, failures, and what `BacktestCounts` tests of them: what every backtest shows."""

    alpha: float
    counts: BacktestCounts

    @cached_property
    def kupiec(self) -> BacktestTest:
        """That failures have probability alpha."""
        return self.counts.kupiec(self.alpha)

    @cached_property
    def christoffersen_independence(self) -> BacktestTest:
        """That a failure does not depend on the day before."""
        return self.counts.christoffersen_independence()

    @cached_property
    def christoffersen_coverage(self) -> BacktestTest:
        """Both."""
        return self.counts.christoffersen_coverage(self.alpha)

    @cached_property
    def duration_test(self) -> DurationTest:
        """That failures have no memory."""
        return self.counts.duration_test()

    @cached_property
    def traffic_light(self) -> TrafficLight:
        """The zone of the Basel Committee."""
        return self.counts.traffic_light(self.alpha)

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

    def _repr_html_(self) -> str:
        """Return the table of `summary`, as notebooks show it."""
        return table_of(self._caption(), HEADS, self._rows())

    def _caption(self) -> str:
        return (
            f"Backtest at alpha = {self.alpha:g}: {self.failures} of {self.n} days failed, "
            f"{self.expected_failures:.4g} expected"
        )

    def _rows(self) -> Iterator[ShownRow]:
        if self.n == 0:
            return
        light, durations = self.traffic_light, self.duration_test
        yield shown_test("Kupiec, coverage", self.kupiec)
        yield shown_test("Christoffersen, independence", self.christoffersen_independence)
        yield shown_test("Christoffersen, both", self.christoffersen_coverage)
        yield shown_test("durations, discrete Weibull", durations, f"shape {durations.shape:.3f}")
        yield "traffic light", f"{light.cdf:.4f}", f"{light.sf:.4f}", light.zone

    def _failures_to_dict(self) -> dict[str, Any]:
        n00, n01, n10, n11 = self.counts.transitions
        found: dict[str, Any] = {
            "alpha": self.alpha,
            "days": self.counts.days,
            "failures": self.counts.failures,
            "expected_failures": self.expected_failures,
            "transitions": {"n00": n00, "n01": n01, "n10": n10, "n11": n11},
        }
        if self.n == 0:
            return found
        durations, light = self.duration_test, self.traffic_light
        return {
            **found,
            "kupiec": plain_test(self.kupiec),
            "christoffersen_independence": plain_test(self.christoffersen_independence),
            "christoffersen_coverage": plain_test(self.christoffersen_coverage),
            "duration_test": {
                **plain_test(durations),
                "shape": durations.shape,
                "at_bound": durations.at_bound,
            },
            "traffic_light": {"zone": light.zone, "cdf": light.cdf, "sf": light.sf},
        }


def plain_test(test: BacktestTest | DurationTest | SimulatedTest) -> dict[str, Any]:
    """Return a test as plain values."""
    return {"status": test.status, "statistic": test.statistic, "p_value": test.p_value}


def shown_test(
    name: str, test: BacktestTest | DurationTest | SimulatedTest, note: str = ""
) -> ShownRow:
    """Return the row of a test in a table."""
    if test.status == "not_testable":
        return name, "", "", "not testable"
    p_value = "" if test.p_value is None else f"{test.p_value:.4f}"
    shown = note if test.status == "tested" else "needs the laws of the days"
    return name, f"{test.statistic:.4f}", p_value, shown


def _columns(cells: tuple[str, str, str, str]) -> str:
    name, statistic, p_value, note = cells
    return f"{name:<{WIDTHS[0]}}{statistic:>{WIDTHS[1]}}{p_value:>{WIDTHS[2]}}  {note}".rstrip()
