"""What a hook of a user's rule returns is checked, and what it raises passes through."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from users_rules import ETA0, NIG, ROWS, TIMES, OfMyOwnError, State, forks, merges, rule_with

from varimix import Eta, OnlineEM, eta0_from_model

# Each is a hook, what it wrongly returns, and the words for what it must.
WRONG: list[tuple[str, Any, str]] = [
    *(("accumulate", value, "Eta") for value in (3, "eta", NIG, [1.0])),
    *(("emit", value, "Eta") for value in (3, (ETA0,))),
    *(("report", value, "Eta") for value in (3.5, NIG)),
    *(("parts", value, "an integer") for value in (2.0, "2", None, 10**30)),
    *(("initial_weight", value, "a number >= 0") for value in ("2", None, [2.0])),
    *(("weights_sum_to_one", value, "a bool") for value in (1, 0.0, None, "no")),
    *(("same_settings", value, "a bool") for value in (1, None, NotImplemented)),
    *(("name", value, "text") for value in (3, None, b"mine")),
    *(
        ("time_half_life", value, "a duration > 0, or None")
        for value in (5, 5.0, "5s", True, timedelta(0), timedelta(seconds=-1), pd.NaT)
    ),
]
# These call the hooks that an update does not call.
CALLS: dict[str, Callable[[State, State], object]] = {
    "initial_weight": lambda state, other: state.merge(other),
    "same_settings": lambda state, other: state.merge(other),
    "weights_sum_to_one": lambda state, other: state.status,
    "name": lambda state, other: state.to_bytes(),
}


@pytest.mark.parametrize(
    ("hook", "value", "type_"), WRONG, ids=[f"{hook} {value!r:.20}" for hook, value, _ in WRONG]
)
def test_a_result_of_a_wrong_type_is_named_and_the_state_is_as_it_was(
    hook: str, value: Any, type_: str
) -> None:
    wrong = False

    def answer(self: object, *arguments: Any) -> Any:
        if wrong:
            return value
        if hook == "time_half_life":
            return timedelta(seconds=5)
        rights = {"parts": 1, "initial_weight": 1.0, "weights_sum_to_one": True}
        return {**rights, "same_settings": True, "name": "mine"}.get(hook, arguments[:1] or None)

    def statistics(self: object, running: Eta, *_: object) -> Any:
        return value if wrong else running

    is_of_eta = type_ == "Eta"
    rule = rule_with(merge=merges, **{hook: statistics if is_of_eta else answer})
    times = TIMES if hook == "time_half_life" else None
    state = OnlineEM(NIG, rule)
    state.update(ROWS[:100], times=None if times is None else times[:100])
    other = state.fork()
    for each, part in ((state, slice(100, 200)), (other, slice(200, 300))):
        each.update(ROWS[part], times=None if times is None else times[part])
    before, model = state.to_bytes(), state.model
    wrong = True
    later = None if times is None else times + 100
    calls = {hook: lambda state, other: state.update(ROWS, times=later), **CALLS}
    words = f"{hook} of an update rule must return {type_}, got "
    with pytest.raises(TypeError) as caught:
        calls[hook](state, other)
    assert str(caught.value) == words + repr(value)
    wrong = False
    assert state.to_bytes() == before
    assert state.model == model


FORGETFUL = """
import varimix

class Rule:
    def accumulate(self, running, batch, info):
        return batch
    def {hook}(self, *arguments):
        pass

model = varimix.NormalInverseGaussian.from_classical([0.0], [0.2], [[1.0]], 1.0, 1.5)
state = varimix.OnlineEM(model, Rule())
try:
    state.update(model.rvs(100, seed=1))
except TypeError as error:
    print(state.step, error)
"""


@pytest.mark.parametrize("hook", ["accumulate", "emit", "report"])
def test_a_rule_that_forgets_to_return_is_told(hook: str) -> None:
    """The rule is in a process of its own, which a null pointer would end."""
    program = FORGETFUL.format(hook=hook)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"0 {hook} of an update rule must return Eta, got None\n"


@pytest.mark.parametrize("hook", ["accumulate", "emit", "report"])
def test_statistics_of_another_dimension_are_refused(hook: str) -> None:
    line = eta0_from_model(NIG.project([1.0, 0.0]))
    state = OnlineEM(NIG, rule_with(**{hook: lambda self, *arguments: line}))
    before = state.to_bytes()
    with pytest.raises(ValueError, match=f"what {hook} of the update rule returns must be of dim"):
        state.update(ROWS)
    assert state.to_bytes() == before


@pytest.mark.parametrize("hook", ["check", "rescale_y", "merge"])
@pytest.mark.parametrize("value", [None, 3, False])
def test_what_hooks_return_that_only_do_is_not_looked_at(hook: str, value: object) -> None:
    """A rule refuses by raising."""
    hooks = {"merge": merges, hook: lambda self, *arguments: value}
    state, other = forks(rule_with(**hooks))
    state.merge(other)
    assert state.total_weight == 300


@pytest.mark.parametrize("hook", ["parts", "time_half_life", "report", "merge", *CALLS])
def test_what_any_hook_raises_passes_through(hook: str) -> None:
    is_wrong = False
    rights: dict[str, Any] = {"parts": 1, "initial_weight": 1.0, "weights_sum_to_one": True}
    rights |= {"same_settings": True, "name": "mine"}

    def raises(self: object, *arguments: Any) -> Any:
        if is_wrong:
            raise OfMyOwnError(hook)
        return arguments[0] if hook == "report" else rights.get(hook)

    state, other = forks(rule_with(**{"merge": merges, hook: raises}))
    before = state.to_bytes()
    is_wrong = True
    calls = {hook: lambda state, other: state.update(ROWS), **CALLS}
    calls["merge"] = lambda state, other: state.merge(other)
    with pytest.raises(OfMyOwnError, match=hook):
        calls[hook](state, other)
    is_wrong = False
    assert state.to_bytes() == before
