"""Hostile rows, and calls of everything public of inference and risk with them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    EMResult,
    EWMAUpdate,
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    fit_stream,
    inference,
    risk,
)

Rows = NDArray[np.float64]
LAW = NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5)
GOOD = LAW.rvs(60, seed=3)


def with_cell(value: float) -> Rows:
    x = GOOD.copy()
    x[7, 0] = value
    return x


SETS: dict[str, Rows] = {
    "good": GOOD,
    "one row": GOOD[:1],
    "fewer rows than parameters": GOOD[:4],
    "one row many times": np.repeat(GOOD[:1], 30, axis=0),
    "a constant column": np.column_stack([GOOD[:, 0], np.full(60, 0.1)]),
    "collinear columns": np.column_stack([GOOD, GOOD[:, 0] - 2 * GOOD[:, 1]]),
    "columns of all sizes": GOOD * [1e-150, 1e150],
    "beyond the squares of doubles": GOOD * 1e300,
    "far from zero": GOOD + 1e8,
    "an outlier": with_cell(1e200),
    "whole numbers": np.round(GOOD),
    "a Cauchy law": np.random.default_rng(0).standard_cauchy((60, 2)),
    "Gaussian rows of one column": np.random.default_rng(1).normal(size=(60, 1)),
    "more columns than rows": np.random.default_rng(2).standard_t(4, size=(8, 9)),
}
OTHERS = (EMResult, NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic)
"""What belongs to other packages: a law shows that it has no moments."""
FAMILIES = (NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic)


@dataclass(frozen=True)
class Case:
    """Rows, and the fit of a family to them."""

    rows: Rows
    fit: Any

    @property
    def model(self) -> Any:
        return self.fit.model

    @property
    def w(self) -> Rows:
        return np.ones(self.model.d)

    @property
    def other(self) -> Any:
        family = NormalInverseGamma if isinstance(self.model, VarianceGamma) else VarianceGamma
        return family.default_init(self.rows)

    @property
    def forecasts(self) -> tuple[Rows, Rows, Rows]:
        """Returns of the first column, and what its law says of each day."""
        of = risk.portfolio(self.model, np.eye(self.model.d)[0], 0.05)
        days = np.ones(len(self.rows))
        return self.rows[:, 0], of.value_at_risk * days, of.expected_shortfall * days

    def learned(self, state: Any) -> Any:
        for batch in np.array_split(self.rows, min(3, len(self.rows))):
            state.update(batch)
        return state

    def tells(self, functional: Any) -> Any:
        functionals = {"it": functional}
        return inference.inference(self.model, self.rows, defaults=False, functionals=functionals)

    def errors(self) -> Iterator[Any]:
        for cov_type in ("nonrobust", "robust", "opg", "hac"):
            yield lambda kind=cov_type: self.fit.inference(self.rows, cov_type=kind, cosines=2)

    def streams(self) -> Iterator[Any]:
        start = OnlineEM(type(self.model).default_init(self.rows), EWMAUpdate(w=0.3))
        yield lambda: inference.stream_inference(self.learned(start))
        tested = OnlineEM(type(self.model).default_init(self.rows), gaussian_test=True)
        yield lambda: self.learned(tested).gaussian_test

    def watched(self) -> Any:
        start = type(self.model).default_init(self.rows)
        return self.learned(OnlineEM(start, portfolios={"w": self.w})).backtests

    def stressed(self) -> Iterator[Any]:
        x = self.rows[0]
        one, two = {0: (-np.inf, x[0])}, {0: (-np.inf, x[0]), 1: (x[-1], np.inf)}
        value = {0: self.rows[-1, 0]}
        for conditions in (one, two, value) if self.model.d > 1 else (one,):
            yield lambda given=conditions: self.of_scenarios(given)
        if self.model.d > 1:
            yield lambda: self.model.conditional_law(value)

    def of_scenarios(self, conditions: Any) -> list[Any]:
        drawn = risk.scenarios(self.model, conditions, 20, 0)
        moments = [drawn.mean(), drawn.mean_error(), drawn.std(), drawn.quantile([0, 0.5, 1])]
        return [drawn, *moments, drawn.expected_shortfall(self.w), drawn.value_at_risk(self.w)]


def refit() -> BatchEMFitter:
    return BatchEMFitter(max_iter=5)


def counted(case: Case) -> Any:
    counts = risk.BacktestCounts()
    counts.add(*case.forecasts[:2])
    return counts


def backtested(case: Case) -> Any:
    days, of_days, tails = case.forecasts
    law = case.model.project(np.eye(case.model.d)[0])
    return risk.backtest(days, of_days, tails, alpha=0.05, laws=law, replicates=20)


def simulated(case: Case) -> list[Any]:
    sums = risk.simulate_horizon(case.model, 3, 20, 0)
    return [sums, sums.portfolio(case.w, 0.05), sums.cdf(case.w, [-1.0, 0.0]), sums.rvs(3, 0)]


Call = Callable[[Case], Any]
CALLS: dict[str, Call] = {
    "inference.BootstrapEM": lambda c: c.learned(
        inference.BootstrapEM(type(c.model).default_init(c.rows), 2)
    ).inference(),
    "inference.GaussianTestStream": lambda c: (
        c.learned(inference.GaussianTestStream(c.model.d)).gaussian_test
    ),
    "inference.BootstrapResult": lambda c: fit_stream(
        inference.BootstrapEM(type(c.model).default_init(c.rows), 2), c.rows
    ),
    "inference.cdf": lambda c: c.tells(inference.cdf(c.w, 0.0)),
    "inference.expected_shortfall": lambda c: c.tells(inference.expected_shortfall(c.w, 1e-12)),
    "inference.function_of_model": lambda c: c.tells(
        inference.function_of_model(lambda law: law.mu[0])
    ),
    "inference.gaussian_test": lambda c: inference.gaussian_test(c.rows),
    "inference.goodness_of_fit": lambda c: inference.goodness_of_fit(
        c.fit, c.rows, replicates=1, fitter=refit()
    ),
    "inference.inference": Case.errors,
    "inference.likelihood_ratio": lambda c: inference.likelihood_ratio(
        c.fit, GeneralizedHyperbolic.fit(c.rows, max_iter=10)
    ),
    "inference.stream_inference": Case.streams,
    "inference.test_distinguishability": lambda c: inference.test_distinguishability(
        c.fit, c.other, c.rows
    ),
    "inference.test_symmetry": lambda c: inference.test_symmetry(
        c.rows, type(c.model), max_iter=20
    ),
    "inference.value_at_risk": lambda c: c.tells(inference.value_at_risk(c.w, 0.999999)),
    "inference.vuong": lambda c: inference.vuong(c.fit, c.other, c.rows),
    "risk.BacktestCounts": counted,
    "risk.StreamBacktest": Case.watched,
    "risk.acerbi_szekely": lambda c: risk.acerbi_szekely(*c.forecasts, 0.05),
    "risk.backtest": backtested,
    "risk.convolution": lambda c: risk.convolution(c.model, c.model),
    "risk.diebold_mariano": lambda c: risk.diebold_mariano(c.rows[:, 0], c.rows[:, -1]),
    "risk.e_backtest": lambda c: risk.e_backtest(*c.forecasts, 0.05),
    "risk.equal_contribution": lambda c: risk.equal_contribution(c.model),
    "risk.frontier": lambda c: risk.frontier(c.model, n=2).portfolios,
    "risk.fz0_score": lambda c: risk.fz0_score(*c.forecasts, 0.05),
    "risk.horizon_law": lambda c: risk.horizon_law(c.model, 1e6),
    "risk.mcneil_frey": lambda c: risk.mcneil_frey(*c.forecasts, 0.05, replicates=20),
    "risk.minimum_expected_shortfall": lambda c: risk.minimum_expected_shortfall(c.model),
    "risk.portfolio": lambda c: [risk.portfolio(c.model, c.w, a) for a in (1e-12, 0.05, 0.999999)],
    "risk.scenarios": Case.stressed,
    "risk.simulate_horizon": simulated,
}
