"""Update rules as a user may write them, in a module that another process can import."""

import math
from collections.abc import Callable

from varimix import Eta, EWMAUpdate, StepInfo


class CountingRule:
    """Counts the batches that it has seen, and merges each into the running eta."""

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
    """A rule derived from one of varimix's, with a setting of that one and an attribute."""

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
    """What SampleWeightedUpdate does, without an initial_weight."""

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
    """What SampleWeightedUpdate does."""

    def initial_weight(self) -> float:
        return self.n0


class ShrinkingRule:
    """What Shrinkage(IdentityUpdate(), eta0, tau=1) does."""

    def __init__(self, eta0: Eta) -> None:
        self.eta0 = eta0

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch

    def emit(self, running: Eta) -> Eta:
        return blended(running, self.eta0, 0.5)

    def rescale_y(self, s: float) -> None:
        self.eta0 = self.eta0.rescale_y(s)


class AveragingRule:
    """What PolyakRuppertUpdate does: it has every hook but emit, and carries statistics."""

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
