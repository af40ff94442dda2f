"""Steps that make states from states, by copies, forks and merges, or from damaged bytes."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule

import varimix as vx
from machine import hostile, surface
from machine.base import Base, dimensions, families, log
from machine.checkpoints import Checkpointing
from machine.checks import check, unchanged
from machine.claims import Refused, attempt, claim, kept
from machine.hostile import Rows
from machine.oracle import mean_eta
from machine.subjects import Subject, copied, ways
from machine.user_rules import Averaging

SUMS_TOLERANCE = 1e-9
NO_RULES: dict[str, Any] = {
    "class": vx.EWMAUpdate, "own_class": Averaging, "number": 3, "text": "EWMAUpdate", "none": None,
}  # fmt: skip


def damaged(data: bytes, how: str, at: int) -> bytes:
    """Return the bytes of a state, spoiled."""
    k = at % len(data)
    return {
        "cut": data[:k],
        "flipped": data[:k] + bytes([data[k] ^ 0x20]) + data[k + 1 :],
        "longer": data + b"\0",
        "empty": b"",
        "text": b"not a state",
        "header_alone": data[:28],
    }[how]


class Merging(Checkpointing):
    """Copies, forks and merges states."""

    @rule(
        target=Base.subjects, family=families, d=dimensions,
        name=st.sampled_from(kept(sorted(surface.MERGING))), missing=st.booleans(),
        frozen=st.booleans(),
    )  # fmt: skip
    def construct_averaging(
        self, family: str, d: int, name: str, missing: bool, frozen: bool
    ) -> Subject:
        chosen: dict[str, Any] = {"missing": "exact"} if missing else {}
        return self._made(family, d, name, chosen | ({"frozen": True} if frozen else {}), -1)

    @rule(target=Base.subjects, subject=Base.subjects, way=ways)
    def copy(self, subject: Subject, way: str) -> Subject:
        log(f"a {way} of {subject}")
        return self.sibling(subject, copied(subject, way), subject.fed.copy())

    @rule(target=Base.subjects, subject=Base.subjects)
    def fork(self, subject: Subject) -> Subject:
        log(f"{subject}.fork()")
        return self.forked(subject)

    def forked(self, subject: Subject) -> Subject:
        """Fork a state, and watch the fork."""
        state, model = subject.state, subject.state.model
        other = attempt(state.fork, valid=True)
        claim("a_fork_is_a_copy", other.model == model and other.step == state.step)
        fed = subject.fed.fork()
        check(subject)
        child = self.sibling(subject, other, fed)
        log(f"    is {child}")
        return child

    @rule(subject=Base.subjects, other=Base.subjects, force=st.sampled_from((False, False, True)))
    def merge(self, subject: Subject, other: Subject, force: bool) -> None:
        log(f"{subject}.merge({other}, {force=})")
        self.merged(subject, other, force=force)

    def merged(self, subject: Subject, other: Subject, *, force: bool) -> bool:
        """Merge, and check; return False if that was refused."""
        if not force and subject.fed.learned_alike(other.fed):
            return False  # the library may take those rows for the same ones
        valid = self.may_merge(subject, other, force=force)
        fed = other.fed.copy()
        # Two states of rows beyond all measure may have no law together.
        is_open = valid and not (subject.fed.is_sane and fed.is_sane)
        result = attempt(
            lambda: subject.state.merge(other.state, force=force), valid=None if is_open else valid
        )
        if isinstance(result, Refused):
            said = "merge into feasible ones" in str(result.error)
            claim("valid_merge_is_taken", not is_open or said, result.error)
            unchanged(subject, f"a merge that was refused ({result.error})")
            return False
        if not force and subject.fed.has_all_of(fed):
            unchanged(subject, "a merge of what it held")
        subject.fed.merge(fed, force=force)
        check(subject)
        self.check_sums(subject)
        return True

    @staticmethod
    def may_merge(subject: Subject, other: Subject, *, force: bool) -> bool | None:
        """Return whether a merge is to be taken; None where that is open."""
        if subject.rule_name not in surface.MERGING:
            named = surface.is_own(subject.rule_name) or "average" in subject.rule_name
            return None if named else False
        same = subject.rule_name == other.rule_name and subject.options == other.options
        if type(subject.init) is not type(other.init) or subject.d != other.d or not same:
            return False
        if subject.init != other.init:
            return None if force else False
        return True if force else subject.fed.may_merge(other.fed)

    @staticmethod
    def check_sums(subject: Subject) -> None:
        """Claim that, if frozen and weighted by number of rows, a state's statistics are means."""
        frozen = subject.rule_name == "sample_weighted" and subject.options == {"frozen": True}
        events = subject.fed.events.values()
        if not (frozen and subject.fed.is_sane and events and all(e.is_certain for e in events)):
            return
        if any(code in subject.state.status for code in ("step_halved", "step_reverted")):
            return
        right = mean_eta(
            subject.init,
            np.concatenate([e.x for e in events]),
            np.concatenate([e.w for e in events]),
        )
        right = right.rescale_y(1 / right.E_Y)
        got = subject.state.eta.rescale_y(1 / subject.state.eta.E_Y)
        for name in ("E_inv_Y", "E_log_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y"):
            a, b = getattr(got, name), getattr(right, name)
            if a is not None and b is not None:
                scale = SUMS_TOLERANCE * (1 + np.abs(b).max())
                claim("exact_sums", np.abs(a - b).max() <= scale, lambda: f"{got}, {right} right")

    @rule(
        subject=Base.subjects.filter(lambda s: s.rule_name in surface.MERGING),
        parts=st.lists(
            hostile.rows(wrong=False, sizes=(30, 5, 1, 64)), min_size=2, max_size=3
        ),
        weights=hostile.weights, shape=st.sampled_from(kept(("siblings", "parent", "chain"))),
    )  # fmt: skip
    def forks_learn_and_merge(
        self, subject: Subject, parts: list[Rows], weights: str, shape: str
    ) -> None:
        log(f"{subject}: forks learn {parts}, {weights=}, and merge: {shape}")
        forks = [self.forked(subject)]
        for _ in parts[1:]:
            forks.append(self.forked(forks[-1] if shape == "chain" else subject))
        if shape == "parent":
            forks[0] = subject
        for fork, part in zip(forks, parts, strict=True):
            self.feed(fork, part, weights, "steady", "copy", "rows")
        for fork in forks[1:]:
            log(f"    {forks[0]}.merge({fork})")
            self.merged(forks[0], fork, force=False)

    @rule(
        subject=Base.subjects,
        how=st.sampled_from(("cut", "flipped", "longer", "empty", "text", "header_alone")),
        at=st.integers(0, 5000), in_file=st.booleans(),
    )  # fmt: skip
    def damaged(self, subject: Subject, how: str, at: int, in_file: bool) -> None:
        log(f"{subject}: bytes {how} at {at}, {in_file=}")
        data, path = damaged(subject.state.to_bytes(), how, at), self.path()
        path.write_bytes(data)
        own = subject.given_rule
        result = attempt(
            (lambda: vx.OnlineEM.load(path, rule=own)) if in_file
            else (lambda: vx.OnlineEM.from_bytes(data, rule=own)),
            valid=False,
        )  # fmt: skip
        claim(
            "damage_is_a_checkpoint_error",
            isinstance(result.error, vx.CheckpointError),
            result.error,
        )

    @rule(subject=Base.subjects, where=st.sampled_from(("gone", "folder", "empty", "nul")))
    def save_where_it_cannot(self, subject: Subject, where: str) -> None:
        log(f"{subject}: save and load at a path that is {where!r}")
        path: Any = {"gone": self.path() / "x", "folder": self.tmp, "empty": "", "nul": "a\0b"}[
            where
        ]
        attempt(lambda: subject.state.save(path), valid=False)
        attempt(lambda: vx.OnlineEM.load(path), valid=False)

    @rule(subject=Base.subjects, twice=st.booleans())
    def save_over(self, subject: Subject, twice: bool) -> None:
        log(f"{subject}: save over another file, {twice=}")
        path: Path = self.path()
        path.write_bytes(b"before")
        for _ in range(1 + twice):
            attempt(lambda: subject.state.save(path), valid=True)
        kept_bytes = path.with_name(path.name + ".prev").read_bytes()
        claim("the_file_before_is_kept", kept_bytes == (path.read_bytes() if twice else b"before"))

    @rule(
        subject=Base.subjects.filter(lambda s: surface.is_own(s.rule_name)),
        what=st.sampled_from(sorted(NO_RULES)),
    )  # fmt: skip
    def load_with_no_rule(self, subject: Subject, what: str) -> None:
        log(f"{subject}: from_bytes with a rule that is none: {what}")
        data = subject.state.to_bytes()
        attempt(lambda: vx.OnlineEM.from_bytes(data, rule=NO_RULES[what]), valid=False)

    @rule(what=st.sampled_from(("class", "own_class", "number", "text")))
    def construct_with_no_rule(self, what: str) -> None:
        log(f"construct with a rule that is none: {what}")
        attempt(lambda: vx.OnlineEM(self.any_model(), NO_RULES[what]), valid=False)
