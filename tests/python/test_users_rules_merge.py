"""Rules of a user's learn and merge as ours of the same arithmetic do, or are refused."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from users_rules import (
    ETA0,
    ROWS,
    TOLERANCE,
    Alike,
    AveragingRule,
    RuleOfSamples,
    SampleWeightedRule,
    State,
    assert_same_fit,
    blended,
    forks,
    learned,
    model_of,
    rule_with,
    users_rule_in,
)

from varimix import Eta, OnlineEM, PolyakRuppertUpdate, SampleWeightedUpdate, Shrinkage, StepInfo

PAIRS: dict[str, tuple[Callable[[], object], object]] = {
    "sample weighted": (SampleWeightedRule, SampleWeightedUpdate()),
    "sample weighted, n0": (lambda: SampleWeightedRule(n0=80.0), SampleWeightedUpdate(n0=80.0)),
    "averaging": (AveragingRule, PolyakRuppertUpdate()),
    "averaging, settings": (lambda: AveragingRule(0.8, 20.0), PolyakRuppertUpdate(0.8, 20.0)),
    "shrinkage of averaging": (
        lambda: Shrinkage(AveragingRule(), ETA0),
        Shrinkage(PolyakRuppertUpdate(), ETA0),
    ),
    "shrinkage, n0": (
        lambda: Shrinkage(SampleWeightedRule(n0=80.0), ETA0),
        Shrinkage(SampleWeightedUpdate(n0=80.0), ETA0),
    ),
}


def apart(make: Callable[[], object]) -> tuple[State, State]:
    """Return two states that share the start alone."""
    states = OnlineEM(model_of(2.0), make()), OnlineEM(model_of(2.0), make())
    states[0].update(ROWS[:120])
    states[1].update(ROWS[120:])
    return states


@pytest.mark.parametrize("mean_y", [1.0, 2.0])
@pytest.mark.parametrize("pair", PAIRS)
def test_a_rule_of_the_users_learns_what_ours_of_the_same_arithmetic_does(
    pair: str, mean_y: float
) -> None:
    make, ours = PAIRS[pair]
    assert_same_fit(learned(make(), model_of(mean_y)), learned(ours, model_of(mean_y)))


@pytest.mark.parametrize("pair", PAIRS)
def test_forks_of_a_rule_of_the_users_merge_as_those_of_ours(pair: str) -> None:
    make, our_rule = PAIRS[pair]
    own, ours = forks(make()), forks(our_rule)
    assert_same_fit(own[1], ours[1])
    own[0].merge(own[1])
    ours[0].merge(ours[1])
    assert_same_fit(own[0], ours[0])
    for state in (own[0], ours[0]):
        state.update(ROWS[:50] + 0.1)
    assert_same_fit(own[0], ours[0])


@pytest.mark.parametrize("pair", PAIRS)
def test_states_that_share_the_start_alone_merge_as_those_of_ours(pair: str) -> None:
    make, our_rule = PAIRS[pair]
    own, ours = apart(make), apart(lambda: our_rule)
    own[0].merge(own[1])
    ours[0].merge(ours[1])
    assert_same_fit(own[0], ours[0])


def test_a_merge_knows_how_many_rows_the_start_counts_as_from_initial_weight_alone() -> None:
    with_weight, without = apart(lambda: SampleWeightedRule(80.0)), apart(lambda: RuleOfSamples(80))
    mean = 0.4 * without[0].eta.E_X + 0.6 * without[1].eta.E_X
    for state, other in (with_weight, without):
        state.merge(other)
    np.testing.assert_allclose(without[0].eta.E_X, mean, rtol=TOLERANCE)
    assert not with_weight[0].model.same_law(without[0].model, 1e-3)


def test_a_rule_gets_the_rule_of_the_fork_in_a_merge() -> None:
    class Counts(Alike):
        seen = 0

        def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
            self.seen += 1
            return blended(running, batch, 0.5)

        def report(self, running: Eta) -> Eta:
            reported.append(self.seen)
            return running

        def merge(self, other: "Counts", ancestor: "Counts | None", combine: object) -> None:
            ancestors.append(ancestor)
            self.seen += other.seen - (0 if ancestor is None else ancestor.seen)

    reported: list[int] = []
    ancestors: list[Counts | None] = []
    state, other = forks(Counts())
    state.merge(other)
    assert state.model is not None
    assert reported[-1] == 3
    assert all(type(ancestor) is Counts and ancestor.seen == 1 for ancestor in ancestors)
    ancestors.clear()
    state, other = apart(Counts)
    state.merge(other)
    assert ancestors
    assert not any(ancestors)
    assert state.model is not None
    assert reported[-1] == 2


def test_what_merge_does_before_it_raises_is_undone() -> None:
    def merge(self: Any, other: object, ancestor: object, combine: Any) -> None:
        self.carried = "half of it"
        combine(3, 4, None)

    state, other = forks(rule_with(AveragingRule, merge=merge))
    before = state.to_bytes(), pickle.dumps(state.eta), state.model
    with pytest.raises(TypeError, match="incompatible function arguments"):
        state.merge(other)
    assert (state.to_bytes(), pickle.dumps(state.eta), state.model) == before
    assert not hasattr(users_rule_in(state), "carried")


def test_a_rule_that_is_wrong_after_a_merge_leaves_the_state_as_it_was() -> None:
    def merge(self: Any, other: object, ancestor: object, combine: object) -> None:
        self.is_full = True

    def check(self: Any, d: int) -> None:
        if getattr(self, "is_full", False):
            raise ValueError("too much of mine")

    state, other = forks(rule_with(merge=merge, check=check))
    before = state.to_bytes()
    with pytest.raises(ValueError, match="too much of mine"):
        state.merge(other)
    assert state.to_bytes() == before


def test_a_rule_without_merge_is_refused_by_its_name() -> None:
    state, other = forks(rule_with(name=lambda self: "mine"))
    before = state.to_bytes()
    with pytest.raises(ValueError, match=r"a rule that averages.*got mine"):
        state.merge(other)
    assert state.to_bytes() == before
    state, other = forks(Shrinkage(rule_with(), ETA0))
    with pytest.raises(ValueError, match="a rule that averages"):
        state.merge(other)
