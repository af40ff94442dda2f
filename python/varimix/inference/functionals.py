"""Numbers of a law of which standard errors are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from varimix.arguments import one_number
from varimix.names import Names, weights_in_order
from varimix.sources.real_numbers import real_array

SCALES = ("plain", "log", "atanh", "logit")


@dataclass(frozen=True)
class Functional:
    """A number of a law, as `inference` takes it: what the functions of this module return."""

    kind: str
    w: Any = None
    at: float = 0.0
    function: Callable[[Any], float] | None = None
    scale: str = "plain"

    def parts(self, name: str, names: Names | None) -> tuple[Any, ...]:
        """Return what the core takes, with the weights in the order of the columns' names."""
        w = (
            None
            if self.w is None
            else real_array(weights_in_order(self.w, names), "w").astype(float)
        )
        return (name, self.kind, w, self.at, self.function, self.scale)


def value_at_risk(w: ArrayLike, alpha: float = 0.01) -> Functional:
    """Return the value at risk of the return ``w'X``.

    It is the loss that is exceeded with probability alpha. ``w`` is
    an array, a list, a Series or a dict by names of columns.
    """
    return Functional("value_at_risk", w, one_number(alpha, "alpha"))


def expected_shortfall(w: ArrayLike, alpha: float = 0.01) -> Functional:
    """Return the expected shortfall of the return ``w'X``, the mean of the losses beyond that."""
    return Functional("expected_shortfall", w, one_number(alpha, "alpha"))


def cdf(w: ArrayLike, x: float) -> Functional:
    """Return the probability that ``w'X`` is at most x."""
    return Functional("cdf", w, one_number(x, "x"))


def function_of_model(function: Callable[[Any], float], scale: str = "plain") -> Functional:
    """Return a smooth function of the model; its interval is symmetric on ``scale``.

    The function is called with models near the fitted one, twice for each free parameter. The scale
    of Y, which is no part of the law, stays as it is in the fitted model: E[Y] does, or for a
    NormalInverseGamma ``beta / alpha``, for a GeneralizedHyperbolic ``sqrt(b / a)``.
    """
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {SCALES}, got {scale!r}")
    return Functional("function", function=function, scale=scale)


def parts_of(functionals: Any, names: Names | None) -> list[tuple[Any, ...]]:
    """Return what the core takes of a mapping of names to functionals or functions of the model."""
    if functionals is None:
        return []
    if not isinstance(functionals, Mapping):
        raise TypeError(
            "functionals must map names to functionals, as {'VaR': value_at_risk(w)}, got "
            f"{type(functionals).__name__}"
        )
    parts = []
    for name, given in functionals.items():
        if not isinstance(name, str):
            raise TypeError(f"functionals must have texts as names, got {name!r}")
        functional = given if isinstance(given, Functional) else function_of_model(given)
        parts.append(functional.parts(name, names))
    return parts
