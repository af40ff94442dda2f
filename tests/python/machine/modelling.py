"""Steps that use models: rows, tails, moments, projections, laws of Y, divergences, targets."""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule

import varimix as vx
from machine import hostile, surface
from machine.base import Base, a_model, dimensions, families, log
from machine.checks import finite_model, read_only, value_round_trip
from machine.claims import SKIPPED, Refused, attempt, claim
from machine.hostile import Rows
from machine.merging import Merging
from machine.subjects import Subject

LEVELS = np.array([1e-12, 1e-3, 0.05, 0.5, 0.95, 1 - 1e-6])
TAIL_TOLERANCE = 1e-7
MOMENT_TOLERANCE = 1e-9
CORRELATION_ROUNDING = 1e-9


def no_nan(name: str, value: Any, what: object) -> None:
    """Claim that there is no NaN; infinity may be right."""
    claim(name, not np.isnan(np.asarray(value, dtype=float)).any(), lambda: f"{value} of {what}")


def is_moderate(model: Any) -> bool:
    """Return whether the law is far from the ends of doubles, so that digits can be asked for."""
    scale = np.sqrt(np.diag(model.sigma()))
    values = np.abs(np.concatenate([model.mu, model.gamma, 1 / scale, scale]))
    weight = model.tail_weight()
    return bool((values < 1e3).all() and 1e-4 < weight < 10)


def power_of_the_tail(model: Any) -> float:
    """Return alpha of a density of Y that falls as y^(-alpha - 1); other tails have infinity."""
    if isinstance(model, vx.NormalInverseGamma):
        return float(model.alpha)
    is_power = isinstance(model, vx.GeneralizedHyperbolic) and model.a == 0
    return -float(model.p) if is_power else np.inf


def check_nans_of_moments(model: Any) -> None:
    """Claim that a moment is NaN exactly where it does not exist."""
    alpha, skew = power_of_the_tail(model), model.gamma != 0
    least = np.where(skew[:, None] | skew, 1.5, 1.0)  # least alpha for a covariance
    is_free = ~(skew[:, None] & skew) & ~np.eye(model.d, dtype=bool)
    missing = {
        "mean": ~skew & (alpha <= 0.5),
        "cov": is_free & (alpha <= least),
        "skewness": np.where(skew, alpha <= 2.0, alpha <= 1.5),
        "kurtosis": np.where(skew, alpha <= 2.0, alpha <= 1.0),
    }
    for name, right in missing.items():
        found = getattr(model, name)()
        claim("moments_are_numbers", (np.isnan(found) == right).all(),
              lambda n=name, f=found: f"{n}: {f} of {model}")  # fmt: skip


def check_names(model: Any, w: Any, line: Any) -> None:
    """Claim that names, which a model may have, change nothing but how it is asked and shown."""
    names = tuple(f"c{j}" for j in range(model.d))
    named = attempt(lambda: model.with_columns(names), valid=True)
    claim("names_are_kept", named.columns == names and named == model, named)
    by_name = attempt(lambda: named.project(dict(zip(names, w, strict=True))), valid=True)
    claim("a_portfolio_is_by_name", by_name == line, by_name)
    claim("names_are_kept", list(named.params.index) == list(names), named)
    claim(
        "can_be_shown",
        "no move" in named.describe(named.replace()) and bool(named._repr_html_()),
        named,
    )
    sizes = np.abs(model.corr()[np.isfinite(model.corr())])
    claim("correlations_are_at_most_one", (sizes <= 1 + CORRELATION_ROUNDING).all(), sizes)
    plain = named.to_dict()
    claim("plain_values_are_whole", plain["columns"] == list(names) and len(plain["mu"]) == model.d)
    if is_moderate(model):
        again = attempt(lambda: type(model).from_dict(plain), valid=True)
        claim("plain_values_come_back", again.same_law(model, MOMENT_TOLERANCE), again)


def check_conditional_law(model: Any) -> None:
    """Claim that the law of the other columns, given the first, is a model of theirs."""
    at = float(model.mu[0] + model.L_Sigma[0, 0])
    law = attempt(lambda: model.conditional_law({0: at}), valid=None if model.d > 1 else False)
    if not isinstance(law, Refused):
        finite_model(law, f"conditional_law at {at} of {model}")
        claim("a_conditional_law_is_of_the_others", law.d == model.d - 1, law)


class Modelling(Merging):
    """Calls the methods of models."""

    @staticmethod
    def densities(model: Any, recipe: Rows, x: Any, missing: str) -> None:
        """Try densities, an E-step and a start on rows."""
        right, none = recipe.is_valid(missing), None if len(x) == 0 else False
        valid = (right and x.shape[1] == model.d) or none
        has_mean = True
        for name in ("log_prob", "log_pdf", "pdf", "marginal_log_likelihood"):
            found = attempt(lambda n=name: getattr(model, n)(x, missing=missing), valid=valid)
            if isinstance(found, Refused):
                continue
            if name == "log_prob":  # 0 and infinity have no mean
                has_mean = not {np.inf, -np.inf} <= set(found)
            if has_mean or name != "marginal_log_likelihood":
                no_nan("densities_are_numbers", found, f"{name} of {model}")
        step = attempt(lambda: model.e_step(x, missing=missing), valid=valid)
        if not isinstance(step, Refused) and has_mean:
            no_nan("densities_are_numbers", step.log_lik, model)
        given = attempt(lambda: model.posterior(x, missing=missing), valid=valid)
        if not isinstance(given, Refused):
            read_only(given.E_inv_Y, given.E_Y, given.E_log_Y)
            no_nan("posteriors_are_numbers", [given.E_inv_Y, given.E_Y, given.E_log_Y], model)
            if is_moderate(model) and missing == "error":
                near = np.isclose(given.E_Y.mean(), step.eta.E_Y) or not np.isfinite(step.eta.E_Y)
                claim("posteriors_average_to_eta", near, lambda: f"{given.E_Y}, {step.eta}")
        if {"column_more", "column_less"} & set(recipe.spoil):
            return
        begun = attempt(lambda: type(model).default_init(x, missing=missing), valid=right or none)
        if not isinstance(begun, Refused):
            finite_model(begun, "default_init")

    @rule(subject=Base.subjects, recipe=hostile.rows())
    def rows_of_model(self, subject: Subject, recipe: Rows) -> None:
        log(f"{subject}.model: log_prob, e_step, impute, conditional of {recipe}")
        model, x = subject.state.model, recipe.build(subject.init, subject.state.model.mu)
        right_shape = x.shape[1] == model.d
        for missing in ("error", "exact"):
            self.densities(model, recipe, x, missing)
        valid = (recipe.is_valid("exact") and right_shape) or (None if len(x) == 0 else False)
        full = attempt(lambda: model.impute(x), valid=valid)
        given = attempt(lambda: model.conditional(x), valid=valid)
        if not isinstance(full, Refused) and is_moderate(model):
            claim("shown_values_stay", np.array_equal(full[~np.isnan(x)], x[~np.isnan(x)]))
            no_nan("imputed_values_are_numbers", full, model)
            no_nan("imputed_values_are_numbers", given.covariance, model)
            read_only(given.mean, given.covariance)

    @rule(family=families, d=dimensions, edge=st.sampled_from((-1, 0, 1)),
          symmetric=st.booleans(), long_short=st.booleans())  # fmt: skip
    def moments(self, family: str, d: int, edge: int, symmetric: bool, long_short: bool) -> None:
        log(f"moments({family=}, {d=}, {edge=}, {symmetric=}, {long_short=})")
        model = a_model(family, d, edge)
        self.check_moments(model.replace(gamma=np.zeros(d)) if symmetric else model, long_short)

    @rule(subject=Base.subjects, long_short=st.booleans())
    def moments_of_a_state(self, subject: Subject, long_short: bool) -> None:
        log(f"moments of {subject}.model, {long_short=}")
        self.check_moments(subject.state.model, long_short)

    @staticmethod
    def check_moments(model: Any, long_short: bool) -> None:
        """Claim that moments are numbers or infinite, and give those of a portfolio."""
        check_nans_of_moments(model)
        no_nan("moments_are_numbers", model.tail_weight(), model)
        claim("parameters_are_finite", np.isfinite(model.log_det_sigma()), model)
        w = np.resize([0.5, -0.5] if long_short else [0.5, 0.7], model.d)
        line = attempt(lambda: model.project(w), valid=True)
        finite_model(line, f"project({w}) of {model}")
        check_nans_of_moments(line)
        if is_moderate(model) and np.isfinite(model.cov()).all():
            right = float(w @ model.cov() @ w)
            near = np.isclose(line.cov().item(), right, rtol=1e-6, atol=MOMENT_TOLERANCE)
            claim("moments_of_a_portfolio", near, lambda: f"{line.cov()}, {right} right")
        check_names(model, w, line)
        check_conditional_law(model)
        read_only(model.mu, model.gamma, model.L_Sigma)
        attempt(lambda: model.mu.__setitem__(0, 99.0), valid=False)

    @rule(subject=Base.subjects, n=st.integers(1, 20), seed=st.integers(0, 5))
    def tails(self, subject: Subject, n: int, seed: int) -> None:
        log(f"tails of {subject}.model, {n} draws of seed {seed}")
        model = subject.state.model
        line = model.project(np.resize([1.0, 0.5], model.d))
        draws = attempt(lambda: line.rvs(n, seed=seed), valid=True)
        claim("draws_are_keyed", np.array_equal(draws, line.rvs(n + 1, seed=seed)[:n]))
        no_nan("draws_are_numbers", draws, line)
        for name in ("cdf", "sf", "log_cdf", "log_sf"):
            no_nan("tails_are_numbers", getattr(line, name)(draws[np.isfinite(draws)]), line)
        quantiles = attempt(lambda: line.ppf(LEVELS), valid=True)
        no_nan("tails_are_numbers", quantiles, line)
        no_nan("tails_are_numbers", line.isf(LEVELS), line)
        shortfall = line.expected_shortfall(LEVELS)
        no_nan("tails_are_numbers", shortfall, line)
        if is_moderate(line):
            near = np.isclose(line.cdf(quantiles), LEVELS, rtol=TAIL_TOLERANCE, atol=0)
            claim("cdf_of_ppf", near.all(), lambda: f"{line}: {line.cdf(quantiles)}")
            claim("quantiles_rise", (np.diff(quantiles) > 0).all(), line)
            middle = line.interval(0.5)
            claim("median_is_between", middle[0] <= line.median() <= middle[1], line)
            claim(
                "std_is_that_of_var",
                math.isclose(line.std() ** 2, line.var()) or math.isinf(line.var()),
                line,
            )
            loss = line.value_at_risk(LEVELS)
            slack = TAIL_TOLERANCE * (1 + np.abs(loss))
            claim("shortfall_is_beyond_var", (shortfall >= loss - slack).all(), line)
        attempt(lambda: line.ppf(1.5), valid=False)

    @rule(subject=Base.subjects, n=st.sampled_from((5, 1, 40)), hostile_y=st.booleans())
    def law_of_y(self, subject: Subject, n: int, hostile_y: bool) -> None:
        log(f"law of Y of {subject}.model, fitted to {n} of its draws, {hostile_y=}")
        law = subject.state.model.subordinator()
        for name in ("E_Y", "E_inv_Y", "E_log_Y", "var", "std", "median", "entropy"):
            no_nan("laws_of_y_are_numbers", getattr(law, name)(), f"{name} of {law}")
        y = attempt(lambda: law.rvs(n, seed=1), valid=True)
        no_nan("laws_of_y_are_numbers", law.log_prob(y), law)
        no_nan("laws_of_y_are_numbers", law.ppf(LEVELS), law)
        y = np.clip(y, 1e-300, 1e300)
        hostile_y &= n > 1 or "datum_1e-200" not in SKIPPED
        y[0] = 1e-200 if hostile_y else y[0]
        # Beyond this range of data, means relative to the geometric mean may be no doubles.
        is_wide = math.log(y.max()) - math.log(y.min()) > 700.0
        fit = attempt(lambda: type(law).fit(y), valid=None if is_wide else True)
        if isinstance(fit, Refused):
            return
        no_nan("laws_of_y_are_numbers", fit.log_likelihood, fit)
        value_round_trip("law of Y", fit.law)

    @rule(subject=Base.subjects, other=Base.subjects)
    def two_models(self, subject: Subject, other: Subject) -> None:
        log(f"divergences of the models of {subject} and {other}")
        f, g = subject.state.model, other.state.model
        same = type(f) is type(g) and f.d == g.d
        for name in ("squared_hellinger", "kl_divergence"):
            value = attempt(lambda n=name: getattr(f, n)(g), valid=same)
            if not isinstance(value, Refused):
                no_nan("divergences_are_numbers", value, f"{f}, {g}")
        if f.d == g.d:
            for name in ("monte_carlo_squared_hellinger", "monte_carlo_kl_divergence"):
                estimate = attempt(lambda n=name: getattr(f, n)(g, 20, 1), valid=True)
                no_nan("divergences_are_numbers", estimate.value, f"{f}, {g}")
        if same:
            claim("a_law_is_its_own", f.same_law(f, 0.0) and (f.same_law(g, 1e-9) or f != g))
        value_round_trip("model", f)

    @rule(subject=Base.subjects, scale=st.sampled_from((1.0, 1e-12, 1e12)))
    def targets(self, subject: Subject, scale: float) -> None:
        log(f"targets of {subject}, {scale=}")
        model, d = surface.target(subject.init), subject.d
        steady = a_model(type(subject.init).__name__, d)
        for eta in (
            model, vx.eta0_isotropic(steady, scale), vx.eta0_diagonal(steady, [scale] * d),
            vx.eta0_with_sigma(steady, np.eye(d) * scale),
        ):  # fmt: skip
            finite_model(attempt(lambda eta=eta: steady.m_step(eta), valid=True), "m_step")
            value_round_trip("Eta", eta)
        attempt(lambda: vx.eta0_isotropic(steady, -scale), valid=False)
        again = attempt(
            lambda: type(steady).from_expectation(steady.compute_eta_from_model()), valid=True
        )
        claim("m_step_inverts", steady.same_law(again, 1e-6), again)
        claim("a_law_has_many_gauges", steady.rescale_y(2.0).same_law(steady, 1e-9), steady)
