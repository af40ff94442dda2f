"""varimix.sklearn within scikit-learn's pipelines and searches, in this process and in others."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler

from varimix import NaturalGradientUpdate
from varimix.sklearn import MeanVarianceMixture

Rows = NDArray[np.float64]

GRID = {
    "mixture__family": ["nig", "vg"],
    "mixture__rule": [None, "ewma", NaturalGradientUpdate(half_life=200.0)],
    "mixture__shrinkage": [None, 0.5],
}


@pytest.fixture
def _workers_ended() -> Iterator[None]:
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("mixture", MeanVarianceMixture())])


@pytest.mark.usefixtures("_workers_ended")
def test_two_workers_find_what_one_finds(pipeline: Pipeline, rows: Rows) -> None:
    x = pd.DataFrame(rows[:400], columns=["a", "b"])
    one, two = (
        GridSearchCV(pipeline, GRID, cv=2, n_jobs=n, error_score="raise").fit(x) for n in (1, 2)
    )
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )
    assert np.isfinite(one.cv_results_["mean_test_score"]).all()
    assert one.best_params_ == two.best_params_
    assert len(np.unique(one.cv_results_["mean_test_score"])) == 12  # every option matters
    np.testing.assert_array_equal(
        cross_val_score(pipeline, x, cv=3, n_jobs=2), cross_val_score(pipeline, x, cv=3)
    )


def test_a_pipeline_predicts_scores_and_names(pipeline: Pipeline, rows: Rows) -> None:
    x = pd.DataFrame(rows, columns=["a", "b"])
    fitted = pipeline.fit(x)
    assert (fitted.predict(x) == -1).sum() == 200
    assert fitted.score(x) == pytest.approx(fitted.score_samples(x).mean())
    both = FeatureUnion([("mixture", MeanVarianceMixture()), ("scaled", StandardScaler())])
    assert list(both.fit(x).get_feature_names_out()) == [
        "mixture__mahalanobis_distance",
        "mixture__robust_weight",
        "scaled__a",
        "scaled__b",
    ]


def test_weights_are_routed_to_fit_and_score(rows: Rows) -> None:
    weights = np.random.default_rng(0).uniform(0.1, 2, size=len(rows))
    with config_context(enable_metadata_routing=True):
        mixture = MeanVarianceMixture().set_fit_request(sample_weight=True)
        mixture.set_score_request(sample_weight=True)
        scores = cross_val_score(mixture, rows, cv=2, params={"sample_weight": weights})
    first, second = np.arange(1000), np.arange(1000, 2000)
    for score, train, test in zip(scores, (second, first), (first, second), strict=True):
        by_hand = MeanVarianceMixture().fit(rows[train], sample_weight=weights[train])
        assert score == by_hand.score(rows[test], sample_weight=weights[test])
