"""Makes states, keeps all of them under watch, and writes the log."""

import itertools
import os
import sys
import tempfile
import time
import unittest
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant

import varimix as vx
from machine import surface
from machine.checks import check, unchanged
from machine.claims import Refused, attempt, kept
from machine.oracle import Fed
from machine.subjects import Subject
from machine.user_rules import PLAN

LOG = Path(os.environ["VARIMIX_MACHINE_LOG"]) if "VARIMIX_MACHINE_LOG" in os.environ else None

_log_file = LOG.open("a", buffering=1) if LOG else sys.stderr


def log(text: str) -> None:
    """Write a line that is there even if the next call kills the process."""
    if LOG:
        _log_file.write(text + "\n")


class Clock:
    """No example starts after the end, except those that make a failure smaller."""

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
            raise unittest.SkipTest("the time is over")  # hypothesis ends at this in any case
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
        """Return the path of a file, or folder, that is not there yet."""
        return self.tmp / f"file-{next(self.names)}"

    def admit(self, subject: Subject) -> Subject:
        """Watch a state from now on."""
        subject.name = f"s{next(self.names)}"
        check(subject)
        self.all.append(subject)
        return subject

    def sibling(self, of: Subject, state: Any, fed: Fed) -> Subject:
        """Watch a state that was made from another."""
        return self.admit(replace(of, state=state, fed=fed))

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
    """Return a model of the family; from 0 on, ``edge`` picks one of its edge shapes."""
    shape = surface.FAMILIES[family][0] if edge < 0 else surface.EDGES[family][edge]
    sigma = np.eye(d) + 0.3 * (np.ones((d, d)) - np.eye(d))
    gamma = np.array([0.4, -0.3, 0.1])[:d]
    return getattr(vx, family).from_classical(
        mu=np.array([0.5, -1.0, 2.0])[:d], gamma=gamma, sigma=sigma, **shape
    )


class Constructing(Base):
    """Makes states of every family, rule and setting."""

    @initialize(target=Base.subjects, family=families, d=dimensions, name=rule_names)
    def begin(self, family: str, d: int, name: str) -> Subject:
        return self._made(family, d, name, {}, -1)

    def _made(self, family: str, d: int, name: str, chosen: dict[str, Any], edge: int) -> Subject:
        log(f"construct({family=}, {d=}, rule={name!r}, options={chosen}, {edge=})")
        init = a_model(family, d, edge)
        rule = surface.RULES[name](init)
        is_plain = chosen in surface.PLAIN_OPTIONS
        valid = True if is_plain else False if chosen in surface.BAD_OPTIONS else None
        if name in surface.MOVING and chosen.keys() & {"frozen", "inner_iter"}:
            valid = False
        state = attempt(lambda: vx.OnlineEM(init, rule, 7, **chosen), valid=valid)
        if isinstance(state, Refused):
            chosen, state = {}, vx.OnlineEM(init, rule, 7)
        subject = self.admit(Subject("", state, init, name, rule, chosen, Fed()))
        subject.fed.is_sane = edge < 0
        log(f"    is {subject}")
        return subject
