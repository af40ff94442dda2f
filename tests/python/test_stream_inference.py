"""Standard errors of streams: the closed form of EWMAUpdate, and a bootstrap of any rule."""

import copy
import pickle
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from doors import DOORS, MODEL, X

import varimix
from varimix import (
    CheckpointError,
    EWMAUpdate,
    GeneralizedHyperbolic,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
)
from varimix.inference import (
    BootstrapEM,
    StreamInference,
    inference,
    stream_inference,
    value_at_risk,
)

LAW = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
ROWS = LAW.rvs(2000, seed=3)
BATCHES = np.split(ROWS, 20)


def fitted(rule: object = None, **options: Any) -> OnlineEM[Any]:
    state = OnlineEM(LAW, EWMAUpdate(w=0.2) if rule is None else rule, **options)
    for batch in BATCHES:
        state.update(batch)
    return state


def bootstrapped(start: Any = LAW, replicas: int = 4, key: int = 0, stream: int = 0) -> Any:
    state = BootstrapEM(start, replicas, key, stream=stream)
    for batch in BATCHES:
        state.update(batch)
    return state


def test_a_state_of_ewma_has_errors_in_closed_form() -> None:
    found = stream_inference(fitted())
    z = found.model.subordinator().lam / found.model.subordinator().mu_ig
    assert found.known_rows == pytest.approx(1.8 / 0.2 * 100)
    assert found.bse["log_sqrt_ab"] ** 2 * found.known_rows == pytest.approx(2 + 1 / z)
    assert (found.cov_type, found.n, found.total_weight) == ("ewma", 2000, 2000)
    assert found.distance_to_maximum is None
    assert found.relative_error_of_bse == 0
    low, high = found.conf_int()["mean_1"]
    assert high - low == pytest.approx(2 * 1.959964 * found.bse["mean_1"])


def test_functionals_are_those_of_rows() -> None:
    functionals = {"VaR": value_at_risk([0.5, 0.5]), "scale": lambda model: model.mean()[0] ** 2}
    for state in (fitted(), bootstrapped()):
        found = stream_inference(state, functionals=functionals, defaults=False)
        assert list(found.params) == ["VaR", "scale"]
        mean = found.model.mean()[0]
        assert found.params["scale"] == pytest.approx(mean**2)
        assert all(error > 0 for error in found.bse.values())


def test_a_number_whose_variance_is_no_double_is_left_out_by_name() -> None:
    for state in (fitted(), bootstrapped()):
        found = stream_inference(state, functionals={"far": lambda model: 1e300 * model.mu[0]})
        assert "far" not in found.params
        assert np.isfinite(found.cov_params()).all()
        assert any("far: a variance beyond doubles" in detail for _, _, detail in found.notes)


def test_a_flag_of_another_type_is_named() -> None:
    for state in (fitted(), bootstrapped()):
        with pytest.raises(TypeError, match="defaults must be True or False, got None"):
            stream_inference(state, defaults=None)  # type: ignore[arg-type]


def test_names_of_columns_are_those_of_the_rows() -> None:
    table = pd.DataFrame(ROWS, columns=["oil", "tea"])
    state = BootstrapEM(LAW, 3)
    assert state.columns is None
    state.update(table)
    assert state.columns == ("oil", "tea")
    state.update(table[["tea", "oil"]])  # put into their order
    assert "corr_tea_oil" in state.inference({"VaR": value_at_risk({"oil": 1})}).params
    with pytest.raises(ValueError, match="gas"):
        state.update(table.rename(columns={"oil": "gas"}))


def test_rows_that_are_refused_give_no_names() -> None:
    state = BootstrapEM(LAW, 2)
    before = copy.copy(state)
    with pytest.raises(ValueError, match="finite"):
        state.update(pd.DataFrame({"oil": [np.inf], "tea": [1.0]}))
    assert state.columns is None
    assert state == before


def test_the_fit_is_that_of_a_state_without_replicas() -> None:
    assert bootstrapped().state == fitted(NaturalGradientUpdate())
    assert bootstrapped().model == bootstrapped(OnlineEM(LAW)).model


@pytest.mark.parametrize(
    "family", [NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic]
)
def test_every_family_has_errors(family: Any) -> None:
    init = family.default_init(ROWS)
    assert stream_inference(_ewma(init)).bse
    assert bootstrapped(init).inference().bse


def _ewma(init: Any) -> OnlineEM[Any]:
    state = OnlineEM(init, EWMAUpdate(w=0.2))
    for batch in BATCHES:
        state.update(batch)
    return state


def test_the_spread_is_that_of_the_models_of_the_replicas() -> None:
    state = bootstrapped()
    found = state.inference()
    means = np.array([model.mean()[0] for model in state.replicas])
    np.testing.assert_allclose(found.replicas["mean_1"], means, rtol=1e-14)
    spread = np.sqrt(np.mean((means - state.model.mean()[0]) ** 2))
    assert found.bse["mean_1"] == pytest.approx(spread)
    assert found.relative_error_of_bse == pytest.approx(1 / np.sqrt(6))
    low, high = found.conf_int()["mean_1"]
    assert high - low == pytest.approx(2 * 3.182446 * spread)  # Student's t of 3
    assert "41%" in found.summary()


def test_percentile_intervals_are_those_of_the_replicas_in_order() -> None:
    state = bootstrapped(replicas=79)
    found = state.inference()
    intervals = found.conf_int(method="percentile")
    assert list(intervals) == list(found.params)
    for name, (low, high) in intervals.items():
        in_order = np.sort(found.replicas[name])
        assert (low, high) == (in_order[1], in_order[-2])  # (79 + 1) 0.05 / 2 = 2
    assert found.conf_int(0.5, method="percentile")["mean_1"][0] > intervals["mean_1"][0]
    assert found.conf_int(method="standard") == found.conf_int()
    assert found.conf_int()["mean_1"] == pytest.approx(intervals["mean_1"], abs=0.05)


def test_percentiles_of_a_rising_function_are_its_values_of_percentiles() -> None:
    state = bootstrapped(replicas=39)
    found = state.inference({"variance": lambda model: model.cov()[0, 0]})
    ends = found.conf_int(method="percentile")
    assert ends["variance"] == pytest.approx([sd**2 for sd in ends["sd_1"]], rel=1e-12)


def test_percentiles_are_refused_with_too_few_replicas() -> None:
    found = bootstrapped(replicas=38).inference()
    with pytest.raises(ValueError, match=r"replicas must be at least 39 .* got 38"):
        found.conf_int(method="percentile")
    assert found.conf_int(0.06, method="percentile")
    with pytest.raises(ValueError, match="at least 1999"):
        found.conf_int(0.001, method="percentile")
    for alpha in (0.0, 1.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="alpha"):
            found.conf_int(alpha, method="percentile")
    for method in ("bca", "", None, 3):
        with pytest.raises(ValueError, match="method must be 'standard' or 'percentile'"):
            found.conf_int(method=method)
    with pytest.raises(ValueError, match="without replicas"):
        stream_inference(fitted()).conf_int(method="percentile")


def test_a_bootstrap_of_a_tested_state_learns() -> None:
    tested = bootstrapped(OnlineEM(LAW, gaussian_test=True))
    assert tested.replicas == bootstrapped().replicas
    assert tested.state.gaussian_test.n == 1940  # the first 60 rows are not tested
    again = BootstrapEM.from_bytes(tested.to_bytes())
    assert again == tested
    assert tested.to_bytes()[8] == 3  # the schema


def test_missing_values_and_weights_are_learned() -> None:
    gaps = ROWS.copy()
    gaps[::5, 0] = np.nan
    state = BootstrapEM(OnlineEM(LAW, missing="exact"), 3)
    state.update(gaps, weights=np.linspace(0.5, 1.5, len(gaps)))
    assert state.inference().bse
    ewma = OnlineEM(LAW, EWMAUpdate(w=0.2), missing="exact")
    ewma.update(gaps)
    assert stream_inference(ewma).bse


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_change_nothing(threads: int) -> None:
    varimix.set_threads(threads)
    try:
        state = bootstrapped()
    finally:
        varimix.set_threads(0)
    assert state == bootstrapped()


def test_it_is_pickled_copied_and_saved_to_the_same_bits(tmp_path: Path) -> None:
    state = bootstrapped()
    state.save(tmp_path / "fit.bootstrap")
    again = [
        pickle.loads(pickle.dumps(state)),
        copy.copy(state),
        copy.deepcopy(state),
        BootstrapEM.from_bytes(state.to_bytes()),
        BootstrapEM.load(tmp_path / "fit.bootstrap"),
    ]
    state.update(ROWS[:50])
    for other in again:
        assert other != state
        other.update(ROWS[:50])
        assert other == state


def test_a_result_is_pickled_and_shown() -> None:
    for found in (bootstrapped().inference(), stream_inference(fitted())):
        assert isinstance(found, StreamInference)
        again = pickle.loads(pickle.dumps(found))
        assert again == found
        assert again.conf_int() == found.conf_int()
        assert "mean_1" in found._repr_html_()
        assert list(found.as_frame().columns) == ["params", "bse", "low", "high"]
        assert found.to_dict()["known_rows"] == found.known_rows
        assert not found.cov_params().flags.writeable


def test_streams_of_other_places_are_merged() -> None:
    left, right = (BootstrapEM(LAW, 3, stream=k) for k in range(2))
    for k, batch in enumerate(BATCHES):
        (left, right)[k % 2].update(batch)
    both = copy.copy(left)
    both.merge(right)
    assert both.rows == 2000
    assert both.state.total_weight == 2000
    before = copy.copy(both)
    for other in (right, left, both):
        with pytest.raises(ValueError, match="a bootstrap of other streams"):
            both.merge(other)
    with pytest.raises(ValueError, match="3 replicas"):
        both.merge(bootstrapped(stream=9))
    with pytest.raises(ValueError, match="same family"):
        both.merge(BootstrapEM(VarianceGamma.default_init(ROWS), 3, stream=9))
    with pytest.raises(TypeError):
        both.merge(fitted())
    assert both == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replicas": 1}, "replicas must be >= 2, got 1"),
        ({"stream": -1}, "stream must be from 0"),
        ({"key": -1}, "key"),
        ({"start": fitted()}, "a state that has learned nothing, got 20 updates"),
    ],
)
def test_arguments_outside_their_domains_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BootstrapEM(**{"start": LAW, **given})


def test_a_rule_of_the_users_own_is_named() -> None:
    class Halving:
        def accumulate(self, running: Any, batch: Any, info: Any) -> Any:
            return running

    with pytest.raises(ValueError, match="eta_update must be one of varimix's own"):
        BootstrapEM(OnlineEM(LAW, Halving()))


@pytest.mark.parametrize("start", [None, ROWS, "model", 3])
def test_what_is_no_start_is_refused(start: Any) -> None:
    with pytest.raises(TypeError):
        BootstrapEM(start)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, list, pa.table, np.float32, object])
def test_rows_of_every_kind_are_learned(kind: Any) -> None:
    plain = BootstrapEM(MODEL, 2)
    plain.update(X)
    if kind in (pd.DataFrame, pl.DataFrame):
        given = kind({"a": X[:, 0], "b": X[:, 1]})
    elif kind is pa.table:
        given = pa.table({"a": X[:, 0], "b": X[:, 1]})
    else:
        given = X.tolist() if kind is list else X.astype(kind)
    state = BootstrapEM(MODEL, 2)
    state.update(given)
    assert state == plain
    assert "OnlineEM.update" in DOORS


@pytest.mark.parametrize(
    "bad", [np.empty((0, 2)), ROWS[:, :1], ROWS[0], [["a", "b"]], [[np.inf, 1.0]], [[np.nan, 1.0]]]
)
def test_bad_rows_change_nothing(bad: Any) -> None:
    state = bootstrapped(replicas=2)
    before = copy.copy(state)
    with pytest.raises((ValueError, TypeError)):
        state.update(bad)
    for weights in ([1.0], np.full(2000, -1.0), np.full(2000, np.nan), []):
        with pytest.raises(ValueError, match="weights"):
            state.update(ROWS, weights)
    assert state == before


def test_damaged_bytes_are_refused() -> None:
    data = bootstrapped(replicas=2).to_bytes()
    for bad in (b"", data[:100], data[:-1], data[:50] + b"x" + data[51:], fitted().to_bytes()):
        with pytest.raises(CheckpointError):
            BootstrapEM.from_bytes(bad)
    with pytest.raises(CheckpointError):
        OnlineEM.from_bytes(data)
    with pytest.raises(TypeError):
        BootstrapEM.__new__(BootstrapEM).__setstate__(("BootstrapEM", 3, None))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            fitted(NaturalGradientUpdate()),
            "eta_update must be EWMAUpdate; BootstrapEM has the errors",
        ),
        (fitted(Shrinkage(EWMAUpdate(), eta0_from_model(LAW))), "EWMAUpdate"),
        (OnlineEM(LAW, EWMAUpdate()), "one that has learned, got a new one"),
        (BootstrapEM(LAW), "one that has learned, got a new one"),
        (fitted(inner_iter=2), "inner_iter must be 1"),
        (fitted(fixed=["sigma"]), "fixed must be empty"),
        (fitted(frozen=True), "frozen"),
    ],
)
def test_states_without_errors_are_named(state: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stream_inference(state)


def test_a_half_life_in_time_is_refused() -> None:
    state = OnlineEM(LAW, EWMAUpdate(half_life=timedelta(hours=1)))
    state.update(ROWS[:3], times=[0, 1, 2])
    with pytest.raises(ValueError, match="half_life must be in rows"):
        stream_inference(state)


def test_symmetric_fits_have_errors() -> None:
    found = stream_inference(fitted(symmetric=True))
    assert found.free_parameters == 6
    assert found.params["EY_gamma_1"] == 0
    assert found.bse["EY_gamma_1"] == 0


@pytest.mark.parametrize("batch_rows", [0, -3, np.nan, np.inf, "many", [1, 2], True])
def test_batch_rows_outside_their_domain_are_named(batch_rows: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="batch_rows"):
        stream_inference(fitted(), batch_rows=batch_rows)


def test_batch_rows_are_of_ewma_alone() -> None:
    plain, given = stream_inference(fitted()), stream_inference(fitted(), batch_rows=400)
    assert given.bse["sd_1"] == pytest.approx(plain.bse["sd_1"] / 2)
    with pytest.raises(ValueError, match="batch_rows must be left out"):
        stream_inference(bootstrapped(), batch_rows=3)


def test_notes_say_what_an_average_and_a_short_stream_lack() -> None:
    assert bootstrapped(OnlineEM(LAW, PolyakRuppertUpdate())).inference().has("averaged")
    assert not bootstrapped().inference().has("averaged")
    short = OnlineEM(LAW, EWMAUpdate(w=0.01))
    short.update(ROWS)
    assert stream_inference(short).has("start")


@pytest.mark.parametrize("state", [None, LAW, ROWS, "state"])
def test_what_is_no_state_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match="state must be an OnlineEM or a BootstrapEM"):
        stream_inference(state)


@pytest.mark.parametrize("state", [fitted(), bootstrapped()])
def test_the_errors_of_rows_send_states_to_those_of_streams(state: Any) -> None:
    with pytest.raises(TypeError, match=re.escape("stream_inference(state) is for states")):
        inference(state, ROWS)


@pytest.mark.parametrize("cov_type", ["ewma", "bootstrap"])
def test_the_errors_of_rows_have_no_covariance_of_streams(cov_type: str) -> None:
    with pytest.raises(ValueError, match="cov_type must be one of rows"):
        inference(LAW, ROWS, cov_type)


def test_a_functional_may_change_the_bootstrap_that_it_is_asked_for() -> None:
    state = bootstrapped(replicas=2)

    def learns(model: Any) -> float:
        state.update(ROWS[:10])
        return float(model.mean()[0])

    found = state.inference({"mean": learns}, defaults=False)
    assert found.params["mean"] == bootstrapped(replicas=2).model.mean()[0]
    assert state.rows == 2000 + 30  # at the fit and at each replica


NORMAL = np.random.default_rng(0).standard_normal((300, 2))
HOSTILE = {
    "constant": np.ones((300, 2)),
    "collinear": np.repeat(NORMAL[:, :1], 2, axis=1),
    "huge": NORMAL * 1e150,
    "tiny": NORMAL * 1e-150,
    "ties": np.repeat(NORMAL[:3], 100, axis=0),
    "far": np.vstack([NORMAL, [[1e12, 0]]]),
    "cauchy": np.random.default_rng(1).standard_cauchy((300, 2)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "family", [NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic]
)
@pytest.mark.filterwarnings("ignore::varimix.DegenerateDataWarning")
def test_hostile_rows_give_finite_errors_or_notes(name: str, family: Any) -> None:
    rows = HOSTILE[name]
    init = family.default_init(rows)
    for state in (OnlineEM(init, EWMAUpdate(w=0.2)), BootstrapEM(init, 3)):
        for batch in np.array_split(rows, 6):
            state.update(batch)
        found = stream_inference(state)
        assert found.bse or found.notes
        assert np.isfinite([*found.params.values(), *found.bse.values()]).all()
        ends = np.array(list(found.conf_int().values()) if found.bse else [(0, 0)])
        assert np.isfinite(ends[:, 0]).all()
        assert (ends[:, 1] > -np.inf).all()  # inf where a scale is a logarithm; never NaN
