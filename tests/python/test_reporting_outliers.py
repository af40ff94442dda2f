"""The rows far out are those of least weight, and the names are those that drove them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varimix import MeanVarianceMixture, NormalInverseGaussian
from varimix.reporting.outliers import contributions, outliers

SIZES = st.integers(1, 8)


@given(SIZES, st.integers(0, 10_000))
def test_contributions_sum_to_the_distance_and_are_never_negative(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(d, d)) + 2.0 * np.eye(d)
    dispersion, z = factor @ factor.T, rng.normal(size=d)
    parts = contributions(z, dispersion)
    assert (parts >= 0.0).all()
    assert parts.sum() == pytest.approx(z @ np.linalg.solve(dispersion, z), rel=1e-8)


@given(SIZES, st.integers(0, 10_000))
def test_contributions_do_not_depend_on_the_units_of_columns(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(d, d)) + 2.0 * np.eye(d)
    dispersion, z, units = factor @ factor.T, rng.normal(size=d), rng.uniform(0.01, 100.0, d)
    expected = contributions(z, dispersion)
    found = contributions(units * z, np.outer(units, units) * dispersion)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-12)


def test_the_column_that_moved_is_named(plane: MeanVarianceMixture) -> None:
    rows = plane.rvs(300, seed=1)
    rows[70] = np.add(plane.mu, [0.0, 60.0])
    rows[80] = np.add(plane.mu, [-40.0, 0.0])
    found = outliers(plane, rows)
    assert [outlier.row for outlier in found[:2]] == [70, 80]
    assert found[0].shares.argmax() == 1
    assert found[1].shares.argmax() == 0
    assert found[0].distance > found[1].distance > 5.0
    assert found[0].weight < found[1].weight < 0.5
    np.testing.assert_allclose([outlier.shares.sum() for outlier in found], 1.0)
    weights = np.asarray(plane.posterior(rows).E_inv_Y)
    assert sorted(o.row for o in found) == sorted(np.argsort(weights)[: len(found)])


def test_an_ordinary_row_lies_at_a_distance_near_one() -> None:
    d = 50
    nearly_gaussian = NormalInverseGaussian.from_classical(
        np.zeros(d), np.zeros(d), np.eye(d), mu_ig=1.0, lam=1e4
    )
    found = outliers(nearly_gaussian, nearly_gaussian.rvs(5, seed=0))
    assert all(abs(outlier.distance - 1.0) < 0.3 for outlier in found)


def test_a_missing_value_has_no_share_and_an_empty_row_is_no_outlier(
    plane: MeanVarianceMixture,
) -> None:
    rows = plane.rvs(20, seed=1)
    rows[3] = [np.nan, 50.0]
    rows[4] = np.nan
    found = outliers(plane, rows, most=30)
    assert found[0].row == 3
    assert np.isnan(found[0].shares[0])
    assert found[0].shares[1] == 1.0
    assert len(found) == 19
    assert 4 not in [outlier.row for outlier in found]


def test_a_row_at_the_center_and_one_at_the_end_of_doubles_have_finite_numbers() -> None:
    model = NormalInverseGaussian.from_classical([0.0, 0.0], [0.0, 0.0], np.eye(2), 1.0, 1.5)
    found = outliers(model, np.array([[0.0, 0.0], [1e200, 0.0], [0.5, 0.1], [1.0, 1.0]]))
    assert found[0].row == 1
    assert np.isfinite(found[0].distance)
    by_row = {outlier.row: outlier for outlier in found}
    assert by_row[0].distance == 0.0
    np.testing.assert_array_equal(by_row[0].shares, [0.5, 0.5])
