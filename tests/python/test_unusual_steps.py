"""Steps that cannot be taken as they are get reverted, halved or capped, and are named."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import (
    AffineUpdate,
    DegenerateDataWarning,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
)

Rows = NDArray[np.float64]
RuleFor = Callable[[NormalInverseGaussian], object]


def with_outlier(rows: Rows) -> Rows:
    x = np.array(rows)
    x[17] = 1e300
    return x


def assert_finite(model: NormalInverseGaussian) -> None:
    for name in ("mu", "gamma", "L_Sigma", "mu_ig", "lam"):
        assert np.isfinite(getattr(model, name)).all(), (name, model)


def test_a_start_from_data_with_one_row_of_1e300_is_finite_and_named(
    rule_for: RuleFor, rows: Rows
) -> None:
    x = with_outlier(rows)
    with pytest.warns(DegenerateDataWarning, match=r"columns 0, 1"):
        model = NormalInverseGaussian.default_init(x)
    fitter = IncrementalEMFitter(eta_update=rule_for(model), batch_size=500, max_steps=20)
    result = fitter.fit(model, x, key=1)
    assert_finite(result.model)
    assert "step_reverted" in result.status
    assert result.diverged


def test_one_row_of_1e300_costs_its_batch_and_no_more(
    rows: Rows, init: NormalInverseGaussian
) -> None:
    state, spared = OnlineEM(init), OnlineEM(init)
    batches = np.array_split(rows, 10)
    for k, batch in enumerate(batches):
        if k == 4:
            report = state.update(with_outlier(batch))
            assert "step_reverted" in report.status
            assert "E[" in report.status.entries[0].detail  # names the statistic
            assert report.status.entries[0].first_step == 4
        else:
            state.update(batch)
            spared.update(batch)
    assert "step_reverted" in state.status
    # The default rule learns a part of that batch's rows, almost as if it had never seen it.
    assert state.model.same_law(spared.model, 0.1)


@pytest.mark.parametrize("batch_size", [1, 64, 2000])
@pytest.mark.parametrize(
    "make",
    [
        lambda rows: rows,
        lambda rows: rows + 1e8,
        lambda rows: rows * [1e-8, 1e8],
        lambda rows: np.column_stack([rows[:, 0], np.full(len(rows), 3.0)]),
        lambda rows: np.full_like(rows, 2.5),
    ],
    ids=["good rows", "offset 1e8", "scales 1e-8 and 1e8", "constant column", "all rows equal"],
)
def test_an_affine_rule_that_sums_to_two_stays_finite(
    make: Callable[[Rows], Rows], batch_size: int, rows: Rows
) -> None:
    x = make(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        model = NormalInverseGaussian.default_init(x)
    rule = AffineUpdate(b=1.0, c=1.0)
    fitter = IncrementalEMFitter(eta_update=rule, batch_size=batch_size, max_steps=100)
    result = fitter.fit(model, x, key=0)
    assert_finite(result.model)
    assert np.isfinite(result.param_changes).all()
    assert result.n_iter == 100
    assert "weights_not_one" in result.status


def test_rules_of_weights_that_sum_to_one_are_not_told_otherwise(
    rule_for: RuleFor, rows: Rows, init: NormalInverseGaussian
) -> None:
    result = IncrementalEMFitter(eta_update=rule_for(init), max_steps=3).fit(init, rows, key=0)
    assert "weights_not_one" not in result.status


def test_an_infeasible_step_is_taken_half_way(rows: Rows, init: NormalInverseGaussian) -> None:
    state = OnlineEM(init, AffineUpdate(b=2.0, c=-1.0))  # this extrapolates away from each batch
    for k in range(40):
        state.update(rows[50 * k : 50 * k + 50])
        assert_finite(state.model)
    assert state.status.count("step_halved") > 0


def test_a_batch_above_n_uses_n(rows: Rows, init: NormalInverseGaussian) -> None:
    fits = [
        IncrementalEMFitter(eta_update=IdentityUpdate(), batch_size=size, max_steps=1).fit(
            init, rows, key=1
        )
        for size in (2001, 2000)
    ]
    assert "batch_capped" in fits[0].status
    assert "2001 asked for, 2000 rows" in str(fits[0].status)
    assert "batch_capped" not in fits[1].status
    assert fits[0].model == fits[1].model


def test_no_steps_return_the_initial_model(rows: Rows, rule_for: RuleFor) -> None:
    model = NormalInverseGaussian.default_init(rows).rescale_y(3.0)  # not the working gauge
    for regularization in ("none", "mean_y_one", "det_sigma_one", "det_sigma_x", "a_eq_b"):
        result = IncrementalEMFitter(
            eta_update=rule_for(model), max_steps=0, regularization=regularization, verbose=1
        ).fit(model, rows, key=0)
        assert result.model == model
        assert result.n_iter == 0
        assert "not_started" in result.status
        assert list(result.log_likelihoods) == [model.marginal_log_likelihood(rows)]
