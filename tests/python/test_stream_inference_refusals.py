"""Errors of streams: what has none is named, and hostile rows give finite ones or notes."""

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from states_with_errors import LAW, ROWS, bootstrapped, fitted

from varimix import (
    EWMAUpdate,
    GeneralizedHyperbolic,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
)
from varimix.inference import BootstrapEM, inference, stream_inference


def test_a_flag_of_another_type_is_named() -> None:
    for state in (fitted(), bootstrapped()):
        with pytest.raises(TypeError, match="defaults must be True or False, got None"):
            stream_inference(state, defaults=None)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("batch_rows", [0, -3, np.nan, np.inf, "many", [1, 2], True])
def test_batch_rows_outside_their_domain_are_named(batch_rows: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="batch_rows"):
        stream_inference(fitted(), batch_rows=batch_rows)


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
