"""Update rules and families by the words of the command line."""

from __future__ import annotations

import re
from typing import Any

import varimix
from varimix.command_line.exits import WrongUseError
from varimix.nearest_word import suggestion

RULES: dict[str, type[Any]] = {
    "natural_gradient": varimix.NaturalGradientUpdate,
    "ewma": varimix.EWMAUpdate,
    "sample_weighted": varimix.SampleWeightedUpdate,
    "robbins_monro": varimix.RobbinsMonroUpdate,
    "polyak_ruppert": varimix.PolyakRuppertUpdate,
    "block_incremental": varimix.BlockIncrementalUpdate,
    "affine": varimix.AffineUpdate,
    "identity": varimix.IdentityUpdate,
}
"""Those whose settings are numbers."""
NOT_NUMBERS = ("a",)  # of AffineUpdate: an eta

FAMILIES: dict[str, type[varimix.MeanVarianceMixture]] = {
    "nig": varimix.NormalInverseGaussian,
    "vg": varimix.VarianceGamma,
    "ninvg": varimix.NormalInverseGamma,
    "gh": varimix.GeneralizedHyperbolic,
}
BEST = "best"


def family_of(word: str) -> type[varimix.MeanVarianceMixture]:
    """Return the family of a short word or of its class's name."""
    known = {**FAMILIES, **{family.__name__.lower(): family for family in FAMILIES.values()}}
    plain = re.sub("[-_ ]", "", word.lower())
    if plain not in known:
        words = ", ".join(FAMILIES)
        hint = suggestion(plain, known)
        raise WrongUseError(f"--family must be one of {words}, or {BEST}; got {word!r}{hint}")
    return known[plain]


def rule_of(text: str) -> object:
    """Return the rule that ``NAME`` or ``NAME:SETTING=NUMBER,...`` describes."""
    name, _, settings = text.partition(":")
    plain = re.sub("[- ]", "_", name.strip().lower())
    if plain not in RULES:
        raise WrongUseError(
            f"--rule must be one of {', '.join(RULES)}; got {name!r}{suggestion(plain, RULES)}"
        )
    rule = RULES[plain]
    values = dict(_setting(plain, rule, part) for part in settings.split(",") if part.strip())
    try:
        return rule(**values)
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, TypeError):
            known = ", ".join(_settings(rule)) or "none"
            reason = f"its settings are {known}"
        raise WrongUseError(f"--rule {text}: {reason}") from error


def _settings(rule: type[Any]) -> list[str]:
    return [
        name
        for name in dir(rule)
        if isinstance(getattr(rule, name), property) and name not in NOT_NUMBERS
    ]


def _setting(name: str, rule: type[Any], part: str) -> tuple[str, float | int]:
    key, sign, value = (word.strip() for word in part.partition("="))
    key = key.replace("-", "_")
    known = _settings(rule)
    if key not in known:
        words = f"one of {', '.join(known)}" if known else "none"
        raise WrongUseError(
            f"--rule {name}: its settings are {words}; got {key!r}{suggestion(key, known)}"
        )
    try:
        number = float(value)
    except ValueError:
        got = repr(value) if sign else "nothing"
        raise WrongUseError(f"--rule {name}: {key} must be a number, got {got}") from None
    is_whole = number.is_integer() and re.fullmatch("[+-]?[0-9]+", value)
    return key, int(value) if is_whole else number
