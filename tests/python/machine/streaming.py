"""Steps that stream from every source, cut anyhow and stopped in every way."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule

import varimix as vx
from machine import hostile, sources, surface
from machine.base import Base, log
from machine.checks import check, read_only, value_round_trip
from machine.claims import DeliberateError, Refused, attempt, claim, kept
from machine.hostile import Array, Rows
from machine.oracle import Event, payload
from machine.sources import Data
from machine.subjects import Subject, copied
from machine.updating import Updating, check_report, record
from machine.user_rules import PLAN

# Each name has the answer of a callback at the call that `How.at` counts.
ANSWERS: dict[str, Any] = {
    "none": None,
    "true": True,
    "numpy_true": np.True_,
    "false": False,
    "numpy_false": np.False_,
    "raise": DeliberateError("the callback"),
}
STOPPING = {"false", "numpy_false"}
ENDS = {"completed", "no_rows", "not_started", "interrupted", "early_stopped"}


@dataclass(frozen=True)
class How:
    """The options of a stream."""

    batch_size: int = 16
    passes: int = 1
    max_steps: int | None = None
    shuffle_buffer: int = 0
    answer: str = "none"
    at: int = 2  # number of the call of the callback, or of the user's rule, from 1

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of fit_stream."""
        names = ("batch_size", "passes", "max_steps", "shuffle_buffer")
        return {name: getattr(self, name) for name in names}


class Callback:
    """Gathers reports, and answers as it is told."""

    def __init__(self, how: How) -> None:
        self.how = how
        self.reports: list[Any] = []

    def __call__(self, report: Any) -> Any:
        self.reports.append(report)
        if len(self.reports) != self.how.at:
            return None
        answer = ANSWERS[self.how.answer]
        if isinstance(answer, Exception):
            raise answer
        return answer


hows = st.builds(
    How,
    batch_size=st.sampled_from((16, 1, 7, 50, 256)),
    passes=st.sampled_from((1, 1, 2)),
    max_steps=st.sampled_from((None, None, 0, 1, 3)),
    shuffle_buffer=st.sampled_from((0, 0, 0, 20)),
    answer=st.sampled_from(("none", *kept(ANSWERS))),
    at=st.integers(1, 4),
)
source_names = st.sampled_from(kept(sources.SOURCES))


def held_apart(state: Any) -> str:
    """Return all of a state but its position in the source, as text, where NaN equals NaN.

    The names that it has from a table are left out too: arrays of the same rows have none.
    """
    held = {name: part for name, part in payload(state).items() if name != "position"}
    for model in ("initial", "driving"):
        held[model] = {name: part for name, part in held[model].items() if name != "columns"}
    return repr(held)


class Streaming(Updating):
    """Streams rows into states."""

    def data(self, subject: Subject, recipe: Rows, weights: str, cut: int, source: str) -> Data:
        """Return the data of a source, with times where the rule needs them."""
        x = recipe.build(subject.init, subject.state.model.mu)
        w = hostile.WEIGHTS[weights](len(x)) if source in sources.NAMED and len(x) > 0 else None
        t = None
        if surface.is_timed(subject.rule_name):
            last = payload(subject.state)["last_time"]
            t = hostile.TIMES["steady"](len(x), float(last or 0.0))
        is_column = x.shape[1] == 1 and w is None and t is None
        has_empty_lines = is_column and np.isnan(x).any()  # they are no rows of a CSV file
        is_csv = source.startswith("csv") and not has_empty_lines
        return Data(x, w, t, self.path(), cut, is_csv=is_csv)

    def opened(self, data: Data, name: str) -> Any:
        """Return the source of that name, or a table if only that has the columns, or all rows."""
        needs_names = bool(data.arguments) and name not in sources.NAMED
        needs_names |= name.startswith("csv") and not data.is_csv
        return (sources.NAMED["table"] if needs_names else sources.SOURCES[name])(data)

    @rule(
        subject=Base.subjects, recipe=hostile.rows(), weights=hostile.weights, name=source_names,
        cut=st.sampled_from((1000, 20, 7, 1)), how=hows, breaks=st.booleans(),
    )  # fmt: skip
    def stream(
        self, subject: Subject, recipe: Rows, weights: str, name: str, cut: int, how: How,
        breaks: bool,
    ) -> None:  # fmt: skip
        if name in sources.ONCE or surface.is_timed(subject.rule_name):
            how = replace(how, passes=1)
        if surface.is_timed(subject.rule_name):
            how = replace(how, shuffle_buffer=0)
        log(f"{subject}.stream({name!r} of {recipe}, {weights=}, {cut=}, {how}, {breaks=})")
        data = self.data(subject, recipe, weights, cut, name)
        if breaks and name in sources.BREAKING and not data.arguments:
            data.breaks_at = len(data.x) // 2
        valid = recipe.is_valid(subject.missing) and data.x.shape[1] == subject.d
        twin = copied(subject, "copy")
        callback = Callback(how)
        if breaks and surface.is_own(subject.rule_name):
            PLAN.arm("accumulate", how.at, "raise")
        try:
            result = attempt(
                lambda: vx.fit_stream(
                    subject.state, self.opened(data, name), callback=callback,
                    **how.arguments, **data.arguments,
                ),
                valid=None, allowed=(DeliberateError,),
            )  # fmt: skip
        finally:
            PLAN.disarm()
        self.settle(subject, twin, data, how, callback, result, recipe)
        failed = isinstance(result, Refused) and not isinstance(result.error, DeliberateError)
        if failed and len(data.x) > 0:
            claim(
                "valid_stream_is_taken", not valid, lambda: f"{type(result.error)} {result.error}"
            )
            row = len(data.x) // 2
            if recipe.spoil == ("infinity",) and (data.w is None or data.w[row] > 0):
                claim("row_of_the_source", str(row) in str(result.error), f"{row}: {result.error}")

    def settle(
        self, subject: Subject, twin: Any, data: Data, how: How, callback: Callback,
        result: Any, recipe: Rows,
    ) -> None:  # fmt: skip
        """Compare with a loop over update on the same batches; write the record."""
        gained = subject.state.step - twin.step
        subject.fed.is_sane &= recipe.is_sane
        subject.memory = None
        if not isinstance(result, Refused):
            claim(
                "steps_of_the_result", result.n_iter == gained, f"{result.n_iter}, {gained} right"
            )
            claim("model_of_the_result", result.model == subject.state.model, result)
            claim("history_is_finite", np.isfinite(result.log_likelihoods).all(), result)
            claim("result_can_be_shown", bool(result.summary()) and bool(repr(result)))
            self.must_say_how_it_ended(how, callback, result)
            told = result.diverged == ("step_reverted" in result.status)
            claim("diverged_says_a_step_was_reverted", told, result.status)
            read_only(result.log_likelihoods, result.param_changes)
            value_round_trip("EMResult", result)
        self.must_have_stopped(how, callback, result)
        shadow = Subject("", twin, subject.init, subject.rule_name, subject.rule, subject.options,
                         subject.fed.copy())  # fmt: skip
        batches = self.batches(data, how)
        if not isinstance(result, Refused) and how.answer not in STOPPING:
            steps = sum(not np.isnan(x).all() for x, _, _ in batches)
            steps = steps if how.max_steps is None else min(how.max_steps, steps)
            is_known = how.shuffle_buffer == 0 or not np.isnan(data.x).any()
            claim("all_is_learned", gained == steps or not is_known, f"{gained} of {steps}")
        if data.x.shape[1] != subject.d:
            claim("columns_are_the_states", gained == 0, f"{data.x.shape[1]}, {subject.d} right")
        if how.shuffle_buffer > 0:
            self.record_shuffled(subject, callback, gained, data)
        else:
            self.replay(subject, shadow, batches, gained)
        check(subject)
        if gained == 0 and isinstance(result, Refused):
            claim("state_is_as_before", held_apart(twin) == held_apart(subject.state), result.error)

    @staticmethod
    def must_have_stopped(how: How, callback: Callback, result: Any) -> None:
        """Claim that a callback ends the fit if it says so, and that its exception comes out."""
        if len(callback.reports) < how.at or how.answer not in (*STOPPING, "raise"):
            return
        claim("callback_ends_the_fit", len(callback.reports) == how.at, how)
        raised = isinstance(result, Refused) and isinstance(result.error, DeliberateError)
        claim("callback_ends_the_fit", raised == (how.answer == "raise"), result)

    @staticmethod
    def must_say_how_it_ended(how: How, callback: Callback, result: Any) -> None:
        """Claim that the status has the right end of the stream, and no other."""
        stopped = how.answer in STOPPING and len(callback.reports) >= how.at
        right = (
            "not_started" if how.max_steps == 0
            else "interrupted" if stopped
            else "no_rows" if result.n_iter == 0
            else "completed"
        )  # fmt: skip
        ends = ENDS & set(result.status.codes)
        claim("status_of_the_end", ends == {right}, lambda: f"{ends}, {right} right")

    @staticmethod
    def batches(data: Data, how: How) -> list[tuple[Array, Array | None, Array | None]]:
        """Return the batches of fit_stream, which are cut after rows of weight 0 are left out."""
        keep = np.ones(len(data.x), bool) if data.w is None else data.w > 0
        x, w, t = (None if part is None else part[keep] for part in (data.x, data.w, data.t))
        assert x is not None
        cuts = [slice(k, k + how.batch_size) for k in range(0, len(x), how.batch_size)]
        return [
            (x[cut], None if w is None else w[cut], None if t is None else t[cut]) for cut in cuts
        ] * how.passes

    @staticmethod
    def replay(subject: Subject, shadow: Subject, batches: list[Any], gained: int) -> None:
        """Feed the first batches to the copy by hand, which has to end in the same state."""
        for x, w, t in batches:
            shows_nothing = subject.missing == "exact" and x.size > 0 and np.isnan(x).all()
            shows_nothing &= x.shape[1] == subject.d
            if shadow.state.step == subject.state.step and not shows_nothing:
                break
            weight = shadow.state.total_weight
            report = attempt(lambda x=x, w=w, t=t: shadow.state.update(x, w, t), valid=True)
            record(shadow, report, x, w, weight)
        subject.fed = shadow.fed
        is_same = held_apart(shadow.state) == held_apart(subject.state)
        claim("a_stream_is_a_loop_over_update", is_same, f"{gained} steps of {subject}")

    @staticmethod
    def record_shuffled(subject: Subject, callback: Callback, gained: int, data: Data) -> None:
        """Write steps of which only the weights are known into the record."""
        reports = [report for report in callback.reports if report.rows > 0]
        claim("one_report_a_step", len(reports) == gained, f"{len(reports)} of {gained}")
        gain, none = subject.state.total_weight - subject.fed.weight, data.x[:0]
        scores = bool(subject.options.get("score", True))
        events = []
        for report in reports:
            check_report(report)
            scored = (report.weight - report.impossible) * scores
            events.append(
                Event(none, none[:, 0], report.weight, False, scored,
                      scored * report.log_likelihood, report.impossible * scores, report.change)
            )  # fmt: skip
        if events:
            surplus = sum(event.weight for event in events) - gain
            reverted = any("step_reverted" in report.status for report in reports)
            slack = 1e-9 * gain + 1e-15 * subject.state.total_weight
            claim("weight_of_the_stream", reverted or abs(surplus) <= slack, surplus)
            events[0] = replace(events[0], x=data.x, weight=events[0].weight - surplus)
            if gain == 0.0:  # the weight has not grown by a bit
                events = [replace(event, weight=0.0) for event in events]
        for event in events:
            subject.fed.learn(event)
