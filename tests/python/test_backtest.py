"""Backtests: gold numbers, independent formulas, edge cases, forms of input, and what is shown."""

import copy
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import xlogy

from varimix import NormalInverseGamma, NormalInverseGaussian, OnlineEM, set_threads
from varimix.risk import (
    Backtest,
    BacktestCounts,
    acerbi_szekely,
    backtest,
    diebold_mariano,
    e_backtest,
    fz0_score,
    mcneil_frey,
)

LAW = NormalInverseGaussian.from_classical([0.0], [-0.1], [[1.0]], mu_ig=1.0, lam=1.0)
PLANE = NormalInverseGaussian.from_classical([0, 0], [0, 0], np.eye(2), 1.0, 1.0)
ALPHA = 0.025
VAR, ES = float(LAW.value_at_risk(1 - ALPHA)), float(LAW.expected_shortfall(1 - ALPHA))
RETURNS = LAW.rvs(600, seed=4)[:, 0]

hits = st.lists(st.booleans(), min_size=1, max_size=60)


def counts_of(failures: Any) -> BacktestCounts:
    counts = BacktestCounts()
    failed = np.asarray(failures, dtype=float)
    counts.add(-2.0 * failed, np.ones(len(failed)))
    return counts


def full(**changes: Any) -> Backtest:
    given: dict[str, Any] = {"alpha": ALPHA, "laws": LAW, "replicates": 400, "seed": 1}
    return backtest(RETURNS, VAR, ES, **{**given, **changes})


# ---- Failures ----


def test_the_numbers_are_those_of_the_risk_management_toolbox() -> None:
    failed = np.zeros(1043)
    starts = 1 + 3 * np.arange(53)
    failed[starts] = 1
    failed[starts[:4] + 1] = 1  # four fail on the day after another
    counts = counts_of(failed)
    assert (counts.days, counts.failures) == (1043, 57)
    assert counts.transitions == (932, 53, 53, 4)
    uc = counts.kupiec(0.05)
    independence, both = counts.christoffersen_independence(), counts.christoffersen_coverage(0.05)
    light = counts.traffic_light(0.05)
    found = [uc.statistic, uc.p_value, independence.statistic, independence.p_value]
    found += [both.statistic, both.p_value, light.cdf]
    expected = [0.46147, 0.49694, 0.25866, 0.61104, 0.72013, 0.69763, 0.77913]
    np.testing.assert_allclose(found, expected, atol=5e-6, rtol=0)
    assert light.zone == "green"


def coverage_ratio(x: Any, n: int, alpha: float) -> Any:
    free = xlogy(x, x / n) + xlogy(n - x, 1 - x / n)
    return 2 * (free - xlogy(x, alpha) - xlogy(n - x, 1 - alpha))


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("n", [1, 7, 250, 499])
def test_kupiec_is_exact_below_500_days(n: int, alpha: float) -> None:
    x = np.arange(n + 1)
    ratios, masses = coverage_ratio(x, n, alpha), stats.binom.pmf(x, n, alpha)
    for failures in {0, 1, n // 20, n // 2, n}:
        test = counts_of(np.arange(n) < failures).kupiec(alpha)
        exact = masses[ratios >= ratios[failures] - 1e-10].sum()
        assert test.statistic == pytest.approx(ratios[failures], rel=1e-12, abs=1e-12)
        assert test.p_value == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("failures", [0, 3, 25, 500])
def test_kupiec_is_chi_square_from_500_days_on(failures: int) -> None:
    test = counts_of(np.arange(500) < failures).kupiec(0.05)
    expected = stats.chi2.sf(coverage_ratio(failures, 500, 0.05), 1)
    assert test.p_value == pytest.approx(expected, rel=1e-9)


def test_the_size_of_kupiecs_test_is_five_percent() -> None:
    sizes = {}
    for n in (250, 499, 500, 2000):
        x = np.arange(n + 1)
        p = np.array([counts_of(np.arange(n) < k).kupiec(0.05).p_value for k in range(n // 8)])
        mass = stats.binom.pmf(x, n, 0.05)[: n // 8]
        sizes[n] = float(mass[p <= 0.05].sum())
    assert sizes[250] <= 0.05
    assert sizes[499] <= 0.05
    assert 0.03 <= sizes[500] <= 0.07
    assert 0.03 <= sizes[2000] <= 0.07


@given(hits)
def test_independence_is_its_formula_and_never_nan(failed: list[bool]) -> None:
    n = np.zeros((2, 2))
    np.add.at(n, (np.array(failed[:-1], int), np.array(failed[1:], int)), 1)
    counts = counts_of(failed)
    assert counts.transitions == tuple(n.ravel())
    test = counts.christoffersen_independence()
    if (n.sum(0) == 0).any() or (n.sum(1) == 0).any():
        assert (test.status, test.statistic, test.p_value) == ("not_testable", 0.0, None)
        return

    def likelihood(of: NDArray[np.float64]) -> float:
        return float(xlogy(of, of / of.sum()).sum())

    ratio = 2 * (likelihood(n[0]) + likelihood(n[1]) - likelihood(n.sum(0)))
    assert test.statistic == pytest.approx(ratio, rel=1e-9, abs=1e-9)
    assert test.p_value == pytest.approx(stats.chi2.sf(max(ratio, 0), 1), rel=1e-4)


def duration_likelihood(failed: NDArray[np.bool_], theta: float, shape: float) -> float:
    days = np.flatnonzero(failed)
    d = np.diff(days).astype(float)
    censored = np.array([days[0], len(failed) - 1 - days[-1]], float)
    survival, before = np.exp(-theta * d**shape), np.exp(-theta * (d - 1) ** shape)
    return float(np.log(before - survival).sum() - theta * (censored**shape).sum())


@pytest.mark.parametrize("seed", range(5))
def test_the_duration_test_is_a_maximum_of_the_discrete_weibull_likelihood(seed: int) -> None:
    failed = np.random.default_rng(seed).random(300) < 0.05

    def minus(u: NDArray[np.float64]) -> float:
        return -duration_likelihood(failed, float(np.exp(u[0])), float(np.exp(u[1])))

    tight = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000}
    free = optimize.minimize(minus, [-3.0, 0.0], method="Nelder-Mead", options=tight)
    null = optimize.minimize_scalar(lambda t: minus(np.array([t, 0.0])), bracket=(-4, -2))
    test = counts_of(failed).duration_test()
    assert test.statistic == pytest.approx(2 * (null.fun - free.fun), rel=1e-6, abs=1e-8)
    assert test.shape == pytest.approx(np.exp(free.x[1]), rel=1e-4)
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 1), rel=1e-9)


@given(hits, hits, hits)
def test_pieces_merged_in_order_are_one_pass(a: list[bool], b: list[bool], c: list[bool]) -> None:
    merged = counts_of(a)
    merged.merge(counts_of(b))
    merged.merge(counts_of(c))
    whole = counts_of(a + b + c)
    assert merged == whole
    assert merged.duration_test() == whole.duration_test()
    assert (whole.first, whole.last) == (a[0], c[-1])


def test_counts_beside_a_state_that_learns_merge_over_a_restart(tmp_path: Path) -> None:
    rows = PLANE.rvs(900, seed=2)
    weights = [0.5, 0.5]

    def run(state: OnlineEM, batches: list[NDArray[np.float64]]) -> BacktestCounts:
        counts = BacktestCounts()
        for batch in batches:
            var = state.model.project(weights).value_at_risk(0.95)
            counts.add(batch @ weights, np.full(len(batch), var))
            state.update(batch)
        return counts

    batches = np.array_split(rows[300:], 12)
    start = NormalInverseGaussian.default_init(rows[:300])
    whole = run(OnlineEM(start), batches)
    state = OnlineEM(start)
    counts = run(state, batches[:5])
    state.save(tmp_path / "fit.state")
    counts.merge(run(OnlineEM.load(tmp_path / "fit.state"), batches[5:]))
    assert counts == whole
    assert whole.days == 600
    assert 10 < whole.failures < 60


@given(hits, st.sampled_from([0.01, 0.3, 0.999]))
def test_every_outcome_of_failures_is_finite_or_named(failed: list[bool], alpha: float) -> None:
    result = backtest(-2.0 * np.array(failed), 1.0, 1.5, alpha=alpha, seed=0, replicates=20)
    text = json.dumps(result.to_dict(), allow_nan=False)
    assert json.loads(text)["days"] == len(failed)
    for test in (result.kupiec, result.christoffersen_coverage, result.duration_test):
        assert test.status in ("tested", "not_testable")
        assert (test.p_value is None) == (test.status == "not_testable")
        assert test.p_value is None or 0 <= test.p_value <= 1


# ---- Expected shortfall ----


def test_z1_and_z2_are_their_formulas() -> None:
    failed = -VAR > RETURNS
    z1, z2 = acerbi_szekely(RETURNS, np.full(600, VAR), np.full(600, ES), ALPHA)
    ratio = (RETURNS / ES)[failed]
    assert z1.statistic == pytest.approx(1 + ratio.mean(), rel=1e-13)
    assert z2.statistic == pytest.approx(1 + ratio.sum() / (600 * ALPHA), rel=1e-13)
    assert (z2.status, z2.p_value, z2.critical_value) == ("not_simulated", None, None)


def test_the_critical_value_of_z2_is_that_of_a_simulation_apart() -> None:
    """20,000 simulations here and there differ by more than .02 once in 10,000 seeds."""
    critical = full(replicates=20_000).shortfall
    assert critical is not None
    rng = np.random.default_rng(0)
    drawn = LAW.ppf(rng.uniform(0, ALPHA, 2_000)) / ES
    number = rng.binomial(600, ALPHA, 20_000)
    z2 = [1 + rng.choice(drawn, k).sum() / (600 * ALPHA) for k in number]
    assert critical.acerbi_szekely_z2.critical_value == pytest.approx(
        np.quantile(z2, 0.05), abs=0.02
    )


def test_the_scores_and_their_difference_are_their_formulas() -> None:
    var, es = np.full(600, VAR), np.full(600, ES)
    scores = fz0_score(RETURNS, var, es, ALPHA)
    excess = np.maximum(-var - RETURNS, 0)
    np.testing.assert_allclose(
        scores, excess / (ALPHA * es) + var / es + np.log(es) - 1, rtol=1e-13
    )
    other = fz0_score(RETURNS, 0.7 * var, es, ALPHA)
    found = diebold_mariano(scores, other, maxlags=3)
    d = scores - other - (scores - other).mean()
    variance = d @ d + 2 * sum((1 - k / 4) * (d[k:] @ d[:-k]) for k in (1, 2, 3))
    assert found.bse == pytest.approx(np.sqrt(variance) / 600, rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.statistic)), rel=1e-10)


def test_forecasts_that_are_too_low_are_found_and_right_ones_are_not() -> None:
    right, low = full().shortfall, backtest(RETURNS, 0.6 * VAR, 0.6 * ES, alpha=ALPHA, laws=LAW)
    assert right is not None
    assert right.acerbi_szekely_z2.p_value is not None
    assert right.acerbi_szekely_z2.p_value > 0.05
    assert right.e_backtest.rejected_on is None
    assert low.kupiec.p_value is not None
    assert low.kupiec.p_value < 0.01
    assert low.shortfall is not None
    assert low.shortfall.e_backtest.rejected_on is not None


def test_seeds_and_threads_give_the_same_bits() -> None:
    laws = [LAW] * 600
    found = full(laws=laws).to_dict()
    set_threads(1)
    assert full(laws=laws).to_dict() == found
    set_threads(0)
    assert full(seed=2).to_dict() != full(seed=1).to_dict()


# ---- Input ----

FORMS: dict[str, Callable[[NDArray[np.float64]], Any]] = {
    "list": lambda x: x.tolist(),
    "float32": lambda x: x.astype("f4"),
    "big-endian": lambda x: x.astype(">f8"),
    "strided": lambda x: np.repeat(x, 2)[::2],
    "objects": lambda x: x.astype(object),
    "decimals": lambda x: [Decimal(float(v)) for v in x],
    "series of dates": lambda x: pd.Series(x, pd.date_range("2024-01-01", periods=len(x))),
    "series of Float64": lambda x: pd.Series(x).astype("Float64"),
    "frame": lambda x: pd.DataFrame({"r": x}),
    "polars": pl.Series,
    "Arrow": pa.array,
    "one column": lambda x: x[:, None],
}
GRID = np.round(RETURNS * 64) / 64  # numbers that float32 holds


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_numbers_is_the_same_backtest(form: str) -> None:
    var, es = np.full(600, 2.25), np.full(600, 3.0)
    expected = backtest(GRID, var, es, alpha=ALPHA, replicates=50).to_dict()
    make = FORMS[form]
    assert (
        backtest(make(GRID), make(var), make(es), alpha=ALPHA, replicates=50).to_dict() == expected
    )
    assert backtest(make(GRID), 2.25, 3.0, alpha=ALPHA, replicates=50).to_dict() == expected


def test_integers_and_booleans_are_numbers() -> None:
    result = backtest([-2, 1, 0], 1, 2, alpha=0.5)
    assert result.failures == 1
    assert backtest(np.array([True, False]), 1.0, 2.0, alpha=0.5).failures == 0


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "nan": (
        lambda: backtest([0.0, np.nan], 1.0, alpha=0.1),
        r"returns\[1\] must be finite, got nan",
    ),
    "infinite": (
        lambda: backtest([0.0], np.inf, alpha=0.1),
        r"value_at_risk\[0\] must be finite, got inf",
    ),
    "lengths": (
        lambda: backtest([0.0, 1.0], [1.0, 1.0, 1.0], alpha=0.1),
        "the days of value_at_risk must be those of returns, 2, got 3",
    ),
    "lengths of ES": (
        lambda: backtest([0.0, 1.0], 1.0, [2.0], alpha=0.1),
        "the days of expected_shortfall must be those of returns, 2, got 1",
    ),
    "no days": (lambda: backtest([], 1.0, alpha=0.1), "returns must have at least one day"),
    "two columns": (
        lambda: backtest(np.zeros((3, 2)), 1.0, alpha=0.1),
        r"returns must be of one dimension, got shape \(3, 2\)",
    ),
    "texts": (lambda: backtest(["a"], 1.0, alpha=0.1), "returns"),
    "alpha": (lambda: backtest([0.0], 1.0, alpha=1.0), r"alpha must be in \(0, 1\), got 1"),
    "alpha is nan": (lambda: backtest([0.0], 1.0, alpha=np.nan), "alpha must be .* got nan"),
    "ES below VaR": (
        lambda: backtest([0.0], 1.0, 0.5, alpha=0.1),
        r"expected_shortfall\[0\] must be > 0 and above value_at_risk\[0\], got 0.5",
    ),
    "laws without ES": (
        lambda: backtest([0.0], 1.0, alpha=0.1, laws=LAW),
        "laws must be None without expected_shortfall",
    ),
    "too few laws": (
        lambda: backtest([0.0] * 3, 1.0, 2.0, alpha=0.1, laws=[LAW] * 2),
        "laws must be one, or one of each day, 3, got 2",
    ),
    "law of two columns": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, laws=PLANE),
        "the model must be one-dimensional for laws",
    ),
    "replicates": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, replicates=0),
        "replicates must be from 1 to 100000000, got 0",
    ),
    "test_level": (
        lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, test_level=0.0),
        r"test_level must be in \(0, 1\), got 0",
    ),
    "seed": (lambda: backtest([0.0], 1.0, 2.0, alpha=0.1, seed=-1), "seed must be"),
    "stake": (
        lambda: e_backtest([0.0], [1.0], [2.0], 0.1, stake=0.7),
        r"stake must be in \[0, 0.5\], got 0.7",
    ),
    "maxlags": (lambda: diebold_mariano([0.0], [1.0], maxlags=1), "maxlags must be"),
    "other": (lambda: diebold_mariano([0.0], [1.0, 2.0]), "the size of other must be"),
    "scores": (lambda: fz0_score([0.0], [1.0], [np.nan], 0.1), r"expected_shortfall\[0\] must be"),
    "bootstrap": (lambda: mcneil_frey([0.0], [1.0], [2.0], 0.1, replicates=-1), "replicates must"),
    "statistics": (lambda: acerbi_szekely([1e60], [1.0], [2.0], 0.1), r"returns\[0\] must be"),
    "counts": (lambda: BacktestCounts().kupiec(0.1), "days must be >= 1, got 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("laws", ["nig", 3, [1], [LAW, None]])
def test_laws_that_are_no_models_are_refused(laws: Any) -> None:
    with pytest.raises(TypeError, match=r"laws must be models, got (str|int|NoneType)$"):
        backtest([0.0, 0.0], 1.0, 2.0, alpha=0.1, laws=laws)


WRONG_TYPES: dict[str, tuple[dict[str, Any], str]] = {
    "alpha": ({"alpha": None}, "alpha must be in"),
    "a text as alpha": ({"alpha": "5%"}, "alpha must be an array of real numbers"),
    "test_level": ({"test_level": "5%"}, "test_level must be"),
    "replicates": ({"replicates": 2.5}, "replicates must be a whole number"),
    "seed": ({"seed": None}, "seed must be an integer"),
}


@pytest.mark.parametrize("kind", WRONG_TYPES)
def test_a_wrong_type_is_named_by_the_argument_of_backtest(kind: str) -> None:
    given, message = WRONG_TYPES[kind]
    with pytest.raises((TypeError, ValueError), match=message):
        backtest([0.0, 0.0], 1.0, 2.0, **{"alpha": 0.1, **given})


def test_laws_whose_draws_leave_the_doubles_are_named() -> None:
    # Losses of 1e300 by a law of hardly any moments, and any loss by an ES that is next to nothing.
    tails = NormalInverseGamma.from_classical([0.0], [0.0], [[1.0]], 0.01, 0.01)
    with pytest.raises(ValueError, match=r"laws\[0\] must be of returns within 1e150"):
        backtest([0.0, 0.0], 1.0, 2.0, alpha=0.05, laws=tails, replicates=20)
    with pytest.raises(ValueError, match=r"laws\[0\] must be of returns within 1e150"):
        backtest([0.0, 0.0], 0.0, 1e-300, alpha=0.05, laws=LAW, replicates=20)


def test_backtests_of_other_returns_differ() -> None:
    result = full()
    assert result != backtest([0.0, 0.0], 1.0, 2.0, alpha=result.alpha)
    assert result.shortfall != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_counts_are_unchanged_by_bad_days() -> None:
    counts = counts_of([True, False])
    with pytest.raises(ValueError, match=r"returns\[1\] must be finite"):
        counts.add([-2.0, np.inf], [1.0, 1.0])
    with pytest.raises(TypeError):
        counts.merge(3)  # type: ignore[arg-type]
    assert counts == counts_of([True, False])


# ---- What is shown, kept and copied ----


def test_summary_and_html_show_every_test() -> None:
    result = full()
    text, page = result.summary(), result._repr_html_()
    for name in ("Kupiec", "independence", "durations", "traffic light", "Z1", "Z2", "McNeil-Frey"):
        assert name in text
        assert name in page
    assert all(len(line) <= 80 for line in text.splitlines())
    assert page.startswith("<table>")
    assert len(repr(result)) < 200
    assert "needs the laws of the days" in full(laws=None).summary()
    assert "not testable" in backtest([0.0], 1.0, 2.0, alpha=0.1).summary()


def test_results_and_counts_survive_pickles_and_copies() -> None:
    result = full()
    for same in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert same == result
        assert not same.shortfall.fz0_scores.flags.writeable
        assert same.counts == result.counts
        assert same.shortfall.e_backtest == result.shortfall.e_backtest
    counts = result.counts
    fork = copy.copy(counts)
    fork.add(-9.0, 1.0)
    assert fork != counts
    assert fork.days == counts.days + 1


def test_a_damaged_pickle_of_counts_is_refused() -> None:
    name, parts, attributes = counts_of([True, False]).__getstate__()
    assert isinstance(parts, tuple)
    with pytest.raises(ValueError, match="must be"):
        BacktestCounts.__new__(BacktestCounts).__setstate__((name, (5, *parts[1:]), attributes))
