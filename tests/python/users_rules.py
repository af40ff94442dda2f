"""These are update rules as a user may write them; another process can import the module."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from varimix import Eta, EWMAUpdate, NormalInverseGaussian, OnlineEM, StepInfo, eta0_from_model


class CountingRule:
    """It counts the batches that it has seen, and merges each into the running eta."""

    def __init__(self) -> None:
        self.seen = 0
        self.inner = EWMAUpdate(w=0.5)

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        self.seen += 1
        self.last = info
        if batch.weight and running.weight:
            return running.merge(batch)
        return batch

    def __repr__(self) -> str:
        return f"CountingRule() after {self.seen} batches"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountingRule) and self.seen == other.seen

    __hash__ = None  # type: ignore[assignment]


class DerivedRule(EWMAUpdate):
    """It is derived from a rule of varimix's, and has a setting of that one and an attribute."""

    note: object = None

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        assert self.w is not None
        return blended(running, batch, self.w)


def blended(a: Eta, b: Eta, c: float) -> Eta:
    """Return (1 - c) a + c b, without E[log Y]."""
    inv_y, y, x, x_inv_y, xxt_inv_y = (
        (1 - c) * getattr(a, field) + c * getattr(b, field)
        for field in ("E_inv_Y", "E_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")
    )
    return Eta(inv_y, y, None, x, x_inv_y, xxt_inv_y)


class RuleOfSamples:
    """It does what SampleWeightedUpdate does, without an initial_weight."""

    def __init__(self, n0: float = 0.0) -> None:
        self.n0 = n0

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        rows = info.batch_weight
        return blended(running, batch, rows / (self.n0 + info.weight_before + rows))

    def merge(self, other: object, ancestor: object, combine: object) -> None:
        """Take in nothing: the rule carries nothing."""

    def same_settings(self, other: object) -> bool:
        return isinstance(other, RuleOfSamples) and other.n0 == self.n0


class SampleWeightedRule(RuleOfSamples):
    """It does what SampleWeightedUpdate does."""

    def initial_weight(self) -> float:
        return self.n0


class ShrinkingRule:
    """It does what Shrinkage(IdentityUpdate(), eta0, tau=1) does."""

    def __init__(self, eta0: Eta) -> None:
        self.eta0 = eta0

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch

    def emit(self, running: Eta) -> Eta:
        return blended(running, self.eta0, 0.5)

    def rescale_y(self, s: float) -> None:
        self.eta0 = self.eta0.rescale_y(s)


class AveragingRule:
    """It does what PolyakRuppertUpdate does: it has every hook but emit, and carries statistics."""

    def __init__(self, exponent: float = 0.55, n0: float = 9.0, called: str = "mine") -> None:
        self.exponent = exponent
        self.n0 = n0
        self.called = called
        self.reported: Eta | None = None

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        rows = info.batch_weight
        running = blended(running, batch, min(1.0, rows / self._scale(info)))
        share = 2 * rows / (info.weight_before + 2 * rows)
        before = self.reported
        self.reported = running if before is None else blended(before, running, share)
        return running

    def report(self, running: Eta) -> Eta:
        return running if self.reported is None else self.reported

    def parts(self, info: StepInfo, d: int) -> int:
        return math.ceil(2 * info.batch_weight / self._scale(info))

    def check(self, d: int) -> None:
        if self.reported is not None and d not in (0, self.reported.d):
            raise ValueError(f"reported is of dimension {self.reported.d}, not {d}")

    def rescale_y(self, s: float) -> None:
        if self.reported is not None:
            self.reported = self.reported.rescale_y(s)

    def merge(
        self,
        other: "AveragingRule",
        ancestor: "AveragingRule | None",
        combine: Callable[[Eta, Eta, Eta | None], Eta],
    ) -> None:
        if self.reported is None or other.reported is None:
            self.reported = self.reported or other.reported
        else:
            before = None if ancestor is None else ancestor.reported
            self.reported = combine(self.reported, other.reported, before)

    def same_settings(self, other: object) -> bool:
        return isinstance(other, AveragingRule) and other._settings() == self._settings()

    def name(self) -> str:
        return self.called

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AveragingRule)
            and other._settings() == self._settings()
            and other.reported == self.reported
        )

    __hash__ = None  # type: ignore[assignment]

    def _settings(self) -> tuple[float, float]:
        return self.exponent, self.n0

    def _scale(self, info: StepInfo) -> float:
        return self.n0 * math.pow((info.weight_before + self.n0) / self.n0, self.exponent)


class Takes:
    """It takes each batch as it is, in place of what was learned before."""

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch


class Alike(Takes):
    """It does the same, and two of one class are equal."""

    def __eq__(self, other: object) -> bool:
        return type(other).__name__ == type(self).__name__

    __hash__ = None  # type: ignore[assignment]


def rule_with(base: type = Alike, /, **hooks: object) -> Any:
    """Return a rule that has these hooks beside those of a base."""
    return type("Rule", (base,), hooks)()


def merges(self: object, other: object, ancestor: object, combine: object) -> None:
    """Take in nothing, as a hook."""


# ---- Fits with such rules are made and compared here ----

State = OnlineEM[Any]


def model_of(mean_y: float) -> NormalInverseGaussian:
    return NormalInverseGaussian.from_classical(
        [0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], mean_y, 1.5
    )


NIG = model_of(1.0)
ROWS = NIG.rvs(300, seed=1)
TIMES = np.linspace(10.0, 40.0, len(ROWS))
ETA0 = eta0_from_model(NIG)
# Two rules that do the same arithmetic in another order differ by so much.
TOLERANCE = 1e-9


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


def forks(rule: object, mean_y: float = 2.0) -> tuple[State, State]:
    """Return two states that have learned on after a fork."""
    state = OnlineEM(model_of(mean_y), rule)
    state.update(ROWS[:100])
    other = state.fork()
    state.update(ROWS[100:150])
    other.update(ROWS[150:])
    return state, other


class OfMyOwnError(Exception):
    """No one else raises this error."""
