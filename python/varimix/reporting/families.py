"""The families, their tails and their comparison, in words."""

from __future__ import annotations

from math import isfinite, nan
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import (
    BestFit,
    GeneralizedHyperbolic,
    MeanVarianceMixture,
    NormalInverseGamma,
)
from varimix.reporting.numbers import signed
from varimix.reporting.risk import once_in
from varimix.reporting.words import Words, once, raised

NAMES = {
    "NormalInverseGaussian": "Normal Inverse Gaussian",
    "VarianceGamma": "Variance Gamma",
    "NormalInverseGamma": "skewed t (Normal Inverse Gamma)",
    "GeneralizedHyperbolic": "Generalized Hyperbolic",
}
MEANINGS = {
    "NormalInverseGaussian": "Its tails fall exponentially, with heavy shoulders before: large "
    "moves come far more often than to a Gaussian, and all moments exist.",
    "VarianceGamma": "Its tails fall exponentially, and its peak may be sharp: many rows in which "
    "little happens, and some in which much does. All moments exist.",
    "NormalInverseGamma": "Its tails fall as a power, the heaviest of the four families: moves of "
    "any size have to be reckoned with, and high moments do not exist.",
    "GeneralizedHyperbolic": "It contains the other three as special cases, and has one parameter "
    "more for the shape of its tails.",
}
DECISIVE, STRONG, POSITIVE = 10.0, 6.0, 2.0
"""Differences of BIC from which Kass and Raftery (1995, J. Am. Stat. Assoc. 90, 773-795) speak of
very strong, strong and positive evidence."""
FINE = 100.0
"""Differences of BIC below this are told with a decimal."""
FAR = 4.0
"""Standard deviations at which a tail is told in words."""


def family_name(model: MeanVarianceMixture) -> str:
    """Return the family's name in words."""
    return NAMES[type(model).__name__]


def difference_in_words(difference: float) -> str:
    """Return what a difference of BIC means (Kass and Raftery 1995)."""
    if difference > DECISIVE:
        return "very strong evidence against it"
    if difference > STRONG:
        return "strong evidence against it"
    if difference > POSITIVE:
        return "some evidence against it"
    return "as good as the best"


def comparison(best: BestFit) -> list[tuple[str, str, str, str, str]]:
    """Return the rows of a table: family, meaning, BIC less the least, parameters, statuses."""
    least = min(fit.bic for fit in best.table)
    found = []
    for k, fit in enumerate(best.table):
        difference = fit.bic - least
        meaning = "chosen" if k == 0 else difference_in_words(difference)
        others = [code for code in fit.status.codes if code != "converged"]
        found.append(
            (
                NAMES[fit.family],
                meaning,
                signed(difference, 1 if difference < FINE else 0),
                f"{fit.n_parameters:,}",
                ", ".join(others) or "converged",
            )
        )
    return found


def why(best: BestFit) -> str:
    """Write why the first family of a comparison was chosen."""
    first, *others = best.table
    least = min(fit.bic for fit in best.table)
    name = raised(NAMES[first.family])
    if not others:
        return f"Only {name} was fitted."
    if first.bic > least:
        return (
            f"{name} stands first, although another family has a lower BIC: that one's likelihood "
            "means nothing (see its status), or another criterion was asked for."
        )
    gap = min(fit.bic for fit in others) - first.bic
    rival = min(others, key=lambda fit: fit.bic)
    if gap <= POSITIVE:
        return (
            f"{name} has the lowest BIC, but {NAMES[rival.family]} comes within {gap:.1f} of it: "
            "the rows do not tell these two apart, and either may be used."
        )
    return (
        f"{name} has the lowest BIC, {signed(gap, 1)} below the next, {NAMES[rival.family]}: "
        f"{difference_in_words(gap).replace('against it', 'for it')}."
    )


def mixing_in_words(model: MeanVarianceMixture, words: Words) -> str:
    """Write what the law of Y says of quiet and wild rows."""
    law: Any = model.subordinator()
    middle = float(law.median())
    low, high = (float(y / middle) ** 0.5 for y in np.asarray(law.ppf(np.array([0.05, 0.95]))))
    return (
        f"One hidden activity Y scales all columns of a {words.row} together. In nine of ten "
        f"{words.row}s the typical size of a move is {low:.2f} to {high:.2f} times that of the "
        f"median {words.row}; for a Gaussian it would always be the same."
    )


def moments_in_words(model: MeanVarianceMixture) -> str:
    """Write which moments exist."""
    alpha = _inverse_gamma_shape(model)
    if alpha is not None:
        far = alpha if np.any(model.gamma) else 2.0 * alpha
        exist = "mean" if far > 1.0 else "no mean"
        if far > 2.0:
            exist = "mean and variance"
        if far > 4.0:
            exist = "mean, variance and kurtosis"
        return (
            f"The heavier tail falls as the power {far:.2f} of the distance: moments below that "
            f"order exist ({exist})."
        )
    return "The tails fall exponentially far out, so all moments exist."


def _inverse_gamma_shape(model: MeanVarianceMixture) -> float | None:
    """Return alpha where 1/Y has a gamma law, and so X the tails of a skewed t; else None."""
    if isinstance(model, NormalInverseGamma):
        return float(model.alpha)
    if isinstance(model, GeneralizedHyperbolic) and model.a == 0.0:
        return -float(model.p)
    return None


def far_out(law: Any, values: NDArray[np.float64], words: Words) -> str:
    """Write how often the line lies far below its mean, to the model and to a Gaussian."""
    mean, deviation = float(law.mean()[0]), float(law.std())
    if not isfinite(mean) or not isfinite(deviation):
        return f"The {words.line} has no finite variance under this model."
    by_model = once_in(float(law.cdf(mean - FAR * deviation)))
    by_gaussian = once_in(NormalDist().cdf(-FAR))
    counted = int((values < mean - FAR * deviation).sum())
    return (
        f"The {words.line} lies {FAR:g} standard deviations or more below its mean "
        f"{once(by_model, words)} by the model and {once(by_gaussian, words)} by a Gaussian; "
        f"among the {words.rows(len(values))} here it did so {counted:,} "
        f"{'time' if counted == 1 else 'times'}."
    )


def kurtosis_of(law: Any) -> float:
    """Return the excess kurtosis of a one-dimensional law; NaN where it does not exist."""
    kurtosis = float(law.kurtosis()[0])
    return kurtosis if isfinite(kurtosis) else nan
