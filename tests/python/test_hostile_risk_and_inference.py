"""Hostile rows through everything public of inference and risk: finite, or named, or refused."""

import json
import math
import pickle
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hostile_calls import CALLS, FAMILIES, GOOD, OTHERS, SETS, Call, Case, Rows

from varimix import (
    DegenerateDataWarning,
    inference,
    risk,
)

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
