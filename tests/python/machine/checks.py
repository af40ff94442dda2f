"""Claims that hold for every state after every call."""

import copy
import pickle
from typing import Any

import numpy as np

from machine import surface
from machine.claims import Refused, attempt, claim
from machine.oracle import constant_columns, payload, unseen_columns
from machine.subjects import Subject

WEIGHT_TOLERANCE = 1e-12  # relative, for sums of a few hundred numbers
SCORE_TOLERANCE = 1e-8


def unchanged(subject: Subject, why: str) -> None:
    """Claim that the state has the bytes it had after the last call that was to change it."""
    claim(
        "state_is_as_before", subject.state.to_bytes() == subject.bytes_before,
        lambda: f"{subject} after {why}",
    )  # fmt: skip


def read_only(*arrays: Any) -> None:
    """Claim that arrays shown by values cannot be written to."""
    for array in arrays:
        claim("values_are_read_only", not array.flags.writeable or array.size == 0, array)


def value_round_trip(name: str, value: Any) -> None:
    """Claim that pickling and copying a value give its equal, by what it shows."""
    for way in (copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))):
        again = attempt(lambda way=way: way(value), valid=None)
        if isinstance(again, Refused):
            claim("values_pickle_and_copy", False, f"{name}: {again.error}")
        else:
            same = repr(again) == repr(value) and again == value
            claim("values_pickle_and_copy", same, name)


def finite_model(model: Any, what: str) -> None:
    """Claim that no parameter is NaN or infinite."""
    names = ("mu", "gamma", "L_Sigma", *surface.FAMILIES[type(model).__name__][0])
    for name in names:
        claim("parameters_are_finite", np.isfinite(getattr(model, name)).all(), f"{what}: {model}")


def check_columns(subject: Subject) -> None:
    """Claim that the columns the state saw, and saw vary, are those of the rows it learned."""
    held, d = payload(subject.state), subject.d
    first = np.array(held["first_row"], dtype=float)
    unseen = set(range(d)) if not len(first) else set(np.flatnonzero(np.isnan(first)).tolist())
    surely, perhaps = (subject.fed.rows(certain=certain) for certain in (True, False))
    least, most = unseen_columns(perhaps, d), unseen_columns(surely, d)
    claim("seen_columns", least <= unseen <= most, lambda: f"{unseen}, {least} to {most} right")
    constant = set(held["constant_columns"])
    least = constant_columns(perhaps, d) - unseen_columns(surely, d)
    varying = set(range(d)) - constant_columns(surely, d) - unseen_columns(surely, d)
    all_certain = all(event.is_certain for event in subject.fed.events.values())
    most = constant_columns(surely, d) if all_certain else set(range(d)) - varying
    claim("constant_columns", least <= constant <= most,
          lambda: f"{constant}, {least} to {most} right")  # fmt: skip
    if subject.state.step > 0:
        claim("unseen_column_status", ("unseen_column" in subject.state.status) == bool(unseen))


def check_counts(subject: Subject) -> None:
    """Claim that steps, weights and scores are those of what was fed."""
    state, fed = subject.state, subject.fed
    claim("steps", state.step == fed.steps, lambda: f"{state.step}, {fed.steps} right")
    claim("total_weight", np.isclose(state.total_weight, fed.weight, rtol=WEIGHT_TOLERANCE, atol=0),
          lambda: f"{state.total_weight}, {fed.weight} right")  # fmt: skip
    score = state.log_score
    values = (score.total, score.weight, score.mean, score.recent)
    claim("scores_are_finite", np.isfinite(values).all(), score)
    near = np.isclose(score.impossible, fed.impossible, rtol=WEIGHT_TOLERANCE, atol=0)
    claim("impossible_weight", near, lambda: f"{score.impossible}, {fed.impossible} right")
    claim("impossible_rows_are_told", fed.impossible == 0 or "impossible_rows" in state.status)
    check_drift(state, fed)
    if fed.is_sane:
        claim("scored_weight", np.isclose(score.weight, fed.scored, rtol=WEIGHT_TOLERANCE, atol=0),
              lambda: f"{score.weight}, {fed.scored} right")  # fmt: skip
        tolerance = SCORE_TOLERANCE * (1 + fed.scored)
        claim("score", abs(score.total - fed.score) <= tolerance + SCORE_TOLERANCE * abs(fed.score),
              lambda: f"{score.total}, {fed.score} right")  # fmt: skip


def check_drift(state: Any, fed: Any) -> None:
    """Claim that the detector has finite numbers, is below a signal, and counts its signals."""
    drift = state.drift
    values = (drift.rows, drift.mean, drift.standard_deviation, drift.level)
    claim("drift_is_finite", np.isfinite(values).all(), drift)
    claim("drift_is_below_a_signal", abs(drift.level) < 1.0 and drift.rows >= 0, drift)
    claim("changes", state.changes == drift.changes, drift)
    for name in ("log_score", "drift", "status", "eta"):
        value_round_trip(name, getattr(state, name))
    counted = state.changes >= fed.changes and (state.changes > 0) == (fed.changes > 0)
    claim("changes", counted, lambda: f"{state.changes}, {fed.changes} steps with one")


def check(subject: Subject) -> None:
    """Claim all that holds for every state at all times."""
    state = subject.state
    finite_model(state.model, "model")
    finite_model(state.driving_model, "driving_model")
    eta = state.eta
    near = np.isclose(eta.weight, state.total_weight, rtol=WEIGHT_TOLERANCE, atol=0)
    claim("weight_of_eta", near or state.step == 0, lambda: f"{eta.weight}, {state.total_weight}")
    read_only(eta.E_X, eta.E_X_inv_Y, eta.E_XXT_inv_Y)
    claim("eta_is_symmetric", (eta.E_XXT_inv_Y == eta.E_XXT_inv_Y.T).all(), eta)
    if state.step > 0:
        fields = (eta.E_inv_Y, eta.E_Y, eta.E_log_Y or 0.0, eta.E_X, eta.E_X_inv_Y, eta.weight)
        is_finite = all(np.isfinite(value).all() for value in fields)
        claim("eta_is_finite", is_finite or not payload(state)["has_running"], eta)
    if subject.rule_name in surface.MOVING - {"shrinkage_natural"} and state.total_weight > 0:
        errors = state.cov_params().bse
        claim("standard_errors_are_finite", np.isfinite(errors).all(), errors)
    check_counts(subject)
    check_columns(subject)
    claim("can_be_shown", bool(repr(state)) and str(state.status) is not None)
    claim("can_be_shown", state.gaussian_test is None, state)  # none was asked for
    claim("can_be_shown", state.backtests == {}, state)
    claim("can_be_shown", "no move" in state.describe(state) and bool(state._repr_html_()), state)
    claim("names_are_those_of_the_model", state.columns == state.model.columns, state)
    subject.remember()
