"""Tests of fits: likelihood ratios, symmetry, Vuong, goodness of fit; gold, refusals, values."""

import csv
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from varimix import (
    BatchEMFitter,
    EMResult,
    GeneralizedHyperbolic,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGamma,
    NormalInverseGaussian,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
    inference,
    set_threads,
    threads,
)
from varimix.inference import GoodnessOfFit, goodness_of_fit, likelihood_ratio, vuong

Rows = NDArray[np.float64]
TRUE = NormalInverseGaussian.from_classical(
    [0.5, -1 / 3], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.0
)
X: Rows = TRUE.rvs(400, seed=3)
NIG, VG = NormalInverseGaussian.fit(X), VarianceGamma.fit(X)
SKEWED_T, GH = NormalInverseGamma.fit(X), GeneralizedHyperbolic.fit(X)
SYMMETRIC = NormalInverseGaussian.fit(X, symmetric=True)
FAMILIES = {"nig": NormalInverseGaussian, "vg": VarianceGamma, "ninvg": NormalInverseGamma}
RATIO = 2e-6  # absolute
DIGITS = 8  # of the file, which has 146.9452 for 146.94520


def tolerance(ratio: float) -> float:
    return float(RATIO + 0.5 * 10 ** (np.floor(np.log10(ratio)) + 1 - DIGITS))


def columns_of(path: Path, selection: str) -> Rows:
    head, *body = csv.reader(path.read_text().splitlines())
    chosen = list(range(len(head)))
    if selection.startswith("columns 2-6"):
        chosen = [1, 2, 3, 4, 5]
    elif selection.startswith("columns"):
        chosen = [head.index(name) for name in selection.split()[1:]]
    return np.array([[float(row[j]) for j in chosen] for row in body])


# ---- Gold ----


@pytest.mark.parametrize(
    ("family", "ratio"), [("nig", 133.7348), ("vg", 146.9452), ("ninvg", 118.44302)]
)
def test_symmetry_meets_gold_on_the_tutorials_rows(root: Path, family: str, ratio: float) -> None:
    x = columns_of(root / "tests/data/nig_seed_2000.csv", "all rows")
    found = inference.test_symmetry(x, FAMILIES[family])
    assert found.statistic == pytest.approx(ratio, abs=tolerance(ratio))
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 2), rel=1e-10)


def test_symmetry_meets_gold_on_all_data_sets(shared: Path) -> None:
    gold = json.loads((shared / "reference/gold_inference.json").read_text())["tests"]
    met = 0
    for data in gold:
        x = columns_of(shared / "reference/data" / data["file"], data["selection"])
        for name, of in data["gamma_zero"].items():
            found = inference.test_symmetry(x, FAMILIES[name])
            assert found.statistic == pytest.approx(of["lr"], abs=tolerance(of["lr"])), data
            assert found.degrees == of["df"]
            assert found.p_value == pytest.approx(of["p_value"], rel=1e-5)
            met += 1
    assert met == 12


# ---- Likelihood ratios ----


def test_a_ratio_is_twice_the_gain_of_the_larger_law() -> None:
    test = likelihood_ratio(SYMMETRIC, NIG)
    assert test.statistic == 2 * (NIG.log_likelihood - SYMMETRIC.log_likelihood)
    assert (test.degrees, test.null_law, test.status) == (2, "chi_square", "ok")
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 2), rel=1e-12)


def test_a_face_has_half_the_p_value_of_a_chi_square() -> None:
    for fit in (VG, SKEWED_T):
        test = likelihood_ratio(fit, GH)
        assert test.null_law == "chi_bar_square"
        assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 1) / 2, rel=1e-12)
    assert likelihood_ratio(NIG, GH).null_law == "chi_square"


def test_a_fit_knows_what_it_held() -> None:
    assert NIG.held == ()
    assert SYMMETRIC.held == ("gamma",)
    assert NormalInverseGaussian.fit(X, symmetric=True, fixed=["mu"]).held == ("gamma", "mu")
    assert pickle.loads(pickle.dumps(SYMMETRIC)).held == ("gamma",)


def with_prior() -> EMResult[NormalInverseGaussian]:
    prior = Shrinkage(IdentityUpdate(), eta0_from_model(TRUE), tau=0.1)
    return BatchEMFitter(eta_update=prior, symmetric=True).fit(TRUE, X)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "not nested": (lambda: likelihood_ratio(NIG, VG), "small must be a law within that of large"),
    "the wrong order": (lambda: likelihood_ratio(NIG, SYMMETRIC), "all that large holds"),
    "the same law": (lambda: likelihood_ratio(NIG, NIG), "fewer free parameters"),
    "other rows": (
        lambda: likelihood_ratio(NormalInverseGaussian.fit(X[1:], symmetric=True), NIG),
        "total_weight",
    ),
    "other columns": (
        lambda: likelihood_ratio(NormalInverseGaussian.fit(X[:, :1], symmetric=True), NIG),
        "dimension",
    ),
    "another fitter": (
        lambda: likelihood_ratio(IncrementalEMFitter(max_steps=3).fit(TRUE, X, key=0), GH),
        "small must be a fit of BatchEMFitter",
    ),
    "a prior": (lambda: likelihood_ratio(with_prior(), NIG), "one with a prior"),
    "weights that count nothing": (
        lambda: likelihood_ratio(
            BatchEMFitter(symmetric=True).fit(TRUE, X, weights=np.full(400, 0.4995)),
            BatchEMFitter().fit(TRUE, X, weights=np.full(400, 0.4995)),
        ),
        "weights count rows",
    ),
    "Gaussian rows": (
        lambda: inference.test_symmetry(np.random.default_rng(0).normal(size=(2000, 2))),
        "gaussian_limit",
    ),
    "a Gaussian's symmetry weights": (
        lambda: inference.test_symmetry(X, weights=np.full(400, 0.5)),
        "weights must be whole numbers",
    ),
    "another family's name": (
        lambda: inference.test_symmetry(X, "NormalInverseGausian"),
        "is it 'NormalInverseGaussian'",
    ),
    "no passes": (lambda: inference.test_symmetry(X, max_iter=0), "max_iter must be >= 1"),
    "a tolerance below 0": (lambda: inference.test_symmetry(X, tol=-1.0), "tol"),
    "missing values": (
        lambda: inference.test_symmetry(np.where(X > 2, np.nan, X)),
        "X",
    ),
    "nested laws for Vuong": (lambda: vuong(NIG, GH, X), "likelihood_ratio tests those that do"),
    "one family for Vuong": (lambda: vuong(SYMMETRIC, NIG, X), "do not nest"),
    "another correction": (lambda: vuong(NIG, VG, X, correction="hqic"), "'none', 'aic' or 'bic'"),
    "too many lags": (lambda: vuong(NIG, VG, X, maxlags=400), "maxlags"),
    "one row for Vuong": (lambda: vuong(NIG, VG, X[:1]), "two rows"),
    "density 0 for Vuong": (
        lambda: vuong(NIG, VG, np.vstack([X, [[1e300, 0.0]]])),
        "in row 400 must be finite",
    ),
    "replicates below 0": (lambda: goodness_of_fit(NIG, X, replicates=-1), "replicates"),
    "no directions": (lambda: goodness_of_fit(NIG, X, directions=np.zeros((0, 2))), "directions"),
    "direction 0": (lambda: goodness_of_fit(NIG, X, directions=0), "directions must be >= 1"),
    "directions of another d": (
        lambda: goodness_of_fit(NIG, X, directions=np.ones((1, 3))),
        "directions",
    ),
    "a vector as directions": (lambda: goodness_of_fit(NIG, X, directions=[1, 1]), "shape"),
    "a fitter that holds less": (
        lambda: goodness_of_fit(SYMMETRIC, X, fitter=BatchEMFitter()),
        r"fitter must hold what the fit held, \['gamma'\], got \[\]",
    ),
    "a prior that replicates lack": (lambda: goodness_of_fit(with_prior(), X), "fitter must be"),
    "a prior that the fit lacked": (
        lambda: goodness_of_fit(
            NIG,
            X,
            fitter=BatchEMFitter(
                eta_update=Shrinkage(IdentityUpdate(), eta0_from_model(TRUE), tau=0.1)
            ),
        ),
        "the fit had none",
    ),
    "NaN": (lambda: goodness_of_fit(NIG, np.where(X > 2, np.nan, X)), "X"),
    "no rows": (lambda: goodness_of_fit(NIG, X[:0]), "X"),
    "another column": (lambda: goodness_of_fit(NIG, X[:, :1]), "X"),
    "text": (lambda: goodness_of_fit(NIG, [["a", "b"]]), "X"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_tested_is_refused_with_its_reason(name: str) -> None:
    call, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        call()


WRONG_TYPES: dict[str, tuple[Callable[[], Any], str]] = {
    "a model for a fit": (lambda: likelihood_ratio(NIG.model, GH), "small must be an EMResult"),  # type: ignore[arg-type]
    "None for a fit": (lambda: likelihood_ratio(NIG, None), "large must be an EMResult"),  # type: ignore[arg-type]
    "no model": (lambda: vuong(NIG, 3, X), "model_b must be a model"),  # type: ignore[arg-type]
    "a half lag": (lambda: vuong(NIG, VG, X, maxlags=0.5), "maxlags must be an int"),  # type: ignore[arg-type]
    "no fit": (lambda: goodness_of_fit("NIG", X), "fit must be a model"),  # type: ignore[arg-type]
    "half a replicate": (
        lambda: goodness_of_fit(NIG, X, replicates=0.5),  # type: ignore[arg-type]
        "replicates must be an int",
    ),
    "a rule as fitter": (
        lambda: goodness_of_fit(NIG, X, fitter=IdentityUpdate()),  # type: ignore[arg-type]
        "fitter must be a BatchEMFitter",
    ),
    "no rows": (lambda: inference.test_symmetry(None), "X must be rows, got None"),  # type: ignore[arg-type]
    "no rows of a fit": (lambda: goodness_of_fit(NIG, None), "X must be rows, got None"),  # type: ignore[arg-type]
    "fitted": (lambda: goodness_of_fit(NIG, X, fitted=None), "fitted must be True or False"),  # type: ignore[arg-type]
    "no missing": (lambda: inference.test_symmetry(X, missing=None), "missing must be a text"),  # type: ignore[arg-type]
    "no missing of two": (lambda: vuong(NIG, VG, X, missing=None), "missing must be a text"),  # type: ignore[arg-type]
    "a number as correction": (
        lambda: vuong(NIG, VG, X, correction=2),
        "correction must be a text",
    ),  # type: ignore[arg-type]
    "a number as family": (lambda: inference.test_symmetry(X, 3), "family must be a class"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_wrong_type_is_named(name: str) -> None:
    call, reason = WRONG_TYPES[name]
    with pytest.raises(TypeError, match=reason):
        call()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("maxlags", lambda: vuong(NIG, VG, X, maxlags=10**400)),
        ("directions", lambda: goodness_of_fit(NIG, X, directions=10**400)),
        ("replicates", lambda: goodness_of_fit(NIG, X, replicates=-(10**400))),
        ("max_iter", lambda: inference.test_symmetry(X, max_iter=10**400)),
    ],
)
def test_whole_numbers_beyond_those_of_the_core_are_named(
    name: str, call: Callable[[], Any]
) -> None:
    with pytest.raises(ValueError, match=f"{name} must be within 2,147,483,647, got"):
        call()


# ---- Symmetry ----


def test_symmetry_is_the_ratio_of_its_two_fits() -> None:
    found = inference.test_symmetry(X, NormalInverseGaussian)
    assert found.test == likelihood_ratio(found.symmetric, found.free)
    assert not found.symmetric.model.gamma.any()
    assert found.statistic == pytest.approx(likelihood_ratio(SYMMETRIC, NIG).statistic, abs=1e-4)


def test_weights_count_rows_and_nan_is_missing() -> None:
    twice = inference.test_symmetry(np.vstack([X, X])).statistic
    assert inference.test_symmetry(X, weights=np.full(400, 2)).statistic == pytest.approx(twice)
    gaps = X.copy()
    gaps[::7, 0] = np.nan
    assert inference.test_symmetry(gaps, missing="exact").p_value < 0.01


def test_names_of_columns_are_kept() -> None:
    frame = pd.DataFrame(X, columns=["a", "b"])
    found = inference.test_symmetry(frame)
    assert found.free.model.columns == ("a", "b")
    assert inference.test_symmetry(frame.assign(c=0.0), columns=["a", "b"]).test == found.test
    test = goodness_of_fit(NormalInverseGaussian.fit(frame), frame[["b", "a"]], replicates=0)
    assert test.columns == ("a", "b")
    assert test.summary().splitlines()[2].startswith("a ")
    np.testing.assert_array_equal(test.statistics, goodness_of_fit(NIG, X, replicates=0).statistics)


# ---- Vuong ----


def test_vuong_is_its_formula() -> None:
    m = NIG.model.log_prob(X) - VG.model.log_prob(X)
    test = vuong(NIG, VG.model, X)
    z = np.sqrt(len(m)) * m.mean() / m.std()
    assert test.statistic == pytest.approx(z, rel=1e-10)
    assert test.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-10)
    assert test.p_value_a_better == pytest.approx(stats.norm.sf(z), rel=1e-10)
    assert test.p_value_a_better + test.p_value_b_better == pytest.approx(1)


def test_a_correction_takes_off_the_parameters_of_each() -> None:
    symmetric = VarianceGamma.fit(X, symmetric=True)
    plain = vuong(NIG, symmetric, X)
    assert vuong(NIG, symmetric, X, correction="aic").mean == pytest.approx(plain.mean - 2 / 400)
    assert vuong(NIG.model, VG.model, X, correction="bic").mean == pytest.approx(
        vuong(NIG, VG, X).mean
    )


def test_rows_that_show_nothing_do_not_count_for_vuong() -> None:
    gaps = np.vstack([X, np.full((3, 2), np.nan)])
    test = vuong(NIG, VG, gaps, missing="exact")
    assert test.rows == 400
    assert test.statistic == pytest.approx(vuong(NIG, VG, X).statistic, rel=1e-8)


# ---- Goodness of fit ----


def test_the_statistics_are_those_of_scipy() -> None:
    test = goodness_of_fit(NIG, X, replicates=0)
    for w, statistic in zip(test.directions, test.statistics, strict=True):
        law = NIG.model.project(w)
        assert statistic / 20 == pytest.approx(stats.kstest(X @ w, law.cdf).statistic, rel=1e-10)
    assert test.p_value is None
    assert test.p_values is None


def test_a_fit_tells_of_its_test_in_its_summary() -> None:
    test = goodness_of_fit(NIG, X, replicates=19)
    assert "goodness of fit" not in NIG.summary()
    assert test.fit is not None
    line = test.fit.summary().splitlines()[-1]
    assert line.startswith("goodness of fit: largest sqrt(n) D of 3 projections")
    assert f"p = {test.p_value:g} (19 replicates, each fitted)" in line
    assert test.fit.model == NIG.model
    assert goodness_of_fit(NIG.model, X, replicates=0).fit is None


def test_two_clusters_are_found() -> None:
    x = np.random.default_rng(1).normal(size=(300, 2)) + 3 * (np.arange(300) % 2)[:, None]
    assert goodness_of_fit(NormalInverseGaussian.fit(x), x, replicates=19).p_value == 1 / 20


def test_replicates_hold_what_the_fit_held() -> None:
    held = goodness_of_fit(SYMMETRIC, X, replicates=39)
    free = goodness_of_fit(SYMMETRIC.model, X, replicates=39)
    same = BatchEMFitter(symmetric=True, tol=1e-8)
    assert goodness_of_fit(SYMMETRIC, X, replicates=39, fitter=same) == held
    np.testing.assert_array_equal(held.statistics, free.statistics)
    assert held.to_dict() != free.to_dict()


def test_directions_may_be_random_or_given() -> None:
    few = goodness_of_fit(NIG, X, directions=4, replicates=0, seed=5)
    again = goodness_of_fit(NIG, X, directions=few.directions, replicates=0)
    np.testing.assert_array_equal(few.statistics, again.statistics)
    assert goodness_of_fit(NIG, X, directions=4, replicates=0, seed=6) != few
    many = goodness_of_fit(NIG, X, directions=40, replicates=0)
    assert "... 40 in all" in many.summary()


@pytest.fixture
def all_cores() -> Iterator[None]:
    limit = threads()
    yield
    set_threads(limit)


@pytest.mark.usefixtures("all_cores")
def test_any_number_of_threads_gives_the_same_bits() -> None:
    tests = []
    for limit in (1, 2, 7):
        set_threads(limit)
        tests.append(goodness_of_fit(GH.model, X, replicates=5, seed=1))
    assert tests[0] == tests[1] == tests[2]


# ---- Values ----


def values() -> list[Any]:
    return [
        likelihood_ratio(VG, GH),
        inference.test_symmetry(X),
        vuong(NIG, VG, X),
        vuong(NIG, VG, X, maxlags=3, correction="bic"),
        goodness_of_fit(NIG, X, replicates=3),
        goodness_of_fit(NIG.model, X, replicates=0),
    ]


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_a_result_is_an_immutable_value(value: Any) -> None:
    other = pickle.loads(pickle.dumps(value))
    assert other == value
    assert type(value).__name__ in repr(value)
    assert isinstance(value.summary(), str)
    assert value != 3
    with pytest.raises(AttributeError):
        value.statistic = 0.0
    if hasattr(value, "to_dict"):
        json.dumps(value.to_dict())
    if isinstance(value, GoodnessOfFit):
        for array in (value.statistics, other.statistics, other.directions):
            assert not array.flags.writeable
        assert "<table>" in value._repr_html_()


def test_pytest_does_not_take_the_function_for_a_test() -> None:
    assert inference.test_symmetry.__test__ is False  # type: ignore[attr-defined]
