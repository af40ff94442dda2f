"""A rule of a user's with a method that no fit calls is refused, as a misspelt hook is."""

import abc
import dataclasses
import functools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from users_rules import ETA0, NIG, ROWS, Takes, learned

from varimix import (
    BatchEMFitter,
    Eta,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    OnlineEM,
    PolyakAverage,
    Shrinkage,
    StepInfo,
    fit_stream,
)

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
    """This base knows nothing of rules."""

    def to_frame(self) -> None: ...

    @staticmethod
    def raport() -> None: ...

    @classmethod
    def make(cls) -> None: ...


@dataclasses.dataclass
class WithFunction(Takes):
    """This rule has a setting that is a function."""

    transform: Callable[[float], float] = math.log
    other: Callable[[float], float] = dataclasses.field(default=abs)


class AbstractRule(abc.ABC):
    @abc.abstractmethod
    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta: ...


class WithAllThatIsAllowed(Takes):
    class Settings:
        """This class is inside the rule's."""

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
