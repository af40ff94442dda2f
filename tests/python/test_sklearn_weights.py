"""varimix.sklearn: weights of rows, thresholds of outliers, distances and robust weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from varimix import NormalInverseGamma, NormalInverseGaussian, OnlineEM
from varimix.sklearn import MeanVarianceMixture
from varimix.sklearn.distances import in_unit_gauge, mahalanobis, threshold
from varimix.sklearn.sample_weights import rows_by_weight

Rows = NDArray[np.float64]

FAMILIES = ["nig", "vg", "ninvg", "gh"]


@pytest.fixture
def weights() -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, 5, size=600)


# ---- sample_weight ----


@pytest.mark.parametrize("family", FAMILIES)
def test_a_weight_is_a_number_of_rows(family: str, rows: Rows, weights: NDArray[np.int64]) -> None:
    """The claim, and the tolerance, of scikit-learn's check_sample_weight_equivalence."""
    x = rows[:600]
    shuffled = np.random.default_rng(1).permutation(600)
    repeated = MeanVarianceMixture(family).fit(np.repeat(x, weights, axis=0))
    weighted = MeanVarianceMixture(family).fit(x[shuffled], sample_weight=weights[shuffled])
    np.testing.assert_allclose(weighted.transform(x), repeated.transform(x), rtol=1e-7)
    decision = repeated.decision_function(x)
    np.testing.assert_allclose(weighted.decision_function(x), decision, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(weighted.predict(x), repeated.predict(x))
    assert weighted.state_.total_weight == weights.sum()


def test_a_row_of_weight_0_is_absent_in_an_online_fit(rows: Rows) -> None:
    seen = np.arange(len(rows)) % 2 == 0
    mixture = MeanVarianceMixture(rule="ewma").fit(rows, sample_weight=seen.astype(float))
    assert mixture.model_ == MeanVarianceMixture(rule="ewma").fit(rows[seen]).model_
    mixture = MeanVarianceMixture().partial_fit(rows, sample_weight=seen)
    assert mixture.model_ == MeanVarianceMixture().partial_fit(rows[seen]).model_


def test_weights_of_an_online_fit_go_with_their_rows(rows: Rows) -> None:
    weights = np.random.default_rng(2).uniform(0.5, 2, size=len(rows))
    mixture = MeanVarianceMixture(rule="natural_gradient", batch_size=300, passes=2)
    mixture.fit(rows, sample_weight=weights)
    state = OnlineEM(NormalInverseGaussian.default_init(rows_by_weight(rows, weights)))
    for _ in range(2):
        for begin in range(0, len(rows), 300):
            state.update(rows[begin : begin + 300], weights[begin : begin + 300])
    assert mixture.model_ == state.model


def test_equal_weights_change_nothing_but_the_count(rows: Rows) -> None:
    plain = MeanVarianceMixture().fit(rows)
    weighted = MeanVarianceMixture().fit(rows, sample_weight=np.full(len(rows), 0.5))
    assert weighted.model_.same_law(plain.model_, 1e-9)
    assert weighted.offset_ == pytest.approx(plain.offset_, rel=1e-9)
    assert weighted.state_.total_weight == 0.5 * len(rows)


BAD_WEIGHTS = [
    (np.zeros(2000), "must be > 0 for at least 2 rows, got 2000 of 2000 that are zero"),
    (np.eye(2000)[0], "must be > 0 for at least 2 rows, got 1999 of 2000 that are zero"),
    (-np.ones(2000), "sample_weight must be >= 0, got -1"),
    (np.full(2000, np.nan), "sample_weight contains NaN"),
    (np.full(2000, np.inf), "sample_weight contains infinity"),
    (np.ones(3), r"sample_weight must be of shape \(2000,\), as X, got \(3,\)"),
    (np.ones((2000, 1)), r"sample_weight must be of shape \(2000,\)"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_WEIGHTS, ids=[text for _, text in BAD_WEIGHTS])
def test_bad_weights_are_refused(bad: Rows, message: str, rows: Rows) -> None:
    with pytest.raises(ValueError, match=message):
        MeanVarianceMixture().fit(rows, sample_weight=bad)


def test_the_best_family_takes_no_weights(rows: Rows) -> None:
    with pytest.raises(ValueError, match="sample_weight must be None where family is 'best'"):
        MeanVarianceMixture("best").fit(rows, sample_weight=np.ones(len(rows)))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(any), st.floats(1e-3, 1e3))
def test_rows_stand_for_fractional_weights_to_within_one(weights: list[float], unit: float) -> None:
    w = np.array(weights)
    rows = rows_by_weight(np.arange(len(w), dtype=float)[:, None], w * unit + 0.0)
    counts = np.bincount(rows[:, 0].astype(int), minlength=len(w))
    expected = len(rows) * (w / w.max()) / (w / w.max()).sum()
    assert (np.abs(counts - expected) <= 1 + 1e-9).all()


# ---- Outliers ----


def test_predict_calls_the_share_of_least_density_outliers(rows: Rows) -> None:
    for contamination in (0.01, 0.1, 0.5):
        mixture = MeanVarianceMixture(contamination=contamination)
        labels = mixture.fit_predict(rows)
        assert (labels == -1).sum() == contamination * len(rows)
        scores = mixture.score_samples(rows)
        assert scores[labels == -1].max() < mixture.offset_ < scores[labels == 1].min()


def test_after_partial_fit_the_threshold_is_the_models_own(rows: Rows) -> None:
    mixture = MeanVarianceMixture(contamination=0.1).partial_fit(rows)
    draws = mixture.model_.rvs(50_000, seed=1)
    share = (mixture.predict(draws) == -1).mean()
    assert abs(share - 0.1) < 4 * np.sqrt(0.1 * 0.9 * (1 / 10_000 + 1 / 50_000))
    before = mixture.offset_
    mixture.partial_fit(rows[:500] * 3)
    assert mixture.offset_ != before


def test_rows_of_density_0_are_outliers(rows: Rows) -> None:
    mixture = MeanVarianceMixture().fit(rows)
    far = np.full((1, 2), 1e300)
    assert mixture.decision_function(far)[0] == -np.inf
    assert mixture.predict(far)[0] == -1


SCORE = st.sampled_from([-np.inf, -3.0, -1.0, 0.0, 0.5, 2.0, np.inf])
WEIGHTED_SCORES = st.lists(st.tuples(SCORE, st.integers(0, 4)), min_size=1).filter(
    lambda pairs: any(weight for _, weight in pairs)
)


@given(WEIGHTED_SCORES, st.sampled_from([0.01, 0.1, 0.25, 0.5]))
def test_a_threshold_puts_at_most_the_share_below_and_no_more_fits(
    pairs: list[tuple[float, int]], contamination: float
) -> None:
    scores, counts = np.array(pairs).T
    at = threshold(scores, contamination, counts)
    assert np.isfinite(at)
    assert threshold(np.repeat(scores, counts.astype(int)), contamination) == at
    scores, counts = scores[counts > 0], counts[counts > 0]
    allowed = contamination * counts.sum() + 1e-9
    below = scores < at
    share = counts[below].sum()
    if not (below.any() and np.isneginf(scores[below]).all()):  # density 0 is always below
        assert share <= allowed
    if (~below).any() and not np.isposinf(scores[~below].min()):
        assert share + counts[scores == scores[~below].min()].sum() > allowed


def test_scores_that_tie_to_rounding_stay_together() -> None:
    scores = np.array([-2.0, -1.0 - 1e-15, -1.0, 0.0])
    assert threshold(scores, 0.5) == pytest.approx(-1.5)
    assert threshold(np.array([-2.0, -1.001, -1.0, 0.0]), 0.5) == pytest.approx(-1.0005)


# ---- Distances and robust weights ----


@pytest.mark.parametrize("family", FAMILIES)
def test_transform_gives_distance_and_posterior_weight(family: str, rows: Rows) -> None:
    mixture = MeanVarianceMixture(family).fit(rows)
    model = in_unit_gauge(mixture.model_)
    law = model.subordinator()
    assert (law.E_inv_Y() if family == "ninvg" else law.E_Y()) == pytest.approx(1)
    deviations = rows - model.mu
    solved = np.linalg.solve(model.sigma(), deviations.T).T
    distances, weights = mixture.transform(rows).T
    np.testing.assert_allclose(distances**2, (deviations * solved).sum(axis=1), rtol=1e-10)
    np.testing.assert_array_equal(weights, model.posterior(rows).E_inv_Y)
    order = np.argsort(distances)
    assert (np.diff(weights[order]) <= 1e-12).all()  # farther rows weigh less


@pytest.mark.parametrize("family", FAMILIES)
def test_the_gauge_of_the_model_does_not_show(family: str, rows: Rows) -> None:
    mixture = MeanVarianceMixture(family).fit(rows)
    before = mixture.transform(rows)
    mixture.model_ = mixture.model_.rescale_y(7.0)
    np.testing.assert_allclose(mixture.transform(rows), before, rtol=1e-12)


def test_weights_of_a_skewed_t_have_mean_1_at_its_maximum(rows: Rows) -> None:
    weights = MeanVarianceMixture("skewed_t").fit(rows).transform(rows)[:, 1]
    assert weights.mean() == pytest.approx(1, abs=1e-4)


def test_a_law_without_a_mean_of_y_has_distances(rows: Rows) -> None:
    model = NormalInverseGamma.from_classical([0.0], [0.0], [[1.0]], 0.5, 2.0)
    assert model.subordinator().E_Y() == np.inf
    assert np.isfinite(mahalanobis(in_unit_gauge(model), rows[:, :1])).all()


def test_a_distance_of_what_a_row_shows_is_that_of_the_law_of_that(rows: Rows) -> None:
    x = rows.copy()
    x[::2, 0] = np.nan
    x[::3, 1] = np.nan
    mixture = MeanVarianceMixture(missing="exact").fit(x)
    model = in_unit_gauge(mixture.model_)
    distances = mixture.transform(x)[:, 0]
    only_second = np.isnan(x[:, 0]) & ~np.isnan(x[:, 1])
    deviations = (x[only_second, 1] - model.mu[1]) / np.sqrt(model.sigma()[1, 1])
    np.testing.assert_allclose(distances[only_second], np.abs(deviations), rtol=1e-12)
    assert (distances[np.isnan(x).all(axis=1)] == 0).all()
    full = ~np.isnan(x).any(axis=1)
    np.testing.assert_allclose(distances[full], mahalanobis(model, x[full]), rtol=1e-12)


def test_a_distance_does_not_overflow() -> None:
    model = NormalInverseGaussian.from_classical([0, 0], [0, 0], [[1, 0], [0, 1]], 1.0, 1.0)
    distance = mahalanobis(model, np.array([[3e200, 4e200], [0, 0]]))
    np.testing.assert_allclose(distance, [5e200, 0], rtol=1e-14)
