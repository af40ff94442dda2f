"""Steps that feed batches: sound, hostile and wrong ones, and rules that fail half-way."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule

from machine import hostile, surface, user_rules
from machine.base import Base, Constructing, dimensions, families, log, options, rule_names
from machine.checks import check, unchanged, value_round_trip
from machine.claims import DeliberateError, Refused, attempt, claim, kept
from machine.hostile import Array, Rows
from machine.oracle import Event, payload
from machine.subjects import Subject, copied, ways
from machine.user_rules import PLAN

REMEMBERED_TOLERANCE = 0.1

# Each layout holds the same numbers in memory.
LAYOUTS: dict[str, Callable[[Array], Any]] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, axis=0)[::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "list": lambda x: x.tolist(),
    "read_only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
}


def event_of(
    report: Any, x: Array, w: Array | None, gain: float, *, slack: float, scores: bool
) -> Event:
    """Return what a step learned, by what was given to it and by its report."""
    weights = np.ones(len(x)) if w is None else np.asarray(w)
    learned = (weights > 0) & ~np.isnan(x).all(axis=1)
    x, weights = x[learned], weights[learned]
    total = float(weights.sum())
    whole = np.isclose(gain, total, rtol=1e-9, atol=slack)
    if "step_reverted" in report.status:
        within = -slack <= gain <= total * (1 + 1e-9) + slack
        claim("reverted_weight", within, f"{gain} of {total}")
    else:
        claim("weight_of_the_step", whole, lambda: f"{gain}, {total} right")
    claim("rows_of_the_report", report.rows == len(x), lambda: f"{report.rows}, {len(x)} right")
    check_report(report)
    value_round_trip("BatchReport", report)
    scored = (total - report.impossible) * scores
    return Event(
        x, weights, gain if "step_reverted" in report.status else total,
        "step_reverted" not in report.status or bool(gain > 0 and whole),
        scored, scored * report.log_likelihood, report.impossible * scores, report.change,
    )  # fmt: skip


def check_report(report: Any) -> None:
    """Claim that a report's numbers are finite and agree, and that a drift signal has its size."""
    claim("report_is_finite", np.isfinite((report.log_likelihood, report.drift)).all(), report)
    claim("drift_of_a_signal", report.change == (abs(report.drift) >= 1.0), report)
    claim("status_of_a_signal", report.change == ("drift" in report.status), report)
    within = 0.0 <= report.impossible <= report.weight * (1.0 + 1e-12)
    claim("impossible_weight", within, report)
    told = (report.impossible > 0.0) == ("impossible_rows" in report.status)
    claim("impossible_rows_are_told", told, report)
    claim("impossible_rows_are_not_scored", report.impossible < report.weight or
          report.log_likelihood == 0.0, report)  # fmt: skip


def record(subject: Subject, report: Any, x: Array, w: Array | None, before: float) -> None:
    """Write what an update learned into the record."""
    if report.rows == 0:
        return
    gain = subject.state.total_weight - before
    scores = bool(subject.options.get("score", True))
    subject.fed.learn(event_of(report, x, w, gain, slack=1e-12 * before, scores=scores))


def remembered(subject: Subject) -> float | None:
    """Return the weight that a rule with a half-life in time remembers, or None if it has none."""
    held = payload(subject.state)["rule"]["values"].get("remembered")
    return None if held is None else float(held)


class Updating(Constructing):
    """Feeds batches to states."""

    @rule(
        target=Base.subjects, family=families, d=dimensions, name=rule_names, chosen=options,
        edge=st.sampled_from((-1, -1, 0, 1)),
    )  # fmt: skip
    def construct(
        self, family: str, d: int, name: str, chosen: dict[str, Any], edge: int
    ) -> Subject:
        return self._made(family, d, name, chosen, edge)

    def arguments(
        self, subject: Subject, recipe: Rows, weights: str, times: str
    ) -> tuple[Array, Array | None, Array | None, bool]:
        """Return rows, weights and times as named, and whether the state has to take them."""
        x = recipe.build(subject.init, subject.state.model.mu)
        n = len(x)
        w = (hostile.WEIGHTS | hostile.WRONG_WEIGHTS)[weights](n) if n > 0 else None
        valid = recipe.is_valid(subject.missing) and weights not in hostile.WRONG_WEIGHTS
        valid &= x.shape[1] == subject.d and n > 0
        t = None
        if surface.is_timed(subject.rule_name) and n > 0:
            last = payload(subject.state)["last_time"]
            started = last is not None
            t = (hostile.TIMES | hostile.WRONG_TIMES)[times](n, float(last) if started else 0.0)
            is_wrong = times in hostile.WRONG_TIMES
            alone = times == "falling" and n == 1 and not started
            valid &= not is_wrong or alone
        if n > 0 and "absent" in self.absent_rows(w, x):
            valid = valid or None  # type: ignore[assignment]
        return x, w, t, valid

    @staticmethod
    def absent_rows(w: Array | None, x: Array) -> tuple[str, ...]:
        """Return ('absent',) if a row has weight 0: the documents leave open if it may be wrong."""
        return ("absent",) if w is not None and len(w) == len(x) and (w == 0).any() else ()

    @rule(
        subject=Base.subjects, recipe=hostile.rows(), weights=hostile.any_weights,
        times=hostile.any_times, way=ways, layout=st.sampled_from(kept(LAYOUTS)),
    )  # fmt: skip
    def update(
        self, subject: Subject, recipe: Rows, weights: str, times: str, way: str, layout: str
    ) -> None:
        log(f"{subject}.update({recipe}, {weights=}, {times=}); also a {way}, {layout=}")
        self.feed(subject, recipe, weights, times, way, layout)

    @rule(
        subject=Base.subjects, recipe=hostile.sound_rows, weights=hostile.weights,
        times=hostile.times, way=ways,
    )  # fmt: skip
    def update_soundly(
        self, subject: Subject, recipe: Rows, weights: str, times: str, way: str
    ) -> None:
        log(f"{subject}.update({recipe}, {weights=}, {times=}); also a {way}")
        self.feed(subject, recipe, weights, times, way, "rows")

    def feed(
        self, subject: Subject, recipe: Rows, weights: str, times: str, way: str, layout: str
    ) -> None:
        """Update the state, and a copy from which the rows of weight 0 are taken out."""
        x, w, t, valid = self.arguments(subject, recipe, weights, times)
        state, weight = subject.state, subject.state.total_weight
        twin = copied(subject, way)
        report = attempt(lambda: state.update(LAYOUTS[layout](x), w, t), valid=valid)
        if isinstance(report, Refused):
            unchanged(subject, f"the refused update ({report.error})")
            return
        subject.fed.is_sane &= recipe.is_sane and weights not in ("heavy", "light")
        record(subject, report, x, w, weight)
        self.check_memory(subject, x, w, t, report)
        check(subject)
        keep = np.ones(len(x), bool) if w is None else w > 0
        if keep.any():
            log("    the same rows to the copy, without those of weight 0")
            cut = [None if part is None else part[keep] for part in (x, w, t)]
            again = attempt(lambda: twin.update(*cut), valid=True)
            is_same = twin.to_bytes() == subject.bytes_before
            claim("a_copy_goes_on_to_the_same_bits", is_same, f"{way}: {report}, {again}")

    @staticmethod
    def check_memory(
        subject: Subject, x: Array, w: Array | None, t: Array | None, report: Any
    ) -> None:
        """Claim that the weight remembered decays with time, also if a step is not taken."""
        now = remembered(subject)
        if now is None or t is None or report.rows == 0 or "step_reverted" in report.status:
            return
        weights = np.ones(len(t)) if w is None else w
        learned = (weights > 0) & ~np.isnan(x).all(axis=1)
        t, weights = t[learned], weights[learned]
        if subject.memory is not None:
            held, last = subject.memory
            right = held * 2.0 ** (last - t[-1]) + float((weights * 2.0 ** (t - t[-1])).sum())
            near = np.isclose(now, right, rtol=REMEMBERED_TOLERANCE)
            claim("memory_decays_with_time", near, lambda: f"{now}, {right} right")
        subject.memory = now, float(t[-1])

    @rule(
        subject=Base.subjects, n=st.integers(1, 30), seed=st.integers(0, 9), jump=st.booleans()
    )  # fmt: skip
    def one_row_at_a_time(self, subject: Subject, n: int, seed: int, jump: bool) -> None:
        log(f"{subject}: {n} rows of seed {seed}, one an update, the last scaled: {jump}")
        for k, row in enumerate(Rows(n, seed).build(subject.init)):
            x = row[None, :] * (50.0 if jump and k == n - 1 else 1.0)
            weight, last = subject.state.total_weight, payload(subject.state)["last_time"]
            t = [float(last or 0.0) + 0.5] if surface.is_timed(subject.rule_name) else None
            report = attempt(lambda x=x, t=t: subject.state.update(x, times=t), valid=True)
            record(subject, report, x, None, weight)
            self.check_memory(subject, x, None, None if t is None else np.array(t), report)
        check(subject)

    @rule(
        subject=Base.subjects.filter(lambda s: surface.is_own(s.rule_name)),
        recipe=hostile.rows(wrong=False, sizes=(30, 5, 1)),
        place=st.sampled_from(user_rules.PLACES), call=st.integers(0, 2),
        fault=st.sampled_from(kept(user_rules.WAYS)),
    )  # fmt: skip
    def failing_rule(
        self, subject: Subject, recipe: Rows, place: str, call: int, fault: str
    ) -> None:
        log(f"{subject}.update({recipe}), its rule: {fault} in call {call} of {place}")
        x, _, _, valid = self.arguments(subject, recipe, "none", "steady")
        weight = subject.state.total_weight
        PLAN.arm(place, call, fault)
        try:
            report = attempt(
                lambda: subject.state.update(x), valid=None, allowed=(DeliberateError,)
            )
            if isinstance(report, Refused):
                PLAN.disarm()
                claim("valid_input_is_taken", PLAN.tripped or not valid, report.error)
                unchanged(subject, f"{fault} in {place} of its rule ({report.error})")
                return
            shown = attempt(lambda: subject.state.model, valid=None, allowed=(DeliberateError,))
        finally:
            PLAN.disarm()
        if not isinstance(shown, Refused):
            claim("dimension_stays", shown.d == subject.d, f"{fault} in {place}: {shown}")
        subject.fed.is_sane &= recipe.is_sane and not PLAN.tripped
        record(subject, report, x, None, weight)
        check(subject)
