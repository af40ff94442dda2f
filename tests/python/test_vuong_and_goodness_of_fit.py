"""Vuong's test and goodness of fit: formulas, replicates, directions, threads."""

from collections.abc import Iterator

import numpy as np
import pytest
from fits_to_test import GH, NIG, SYMMETRIC, VG, X
from scipy import stats

from varimix import BatchEMFitter, NormalInverseGaussian, VarianceGamma, set_threads, threads
from varimix.inference import goodness_of_fit, vuong

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
