"""A state under watch, with its record, and every way to have it twice."""

import copy
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import varimix as vx
from machine import surface
from machine.claims import Refused, attempt, claim, kept
from machine.oracle import Fed


@dataclass
class Subject:
    """A state, how it was made, and what it was fed."""

    name: str
    state: Any
    init: Any
    rule_name: str
    rule: Any
    options: dict[str, Any]
    fed: Fed
    bytes_before: bytes = b""
    memory: tuple[float, float] | None = None  # weight remembered, and its time

    @property
    def d(self) -> int:
        return int(self.init.d)

    @property
    def missing(self) -> str:
        return str(self.options.get("missing", "error"))

    @property
    def given_rule(self) -> Any:
        """Argument that load and from_bytes need beside the bytes."""
        return surface.own_rule(self.rule_name)

    def remember(self) -> None:
        """Note the present bytes as the right ones."""
        self.bytes_before = self.state.to_bytes()

    def __repr__(self) -> str:
        return self.name


def _by_file(subject: Subject) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        subject.state.save(Path(folder) / "state")
        return vx.OnlineEM.load(Path(folder) / "state", rule=subject.given_rule)


# These are all ways to have a state twice.
COPIES: dict[str, Callable[[Subject], Any]] = {
    "copy": lambda s: copy.copy(s.state),
    "deepcopy": lambda s: copy.deepcopy(s.state),
    "bytes": lambda s: vx.OnlineEM.from_bytes(s.state.to_bytes(), rule=s.given_rule),
    "file": _by_file,
    "pickle": lambda s: pickle.loads(pickle.dumps(s.state)),
}
ways = st.sampled_from(kept(COPIES))


def copied(subject: Subject, way: str) -> Any:
    """Return a copy of the state; it is made by bytes if a user's rule does not pickle."""
    if way == "pickle" and surface.is_own(subject.rule_name):
        twin = attempt(lambda: COPIES[way](subject), valid=None)
        way = "bytes" if isinstance(twin, Refused) else way
    twin = attempt(lambda: COPIES[way](subject), valid=True)
    claim("copies_have_the_same_bytes", twin.to_bytes() == subject.state.to_bytes(), way)
    claim("copies_are_equal", twin == subject.state, way)
    return twin
