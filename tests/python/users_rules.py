"""Update rules as a user may write them, in a module that another process can import."""

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
    """A rule derived from one of varimix's, with a step of its own."""

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return batch
