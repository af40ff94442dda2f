"""Each hook of a rule that a user writes in Python is called, and may be left out."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from users_rules import (
    ETA0,
    NIG,
    ROWS,
    TIMES,
    TOLERANCE,
    AveragingRule,
    ShrinkingRule,
    Takes,
    assert_same_fit,
    blended,
    learned,
    model_of,
    rule_with,
)

from varimix import (
    CheckpointError,
    Eta,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    OnlineEM,
    PolyakAverage,
    Shrinkage,
    StepInfo,
    eta0_from_model,
    fit_stream,
)

# ---- A rule says into how many parts a batch goes ----


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


# ---- A rule may weigh rows by their times ----

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


# ---- A rule says what drives the fit and what is shown ----


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
    half_way = 0.5 * (plain.eta.E_X + ETA0.E_X)  # it is the same in every gauge
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


# ---- A rule follows the gauge ----


def test_a_rule_follows_the_gauge() -> None:
    factors: list[float] = []
    rule = rule_with(rescale_y=lambda self, s: factors.append(s))
    state = OnlineEM(model_of(2.0), rule)
    assert factors == [0.5]
    state.update(ROWS)
    assert len(factors) > 1
    assert all(s > 0 for s in factors)


def test_a_state_does_not_change_the_rule_that_it_is_given() -> None:
    """A second state of the rule would otherwise be of a rule in another gauge."""
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


# ---- A rule has a name in what is saved ----


def test_a_saved_state_takes_back_a_rule_of_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "state"
    state = learned(AveragingRule(called="mine"))
    state.save(path)
    loaded = OnlineEM.load(path, AveragingRule(called="mine"))
    assert loaded.step == 3
    with pytest.raises(CheckpointError, match=r'a rule "mine".*not with "other"'):
        OnlineEM.load(path, AveragingRule(called="other"))
    with pytest.raises(CheckpointError, match=r'a rule "mine".*not with "Takes"'):
        OnlineEM.load(path, Takes())
    with pytest.raises(CheckpointError, match=r'a rule "mine".*give that rule'):
        OnlineEM.load(path)


class TakesToo(Takes):
    """It does the same by another name."""


def test_a_rule_without_a_name_has_that_of_its_class() -> None:
    data = learned(Takes()).to_bytes()
    assert OnlineEM.from_bytes(data, Takes()).step == 3
    for other, name in ((AveragingRule(), "mine"), (TakesToo(), "TakesToo")):
        with pytest.raises(CheckpointError, match=f'a rule "Takes", .*, not with "{name}"'):
            OnlineEM.from_bytes(data, other)


def test_a_state_goes_on_from_a_checkpoint_by_the_rule_that_it_has(tmp_path: Path) -> None:
    """Its rule need not be given to fit_stream a second time."""
    once, twice = (OnlineEM(NIG, Takes()) for _ in range(2))
    for state in (once, twice):
        fit_stream(state, ROWS, batch_size=100, checkpoint=tmp_path / "state")
    assert once.step == 3
    assert_same_fit(twice, once)


def test_a_rule_that_is_not_needed_is_named() -> None:
    data = OnlineEM(NIG, EWMAUpdate(w=0.1)).to_bytes()
    with pytest.raises(ValueError, match=r"rule must be left out, .*, got Takes"):
        OnlineEM.from_bytes(data, Takes())


def test_a_name_is_asked_of_a_rule_inside_another() -> None:
    data = learned(PolyakAverage(AveragingRule(called="mine"))).to_bytes()
    assert OnlineEM.from_bytes(data, AveragingRule(called="mine")).step == 3
    with pytest.raises(CheckpointError, match='not with "other"'):
        OnlineEM.from_bytes(data, AveragingRule(called="other"))
