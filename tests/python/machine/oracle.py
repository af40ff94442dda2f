"""A plain record of what a state was fed, and its consequences: steps, weights, columns, sums."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
import numpy as np

import varimix as vx

Array = np.ndarray[Any, Any]
HEADER = 28
_numbers = itertools.count()


def payload(state: Any) -> dict[str, Any]:
    """Return the state as docs/checkpoint_format.md describes it."""
    held: dict[str, Any] = cbor2.loads(state.to_bytes()[HEADER:])["state"]
    return held


@dataclass(frozen=True, eq=False)
class Event:
    """One step: the rows of weight > 0, their weights, and the weight that was learned of them.

    If the step was reverted, or only partly taken, ``is_certain`` is false: then it is not known
    which rows were learned.
    """

    x: Array
    w: Array
    weight: float
    is_certain: bool = True
    scored: float = 0.0
    score: float = 0.0
    impossible: float = 0.0  # weight of the rows of density 0, which are not scored
    is_change: bool = False  # true if the drift signal came
    number: int = field(default_factory=lambda: next(_numbers))


def named(part: tuple[Event, ...]) -> dict[int, tuple[Event, ...]]:
    """Return a stretch of steps by its name, its first step's number; {} if it is empty."""
    return {part[0].number: part} if part else {}


@dataclass
class Fed:
    """The record of one state.

    ``closed`` holds what the state had learned at each of its forks, ``opened`` what it has learned
    since, and ``taken`` the stretches of others that it merged.
    """

    closed: dict[int, tuple[Event, ...]] = field(default_factory=dict)
    taken: dict[int, tuple[Event, ...]] = field(default_factory=dict)
    opened: tuple[Event, ...] = ()
    is_sane: bool = True
    is_merged: bool = False

    def copy(self) -> "Fed":
        """Return the record of a copy, which has the same stretch in hand."""
        return replace(self, closed=dict(self.closed), taken=dict(self.taken))

    def fork(self) -> "Fed":
        """Return the record of a fork; the stretch in hand ends for both."""
        self.closed |= named(self.opened)
        self.opened = ()
        return self.copy()

    def learn(self, event: Event) -> None:
        """Add one step."""
        self.opened = (*self.opened, event)

    def stretches(self) -> dict[int, tuple[Event, ...]]:
        """Return all stretches by their names."""
        return self.closed | self.taken | named(self.opened)

    @property
    def events(self) -> dict[int, Event]:
        """Every step once."""
        return {event.number: event for part in self.stretches().values() for event in part}

    def may_merge(self, other: "Fed") -> bool | None:
        """Return whether a merge is to be taken; None where the documents leave that open."""
        if self.has_all_of(other) and other.has_all_of(self):
            return None  # a copy is refused if it has learned anything since the last fork
        shared = self.events.keys() & other.events.keys()
        theirs = other.closed | named(other.opened)  # a copy may learn no more
        forked = {
            event.number
            for name, part in (self.closed | named(self.opened)).items()
            if theirs.get(name) == part
            for event in part
        }
        if self.taken.keys() & other.stretches().keys() or other.taken.keys() & self.stretches():
            return None if shared else True
        if self.learned_alike(other):
            return None
        return shared == forked

    def has_all_of(self, other: "Fed") -> bool:
        """Return whether the other learned nothing that is not held here."""
        return other.events.keys() <= self.events.keys()

    def learned_alike(self, other: "Fed") -> bool:
        """Return whether steps of both begin with rows of equal statistics: they could be one."""
        mine, theirs = self.events, other.events
        return any(
            mine[a].x.shape[1:] == theirs[b].x.shape[1:]
            and np.allclose(mine[a].x[:1], theirs[b].x[:1], rtol=1e-6, atol=1e-6, equal_nan=True)
            for a in mine.keys() - theirs.keys()
            for b in theirs.keys() - mine.keys()
        )

    def merge(self, other: "Fed", *, force: bool) -> None:
        """Take in what the other was fed; with ``force`` all of it once more."""
        theirs = other.stretches()
        if force:
            again = [Event(e.x, e.w, e.weight, e.is_certain, e.scored, e.score,
                           e.impossible, e.is_change)
                     for part in theirs.values() for e in part]  # fmt: skip
            theirs = named(tuple(again))
            self.taken, self.closed = self.stretches(), {}  # forks of either are no part of it
            self.opened = ()
        held = self.stretches()
        self.taken |= {name: part for name, part in theirs.items() if name not in held}
        self.is_sane &= other.is_sane
        self.is_merged = True

    @property
    def steps(self) -> int:
        return len(self.events)

    @property
    def weight(self) -> float:
        return float(sum(event.weight for event in self.events.values()))

    @property
    def scored(self) -> float:
        return float(sum(event.scored for event in self.events.values()))

    @property
    def score(self) -> float:
        return float(sum(event.score for event in self.events.values()))

    @property
    def impossible(self) -> float:
        return float(sum(event.impossible for event in self.events.values()))

    @property
    def changes(self) -> int:
        """Number of steps with a drift signal."""
        return sum(event.is_change for event in self.events.values())

    def rows(self, *, certain: bool) -> Array | None:
        """Return all rows that were learned, or else may have been; None if there are none."""
        parts = [e.x for e in self.events.values() if e.is_certain or not certain]
        return np.concatenate(parts) if parts else None


def unseen_columns(x: Array | None, d: int) -> set[int]:
    """Return the columns that no row shows."""
    return set(range(d)) if x is None else {j for j in range(d) if np.isnan(x[:, j]).all()}


def constant_columns(x: Array | None, d: int) -> set[int]:
    """Return the columns that some rows show, all of these with the same value."""
    if x is None:
        return set()
    shown = [x[~np.isnan(x[:, j]), j] for j in range(d)]
    return {j for j in range(d) if len(shown[j]) > 0 and (shown[j] == shown[j][0]).all()}


def mean_eta(model: Any, x: Array, w: Array) -> vx.Eta:
    """Return the statistics of weighted rows under a model, merged from rows of equal weight."""
    parts = []
    for value in np.unique(w):
        eta = model.e_step(x[w == value]).eta
        names = ("E_inv_Y", "E_Y", "E_log_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")
        parts.append((float(value * (w == value).sum()), [getattr(eta, name) for name in names]))
    total = sum(weight for weight, _ in parts)
    means = [
        None
        if column[0] is None
        else sum(p[0] / total * c for p, c in zip(parts, column, strict=True))
        for column in zip(*(fields for _, fields in parts), strict=True)
    ]
    return vx.Eta(*means)
