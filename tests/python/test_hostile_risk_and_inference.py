"""Hostile rows through everything public of inference and risk: finite, or named, or refused."""

import json
import math
import pickle
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    DegenerateDataWarning,
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
RESULTS = {
    "inference.DistinguishabilityTest": "inference.test_distinguishability",
    "inference.Functional": "inference.cdf",
    "inference.GaussianTest": "inference.gaussian_test",
    "inference.GoodnessOfFit": "inference.goodness_of_fit",
    "inference.Inference": "inference.inference",
    "inference.LikelihoodRatio": "inference.likelihood_ratio",
    "inference.StreamInference": "inference.stream_inference",
    "inference.SymmetryTest": "inference.test_symmetry",
    "inference.VuongTest": "inference.vuong",
    "risk.Backtest": "risk.backtest",
    "risk.BacktestTest": "risk.mcneil_frey",
    "risk.DurationTest": "risk.backtest",
    "risk.EBacktest": "risk.e_backtest",
    "risk.Frontier": "risk.frontier",
    "risk.HorizonRisk": "risk.simulate_horizon",
    "risk.OptimalPortfolio": "risk.minimum_expected_shortfall",
    "risk.PortfolioRisk": "risk.portfolio",
    "risk.Scenarios": "risk.scenarios",
    "risk.ScoreDifference": "risk.diebold_mariano",
    "risk.ShortfallBacktest": "risk.backtest",
    "risk.SimulatedHorizon": "risk.simulate_horizon",
    "risk.SimulatedTest": "risk.acerbi_szekely",
    "risk.TrafficLight": "risk.backtest",
}
"""Classes of results, and the call that gives them."""
INNER_NAMES = re.compile(
    r"incompatible function|varimix::|std::|Eigen|NoneType|broadcast|object at"
)
NAMED = re.compile(r" must | needs |there are no standard errors")
GIVEN = {"conditions"}
"""Attributes that are what a caller gave."""
ANY = (math.inf, -math.inf)
INFINITE = {
    "expected_shortfall": ANY, "expected_shortfall_error": ANY, "gap": ANY, "relative_error": ANY,
    "probability_error": ANY, "mean": ANY, "E_Y_in_tail": ANY,
}  # fmt: skip
"""Attributes that may be infinite where a status, or a single row, says why."""
OF_LAWS_WITHOUT_MEANS = {"mean", "E_Y_in_tail"}
"""Of them those that a law without these means has."""


def test_every_public_name_has_a_line() -> None:
    public = {f"inference.{name}" for name in inference.__all__}
    public |= {f"risk.{name}" for name in risk.__all__}
    assert public == set(CALLS) | set(RESULTS)
    assert set(RESULTS.values()) <= set(CALLS)


def expect_sound(value: Any, path: str) -> None:
    """Expect finite numbers, in texts too, and copies that are equal."""
    if isinstance(value, float | np.ndarray):
        assert np.isfinite(value).all(), path
    elif isinstance(value, list | tuple):
        for k, one in enumerate(value):
            expect_sound(one, f"{path}[{k}]")
    elif isinstance(value, dict):
        for key, one in value.items():
            expect_sound(one, f"{path}[{key!r}]")
    elif type(value).__module__.startswith("varimix") and not isinstance(value, OTHERS):
        expect_sound_result(value, f"{path}: {type(value).__name__}")


def expect_sound_result(result: Any, path: str) -> None:
    for name in {*dir(type(result)), *getattr(result, "__dict__", {})}:
        if name.startswith("_") or name in GIVEN:
            continue
        try:
            value = getattr(result, name)
        except ValueError as refusal:
            expect_named(refusal, f"{path}.{name}")
            continue
        is_named = getattr(result, "status", "ok") != "ok" or len(getattr(result, "x", "ab")) == 1
        may_be = is_named or name in OF_LAWS_WITHOUT_MEANS
        if not callable(value) and not (may_be and value in INFINITE.get(name, ())):
            expect_sound(value, f"{path}.{name}")
    shown = [repr(result), *(show() for show in methods(result, "summary", "_repr_html_"))]
    assert not any("nan" in re.findall(r"[a-z]+", text) for text in shown), (path, shown)
    for values in methods(result, "to_dict"):
        assert "NaN" not in json.dumps(values()), path
    assert pickle.loads(pickle.dumps(result)) == result, path


def methods(result: Any, *names: str) -> list[Any]:
    return [getattr(result, name) for name in names if hasattr(result, name)]


def expect_named(refusal: Exception, path: str) -> None:
    text = str(refusal)
    assert NAMED.search(text), (path, text)
    assert not INNER_NAMES.search(text), (path, text)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
def test_is_finite_or_named(rows: Rows, family: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        case = Case(rows, family.fit(rows, max_iter=30))
        for name, call in CALLS.items():
            answers = 0
            for answer in calls_of(call, case, name):
                expect_sound(answer, name)
                answers += 1
            assert answers or rows is not GOOD or name in MAY_REFUSE_GOOD_ROWS, name


MAY_REFUSE_GOOD_ROWS = {
    "inference.likelihood_ratio",
    "inference.test_symmetry",
    "inference.vuong",
    "risk.convolution",
    "risk.horizon_law",
}
"""What does not exist for every family, or not where rows are like a Gaussian's."""


def calls_of(call: Call, case: Case, name: str) -> Iterator[Any]:
    """Yield the answers of a call, or of several; expect of the others that they are named."""
    try:
        given = call(case)
        for one in given if isinstance(given, Iterator) else [lambda: given]:
            try:
                yield one()
            except (ValueError, TypeError) as refusal:
                expect_named(refusal, name)
    except (ValueError, TypeError) as refusal:
        expect_named(refusal, name)
