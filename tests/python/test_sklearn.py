"""varimix.sklearn: what fit and partial_fit reach, and what the fitted law says of rows."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from varimix import (
    BatchEMFitter,
    DegenerateDataWarning,
    EWMAUpdate,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    Shrinkage,
    VarianceGamma,
    eta0_diagonal,
    eta0_isotropic,
    fit_best,
    fit_stream,
)
from varimix.sklearn import MeanVarianceMixture

Rows = NDArray[np.float64]

WORDS = {
    "nig": NormalInverseGaussian,
    "vg": VarianceGamma,
    "ninvg": NormalInverseGamma,
    "skewed_t": NormalInverseGamma,
    "gh": GeneralizedHyperbolic,
}


# ---- fit ----


@pytest.mark.parametrize("word", WORDS)
def test_fit_reaches_the_maximum_of_the_family_that_a_word_names(word: str, rows: Rows) -> None:
    family = WORDS[word]
    expected = family.fit(rows).model
    assert MeanVarianceMixture(word).fit(rows).model_ == expected
    assert MeanVarianceMixture(family.__name__).fit(rows).model_ == expected
    assert MeanVarianceMixture(family).fit(rows).model_ == expected


def test_the_best_family_is_that_of_fit_best(rows: Rows) -> None:
    best = fit_best(rows, key=3, n_starts=2)
    mixture = MeanVarianceMixture("best", n_starts=2, random_state=3).fit(rows)
    assert mixture.best_ is not None
    assert [fit.family for fit in mixture.best_.table] == [fit.family for fit in best.table]
    assert type(mixture.model_).__name__ == best.family
    assert mixture.score(rows) * len(rows) >= best.log_likelihood - 1e-9 * len(rows)


def test_a_rule_learns_the_rows_in_order_in_batches(rows: Rows) -> None:
    rule = EWMAUpdate(half_life=300.0)
    state = OnlineEM(NormalInverseGaussian.default_init(rows), rule)
    result = fit_stream(state, rows, batch_size=128, passes=2)
    mixture = MeanVarianceMixture(rule=rule, batch_size=128, passes=2, random_state=0).fit(rows)
    assert mixture.model_ == result.model
    assert mixture.state_.step == mixture.n_iter_ == result.n_iter
    word = MeanVarianceMixture(rule="natural_gradient").fit(rows)
    same = MeanVarianceMixture(rule=NaturalGradientUpdate()).fit(rows)
    assert word.model_ == same.model_


def test_shrinkage_is_penalised_likelihood_towards_its_target(rows: Rows) -> None:
    start = NormalInverseGaussian.default_init(rows)
    sigma = start.sigma()
    targets = {
        "diagonal": eta0_diagonal(start, np.diag(sigma)),
        "isotropic": eta0_isotropic(start, np.trace(sigma) / 2),
    }
    for word, target in targets.items():
        fitter = BatchEMFitter(eta_update=Shrinkage(IdentityUpdate(), target, 0.5))
        expected = fitter.fit(start, rows).model
        shrunk = MeanVarianceMixture(shrinkage=0.5, shrinkage_target=word).fit(rows)
        given = MeanVarianceMixture(shrinkage=0.5, shrinkage_target=target).fit(rows)
        assert shrunk.model_ == given.model_ == expected


def test_stronger_shrinkage_leaves_less_correlation(rows: Rows) -> None:
    correlations = []
    for tau in (0.0, 0.3, 3.0):
        sigma = MeanVarianceMixture(shrinkage=tau).fit(rows).model_.sigma()
        correlations.append(sigma[0, 1] / np.sqrt(sigma[0, 0] * sigma[1, 1]))
    assert correlations[0] > correlations[1] > correlations[2] > 0


def test_fit_restarts_and_partial_fit_goes_on(rows: Rows) -> None:
    first, second = rows[:1000], rows[1000:]
    mixture = MeanVarianceMixture().fit(first)
    mixture.partial_fit(second)
    assert mixture.state_.total_weight == 2000
    assert mixture.fit(first).model_ == MeanVarianceMixture().fit(first).model_
    assert mixture.state_.total_weight == 1000


@pytest.mark.parametrize("word", ["nig", "vg", "ninvg", "gh"])
def test_partial_fit_after_fit_ends_near_the_maximum_of_all_rows(word: str, rows: Rows) -> None:
    mixture = MeanVarianceMixture(word).fit(rows[:1500])
    assert mixture.state_.model.same_law(mixture.model_, 1e-3)
    mixture.partial_fit(rows[1500:])
    parameters = 9  # of the largest family, in two columns
    loss = MeanVarianceMixture(word).fit(rows).score(rows) - mixture.score(rows)
    assert 0 <= loss < 0.25 * parameters / (2 * len(rows))


@pytest.mark.parametrize("word", ["nig", "vg", "ninvg", "gh"])
def test_the_state_of_a_shrunk_fit_is_at_its_model(word: str, rows: Rows) -> None:
    mixture = MeanVarianceMixture(word, shrinkage=0.5).fit(rows)
    assert mixture.state_.model.same_law(mixture.model_, 1e-3)


def test_the_state_of_a_batch_fit_has_standard_errors(rows: Rows) -> None:
    errors = MeanVarianceMixture().fit(rows).state_.cov_params()
    assert len(errors.names) == len(errors.bse)
    assert (errors.bse > 0).all()


def test_partial_fit_alone_is_the_online_fit_of_its_batches(rows: Rows) -> None:
    batches = np.array_split(rows, 8)
    mixture = MeanVarianceMixture("vg", random_state=0)
    state = OnlineEM(VarianceGamma.default_init(batches[0]))
    for batch in batches:
        mixture.partial_fit(batch)
        state.update(batch)
    assert mixture.model_ == state.model
    assert mixture.status_ == state.status
    assert mixture.n_iter_ == 8
    assert mixture.result_ is None


def test_a_refused_batch_leaves_the_fit_as_it_was(rows: Rows) -> None:
    mixture = MeanVarianceMixture().fit(rows)
    before = mixture.state_.to_bytes()
    for bad in (rows[:, :1], np.full((3, 2), np.nan), rows[:0]):
        with pytest.raises(ValueError, match=r"features|NaN|minimum of 1"):
            mixture.partial_fit(bad)
    assert mixture.state_.to_bytes() == before


def test_a_first_batch_needs_a_row_more_than_columns(rows: Rows) -> None:
    with pytest.raises(ValueError, match="X must have at least 3 rows to start from, got 2"):
        MeanVarianceMixture().partial_fit(rows[:2])
    with pytest.raises(ValueError, match="family must be one family for partial_fit, got 'best'"):
        MeanVarianceMixture("best").partial_fit(rows)
    best = MeanVarianceMixture("best", n_starts=1, random_state=0).fit(rows)
    assert best.partial_fit(rows[:1]).state_.total_weight == 2001


# ---- Warnings ----


def test_a_fit_that_has_not_converged_warns_and_one_that_has_does_not(rows: Rows) -> None:
    with pytest.warns(ConvergenceWarning, match="all passes were taken"):
        mixture = MeanVarianceMixture(max_iter=2).fit(rows)
    assert "budget_spent" in mixture.status_
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MeanVarianceMixture().fit(rows)
        MeanVarianceMixture(rule="ewma").fit(rows)


def test_gaussian_rows_are_a_status_and_no_warning() -> None:
    x = np.random.default_rng(0).normal(size=(500, 2))
    assert "gaussian_limit" in MeanVarianceMixture().fit(x).status_


def test_a_constant_column_is_warned_of_by_its_number(rows: Rows) -> None:
    x = np.column_stack([rows, np.ones(len(rows))])
    with (
        pytest.warns(DegenerateDataWarning, match="column 2"),
        pytest.warns(ConvergenceWarning),
    ):
        mixture = MeanVarianceMixture().fit(x)
    assert "constant_column" in mixture.status_


# ---- Density and criteria ----


def test_scores_are_log_densities(rows: Rows) -> None:
    mixture = MeanVarianceMixture().fit(rows)
    np.testing.assert_array_equal(mixture.score_samples(rows), mixture.model_.log_prob(rows))
    assert mixture.score(rows) == pytest.approx(mixture.model_.marginal_log_likelihood(rows))
    weights = np.arange(len(rows)) % 3
    expected = np.average(mixture.score_samples(rows), weights=weights)
    assert mixture.score(rows, sample_weight=weights) == pytest.approx(expected, rel=1e-12)


def test_criteria_are_those_of_fit_best(rows: Rows) -> None:
    for fit in fit_best(rows, n_starts=1).table:
        mixture = MeanVarianceMixture(fit.family).fit(rows)
        assert mixture.aic(rows) == pytest.approx(fit.aic, rel=1e-7)
        assert mixture.bic(rows) == pytest.approx(fit.bic, rel=1e-7)


def test_a_symmetric_law_has_no_gamma_and_d_parameters_less(rows: Rows) -> None:
    mixture = MeanVarianceMixture(symmetric=True).fit(rows)
    assert not mixture.model_.gamma.any()
    n_parameters = 2 + 3 + 1  # mu, Sigma, the shape
    total = mixture.score(rows) * len(rows)
    assert mixture.aic(rows) == pytest.approx(2 * n_parameters - 2 * total)


# ---- Names ----


def test_names_of_columns_are_kept_and_their_order_is_checked(rows: Rows) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"])
    mixture = MeanVarianceMixture().fit(frame)
    assert list(mixture.feature_names_in_) == ["a", "b"]
    for method in (mixture.predict, mixture.transform, mixture.score, mixture.partial_fit):
        with pytest.raises(ValueError, match="same order as they were in fit"):
            method(frame[["b", "a"]])
    with pytest.raises(ValueError, match="feature names should match"):
        mixture.predict(frame.rename(columns={"b": "c"}))


def test_the_output_is_a_frame_where_one_is_asked_for(rows: Rows) -> None:
    names = ["mahalanobis_distance", "robust_weight"]
    frame = pd.DataFrame(rows, columns=["a", "b"], index=np.arange(len(rows)) + 7)
    mixture = MeanVarianceMixture().fit(frame)
    assert list(mixture.get_feature_names_out()) == names
    plain = mixture.transform(frame)
    in_pandas = mixture.set_output(transform="pandas").transform(frame)
    assert list(in_pandas.columns) == names
    assert list(in_pandas.index) == list(frame.index)
    in_polars = mixture.set_output(transform="polars").transform(frame)
    assert isinstance(in_polars, pl.DataFrame)
    assert in_polars.columns == names
    np.testing.assert_array_equal(in_pandas.to_numpy(), plain)
    np.testing.assert_array_equal(in_polars.to_numpy(), plain)
