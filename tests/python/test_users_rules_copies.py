"""A state is copied and pickled with the rule of a user's that it has."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from users_rules import (
    ETA0,
    NIG,
    ROWS,
    TOLERANCE,
    AveragingRule,
    DerivedRule,
    OfMyOwnError,
    State,
    forks,
    learned,
    rule_with,
    users_rule_in,
)

from varimix import EWMAUpdate, OnlineEM, Shrinkage

WAYS: dict[str, Callable[[State], State]] = {
    "pickle": lambda state: pickle.loads(pickle.dumps(state)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("wrap", [lambda rule: rule, lambda rule: Shrinkage(rule, ETA0)])
@pytest.mark.parametrize("way", WAYS)
def test_a_copied_fork_merges_as_the_fork_does(way: str, wrap: Callable[[object], object]) -> None:
    """The rules of the fork and of its ancestor are copied with what they carry."""
    state, fork = forks(wrap(AveragingRule()))
    other, copied = WAYS[way](state), WAYS[way](fork)
    assert copied == fork
    state.merge(fork)
    other.merge(copied)
    assert other == state
    carried, again = (users_rule_in(each).reported for each in (state, other))
    assert carried == again
    assert carried is not None


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_state_of_a_derived_rule_has_its_settings_and_attributes(way: str) -> None:
    rule = DerivedRule(w=0.3)
    rule.note = ["mine"]
    state = learned(rule)
    other = WAYS[way](state)
    held: Any = users_rule_in(other)
    assert type(held) is DerivedRule
    assert held.w == 0.3
    assert held.note == ["mine"]
    assert held.note is not rule.note
    for each in (state, other):
        each.update(ROWS[:100])
    assert other == state
    assert state.model.same_law(learned_on(EWMAUpdate(w=0.3)).model, TOLERANCE)


def learned_on(rule: object) -> State:
    state = learned(rule)
    state.update(ROWS[:100])
    return state


@pytest.mark.parametrize("way", ["copy", "deepcopy", "fork"])
def test_what_the_copy_of_a_rule_raises_passes_through(way: str) -> None:
    is_enough = False

    def deepcopy(self: object, memo: object) -> object:
        if is_enough:
            raise OfMyOwnError("enough")
        return type(self)()

    state = OnlineEM(NIG, rule_with(__deepcopy__=deepcopy))
    is_enough = True
    with pytest.raises(OfMyOwnError, match="enough"):
        state.fork() if way == "fork" else WAYS[way](state)
    with pytest.raises(OfMyOwnError, match="enough"):
        state.update(ROWS)
    assert state.step == 0


def test_a_state_whose_rule_does_not_pickle_says_so() -> None:
    state = learned(rule_with())  # its class is in no module
    with pytest.raises(pickle.PicklingError, match="Rule"):
        pickle.dumps(state)
    assert state.update(ROWS).rows == 300
