"""Standard errors of streams: the closed form of EWMAUpdate, and a bootstrap of any rule."""

import pickle
from typing import Any

import numpy as np
import pytest
from states_with_errors import BATCHES, LAW, ROWS, bootstrapped, fitted

from varimix import (
    EWMAUpdate,
    GeneralizedHyperbolic,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    VarianceGamma,
)
from varimix.inference import BootstrapEM, StreamInference, stream_inference, value_at_risk


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


def test_missing_values_and_weights_are_learned() -> None:
    gaps = ROWS.copy()
    gaps[::5, 0] = np.nan
    state = BootstrapEM(OnlineEM(LAW, missing="exact"), 3)
    state.update(gaps, weights=np.linspace(0.5, 1.5, len(gaps)))
    assert state.inference().bse
    ewma = OnlineEM(LAW, EWMAUpdate(w=0.2), missing="exact")
    ewma.update(gaps)
    assert stream_inference(ewma).bse


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


def test_symmetric_fits_have_errors() -> None:
    found = stream_inference(fitted(symmetric=True))
    assert found.free_parameters == 6
    assert found.params["EY_gamma_1"] == 0
    assert found.bse["EY_gamma_1"] == 0


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


def test_a_functional_may_change_the_bootstrap_that_it_is_asked_for() -> None:
    state = bootstrapped(replicas=2)

    def learns(model: Any) -> float:
        state.update(ROWS[:10])
        return float(model.mean()[0])

    found = state.inference({"mean": learns}, defaults=False)
    assert found.params["mean"] == bootstrapped(replicas=2).model.mean()[0]
    assert state.rows == 2000 + 30  # at the fit and at each replica
