"""The estimator's options: the words that they take, and their checks."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from varimix import (
    BatchEMFitter,
    Eta,
    EWMAUpdate,
    GeneralizedHyperbolic,
    IdentityUpdate,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    VarianceGamma,
    eta0_diagonal,
    eta0_from_model,
    eta0_isotropic,
)
from varimix import MeanVarianceMixture as Model

FAMILIES: Mapping[str, type[Model]] = {
    "nig": NormalInverseGaussian,
    "vg": VarianceGamma,
    "ninvg": NormalInverseGamma,
    "skewed_t": NormalInverseGamma,
    "gh": GeneralizedHyperbolic,
}
"""The short words for the families; the names of the classes are words too."""

BEST = "best"
"""The word that asks for the family of least BIC."""

RULES: Mapping[str, Callable[[], object]] = {
    "natural_gradient": NaturalGradientUpdate,
    "sample_weighted": SampleWeightedUpdate,
    "polyak_ruppert": PolyakRuppertUpdate,
    "robbins_monro": RobbinsMonroUpdate,
    "ewma": EWMAUpdate,
}
"""The words for update rules with their default settings."""

TARGETS: Mapping[str, Callable[[Model], Eta]] = {
    "diagonal": lambda model: eta0_diagonal(model, np.diag(model.sigma())),
    "isotropic": lambda model: eta0_isotropic(model, np.trace(model.sigma()) / model.d),
    "model": eta0_from_model,
}
"""The words for what ``shrinkage`` draws the start's statistics towards."""

MISSING = ("error", "exact")
ALPHA_MIN = ("none", "density", "inverse_moment")
RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None
SEED_END = 2**64  # varimix's keys are below it
DRAWN_KEY_END = 2**63 - 1  # what both of numpy's generators can draw below


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
    family = _family(options["family"])
    rule, shrinkage = _rule(options["rule"]), options["shrinkage"]
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


def closed_choice(name: str, word: object, words: Iterable[str]) -> str:
    """Return ``word`` if it is one of ``words``; the error suggests the nearest of them."""
    words = list(words)
    if not isinstance(word, str):
        raise TypeError(f"{name} must be a word, got {word!r}")
    if word in words:
        return word
    nearest = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    listed = ", ".join(map(repr, words[:-1])) + f" or {words[-1]!r}"
    raise ValueError(f"{name} must be {listed}, got {word!r}{hint}")


def check_contamination(value: object) -> float:
    """Return the share of outliers, which is in (0, 0.5]."""
    return float(_number("contamination", value, Real, lambda x: 0 < x <= 0.5, "in (0, 0.5]"))


def check_random_state(random_state: object) -> None:
    """Raise unless ``random_state`` is None, an integer, or a generator of numpy; draw nothing."""
    if random_state is None or isinstance(
        random_state, np.random.Generator | np.random.RandomState
    ):
        return
    if isinstance(random_state, bool | np.bool_) or not isinstance(random_state, Integral):
        raise TypeError(
            "random_state must be an integer, a numpy.random.Generator or RandomState, or None, "
            f"got {random_state!r}"
        )
    if not 0 <= int(random_state) < SEED_END:
        raise ValueError(f"random_state must be >= 0 and below 2^64, got {random_state!r}")


def key_of(random_state: RandomState) -> int:
    """Return the key of random draws: an integer itself, one drawn from a generator.

    None is fresh randomness of the operating system at every call.
    """
    check_random_state(random_state)
    if random_state is None:
        return int(np.random.default_rng().integers(DRAWN_KEY_END))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(DRAWN_KEY_END))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(DRAWN_KEY_END, dtype=np.int64))
    return int(random_state)


def _family(family: object) -> type[Model] | None:
    classes = {cls.__name__: cls for cls in FAMILIES.values()}
    if isinstance(family, type) and family in classes.values():
        return family
    word = closed_choice("family", family, [*FAMILIES, *classes, BEST])
    return None if word == BEST else {**FAMILIES, **classes}[word]


def _rule(rule: object) -> object | None:
    if isinstance(rule, str):
        return RULES[closed_choice("rule", rule, RULES)]()
    return rule


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
