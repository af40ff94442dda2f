"""The settings of a rule of a user's are checked, and compared with those of another."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from users_rules import ETA0, NIG, ROWS, AveragingRule, Takes, forks, learned, merges, rule_with

from varimix import (
    IncrementalEMFitter,
    OnlineEM,
    PolyakAverage,
    Shrinkage,
    eta0_from_model,
    fit_stream,
)

# ---- Settings are checked where a rule is given ----


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
    "from_bytes": lambda rule: OnlineEM.from_bytes(learned(rule_with()).to_bytes(), rule),
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


# ---- Settings are compared where two rules meet ----


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
    """It is as one in C++ that has none: else no two copies of it could ever merge."""
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
