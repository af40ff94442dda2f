"""What users push through the doors of rules: what is kept too long, what raises, odd durations."""

import datetime
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from varimix import (
    BlockIncrementalUpdate,
    Eta,
    EWMAUpdate,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    SampleWeightedUpdate,
    StepInfo,
)

MODEL = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.3, 0.1], sigma=[[1, 0], [0, 1]], mu_ig=1.0, lam=1.0
)
ROWS = MODEL.rvs(200, seed=1)
LARGEST_COUNT = 2**53


class Keeps:
    """A rule that averages, and keeps what a merge lends it."""

    kept: list[Callable[..., Eta]] = []  # noqa: RUF012 - shared by all copies of the rule

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch

    def merge(self, other: object, ancestor: object, combine: Callable[..., Eta]) -> None:
        self.kept.append(combine)


def test_what_a_merge_lends_does_not_outlive_it() -> None:
    state = OnlineEM(MODEL, Keeps())
    state.update(ROWS[:50])
    fork = state.fork()
    fork.update(ROWS[50:100])
    state.update(ROWS[100:150])
    state.merge(fork)
    eta = MODEL.compute_eta_from_model()
    with pytest.raises(RuntimeError, match="the merge that it was given for, which has ended"):
        Keeps.kept[-1](eta, eta, None)


@pytest.mark.parametrize("count", [LARGEST_COUNT, LARGEST_COUNT + 1, 2**63 - 1, 0, -1])
def test_counts_that_no_checkpoint_holds_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="blocks must be >= 1 and below"):
        BlockIncrementalUpdate(count)
    if count != 0:
        with pytest.raises(ValueError, match="start must be >= 0 and below"):
            PolyakAverage(EWMAUpdate(), start=count)


def test_the_largest_count_is_learned_and_saved() -> None:
    state = OnlineEM(MODEL, BlockIncrementalUpdate(LARGEST_COUNT - 1))
    state.update(ROWS)
    assert pickle.loads(pickle.dumps(state)) == state


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("hook", ["accumulate", "report"])
def test_what_a_property_raises_is_not_taken_for_a_missing_hook(
    hook: str, error: type[BaseException]
) -> None:
    def raises(self: object) -> object:
        raise error("the property's own")

    rule = type("Raises", (Keeps,), {hook: property(raises)})()
    with pytest.raises(error, match="the property's own"):
        OnlineEM(MODEL, rule)


def test_statistics_that_the_fit_leaves_out_may_be_returned() -> None:
    eta = MODEL.compute_eta_from_model()
    assert eta.E_log_Y is not None

    class Constant:
        def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
            return eta

    state = OnlineEM(MODEL, Constant())
    state.update(ROWS)
    assert state.eta.E_log_Y is None
    assert OnlineEM.from_bytes(state.to_bytes(), rule=Constant()).eta == state.eta


def test_a_derived_rule_with_hooks_of_its_own_is_another_rule() -> None:
    class Derived(SampleWeightedUpdate):
        def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
            return batch

    assert Derived(1.0) == Derived(1.0)
    assert Derived(1.0) != SampleWeightedUpdate(1.0)
    assert repr(Derived(1.0)) == "Derived(n0=1.0)"


def test_a_derived_rule_without_accumulate_is_told_what_it_needs() -> None:
    class Reports(SampleWeightedUpdate):
        def report(self, running: Eta) -> Eta:
            return running

    with pytest.raises(
        TypeError, match=r"Reports\(\).*derived from a rule of varimix's .* needs one"
    ):
        OnlineEM(MODEL, Reports())


@pytest.mark.parametrize(
    "duration",
    [np.timedelta64(90, "s"), datetime.timedelta(seconds=90), np.timedelta64(1500, "ms")],
)
def test_durations_of_numpy_and_python_are_half_lives(duration: Any) -> None:
    rule = EWMAUpdate(half_life=duration)
    assert rule.half_life == duration
    assert eval(repr(rule)) == rule


@pytest.mark.parametrize(
    "duration",
    [
        datetime.timedelta(0),
        datetime.timedelta(days=-1),
        datetime.timedelta.max,
        np.timedelta64("NaT"),
    ],
)
def test_durations_that_no_timedelta_shows_are_refused(duration: object) -> None:
    with pytest.raises(ValueError, match="half_life must be a "):
        EWMAUpdate(half_life=duration)  # type: ignore[arg-type]


class FailsToCopy(Keeps):
    """A rule whose copies fail from the fourth on."""

    copies = 0

    def __deepcopy__(self, memo: dict[int, object]) -> "FailsToCopy":
        FailsToCopy.copies += 1
        if FailsToCopy.copies > 3:
            raise RuntimeError("no more copies")
        return FailsToCopy()


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_a_fork_that_fails_leaves_the_state_as_it_was(allowed: int) -> None:
    FailsToCopy.copies = -100
    state = OnlineEM(MODEL, FailsToCopy())
    state.update(ROWS)
    before = state.to_bytes()
    FailsToCopy.copies = 3 - allowed
    with pytest.raises(RuntimeError, match="no more copies"):
        state.fork()
    assert state.to_bytes() == before
