"""Steps with checkpoints: resumed, finished, with another rule, or of a source that has grown."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from hypothesis import strategies as st
from hypothesis.stateful import rule

import varimix as vx
from machine import hostile, sources, surface
from machine.base import Base, log
from machine.checks import check
from machine.claims import DeliberateError, Refused, attempt, claim
from machine.hostile import Rows
from machine.oracle import Fed
from machine.sources import Data
from machine.streaming import Callback, How, Streaming, source_names
from machine.subjects import Subject, copied
from machine.user_rules import PLAN

MOST_STARTS = 40
BATCH = 10

interruptions = st.sampled_from(("max_steps", "callback", "iterator", "rule"))


class Checkpointing(Streaming):
    """Streams with checkpoints."""

    def started(self, subject: Subject) -> Any:
        """Return the state as a program that starts again would have it."""
        return copied(subject, "copy")

    @rule(
        subject=Base.subjects, recipe=hostile.rows(wrong=False, sizes=(64, 30, 100)),
        weights=hostile.weights, name=source_names, cut=st.sampled_from((1000, 7, 20)),
        every=st.integers(1, 4), stops=st.lists(interruptions, min_size=1, max_size=3),
        passes=st.sampled_from((1, 2)), shuffle=st.sampled_from((0, 25)),
    )  # fmt: skip
    def stopped_and_resumed(
        self, subject: Subject, recipe: Rows, weights: str, name: str, cut: int, every: int,
        stops: list[str], passes: int, shuffle: int,
    ) -> None:  # fmt: skip
        passes = 1 if name in sources.ONCE or surface.is_timed(subject.rule_name) else passes
        shuffle = 0 if surface.is_timed(subject.rule_name) else shuffle
        log(f"{subject}: {name!r} of {recipe}, {weights=}, {cut=}, {passes=}, {shuffle=}, "
            f"a checkpoint {every=}, stopped by {stops}")  # fmt: skip
        data = self.data(subject, recipe, weights, cut, name)
        if not recipe.is_valid(subject.missing):
            return
        how: dict[str, Any] = {"batch_size": BATCH, "passes": passes, "shuffle_buffer": shuffle}
        undisturbed = self.started(subject)
        vx.fit_stream(undisturbed, self.opened(data, name), **how, **data.arguments)
        path, own = self.path(), subject.given_rule
        how |= {"checkpoint": path, "every": every, "rule": own, **data.arguments}
        state, result = subject.state, None
        for start in range(MOST_STARTS):
            state = self.started(subject)
            stop = stops[start] if start < len(stops) else "none"
            log(f"    start {start}, stopped by {stop}")
            result = self.interrupted(state, data, name, how, stop)
            if stop == "none" and not isinstance(result, Refused):
                break
        self.must_be_the_same(subject, state, undisturbed, path)
        again = self.started(subject)
        log("    once more, when all is learned")
        result = attempt(lambda: vx.fit_stream(again, self.opened(data, name), **how), valid=True)
        claim("a_finished_stream_learns_nothing", result.n_iter == 0, result)
        claim("a_finished_stream_says_so",
              again.step == 0 or "not_started" not in result.status, result.status)  # fmt: skip
        self.must_be_the_same(subject, again, undisturbed, path)

    def interrupted(self, state: Any, data: Data, name: str, how: dict[str, Any], stop: str) -> Any:
        """Start the program once, to end early in the way that ``stop`` names."""
        callback = Callback(How(at=2, answer="raise" if stop == "callback" else "none"))
        steps = 2 if stop == "max_steps" else None
        data.breaks_at = 25 if stop == "iterator" and name in sources.BREAKING else None
        if stop == "rule":
            PLAN.arm("accumulate", 3, "raise")
        try:
            return attempt(
                lambda: vx.fit_stream(
                    state, self.opened(data, name), callback=callback, max_steps=steps, **how
                ),
                valid=True, allowed=(DeliberateError,),
            )  # fmt: skip
        finally:
            PLAN.disarm()
            data.breaks_at = None

    @staticmethod
    def must_be_the_same(subject: Subject, state: Any, undisturbed: Any, path: Path) -> None:
        """Claim that the state, and that in the file, have the bits of one that never stopped."""
        right = undisturbed.to_bytes()
        claim(
            "resumed_to_the_same_bits", state.to_bytes() == right, lambda: f"{state}, {undisturbed}"
        )
        loaded = attempt(lambda: vx.OnlineEM.load(path, rule=subject.given_rule), valid=True)
        claim("the_file_has_the_same_bits", loaded.to_bytes() == right, lambda: f"{loaded}")

    @rule(
        name=st.sampled_from(sorted(surface.OTHER_SETTING)), n=st.sampled_from((35, 64)),
        finished=st.booleans(),
    )  # fmt: skip
    def checkpoint_of_another_setting(self, name: str, n: int, finished: bool) -> None:
        log(f"checkpoint_of_another_setting({name!r}, {n=}, {finished=})")
        init = self.any_model()
        path, x = self.path(), Rows(n, 1).build(init)
        how = {"batch_size": BATCH, "checkpoint": path, "every": 1}
        first = vx.OnlineEM(init, surface.RULES[name](init))
        vx.fit_stream(first, x, max_steps=None if finished else 2, **how)
        second = vx.OnlineEM(init, surface.OTHER_SETTING[name])
        before, in_file = second.to_bytes(), path.read_bytes()
        result = attempt(lambda: vx.fit_stream(second, x, **how), valid=None)
        claim("another_setting_is_refused", isinstance(result, Refused), lambda: repr(result))
        if not isinstance(result, Refused):
            return
        claim("state_is_as_before", second.to_bytes() == before, name)
        claim("checkpoint_is_as_before", path.read_bytes() == in_file, name)

    def any_model(self) -> Any:
        """Return the initial model of the first state under watch."""
        return self.all[0].init

    @rule(
        target=Base.subjects, kind=st.sampled_from(("files", "array", "table", "iterator")),
        n=st.sampled_from((30, 25)), more=st.sampled_from((30, 5)),
        shuffle=st.sampled_from((0, 20)),
    )  # fmt: skip
    def grown_source(self, kind: str, n: int, more: int, shuffle: int) -> Subject:
        log(f"grown_source({kind!r}, {n=}, {more=}, {shuffle=})")
        init, path = self.any_model(), self.path()
        data = Data(Rows(n, 1).build(init), None, None, self.path(), 1000)
        later = Data(Rows(more, 2).build(init), None, None, self.path(), 1000)
        how = {"batch_size": BATCH, "checkpoint": path, "every": 2, "shuffle_buffer": shuffle}
        whole = np.concatenate([data.x, later.x])
        pq.write_table(data.table(), data.path("parquet", 0))

        def source(*, has_grown: bool) -> Any:
            if kind == "files":
                if has_grown:
                    pq.write_table(later.table(), data.path("parquet", 1))
                return str(data.folder / "*.parquet")
            x = whole if has_grown else data.x
            rows = Data(x, None, None, data.folder, 1000)
            return iter([x]) if kind == "iterator" else rows.table() if kind == "table" else x

        state = vx.OnlineEM(init)
        vx.fit_stream(state, source(has_grown=False), **how)
        tomorrow = vx.OnlineEM(init)
        result = attempt(lambda: vx.fit_stream(tomorrow, source(has_grown=True), **how), valid=None)
        fed = Fed()
        refused = isinstance(result, Refused)
        claim("new_rows_are_learned_or_refused", refused or tomorrow.total_weight == n + more,
              lambda: f"{tomorrow.total_weight}, {n + more} right: {result}")  # fmt: skip
        shutil.rmtree(data.folder, ignore_errors=True)
        fresh = Subject("", vx.OnlineEM(init), init, "default", None, {}, fed)
        check(fresh)
        return self.admit(fresh)
