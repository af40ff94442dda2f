"""Likelihood ratios of fits, and of symmetry: gold, formulas, weights, names."""

import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fits_to_test import GH, NIG, SKEWED_T, SYMMETRIC, VG, Rows, X
from scipy import stats

from varimix import (
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
    inference,
)
from varimix.inference import goodness_of_fit, likelihood_ratio

# ---- Gold ----

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
