"""The words for families and update rules, and closed choices among words."""

from collections.abc import Callable, Iterable, Mapping

from varimix import (
    EWMAUpdate,
    GeneralizedHyperbolic,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    VarianceGamma,
)
from varimix import MeanVarianceMixture as Model
from varimix.nearest_word import suggestion

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

ALIKE_IF_SHORT = 0.5
"""Words of two or three letters are less alike than long ones with as many mistakes."""


def closed_choice(name: str, word: object, words: Iterable[str]) -> str:
    """Return ``word`` if it is one of ``words``; the error suggests the nearest of them."""
    words = list(words)
    if not isinstance(word, str):
        raise TypeError(f"{name} must be a word, got {word!r}")
    if word in words:
        return word
    hint = suggestion(word, words, ALIKE_IF_SHORT)
    listed = ", ".join(map(repr, words[:-1])) + f" or {words[-1]!r}"
    raise ValueError(f"{name} must be {listed}, got {word!r}{hint}")


def family_of(family: object) -> type[Model] | None:
    """Return the class that a word or a class means, None for 'best'.

    Raises
    ------
    ValueError
        For another word. TypeError for anything else.
    """
    classes = {cls.__name__: cls for cls in FAMILIES.values()}
    if isinstance(family, type) and family in classes.values():
        return family
    word = closed_choice("family", family, [*FAMILIES, *classes, BEST])
    return None if word == BEST else {**FAMILIES, **classes}[word]


def rule_of(rule: object) -> object | None:
    """Return the update rule of a word; anything else as it is."""
    if isinstance(rule, str):
        return RULES[closed_choice("rule", rule, RULES)]()
    return rule
