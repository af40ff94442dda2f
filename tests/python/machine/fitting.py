"""Steps that fit rows in memory: batch EM, incremental EM, the best of families, threads."""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule

import varimix as vx
from machine import hostile, surface
from machine.base import Base, log
from machine.checks import finite_model, read_only, value_round_trip
from machine.claims import Refused, attempt, claim, kept
from machine.hostile import Rows
from machine.modelling import Modelling
from machine.streaming import Callback, How
from machine.subjects import Subject, copied

LIKELIHOOD_TOLERANCE = 1e-9
PASSES = 40

answers = st.sampled_from(kept(("none", "false", "numpy_false")))
fit_options = st.sampled_from(
    ({}, {}, {"symmetric": True}, {"missing": "exact"}, {"acceleration": "none"},
     {"fixed": ("mu",)}, {"max_iter": 0}, {"max_iter": 1}, {"alpha_min": "density"})
)  # fmt: skip


def free_parameters(family: str, d: int, options: dict[str, Any]) -> int:
    """Return how many parameters a fit chooses; the gauge is none of them."""
    held = d * (options.get("symmetric", False) + ("mu" in options.get("fixed", ())))
    return 2 * d + d * (d + 1) // 2 + surface.FAMILIES[family][1] - held


class Fitting(Modelling):
    """Fits rows in memory."""

    def result_is_sound(self, result: Any, recipe: Rows) -> None:
        """Claim what holds for every result; rows may have density 0, but none has NaN."""
        finite_model(result.model, "result")
        changes, history = result.param_changes, np.asarray(result.log_likelihoods)
        least = -np.inf if not recipe.is_sane else np.nextafter(-np.inf, 0)
        sound = ((history >= least) & (history < np.inf)).all()
        claim("history_is_finite", sound, lambda: f"{history} of {result}")
        claim("changes_are_finite", np.isfinite(changes).all(), lambda: f"{changes} of {result}")
        told = result.diverged == ("step_reverted" in result.status)
        claim("diverged_says_a_step_was_reverted", told, result.status)
        claim("result_can_be_shown", bool(result.summary()))
        value_round_trip("EMResult", result)
        value_round_trip("Status", result.status)
        read_only(result.log_likelihoods, result.param_changes)

    @rule(subject=Base.subjects, recipe=hostile.rows(), weights=hostile.any_weights,
          options=fit_options, answer=answers)  # fmt: skip
    def batch_em(
        self, subject: Subject, recipe: Rows, weights: str, options: dict[str, Any], answer: str
    ) -> None:
        log(f"BatchEMFitter({options}) from {subject}'s start on {recipe}, {weights=}, {answer=}")
        x = recipe.build(subject.init)
        n = len(x)
        w = (hostile.WEIGHTS | hostile.WRONG_WEIGHTS)[weights](n) if n > 0 else None
        right = recipe.is_valid(options.get("missing", "error")) and x.shape[1] == subject.d
        valid: bool | None = right and n > 0 and weights not in hostile.WRONG_WEIGHTS
        if (valid and np.isnan(x).all()) or (w is not None and len(w) == n and (w == 0).any()):
            valid = valid or None
        valid = False if w is not None and not np.nansum(w) > 0 else valid
        fitter = attempt(lambda: vx.BatchEMFitter(**({"max_iter": PASSES} | options)), valid=True)
        if "alpha_min" in options and not isinstance(subject.init, vx.VarianceGamma):
            valid = None
        callback = Callback(How(answer=answer))
        result = attempt(
            lambda: fitter.fit(subject.init, x, w, callback=callback), valid=valid or None
        )
        if isinstance(result, Refused):
            claim("valid_input_is_taken", not valid, lambda: str(result.error))
            return
        claim("bad_input_is_refused", valid is not False, recipe)
        self.result_is_sound(result, recipe)
        short = attempt(lambda: type(subject.init).fit(x, max_iter=2), valid=None)
        if not isinstance(short, Refused):
            self.result_is_sound(short, recipe)
        value_round_trip("BatchEMFitter", fitter)

    @rule(
        subject=Base.subjects, recipe=hostile.rows(), size=st.sampled_from((16, 1, 500)),
        steps=st.sampled_from((3, 0, 12)), verbose=st.booleans(), key=st.sampled_from((0, 5)),
        answer=answers,
    )  # fmt: skip
    def incremental(
        self, subject: Subject, recipe: Rows, size: int, steps: int, verbose: bool, key: int,
        answer: str,
    ) -> None:  # fmt: skip
        log(f"IncrementalEMFitter({subject.rule_name}, {size=}, {steps=}, {verbose=}) on {recipe}, "
            f"{key=}, {answer=}")  # fmt: skip
        x = recipe.build(subject.init)
        fitter = attempt(
            lambda: vx.IncrementalEMFitter(
                subject.rule, size, steps, verbose=int(verbose), missing=subject.missing
            ),
            valid=True,
        )
        right = recipe.is_valid(subject.missing) and x.shape[1] == subject.d and len(x) > 0
        if surface.is_timed(subject.rule_name):
            right = False
        callback = Callback(How(answer=answer))
        result = attempt(
            lambda: fitter.fit(subject.init, x, key=key, callback=callback), valid=right or None
        )
        if not isinstance(result, Refused):
            self.result_is_sound(result, recipe)
            stopped = answer != "none" and len(callback.reports) >= callback.how.at
            done = result.n_iter == (callback.how.at if stopped else steps)
            claim("steps_of_the_result", done or recipe.spoil, f"{result.n_iter} of {steps}")
            again = fitter.fit(subject.init, x, key=key) if answer == "none" else result
            claim("fits_are_keyed", again.model == result.model, result)
        value_round_trip("IncrementalEMFitter", fitter)
        if not surface.is_own(subject.rule_name) and subject.rule is not None:
            value_round_trip(subject.rule_name, subject.rule)

    @rule(
        subject=Base.subjects, recipe=hostile.rows(sizes=(30, 64, 5, 1)),
        families=st.lists(st.sampled_from(sorted(surface.FAMILIES)), min_size=1, max_size=2),
        starts=st.sampled_from((1, 2)), options=fit_options,
        criterion=st.sampled_from(("bic", "aic", "log_likelihood")),
    )  # fmt: skip
    def best(
        self, subject: Subject, recipe: Rows, families: list[str], starts: int,
        options: dict[str, Any], criterion: str,
    ) -> None:  # fmt: skip
        log(
            f"fit_best({recipe} of {subject}'s start, {families}, {starts=}, {criterion=}, "
            f"{options})"
        )
        x = recipe.build(subject.init)
        columns = {"column_more", "column_less"}  # any number of columns is right here
        sound = Rows(spoil=tuple(name for name in recipe.spoil if name not in columns))
        right = sound.is_valid(options.get("missing", "error")) and x.size > 0
        valid: bool | None = right and len(set(families)) == len(families)
        if valid and np.isnan(x).all():
            valid = None
        if not right and columns & set(recipe.spoil):
            valid = None  # the column that was spoilt may be the one that is gone
        if "alpha_min" in options and families != ["VarianceGamma"]:
            valid = valid and None
        fitter = vx.BatchEMFitter(**({"max_iter": PASSES} | options))
        result = attempt(
            lambda: vx.fit_best(x, families, starts, 0, criterion, fitter),
            valid=valid,
        )
        if isinstance(result, Refused):
            return
        claim(
            "best_can_be_shown", bool(str(result)) and result.best.family == result.table[0].family
        )
        for fit in result.table:
            self.family_fit_is_sound(fit, x, options, is_sane=recipe.is_sane)
        value_round_trip("BestFit", result)

    @staticmethod
    def family_fit_is_sound(fit: Any, x: Any, options: dict[str, Any], *, is_sane: bool) -> None:
        """Claim that a line of the table describes the model that it holds."""
        finite_model(fit.model, f"fit_best, {fit.family}")
        values = (fit.log_likelihood, fit.aic, fit.bic, fit.start_gap)
        claim("table_has_no_nan", not np.isnan(values).any(), lambda: f"{fit.family}: {values}")
        right = free_parameters(fit.family, x.shape[1], options)
        claim(
            "free_parameters",
            fit.n_parameters == right,
            lambda: f"{fit.n_parameters}, {right} right",
        )
        aic = 2 * fit.n_parameters - 2 * fit.log_likelihood
        shown = int((~np.isnan(x)).any(axis=1).sum())
        bic = fit.n_parameters * math.log(shown) - 2 * fit.log_likelihood
        near = np.allclose((fit.aic, fit.bic), (aic, bic), rtol=1e-12)
        claim("aic_and_bic", near, lambda: f"{fit.aic}, {fit.bic}; {aic}, {bic} right")
        told = "mode_trap" in fit.status or "not_started" in fit.status  # a floor may have acted
        # Fewer rows than parameters may be fitted by a spike on one row: by the rounding of x - mu.
        if is_sane and not np.isnan(x).any() and len(x) > right and not told:
            of_model = fit.model.marginal_log_likelihood(x) * len(x)
            slack = LIKELIHOOD_TOLERANCE * (1 + abs(of_model))
            claim("likelihood_is_of_the_model", abs(of_model - fit.log_likelihood) <= slack,
                  lambda: f"{fit.family}: {fit.log_likelihood!r}, {of_model!r} right")  # fmt: skip

    @rule(subject=Base.subjects, n=st.sampled_from((300, 2000)), threads=st.sampled_from((1, 2, 7)))
    def threads(self, subject: Subject, n: int, threads: int) -> None:
        log(f"{subject}: copies learn {n} rows with {threads} threads and with all")
        if surface.is_timed(subject.rule_name):
            return
        states = [copied(subject, "copy") for _ in range(2)]
        x = Rows(n, 4).build(subject.init)
        for state, limit in zip(states, (threads, 0), strict=True):
            vx.set_threads(limit)
            claim("threads", vx.threads() == limit)
            state.update(x)
        claim("any_number_of_threads", states[0].to_bytes() == states[1].to_bytes(), threads)
