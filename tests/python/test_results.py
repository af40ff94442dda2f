"""What the result of a fit tells: its likelihood and the criteria of information."""

import numpy as np
import pandas as pd
import pytest

from varimix import (
    BatchEMFitter,
    GeneralizedHyperbolic,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    VarianceGamma,
    fit_best,
    fit_stream,
)

MODEL = NormalInverseGaussian.from_classical(
    mu=[0, 1], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
X = MODEL.rvs(400, seed=0)


@pytest.mark.parametrize("family", [NormalInverseGaussian, VarianceGamma, GeneralizedHyperbolic])
def test_the_likelihood_is_that_of_the_model(family: type) -> None:
    result = family.fit(X, max_iter=20)
    assert result.log_likelihood == pytest.approx(result.model.log_prob(X).sum(), rel=1e-12)


def test_weights_count_as_rows() -> None:
    weights = np.arange(len(X)) % 3
    weighted = NormalInverseGaussian.fit(X, weights=weights, max_iter=20)
    assert weighted.total_weight == weights.sum()
    expected = weights @ weighted.model.log_prob(X)
    assert weighted.log_likelihood == pytest.approx(expected, rel=1e-12)
    assert weighted.bic == pytest.approx(
        weighted.n_parameters * np.log(weights.sum()) - 2 * expected, rel=1e-12
    )


def test_criteria_count_free_parameters() -> None:
    free = NormalInverseGaussian.fit(X, max_iter=5)
    assert free.n_parameters == 2 + 2 + 3 + 1
    assert free.aic == 2 * free.n_parameters - 2 * free.log_likelihood
    assert free.bic == free.n_parameters * np.log(len(X)) - 2 * free.log_likelihood
    held = NormalInverseGaussian.fit(X, max_iter=5, symmetric=True, fixed=["mu"])
    assert held.n_parameters == 3 + 1
    assert held.aic == 2 * held.n_parameters - 2 * held.log_likelihood


def test_a_prior_is_left_out_of_the_likelihood() -> None:
    from varimix import IdentityUpdate, Shrinkage, eta0_isotropic

    start = NormalInverseGaussian.default_init(X)
    prior = Shrinkage(IdentityUpdate(), eta0_isotropic(start, 1.0), 0.5)
    result = BatchEMFitter(max_iter=20, eta_update=prior).fit(start, X)
    assert result.log_likelihood == pytest.approx(result.model.log_prob(X).sum(), rel=1e-12)


def test_gaps_count_by_what_they_show() -> None:
    rows = X.copy()
    rows[::5, 0] = np.nan
    rows[3] = np.nan
    result = NormalInverseGaussian.fit(rows, missing="exact", max_iter=20)
    assert result.total_weight == len(X) - 1
    shown = result.model.log_prob(rows, missing="exact").sum()
    assert result.log_likelihood == pytest.approx(shown, rel=1e-12)


def test_fit_best_has_the_criteria_of_its_fits() -> None:
    table = fit_best(X, families=["NormalInverseGaussian"], n_starts=2)
    best = table.best
    assert best.log_likelihood == pytest.approx(best.model.log_prob(X).sum(), rel=1e-12)
    assert best.aic == 2 * best.n_parameters - 2 * best.log_likelihood


def test_fits_that_have_not_seen_all_rows_have_no_criteria() -> None:
    incremental = IncrementalEMFitter(batch_size=32, max_steps=2).fit(MODEL, X, key=0)
    streamed = fit_stream(OnlineEM(MODEL), X)
    for result in (incremental, streamed):
        assert result.log_likelihood is None
        assert result.aic is None
        assert result.bic is None
        assert result.n_parameters == 8


# ---- Names of arguments, and columns ----


def test_sample_weight_is_another_name_of_weights() -> None:
    weights = np.linspace(0.5, 2.0, len(X))
    by_one = NormalInverseGaussian.fit(X, weights=weights, max_iter=5)
    by_other = NormalInverseGaussian.fit(X, sample_weight=weights, max_iter=5)
    assert by_one.model == by_other.model
    with pytest.raises(ValueError, match=r"^weights must be None beside sample_weight"):
        NormalInverseGaussian.fit(X, weights=weights, sample_weight=weights)


def test_columns_choose_those_of_a_table_at_every_door() -> None:
    table = pd.DataFrame(
        {"date": pd.date_range("2020-01-01", periods=len(X)), "b": X[:, 1], "a": X[:, 0]}
    )
    chosen = {"columns": ["a", "b"]}
    start = NormalInverseGaussian.default_init(table, **chosen)
    assert start.columns == ("a", "b")
    assert start == NormalInverseGaussian.default_init(X)
    assert np.array_equal(start.log_prob(table, **chosen), start.log_prob(X))
    assert start.marginal_log_likelihood(table, **chosen) == start.marginal_log_likelihood(X)
    plain = NormalInverseGaussian.fit(X, max_iter=5).model
    assert NormalInverseGaussian.fit(table, max_iter=5, **chosen).model == plain
    assert BatchEMFitter(max_iter=5).fit(start, table, **chosen).model == plain
    incremental = IncrementalEMFitter(batch_size=16, max_steps=3)
    expected = incremental.fit(start, X, key=0).model
    assert incremental.fit(start, table, key=0, **chosen).model == expected
    best = fit_best(table, families=["NormalInverseGaussian"], n_starts=1, **chosen)
    assert best.best.model.columns == ("a", "b")


def test_a_column_that_is_not_there_is_named() -> None:
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    with pytest.raises(ValueError, match=r"no column 'c' in the source, which has 'a', 'b'"):
        NormalInverseGaussian.fit(table, columns=["a", "c"])


# ---- Words ----


def test_a_wrong_word_is_told_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"got 'exatc'; is it 'exact'\?$"):
        NormalInverseGaussian.fit(X, missing="exatc")
    with pytest.raises(ValueError, match=r"got 'VarianceGama'; is it 'VarianceGamma'\?$"):
        fit_best(X, families=["VarianceGama"])


def test_a_divergence_across_families_points_to_the_simulated_one() -> None:
    other = VarianceGamma.fit(X, max_iter=2).model
    for name in ("kl_divergence", "squared_hellinger"):
        message = (
            rf"^other must be a NormalInverseGaussian, .* got a VarianceGamma; monte_carlo_{name}"
        )
        with pytest.raises(ValueError, match=message):
            getattr(MODEL, name)(other)
