"""varimix.river within river itself: its checks, its pipelines, and the states behind them."""

import pickle
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import river.checks
from river import anomaly, compose, evaluate, metrics, preprocessing
from river.base import AnomalyDetector

from varimix import EWMAUpdate, NormalInverseGaussian, OnlineEM, VarianceGamma
from varimix.river import MeanVarianceMixture

Row = dict[Any, Any]
FEATURES = [f"V{j}" for j in range(6)]


def labelled(n: int) -> list[tuple[Row, bool]]:
    """Return rows of which a few are far out, as river's CreditCard data, which are downloaded."""
    rng = np.random.default_rng(0)
    x = rng.standard_t(5, size=(n, len(FEATURES)))
    is_anomaly = rng.random(n) < 0.03
    x[is_anomaly] *= 6
    rows = (dict(zip(FEATURES, map(float, row), strict=True)) for row in x)
    return list(zip(rows, map(bool, is_anomaly), strict=True))


STREAM = labelled(300)


def streams_in_place_of_downloads(model: Any, scale: int = 1) -> Iterator[list[tuple[Row, bool]]]:
    yield STREAM if scale == 1 else labelled(1000)


# What river checks a detector with, and how many there are in 0.26.
CHECKS = 26


def checks(patch: pytest.MonkeyPatch) -> list[Callable[[Any], None]]:
    patch.setattr(river.checks, "_yield_datasets", streams_in_place_of_downloads)
    return list(river.checks.yield_checks(MeanVarianceMixture()))


def test_every_check_of_river_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checks(monkeypatch)
    assert len(found) == CHECKS
    assert not MeanVarianceMixture()._unit_test_skips()
    for check in found:
        check(MeanVarianceMixture().clone())


def test_it_is_a_detector_that_finds_the_anomalies() -> None:
    detector = anomaly.QuantileFilter(MeanVarianceMixture(), q=0.95)
    auc = evaluate.progressive_val_score(iter(labelled(1000)), detector, metrics.ROCAUC())
    assert isinstance(detector.anomaly_detector, AnomalyDetector)
    assert auc.get() > 0.8


def test_a_filter_of_river_takes_its_scores() -> None:
    detector = anomaly.QuantileFilter(MeanVarianceMixture(), q=0.95)
    for x, _ in STREAM:
        detector.learn_one(x)
    assert detector.classify(detector.score_one(dict.fromkeys(FEATURES, 50.0)))
    assert not detector.classify(detector.score_one(dict.fromkeys(FEATURES, 0.1)))


def test_the_state_is_that_of_the_rows_in_order_of_their_names() -> None:
    detector = MeanVarianceMixture("vg", EWMAUpdate(half_life=50.0), grace_period=40)
    x = np.array([[row[name] for name in FEATURES] for row, _ in STREAM])
    for row, _ in STREAM[:50]:
        detector.learn_one(dict(reversed(row.items())))
    start = VarianceGamma.default_init(x[:40], missing="exact")
    state = OnlineEM(start, EWMAUpdate(half_life=50.0), missing="exact")
    state.update(x[:40])
    for row in x[40:50]:
        state.update(row[None])
    assert detector.features == FEATURES
    assert detector.state == state
    assert detector.score_one(STREAM[60][0]) == -state.model.log_prob(x[60:61])[0]


def test_many_rows_are_one_batch_after_the_grace_period() -> None:
    frame = pd.DataFrame([row for row, _ in STREAM])
    detector = MeanVarianceMixture()
    detector.learn_many(frame[:30])
    assert detector.state is None
    detector.learn_many(frame[30:200])
    detector.learn_many(frame[200:][FEATURES[::-1]])
    detector.learn_many(frame[:0])
    x = frame.to_numpy()
    state = OnlineEM(NormalInverseGaussian.default_init(x[:64], missing="exact"), missing="exact")
    for batch in (x[:64], x[64:200], x[200:]):
        state.update(batch)
    assert detector.state == state
    in_polars = MeanVarianceMixture()
    for part in (frame[:64], frame[64:200], frame[200:]):
        in_polars.learn_many(pl.DataFrame(part.to_dict("list")))
    assert in_polars.state == state


def test_every_score_is_0_in_the_grace_period() -> None:
    detector = MeanVarianceMixture(grace_period=10)
    for row, _ in STREAM[:9]:
        detector.learn_one(row)
    assert detector.score_one(STREAM[9][0]) == 0
    detector.learn_one(STREAM[9][0])
    assert detector.score_one(STREAM[9][0]) != 0


def test_a_law_starts_with_a_row_more_than_features_at_least() -> None:
    detector = MeanVarianceMixture(grace_period=2)
    for row, _ in STREAM[:6]:
        detector.learn_one(row)
    assert detector.state is None
    detector.learn_one(STREAM[6][0])
    assert detector.state is not None


def learned() -> MeanVarianceMixture:
    detector = MeanVarianceMixture()
    for row, _ in STREAM[:100]:
        detector.learn_one(row)
    return detector


def test_what_a_row_lacks_is_missing() -> None:
    row = STREAM[100][0]
    scores = {
        learned().score_one({**row, "V0": value}) for value in (None, float("nan"), pd.NA)
    } | {learned().score_one({name: row[name] for name in FEATURES[1:]})}
    assert len(scores) == 1
    assert learned().score_one({}) == 0


def test_rows_that_show_nothing_do_not_count() -> None:
    detector = MeanVarianceMixture(grace_period=2)
    for _ in range(5):
        detector.learn_one({})
        detector.learn_one({"a": None})
    assert detector.state is None
    assert detector._kept == []
    after = learned()
    after.learn_one({})
    assert after.state is not None
    assert after.state.total_weight == 100


def test_a_new_feature_is_left_out_with_one_warning() -> None:
    detector, same = learned(), learned()
    row = STREAM[100][0]
    with pytest.warns(UserWarning, match=r"features that the grace period did not show .*'new'"):
        detector.learn_one({**row, "new": 1.0})
    detector.learn_one({**row, "new": 2.0})
    same.learn_one(row)
    same.learn_one(row)
    assert detector.state == same.state


@pytest.mark.parametrize("value", ["high", float("inf"), 1j, [1.0]])
def test_a_value_that_is_no_number_is_named_and_not_learned(value: object) -> None:
    detector = learned()
    assert detector.state is not None
    before = detector.state.to_bytes()
    bad = {**STREAM[0][0], "V3": value}
    for learn in (detector.learn_one, detector.score_one):
        with pytest.raises(ValueError, match=r"feature 'V3' must be (a number|finite)"):
            learn(bad)
    with pytest.raises(ValueError, match=r"feature 'V3' must be (a number|finite)"):
        detector.learn_many(pd.DataFrame([STREAM[0][0], bad]))
    assert detector.state.to_bytes() == before


def test_integers_decimals_and_booleans_are_numbers() -> None:
    floats, others = learned(), learned()
    floats.learn_one(dict.fromkeys(FEATURES, 1.0))
    ones = [1, Decimal(1), True, np.int8(1), np.True_, 1.0]
    others.learn_one(dict(zip(FEATURES, ones, strict=True)))
    assert floats.state == others.state


BAD_OPTIONS: list[tuple[Row, type[Exception], str]] = [
    ({"family": "nigg"}, ValueError, "did you mean 'nig'"),
    ({"family": "best"}, ValueError, "family must be one family for a stream, got 'best'"),
    ({"rule": "emwa"}, ValueError, "did you mean 'ewma'"),
    ({"grace_period": 1}, ValueError, "grace_period must be >= 2, got 1"),
    ({"grace_period": 2.5}, TypeError, "grace_period must be a whole number, got 2.5"),
]


@pytest.mark.parametrize(("options", "error", "message"), BAD_OPTIONS)
def test_a_bad_option_is_named(options: Row, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        MeanVarianceMixture(**options)


def test_many_rows_are_a_frame() -> None:
    with pytest.raises(TypeError, match="X must be a frame of pandas or polars, got list"):
        MeanVarianceMixture().learn_many([[1.0, 2.0]])  # type: ignore[arg-type]


def test_a_detector_travels_and_a_clone_has_not_learned() -> None:
    detector = learned()
    copy = pickle.loads(pickle.dumps(detector))
    assert copy.state == detector.state
    assert detector.clone().state is None


def test_a_pipeline_of_river_learns_and_scores() -> None:
    scaled = preprocessing.StandardScaler() | MeanVarianceMixture()
    selected = compose.Select("V0", "V1") | scaled
    for row, _ in STREAM[:70]:
        selected.learn_one(row)
    assert selected["MeanVarianceMixture"].features == ["V0", "V1"]
    assert selected.score_one({"V0": 50.0, "V1": -50.0}) > selected.score_one({"V0": 0, "V1": 0})
