"""Each hook of a rule that a user writes in Python is called, checked, and may be left out."""

import abc
import copy
import dataclasses
import functools
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from users_rules import (
    AveragingRule,
    DerivedRule,
    RuleOfSamples,
    SampleWeightedRule,
    ShrinkingRule,
    blended,
)

from varimix import (
    BatchEMFitter,
    CheckpointError,
    Eta,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    PolyakRuppertUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    StepInfo,
    eta0_from_model,
    fit_stream,
)

State = OnlineEM[Any]


def model_of(mean_y: float) -> NormalInverseGaussian:
    return NormalInverseGaussian.from_classical(
        [0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], mean_y, 1.5
    )


NIG = model_of(1.0)
ROWS = NIG.rvs(300, seed=1)
ETA0 = eta0_from_model(NIG)
# Two rules that do the same arithmetic in another order differ by so much.
TOLERANCE = 1e-9


class Takes:
    """A rule that remembers the batch."""

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch


class Alike(Takes):
    """The same, with an equality: two of one class are the same rule."""

    def __eq__(self, other: object) -> bool:
        return type(other).__name__ == type(self).__name__

    __hash__ = None  # type: ignore[assignment]


def rule_with(base: type = Alike, /, **hooks: object) -> Any:
    """Return a rule that has these hooks beside those of a base."""
    return type("Rule", (base,), hooks)()


def merges(self: object, other: object, ancestor: object, combine: object) -> None:
    """Take in nothing, as a hook."""


def assert_same_fit(own: State, ours: State) -> None:
    assert own.model.same_law(ours.model, TOLERANCE)
    assert own.driving_model.same_law(ours.driving_model, TOLERANCE)
    assert own.total_weight == ours.total_weight
    assert own.step == ours.step


def learned(rule: object, model: NormalInverseGaussian = NIG) -> State:
    """Return a state that learned three batches."""
    state = OnlineEM(model, rule)
    for batch in np.array_split(ROWS, 3):
        state.update(batch)
    return state


def users_rule_in(state: State) -> Any:
    """Return the rule of the user's in a state, as a pickle has it."""
    pickled: Any = state.__getstate__()
    return pickled[1][1][0]


# ---- parts ----


def test_a_rule_is_asked_for_parts_with_where_the_fit_stands() -> None:
    asked = set()
    learned_rows = []

    def parts(self: object, info: StepInfo, d: int) -> int:
        asked.add((info.step, info.weight_before, info.batch_weight, d))
        return 3

    def accumulate(self: object, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        learned_rows.append(info.batch_weight)
        return batch

    state = OnlineEM(NIG, rule_with(parts=parts, accumulate=accumulate))
    assert state.update(ROWS[:60]).parts == 3
    assert state.update(ROWS[60:]).parts == 3
    assert asked == {(0, 0.0, 60.0, 2), (1, 60.0, 240.0, 2)}
    assert learned_rows == [20.0] * 3 + [80.0] * 3


def test_a_rule_without_parts_takes_a_batch_whole() -> None:
    assert OnlineEM(NIG, Takes()).update(ROWS).parts == 1


@pytest.mark.parametrize(("wanted", "taken"), [(0, 1), (-7, 1), (2**62, 300), (np.int64(4), 4)])
def test_there_is_a_part_at_least_and_never_more_than_rows(wanted: int, taken: int) -> None:
    rule = rule_with(parts=lambda self, info, d: wanted)
    assert OnlineEM(NIG, rule).update(ROWS).parts == taken


# ---- time_half_life ----

TIMES = np.linspace(10.0, 40.0, len(ROWS))
HALF_LIVES = [timedelta(seconds=5), timedelta(microseconds=5e6), pd.Timedelta(5, "s")]


@pytest.mark.parametrize("half_life", HALF_LIVES)
def test_a_rule_with_a_half_life_weighs_rows_by_their_times(half_life: object) -> None:
    infos = []

    def accumulate(self: object, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        infos.append(info)
        return batch

    hooks = {"accumulate": accumulate, "time_half_life": lambda self: half_life}
    state = OnlineEM(NIG, rule_with(**hooks))
    state.update(ROWS[:200], times=TIMES[:200])
    state.update(ROWS[200:], times=TIMES[200:])
    weight = np.exp2((TIMES[200:] - TIMES[-1]) / 5.0).sum()
    assert infos[1].batch_weight == pytest.approx(weight)
    assert infos[1].elapsed == pytest.approx(TIMES[-1] - TIMES[199])


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_rule_with_a_half_life_needs_times(wrapped: bool) -> None:
    rule = rule_with(time_half_life=lambda self: timedelta(seconds=5))
    state = OnlineEM(NIG, PolyakAverage(rule) if wrapped else rule)
    before = state.to_bytes()
    with pytest.raises(ValueError, match="times must be given, because the rule has a half-life"):
        state.update(ROWS)
    assert state.to_bytes() == before
    assert state.update(ROWS, times=TIMES).rows == 300


@pytest.mark.parametrize("rule", [Takes(), rule_with(time_half_life=lambda self: None)])
def test_a_rule_without_a_half_life_takes_no_times(rule: object) -> None:
    state = OnlineEM(NIG, rule)
    with pytest.raises(ValueError, match="times must be left out"):
        state.update(ROWS, times=TIMES)
    assert state.update(ROWS).rows == 300


# ---- emit, report, weights_sum_to_one ----


@pytest.mark.parametrize("mean_y", [1.0, 2.0])
def test_what_a_rule_emits_drives_the_fit_and_is_shown(mean_y: float) -> None:
    own = learned(ShrinkingRule(ETA0), model_of(mean_y))
    ours = learned(Shrinkage(IdentityUpdate(), ETA0, tau=1.0), model_of(mean_y))
    assert_same_fit(own, ours)
    assert not own.driving_model.same_law(learned(Takes()).driving_model, 1e-3)


def test_what_a_rule_reports_is_shown_and_drives_nothing() -> None:
    rule = rule_with(report=lambda self, running: blended(running, ETA0, 0.5))
    own, plain = OnlineEM(NIG, rule), OnlineEM(NIG, Takes())
    for state in (own, plain):
        state.update(ROWS)
    assert own.driving_model.same_law(plain.driving_model, TOLERANCE)
    assert own.driving_model.same_law(plain.model, TOLERANCE)
    assert not own.model.same_law(plain.model, 1e-3)
    assert own.eta == plain.eta
    half_way = 0.5 * (plain.eta.E_X + ETA0.E_X)  # the same in every gauge
    np.testing.assert_allclose(eta0_from_model(own.model).E_X, half_way, rtol=TOLERANCE)


def test_a_rule_whose_weights_do_not_sum_to_one_is_in_the_status() -> None:
    rule = rule_with(weights_sum_to_one=lambda self: False)
    assert "weights_not_one" in learned(rule).status
    assert "weights_not_one" in learned(Shrinkage(rule, ETA0)).status
    fit = IncrementalEMFitter(rule, max_steps=2).fit(NIG, ROWS, key=0)
    assert "weights_not_one" in fit.status


@pytest.mark.parametrize("rule", [Takes(), rule_with(weights_sum_to_one=lambda self: True)])
def test_other_rules_are_not_said_to_have_weights_that_do_not(rule: object) -> None:
    assert "weights_not_one" not in learned(rule).status


# ---- check ----


def test_a_rule_is_checked_for_any_dimension_and_for_the_fits() -> None:
    checked = []
    rule = rule_with(check=lambda self, d: checked.append(d))
    wrapped = Shrinkage(rule, ETA0)
    assert set(checked) == {0}
    OnlineEM(NIG, wrapped)
    assert set(checked) == {0, 2}
    checked.clear()
    OnlineEM(NIG, rule)
    assert set(checked) == {0, 2}


def refuses(dimension: int) -> Any:
    """Return a rule whose settings are wrong for a dimension."""

    def check(self: object, d: int) -> None:
        if d == dimension:
            raise ValueError(f"w of mine is wrong for d = {d}")

    return rule_with(check=check)


OF_ANY: dict[str, Callable[[object], object]] = {
    "OnlineEM": lambda rule: OnlineEM(NIG, rule),
    "IncrementalEMFitter": lambda rule: IncrementalEMFitter(rule),
    "Shrinkage": lambda rule: Shrinkage(rule, ETA0),
    "PolyakAverage": lambda rule: PolyakAverage(rule),
}
OF_TWO: dict[str, Callable[[object], object]] = {
    "OnlineEM": lambda rule: OnlineEM(NIG, rule),
    "a wrapped rule of OnlineEM": lambda rule: OnlineEM(NIG, Shrinkage(rule, ETA0)),
    "IncrementalEMFitter.fit": lambda rule: IncrementalEMFitter(rule).fit(NIG, ROWS, key=0),
    "from_bytes": lambda rule: OnlineEM.from_bytes(learned(Takes()).to_bytes(), rule),
}


@pytest.mark.parametrize("door", OF_ANY)
def test_settings_that_are_wrong_are_refused_at_once(door: str) -> None:
    with pytest.raises(ValueError, match="w of mine is wrong for d = 0"):
        OF_ANY[door](refuses(0))


@pytest.mark.parametrize("door", OF_TWO)
def test_settings_that_are_wrong_for_the_dimension_are_refused_by_the_fit(door: str) -> None:
    with pytest.raises(ValueError, match="w of mine is wrong for d = 2"):
        OF_TWO[door](refuses(2))


def test_statistics_of_another_dimension_are_refused_and_the_stream_is_not_touched(
    tmp_path: Path,
) -> None:
    state = learned(AveragingRule())
    state.save(tmp_path / "state")
    before = state.to_bytes()
    rule = AveragingRule()
    rule.reported = eta0_from_model(NIG.project([1.0, 0.0]))
    with pytest.raises(ValueError, match="reported is of dimension 1, not 2"):
        OnlineEM.load(tmp_path / "state", rule)
    with pytest.raises(ValueError, match="reported is of dimension 1, not 2"):
        fit_stream(state, ROWS, checkpoint=tmp_path / "state", rule=rule)
    assert state.to_bytes() == before


# ---- rescale_y ----


def test_a_rule_follows_the_gauge() -> None:
    factors: list[float] = []
    rule = rule_with(rescale_y=lambda self, s: factors.append(s))
    state = OnlineEM(model_of(2.0), rule)
    assert factors == [0.5]
    state.update(ROWS)
    assert len(factors) > 1
    assert all(s > 0 for s in factors)


def test_a_state_does_not_change_the_rule_that_it_is_given() -> None:
    """Else a second state of the rule would be of a rule in another gauge."""
    rule = ShrinkingRule(ETA0)
    states = [learned(rule, model_of(2.0)) for _ in range(2)]
    assert rule.eta0 == ETA0
    assert states[0].model == states[1].model


def test_a_change_of_the_rule_that_a_state_was_given_is_none_of_the_states() -> None:
    rule = ShrinkingRule(ETA0)
    state = OnlineEM(NIG, rule)
    rule.eta0 = eta0_from_model(model_of(7.0))
    state.update(ROWS)
    other = OnlineEM(NIG, ShrinkingRule(ETA0))
    other.update(ROWS)
    assert state.model == other.model


# ---- name ----


def test_a_saved_state_takes_back_a_rule_of_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "state"
    state = learned(AveragingRule(called="mine"))
    state.save(path)
    loaded = OnlineEM.load(path, AveragingRule(called="mine"))
    assert loaded.step == 3
    with pytest.raises(CheckpointError, match=r'a rule "mine".*not with "other"'):
        OnlineEM.load(path, AveragingRule(called="other"))
    with pytest.raises(CheckpointError, match=r'a rule "mine".*not with ""'):
        OnlineEM.load(path, Takes())
    with pytest.raises(CheckpointError, match=r'a rule "mine".*give that rule'):
        OnlineEM.load(path)


def test_a_saved_state_of_a_rule_without_a_name_takes_no_rule_of_another() -> None:
    data = learned(Takes()).to_bytes()
    assert OnlineEM.from_bytes(data, Takes()).step == 3
    with pytest.raises(CheckpointError, match='that is not varimix\'s, not with "mine"'):
        OnlineEM.from_bytes(data, AveragingRule())


def test_a_name_is_asked_of_a_rule_inside_another() -> None:
    data = learned(PolyakAverage(AveragingRule(called="mine"))).to_bytes()
    assert OnlineEM.from_bytes(data, AveragingRule(called="mine")).step == 3
    with pytest.raises(CheckpointError, match='not with "other"'):
        OnlineEM.from_bytes(data, AveragingRule(called="other"))


# ---- merge, initial_weight, same_settings ----

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


def forks(rule: object, mean_y: float = 2.0) -> tuple[State, State]:
    """Return two states that have learned on after a fork."""
    state = OnlineEM(model_of(mean_y), rule)
    state.update(ROWS[:100])
    other = state.fork()
    state.update(ROWS[100:150])
    other.update(ROWS[150:])
    return state, other


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


@pytest.mark.parametrize("same", [True, False])
def test_same_settings_decides_whatever_equality_says(same: bool) -> None:
    others = []

    def same_settings(self: object, other: object) -> bool:
        others.append(type(other))
        return same

    hooks = {"same_settings": same_settings, "merge": merges, "name": lambda self: "mine"}
    rule = rule_with(**hooks, __eq__=lambda self, other: not same)
    state, other = forks(rule)
    before = state.to_bytes()
    if same:
        state.merge(other)
        assert state.total_weight == 300
    else:
        with pytest.raises(ValueError, match="the same settings of mine, got one with others"):
            state.merge(other)
        assert state.to_bytes() == before
    assert set(others) == {type(rule)}


def test_a_rule_without_same_settings_is_compared_by_its_equality() -> None:
    @dataclasses.dataclass
    class Settings(Takes):
        w: float
        merge = merges

    state, other, unlike = (OnlineEM(NIG, Settings(w)) for w in (1.0, 1.0, 2.0))
    for k, each in enumerate((state, other, unlike)):
        each.update(ROWS[100 * k : 100 * (k + 1)])
    with pytest.raises(ValueError, match="got one with others"):
        state.merge(unlike)
    state.merge(other)
    assert state.total_weight == 200


def test_a_rule_without_an_equality_has_the_settings_of_another_of_its_class() -> None:
    """As one in C++ that has none: else no two copies of it could ever merge."""
    state, other = forks(rule_with(Takes, merge=merges))
    state.merge(other)
    assert state.total_weight == 300


def test_a_stream_of_a_rule_without_an_equality_is_taken_up_again(tmp_path: Path) -> None:
    stream: dict[str, Any] = {"batch_size": 100, "checkpoint": tmp_path / "fit"}
    fit_stream(OnlineEM(NIG, Takes()), ROWS, max_steps=2, **stream)
    state = OnlineEM(NIG, Takes())
    fit_stream(state, ROWS, rule=Takes(), **stream)
    assert state.step == 3


@pytest.mark.parametrize("n0", [9.0, 10.0])
def test_a_stream_is_taken_up_again_with_the_same_settings_alone(tmp_path: Path, n0: float) -> None:
    stream: dict[str, Any] = {"batch_size": 100, "checkpoint": tmp_path / "fit"}
    fit_stream(OnlineEM(NIG, AveragingRule()), ROWS, max_steps=2, **stream)
    state = OnlineEM(NIG, AveragingRule())
    if n0 == 9.0:
        fit_stream(state, ROWS, rule=AveragingRule(n0=n0), **stream)
        assert state.step == 3
    else:
        with pytest.raises(ValueError, match="same settings of mine"):
            fit_stream(state, ROWS, rule=AveragingRule(n0=n0), **stream)
        assert state.step == 0


# ---- Misspelt hooks ----

MISSPELT = {"raport": "report", "acumulate": "accumulate", "rescaleY": "rescale_y"}
DOORS: dict[str, Callable[[object, Path], object]] = {
    "eta_update of OnlineEM": lambda rule, folder: OnlineEM(NIG, rule),
    "eta_update of IncrementalEMFitter": lambda rule, folder: IncrementalEMFitter(rule),
    "eta_update of BatchEMFitter": lambda rule, folder: BatchEMFitter(
        eta_update=rule  # type: ignore[arg-type]
    ),
    "base of Shrinkage": lambda rule, folder: Shrinkage(rule, ETA0),
    "base of PolyakAverage": lambda rule, folder: PolyakAverage(rule),
    "rule of load": lambda rule, folder: OnlineEM.load(saved_in(folder), rule),
    "rule of from_bytes": lambda rule, folder: OnlineEM.from_bytes(
        learned(Takes()).to_bytes(), rule
    ),
    "rule of fit_stream": lambda rule, folder: fit_stream(learned(Takes()), ROWS, rule=rule),
}


def saved_in(folder: Path) -> Path:
    learned(Takes()).save(folder / "state")
    return folder / "state"


def hook(self: object, *arguments: object) -> None:
    """Do nothing, under any name."""


@pytest.mark.parametrize("misspelt", MISSPELT)
@pytest.mark.parametrize("door", DOORS)
def test_a_misspelt_hook_is_refused_at_every_door(door: str, misspelt: str, tmp_path: Path) -> None:
    argument = door.split()[0]
    why = f"whose method {misspelt} is none that a fit calls: is it {MISSPELT[misspelt]}"
    derived = type("Derived", (Shrinkage,), {misspelt: hook})
    with pytest.raises(TypeError, match=rf"(?s)^{argument} must be .*{why}\?"):
        DOORS[door](derived(IdentityUpdate(), ETA0), tmp_path)
    if "Batch" not in door:  # it takes no rule but ours
        for base in (Takes, EWMAUpdate):
            rule = type("Derived", (base,), {misspelt: hook})()
            with pytest.raises(TypeError, match=rf"(?s)^{argument} must be .*{why}\?"):
                DOORS[door](rule, tmp_path)


def test_a_shrinkage_whose_hooks_would_not_be_called_is_refused() -> None:
    derived = type("Derived", (Shrinkage,), {"emit": lambda self, running: running})
    with pytest.raises(TypeError, match="eta_update must be a Shrinkage or None"):
        BatchEMFitter(eta_update=derived(IdentityUpdate(), ETA0))


def test_a_rule_whose_accumulate_is_misspelt_is_told_how() -> None:
    rule = type("Rule", (), {"acumulate": hook})()
    with pytest.raises(TypeError, match=r"no accumulate\(.*\): acumulate is no such method"):
        OnlineEM(NIG, rule)


@pytest.mark.parametrize("base", [Takes, EWMAUpdate])
def test_a_misspelt_hook_of_a_base_or_beside_others_is_refused(base: type) -> None:
    middle = type("Middle", (base,), {"raport": hook})
    last = type("Last", (middle,), {"accumulate": Takes.accumulate})
    with pytest.raises(TypeError, match=r"whose method raport .* is it report"):
        OnlineEM(NIG, last())


NO_HOOKS: dict[str, object] = {
    "method": hook,
    "static method": staticmethod(hook),
    "class method": classmethod(hook),
    "partial method": functools.partialmethod(hook, 3),
    "lambda": lambda self: 3,
    "function of another's": np.log,
}


@pytest.mark.parametrize("base", [Takes, EWMAUpdate])
@pytest.mark.parametrize("kind", NO_HOOKS)
def test_a_public_method_that_is_no_hook_is_refused(kind: str, base: type) -> None:
    rule = type("Rule", (base,), {"half": NO_HOOKS[kind]})()
    with pytest.raises(TypeError, match=r"whose method half is none.*begin with an underscore"):
        OnlineEM(NIG, rule)
    OnlineEM(NIG, type("Rule", (base,), {"_half": NO_HOOKS[kind]})())


class Reporting:
    """A base that knows nothing of rules."""

    def to_frame(self) -> None: ...

    @staticmethod
    def raport() -> None: ...

    @classmethod
    def make(cls) -> None: ...


@dataclasses.dataclass
class WithFunction(Takes):
    """A rule with a setting that is a function."""

    transform: Callable[[float], float] = math.log
    other: Callable[[float], float] = dataclasses.field(default=abs)


class AbstractRule(abc.ABC):
    @abc.abstractmethod
    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta: ...


class WithAllThatIsAllowed(Takes):
    class Settings:
        """A class inside."""

    half = 0.5

    def __init__(self) -> None:
        self.callback = math.log

    def __call__(self) -> None: ...

    def _helper(self) -> None: ...

    @staticmethod
    def _static() -> None: ...

    @property
    def raport(self) -> Callable[[float], float]:
        return math.log

    @functools.cached_property
    def cached(self) -> Callable[[float], float]:
        return math.log


ALLOWED: dict[str, Callable[[], object]] = {
    "all that is no public method": WithAllThatIsAllowed,
    "a mixin before": type("Mixed", (Reporting, Takes), {}),
    "a mixin behind": type("Mixed", (Takes, Reporting), {}),
    "a mixin of ours": type("Mixed", (Reporting, EWMAUpdate), {}),
    "fields of a dataclass": WithFunction,
    "fields of a derived dataclass": type("Derived", (WithFunction,), {}),
    "an abstract base": type("Concrete", (Takes, AbstractRule), {}),
    "properties of ours": type("Mine", (EWMAUpdate,), {"half": property(lambda self: math.log)}),
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_is_no_public_method_of_a_rule_is_allowed(kind: str) -> None:
    assert learned(ALLOWED[kind]()).step == 3
    assert Shrinkage(ALLOWED[kind](), ETA0) is not None


def test_a_mixin_with_a_hook_is_a_rule_and_may_have_no_other_method() -> None:
    mixin = type("Mixin", (), {"report": lambda self, running: running, "raport": hook})
    with pytest.raises(TypeError, match="whose method raport"):
        OnlineEM(NIG, type("Rule", (mixin, Takes), {})())


# ---- Results of a wrong type ----

# A hook, what it wrongly returns, and the words for what it must.
WRONG: list[tuple[str, Any, str]] = [
    *(("accumulate", value, "Eta") for value in (3, "eta", NIG, [1.0])),
    *(("emit", value, "Eta") for value in (3, (ETA0,))),
    *(("report", value, "Eta") for value in (3.5, NIG)),
    *(("parts", value, "an integer") for value in (2.0, "2", None, 10**30)),
    *(("initial_weight", value, "a number") for value in ("2", None, [2.0])),
    *(("weights_sum_to_one", value, "a bool") for value in (1, 0.0, None, "no")),
    *(("same_settings", value, "a bool") for value in (1, None, NotImplemented)),
    *(("name", value, "text") for value in (3, None, b"mine")),
    *(
        ("time_half_life", value, "a duration > 0, or None")
        for value in (5, 5.0, "5s", True, timedelta(0), timedelta(seconds=-1), pd.NaT)
    ),
]
# What calls the hooks that an update does not call.
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
    """In a process of its own, which a null pointer would end."""
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


class OfMyOwnError(Exception):
    """An error that no one else raises."""


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


# ---- Pickles and copies ----

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
