"""Update rules of a user's own, which are sound, and fail when and how they are told to."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import varimix as vx
from machine.claims import DeliberateError

FIELDS = ("E_inv_Y", "E_Y", "E_log_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")


def blend(running: vx.Eta, batch: vx.Eta, share: float) -> vx.Eta:
    """Return (1 - share) running + share batch."""
    values = []
    for name in FIELDS:
        old, new = getattr(running, name), getattr(batch, name)
        values.append(None if old is None or new is None else (1 - share) * old + share * new)
    return vx.Eta(*values)


def of_dimension(d: int, like: vx.Eta, value: float = 1.0) -> vx.Eta:
    """Return an eta of d columns."""
    log_y = None if like.E_log_Y is None else 0.0
    return vx.Eta(value, 1.0, log_y, np.zeros(d), np.zeros(d), np.eye(d))


# Rules should not return these values, each a function of the eta that would be right.
WRONGS: dict[str, Any] = {
    "none": lambda eta: None,
    "number": lambda eta: 3.0,
    "text": lambda eta: "eta",
    "larger_d": lambda eta: of_dimension(eta.d + 1, eta),
    "much_larger_d": lambda eta: of_dimension(eta.d + 30, eta),
    "smaller_d": lambda eta: of_dimension(max(eta.d - 1, 1) if eta.d > 1 else 2, eta),
    "nan": lambda eta: of_dimension(eta.d, eta, float("nan")),
    "infinite": lambda eta: of_dimension(eta.d, eta, float("inf")),
    "infeasible": lambda eta: of_dimension(eta.d, eta, 0.1),
    "without_log_y": lambda eta: vx.Eta(
        eta.E_inv_Y, eta.E_Y, None, eta.E_X, eta.E_X_inv_Y, eta.E_XXT_inv_Y
    ),
}
WAYS = ("raise", *WRONGS)
PLACES = ("accumulate", "emit", "report")


@dataclass
class Plan:
    """The call and method at which a rule fails, and how; it does not fail unless armed."""

    place: str = ""
    calls_left: int = 0
    way: str = ""
    tripped: bool = False
    armed: bool = field(default=False)

    def arm(self, place: str, call: int, way: str) -> None:
        """Make the rule fail in call number ``call`` of ``place``; the next call is number 0."""
        self.place, self.calls_left, self.way = place, call, way
        self.tripped, self.armed = False, True

    def disarm(self) -> None:
        """Let the rule behave."""
        self.armed = False

    def pass_on(self, place: str, eta: vx.Eta) -> Any:
        """Return the right eta, or what the plan says instead."""
        if not self.armed or place != self.place:
            return eta
        self.calls_left -= 1
        if self.calls_left >= 0:
            return eta
        self.tripped = True
        if self.way == "raise":
            raise DeliberateError(place)
        return WRONGS[self.way](eta)


PLAN = Plan()
"""The one plan for all rules: a copy of a state may hold the same rule, or a copy of it."""


class Averaging:
    """Weights a batch by its number of rows; has only ``accumulate``."""

    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        share = info.batch_weight / (info.weight_before + info.batch_weight)
        return PLAN.pass_on("accumulate", blend(running, batch, share))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Halving(Averaging):
    """Forgets half at every step."""

    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        return PLAN.pass_on("accumulate", blend(running, batch, 0.5))


class Emitting(Averaging):
    """Has all three methods."""

    def emit(self, running: vx.Eta) -> vx.Eta:
        return PLAN.pass_on("emit", running)

    def report(self, running: vx.Eta) -> vx.Eta:
        return PLAN.pass_on("report", running)
