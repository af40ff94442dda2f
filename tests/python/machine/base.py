"""A state and its record, the machine's log, and what holds of every state after every call."""

import copy
import itertools
import os
import pickle
import sys
import tempfile
import time
import unittest
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant

import varimix as vx
from machine import surface
from machine.claims import Refused, attempt, claim, kept
from machine.oracle import Fed, constant_columns, payload, unseen_columns
from machine.user_rules import PLAN

LOG = Path(os.environ["VARIMIX_MACHINE_LOG"]) if "VARIMIX_MACHINE_LOG" in os.environ else None
WEIGHT_TOLERANCE = 1e-12  # relative: sums of a few hundred numbers
SCORE_TOLERANCE = 1e-8

_log_file = LOG.open("a", buffering=1) if LOG else sys.stderr


def log(text: str) -> None:
    """Write a line that is there even if the next call kills the process."""
    if LOG:
        _log_file.write(text + "\n")


@dataclass
class Subject:
    """A state, how it was made, and what it was fed."""

    name: str
    state: Any
    init: Any
    rule_name: str
    rule: Any
    options: dict[str, Any]
    fed: Fed
    bytes_before: bytes = b""
    tags: set[str] = field(default_factory=set)

    @property
    def d(self) -> int:
        return int(self.init.d)

    @property
    def missing(self) -> str:
        return str(self.options.get("missing", "error"))

    @property
    def given_rule(self) -> Any:
        """What load and from_bytes need beside the bytes."""
        return surface.own_rule(self.rule_name)

    def remember(self) -> None:
        """Take the bytes as they are for right."""
        self.bytes_before = self.state.to_bytes()

    def __repr__(self) -> str:
        return self.name


def _by_file(subject: Subject) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        subject.state.save(Path(folder) / "state")
        return vx.OnlineEM.load(Path(folder) / "state", rule=subject.given_rule)


# Every way to have a state twice.
COPIES: dict[str, Callable[[Subject], Any]] = {
    "copy": lambda s: copy.copy(s.state),
    "deepcopy": lambda s: copy.deepcopy(s.state),
    "bytes": lambda s: vx.OnlineEM.from_bytes(s.state.to_bytes(), rule=s.given_rule),
    "file": _by_file,
    "pickle": lambda s: pickle.loads(pickle.dumps(s.state)),
}
ways = st.sampled_from(kept(COPIES))


def copied(subject: Subject, way: str) -> Any:
    """The state once more; by bytes where a users' rule does not pickle."""
    if way == "pickle" and surface.is_own(subject.rule_name):
        twin = attempt(lambda: COPIES[way](subject), valid=None)
        way = "bytes" if isinstance(twin, Refused) else way
    twin = attempt(lambda: COPIES[way](subject), valid=True)
    claim("copies_have_the_same_bytes", twin.to_bytes() == subject.state.to_bytes(), way)
    claim("copies_are_equal", twin == subject.state, way)
    return twin


def unchanged(subject: Subject, why: str) -> None:
    """The state has the bytes that it had after the last call that was to change it."""
    claim(
        "state_is_as_before", subject.state.to_bytes() == subject.bytes_before,
        lambda: f"{subject} after {why}",
    )  # fmt: skip


def finite_model(model: Any, what: str) -> None:
    """No parameter is NaN or infinite."""
    names = ("mu", "gamma", "L_Sigma", *surface.FAMILIES[type(model).__name__][0])
    for name in names:
        claim("parameters_are_finite", np.isfinite(getattr(model, name)).all(), f"{what}: {model}")


def check_columns(subject: Subject) -> None:
    """The columns that the state has seen, and seen vary, are those of the rows it learned."""
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
    """Steps, weights and scores are those of what was fed."""
    state, fed = subject.state, subject.fed
    claim("steps", state.step == fed.steps, lambda: f"{state.step}, {fed.steps} right")
    claim("total_weight", np.isclose(state.total_weight, fed.weight, rtol=WEIGHT_TOLERANCE, atol=0),
          lambda: f"{state.total_weight}, {fed.weight} right")  # fmt: skip
    score = state.log_score
    values = (score.total, score.weight, score.mean, score.recent)
    claim("scores_are_finite", np.isfinite(values).all(), score)
    if fed.is_sane:
        claim("scored_weight", np.isclose(score.weight, fed.scored, rtol=WEIGHT_TOLERANCE, atol=0),
              lambda: f"{score.weight}, {fed.scored} right")  # fmt: skip
        tolerance = SCORE_TOLERANCE * (1 + fed.scored)
        claim("score", abs(score.total - fed.score) <= tolerance + SCORE_TOLERANCE * abs(fed.score),
              lambda: f"{score.total}, {fed.score} right")  # fmt: skip


def check(subject: Subject) -> None:
    """What holds of every state at all times."""
    state = subject.state
    finite_model(state.model, "model")
    finite_model(state.driving_model, "driving_model")
    eta = state.eta
    claim("eta_is_symmetric", (eta.E_XXT_inv_Y == eta.E_XXT_inv_Y.T).all(), eta)
    if state.step > 0:
        fields = (eta.E_inv_Y, eta.E_Y, eta.E_log_Y or 0.0, eta.E_X, eta.E_X_inv_Y, eta.weight)
        is_finite = all(np.isfinite(value).all() for value in fields)
        claim("eta_is_finite", is_finite or not payload(state)["has_running"], eta)
    check_counts(subject)
    check_columns(subject)
    claim("can_be_shown", bool(repr(state)) and str(state.status) is not None)
    subject.remember()


class Clock:
    """No example starts after the end, but those that make a failure smaller."""

    end = float("inf")
    is_over = False
    has_failed = False


class Base(RuleBasedStateMachine):
    """Makes states, and keeps all of them under watch."""

    subjects = Bundle("subjects")

    def __init__(self) -> None:
        super().__init__()
        if time.process_time() > Clock.end and not Clock.has_failed:
            Clock.is_over = True
            raise unittest.SkipTest("the time is over")  # hypothesis ends at this, one way or other
        self.folder = tempfile.TemporaryDirectory()
        self.tmp = Path(self.folder.name)
        self.names = itertools.count(1)
        self.all: list[Subject] = []
        PLAN.disarm()
        warnings.simplefilter("ignore", vx.DegenerateDataWarning)
        log("--- example")

    def teardown(self) -> None:
        failure = sys.exc_info()[0]
        Clock.has_failed |= failure is not None and issubclass(failure, Exception)
        self.folder.cleanup()

    def path(self) -> Path:
        """Of a file, or folder, that is not there."""
        return self.tmp / f"file-{next(self.names)}"

    def admit(self, subject: Subject) -> Subject:
        """Watch a state from now on."""
        subject.name = f"s{next(self.names)}"
        check(subject)
        self.all.append(subject)
        return subject

    def sibling(self, of: Subject, state: Any, fed: Fed) -> Subject:
        """Watch a state that came out of another."""
        return self.admit(replace(of, state=state, fed=fed, tags=set(of.tags)))

    @invariant()
    def no_state_changes_by_itself(self) -> None:
        for subject in self.all:
            unchanged(subject, "a call on others")


families = st.sampled_from(kept(surface.FAMILIES))
dimensions = st.sampled_from((2, 1, 3))
rule_names = st.sampled_from(kept(surface.RULES))
options = st.one_of(
    st.sampled_from(surface.PLAIN_OPTIONS),
    st.sampled_from([*surface.PLAIN_OPTIONS, *surface.OPEN_OPTIONS]),
)


def a_model(family: str, d: int, edge: int = -1) -> Any:
    """A model of the family, with one of its edge shapes from 0 on."""
    shape = surface.FAMILIES[family][0] if edge < 0 else surface.EDGES[family][edge]
    sigma = np.eye(d) + 0.3 * (np.ones((d, d)) - np.eye(d))
    gamma = np.array([0.4, -0.3, 0.1])[:d]
    return getattr(vx, family).from_classical(
        mu=np.array([0.5, -1.0, 2.0])[:d], gamma=gamma, sigma=sigma, **shape
    )


class Constructing(Base):
    """States of every family, rule and setting."""

    @initialize(target=Base.subjects, family=families, d=dimensions, name=rule_names)
    def begin(self, family: str, d: int, name: str) -> Subject:
        return self._made(family, d, name, {}, -1)

    def _made(self, family: str, d: int, name: str, chosen: dict[str, Any], edge: int) -> Subject:
        log(f"construct({family=}, {d=}, rule={name!r}, options={chosen}, {edge=})")
        init = a_model(family, d, edge)
        rule = surface.RULES[name](init)
        is_plain = chosen in surface.PLAIN_OPTIONS
        valid = True if is_plain else False if chosen in surface.BAD_OPTIONS else None
        state = attempt(lambda: vx.OnlineEM(init, rule, 7, **chosen), valid=valid)
        if isinstance(state, Refused):
            chosen, state = {}, vx.OnlineEM(init, rule, 7)
        subject = self.admit(Subject("", state, init, name, rule, chosen, Fed()))
        subject.fed.is_sane = edge < 0
        log(f"    is {subject}")
        return subject
