"""The estimator's options: the words that they take, and their checks."""

import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from varimix import (
    BatchEMFitter,
    Eta,
    IdentityUpdate,
    NaturalGradientUpdate,
    Shrinkage,
    eta0_diagonal,
    eta0_from_model,
    eta0_isotropic,
)
from varimix import MeanVarianceMixture as Model
from varimix.random_keys import check_random_state
from varimix.words import BEST, closed_choice, family_of, rule_of

TARGETS: Mapping[str, Callable[[Model], Eta]] = {
    "diagonal": lambda model: eta0_diagonal(model, np.diag(model.sigma())),
    "isotropic": lambda model: eta0_isotropic(model, np.trace(model.sigma()) / model.d),
    "model": eta0_from_model,
}
"""The words for what ``shrinkage`` draws the start's statistics towards."""

MISSING = ("error", "exact")
ALPHA_MIN = ("none", "density", "inverse_moment")


class Settings(NamedTuple):
    """The checked options of a fit; ``family`` is None where the best one is asked for."""

    family: type[Model] | None
    rule: object | None
    shrinkage: float | None
    target: Callable[[Model], Eta]
    symmetric: bool
    alpha_min: str
    missing: str
    max_iter: int
    tol: float
    batch_size: int
    passes: int
    n_starts: int

    @property
    def model_options(self) -> dict[str, Any]:
        """The options that batch and online fits share."""
        names = ("symmetric", "alpha_min", "missing")
        return {name: getattr(self, name) for name in names}

    def batch_fitter(self, start: Model | None) -> BatchEMFitter:
        """Return the batch fitter, with the prior about ``start`` if rows are shrunk."""
        prior = None
        if self.shrinkage is not None and start is not None:
            prior = Shrinkage(IdentityUpdate(), self.target(start), self.shrinkage)
        return BatchEMFitter(self.max_iter, self.tol, eta_update=prior, **self.model_options)

    def online_rule(self, start: Model) -> object:
        """Return the update rule, within a Shrinkage about ``start`` if rows are shrunk."""
        rule = NaturalGradientUpdate() if self.rule is None else self.rule
        if self.shrinkage is None:
            return rule
        return Shrinkage(rule, self.target(start), self.shrinkage)


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Return the checked options, words replaced by what they stand for.

    Raises
    ------
    ValueError
        For a value outside its domain, or options that exclude each other.
    TypeError
        For a value of another type.
    """
    family = family_of(options["family"])
    rule, shrinkage = rule_of(options["rule"]), options["shrinkage"]
    if shrinkage is not None:
        shrinkage = _number("shrinkage", shrinkage, Real, lambda x: 0 <= x < math.inf, ">= 0")
    if family is None and not (rule is None and shrinkage is None):
        raise ValueError(
            f"family must be one family where rule or shrinkage are given, got {BEST!r}"
        )
    if not isinstance(options["symmetric"], bool | np.bool_):
        raise TypeError(f"symmetric must be True or False, got {options['symmetric']!r}")
    check_contamination(options["contamination"])
    check_random_state(options["random_state"])
    return Settings(
        family=family,
        rule=rule,
        shrinkage=shrinkage,
        target=_target(options["shrinkage_target"]),
        symmetric=bool(options["symmetric"]),
        alpha_min=closed_choice("alpha_min", options["alpha_min"], ALPHA_MIN),
        missing=closed_choice("missing", options["missing"], MISSING),
        tol=_number("tol", options["tol"], Real, lambda x: 0 <= x < math.inf, ">= 0"),
        **{name: _count(name, options[name]) for name in COUNTS},
    )


COUNTS = ("max_iter", "batch_size", "passes", "n_starts")


def check_contamination(value: object) -> float:
    """Return the share of outliers, which is in (0, 0.5]."""
    return float(_number("contamination", value, Real, lambda x: 0 < x <= 0.5, "in (0, 0.5]"))


def _target(target: object) -> Callable[[Model], Eta]:
    if isinstance(target, Eta):
        return lambda _: target
    return TARGETS[closed_choice("shrinkage_target", target, TARGETS)]


def _count(name: str, value: object) -> int:
    return int(_number(name, value, Integral, lambda x: x >= 1, ">= 1"))


def _number(
    name: str, value: Any, kind: type, in_domain: Callable[[Any], bool], domain: str
) -> Any:
    if isinstance(value, bool | np.bool_) or not isinstance(value, kind):
        what = "a whole number" if kind is Integral else "a number"
        raise TypeError(f"{name} must be {what}, got {value!r}")
    if not in_domain(value):
        raise ValueError(f"{name} must be {domain}, got {value!r}")
    return value
