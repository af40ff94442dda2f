"""Bad luck with data gives a finite result and a named status, never NaN, whatever the rule."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    DegenerateDataWarning,
    EMResult,
    IdentityUpdate,
    IncrementalEMFitter,
    MeanVarianceMixture,
    NormalInverseGaussian,
    fit_best,
)

Rows = NDArray[np.float64]
RuleFor = Callable[[NormalInverseGaussian], object]

# An offset of 1e8 may change Sigma by this much (issue: 1e-7); doubles near 1e8 are 1.5e-8 apart.
OFFSET_TOLERANCE = 1e-7
# Scaling columns by powers of ten rounds each value once; the rest is rounding of the fit.
SCALE_TOLERANCE = 1e-10


def start(x: Rows) -> NormalInverseGaussian:
    """Return the initial model; the warnings of default_init have tests of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        return NormalInverseGaussian.default_init(x)


def assert_finite(model: NormalInverseGaussian) -> None:
    for name in ("mu", "gamma", "L_Sigma", "mu_ig", "lam"):
        assert np.isfinite(getattr(model, name)).all(), (name, model)
    assert np.isfinite(model.sigma()).all()
    assert np.isfinite(model.log_det_sigma())
    assert model.tail_weight() >= 0.0


def assert_good(result: EMResult, outcome: str = "completed") -> None:
    assert_finite(result.model)
    assert np.isfinite(result.param_changes).all()
    assert outcome in result.status
    assert result.diverged == ("step_reverted" in result.status)


def with_constant_column(rows: Rows) -> Rows:
    return np.column_stack([rows[:, 0], np.full(len(rows), 3.0)])


def with_outlier(rows: Rows) -> Rows:
    x = np.array(rows)
    x[17] = 1e300
    return x


# Each case makes rows of 2000 good ones, and has the outcomes that their fit must name.
CASES = {
    "constant column": (with_constant_column, {"constant_column"}),
    "all rows equal": (lambda rows: np.full((50, 2), 2.5), {"constant_column"}),
    "all zero": (lambda rows: np.zeros((50, 2)), {"constant_column"}),
    "one row": (lambda rows: rows[:1], {"too_few_rows"}),
    "two rows": (lambda rows: rows[:2], {"too_few_rows"}),
    "two different rows": (lambda rows: np.repeat(rows[:2], 30, axis=0), set()),
    "collinear": (lambda rows: rows[:, [0, 0]], set()),
    "one row of 1e300": (with_outlier, {"step_reverted"}),
    "scales 1e-8 and 1e8": (lambda rows: rows * [1e-8, 1e8], set()),
    "offset 1e8": (lambda rows: rows + 1e8, set()),
}


@pytest.mark.parametrize("batch_size", [1, 64, 10_000])
@pytest.mark.parametrize("case", CASES)
def test_every_rule_stays_finite_and_names_what_happened(
    case: str, batch_size: int, rule_for: RuleFor, rows: Rows, init: NormalInverseGaussian
) -> None:
    make, outcomes = CASES[case]
    x = make(rows)
    model = init if case == "one row of 1e300" else start(x)  # its start is tested below
    steps = 100 if batch_size == 64 else 20
    fitter = IncrementalEMFitter(eta_update=rule_for(model), batch_size=batch_size, max_steps=steps)
    result = fitter.fit(model, x, key=4)
    assert_good(result)
    assert ("batch_capped" in result.status) == (batch_size > len(x))
    if batch_size > 1:
        assert outcomes <= set(result.status.codes)


@pytest.mark.parametrize("case", CASES)
def test_default_init_is_finite(case: str, rows: Rows) -> None:
    x = CASES[case][0](rows)
    model = start(x)
    assert_finite(model)
    if case != "one row of 1e300":
        assert np.isfinite(model.log_prob(x)).all()


@pytest.mark.parametrize(
    ("x", "named"),
    [
        (np.column_stack([np.arange(9.0), np.full(9, 3.0)]), r"\bcolumn 1\b"),
        (np.full((9, 3), 2.5), r"\bcolumns 0, 1, 2\b"),
        (np.column_stack([np.zeros(9), np.arange(9.0), np.ones(9)]), r"\bcolumns 0, 2\b"),
        (np.array([[1.0, 2.0], [3.0, 5.0]]), r"2 rows of 2 columns"),
        (np.array([[0.0, 1.0], [1e300, 2.0], [3.0, 1.0], [4.0, 5.0]]), r"\bcolumn 0\b"),
    ],
    ids=["constant", "all constant", "two constant", "too few rows", "overflow"],
)
def test_default_init_warns_and_names_the_columns(x: Rows, named: str) -> None:
    with pytest.warns(DegenerateDataWarning, match=named):
        assert_finite(NormalInverseGaussian.default_init(x))


def test_default_init_names_collinear_columns(rows: Rows) -> None:
    x = np.column_stack([rows, rows[:, 0] + 2 * rows[:, 1], rows[::-1, 0]])
    with pytest.warns(DegenerateDataWarning, match=r"column.*\b2\b"):
        assert_finite(NormalInverseGaussian.default_init(x))


def test_good_data_warn_of_nothing(rows: Rows) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NormalInverseGaussian.default_init(rows)


def test_an_offset_of_1e8_leaves_sigma(rule_for: RuleFor, rows: Rows) -> None:
    x = np.round(rows * 2**20) / 2**20  # adding 1e8 to this rounds nothing
    models = []
    for data in (x, x + 1e8):
        model = NormalInverseGaussian.default_init(data)
        fitter = IncrementalEMFitter(eta_update=rule_for(model), batch_size=200, max_steps=20)
        models.append(fitter.fit(model, data, key=2).model)
    near, far = models
    np.testing.assert_allclose(far.sigma(), near.sigma(), rtol=0, atol=OFFSET_TOLERANCE)
    np.testing.assert_allclose(far.mu - 1e8, near.mu, rtol=0, atol=OFFSET_TOLERANCE)
    assert far.tail_weight() == pytest.approx(near.tail_weight(), rel=OFFSET_TOLERANCE)


def test_columns_of_scale_1e_minus_8_and_1e8_fit_as_well_as_any(rows: Rows) -> None:
    scale = np.array([1e-8, 1e8])
    plain, scaled = (
        IncrementalEMFitter(batch_size=200, max_steps=20).fit(start(x), x, key=2).model
        for x in (rows, rows * scale)
    )
    unscaled = scaled.sigma() / np.outer(scale, scale)
    np.testing.assert_allclose(unscaled, plain.sigma(), rtol=SCALE_TOLERANCE)
    np.testing.assert_allclose(scaled.gamma / scale, plain.gamma, rtol=SCALE_TOLERANCE)


def gaussian_rows(n: int) -> Rows:
    return np.random.default_rng(2).normal(size=(n, 2))


def test_gaussian_data_are_told_to_be(rule_for: RuleFor) -> None:
    x = gaussian_rows(20_000)
    model = start(x)
    fitter = IncrementalEMFitter(eta_update=rule_for(model), batch_size=512, max_steps=60)
    result = fitter.fit(model, x, key=1)
    assert_good(result, "gaussian_limit")
    gaussian = -0.5 * (2 * np.log(2 * np.pi) + 2 + np.linalg.slogdet(np.cov(x.T))[1])
    # A fit of p = 8 parameters to 512 rows, the fewest that a rule here sees, errs by p/(2n).
    one_error = 8 / (2 * 512)
    assert result.model.marginal_log_likelihood(x) == pytest.approx(gaussian, abs=4 * one_error)


@pytest.mark.parametrize("rule", [None, IdentityUpdate()], ids=["default", "identity"])
def test_reading_gaussian_rows_often_makes_them_no_less_gaussian(rule: object) -> None:
    x = gaussian_rows(5_000)
    fitter = IncrementalEMFitter(eta_update=rule, batch_size=5_000, max_steps=12)
    assert_good(fitter.fit(start(x), x, key=1), "gaussian_limit")


def test_heavy_tails_are_not_told_to_be_gaussian(rule_for: RuleFor, rows: Rows) -> None:
    model = start(rows)
    fitter = IncrementalEMFitter(eta_update=rule_for(model), batch_size=512, max_steps=60)
    assert "gaussian_limit" not in fitter.fit(model, rows, key=1).status


def counts() -> Rows:
    """Return waiting times in whole trials: 1, 2, 3, ..."""
    return np.random.default_rng(1).geometric(0.3, 500).astype(float)[:, None]


def censored() -> Rows:
    """Return rows of which about 40 percent are exactly 0."""
    return np.maximum(0.0, np.random.default_rng(1).normal(0.3, 1.0, (500, 1)))


@pytest.mark.parametrize("make", [counts, censored])
def test_a_spike_on_equal_rows_is_a_mode_trap(
    family: type[MeanVarianceMixture], make: Callable[[], Rows]
) -> None:
    x = make()
    fit = family.fit(x)
    if np.max(fit.model.pdf(x)) > 20:
        assert "mode_trap" in fit.status


def test_the_best_law_of_whole_numbers_has_no_spike() -> None:
    rng = np.random.default_rng(5)
    x = np.maximum(9.0, np.round(10 + rng.gamma(1.1, 2.0, 240)))[:, None]
    best = fit_best(x).best
    assert np.max(best.model.pdf(x)) < 1
    assert "mode_trap" not in best.status


def test_skewed_rows_are_not_told_to_be_gaussian(family: type[MeanVarianceMixture]) -> None:
    x = np.random.default_rng(1).chisquare(10, (5000, 1))
    assert "gaussian_limit" not in family.fit(x).status
