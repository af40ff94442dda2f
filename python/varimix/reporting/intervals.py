"""How sure the numbers of w'X are: their intervals, and why there are none where there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from varimix.inference import (
    Functional,
    Inference,
    expected_shortfall,
    function_of_model,
    inference,
    value_at_risk,
)
from varimix.reporting.backtest import WORK_OF_A_ROW, rare
from varimix.reporting.inputs import Data, Subject, Values
from varimix.reporting.numbers import level_name
from varimix.reporting.risk import of_law
from varimix.reporting.words import Words

FEWEST_ROWS = 30
"""Rows below which an interval of many rows means nothing."""
FULL_MATRIX = 500
"""Free parameters up to which all of them are differenced; of more, each number is solved for."""
STEPS_OF_A_NUMBER = 20
"""E-steps for a number where there are more parameters."""
MOST_WORK = 3e10
"""Rows times E-steps times the work of a row, up to which intervals take some 3 seconds."""


@dataclass(frozen=True)
class Intervals:
    """What is known of how sure the numbers are.

    Attributes
    ----------
    found : the numbers with their errors, which may be none; None where nothing was computed
    in_time : whether rows may depend on those before them ("hac"), or are independent ("robust")
    why_not : why nothing was computed, or ""
    """

    found: Inference | None
    in_time: bool
    why_not: str = ""

    @property
    def cov_type(self) -> str:
        """What ``inference`` calls the kind of the intervals."""
        return "hac" if self.in_time else "robust"


def intervals_of(
    subject: Subject, data: Data, words: Words, weights: Values, levels: tuple[float, ...]
) -> Intervals:
    """Return intervals of the quantiles of w'X, the means beyond, mean, deviation, tail weight."""
    in_time = comes_in_time(data, words)
    shown = int((~np.isnan(data.values)).any(axis=1).sum())
    if shown < FEWEST_ROWS:
        return Intervals(None, in_time, f"there are too few rows, {words.rows(shown)}")
    numbers = numbers_of(subject.model, words, weights, levels)
    work = work_of(len(data.values), data.values.shape[1], len(numbers))
    if work > MOST_WORK:
        return Intervals(None, in_time, "intervals for so many rows and columns would take long")
    missing = "exact" if np.isnan(data.values).any() else "error"
    kind = "hac" if in_time else "robust"
    found = inference(
        subject.result or subject.model, data.values, kind, functionals=numbers, defaults=False,
        missing=missing,
    )  # fmt: skip
    return Intervals(found, in_time)


def comes_in_time(data: Data, words: Words) -> bool:
    """Return whether rows are in order of time: by their dates, or, without any, as returns are."""
    if data.has_dates and data.labels is not None:
        return bool((data.labels[1:] >= data.labels[:-1]).all())
    return words.is_returns


def free_parameters(d: int) -> int:
    """Return the free parameters of a law of d columns, about: mu, gamma, Sigma."""
    return 2 * d + d * (d + 1) // 2


def work_of(n: int, d: int, numbers: int) -> float:
    """Return the work of intervals: rows times E-steps times the work of a row."""
    free = free_parameters(d)
    steps = 2 * free if free <= FULL_MATRIX else STEPS_OF_A_NUMBER * numbers
    return float(n) * steps * ((d + 1) ** 2 + WORK_OF_A_ROW)


def numbers_of(
    model: Any, words: Words, weights: Values, levels: tuple[float, ...]
) -> dict[str, Functional]:
    """Return the numbers by what they are called on the page.

    With more than FULL_MATRIX parameters those of the tails alone: a function of the model is
    evaluated twice for each parameter.
    """
    found: dict[str, Functional] = {}
    for level in levels:
        share = level_name(rare(level))
        if words.is_returns:
            found[f"VaR {share}"] = value_at_risk(weights, level)
            found[f"ES {share}"] = expected_shortfall(weights, level)
        else:
            side = "below" if level < 0.5 else "above"
            found[f"{share} lie {side}"] = function_of_model(_quantile(weights, level))
            found[f"mean of the {share} {side}"] = function_of_model(_beyond(weights, level))
    if free_parameters(model.d) <= FULL_MATRIX:
        found["mean"] = function_of_model(lambda law: float(law.project(weights).mean()[0]))
        found["standard deviation"] = function_of_model(
            lambda law: float(law.project(weights).cov()[0, 0]) ** 0.5, "log"
        )
        found["tail weight"] = function_of_model(lambda law: float(law.tail_weight()), "log")
    return found


def _quantile(weights: Values, level: float) -> Any:
    return lambda law: of_law(law.project(weights), level).quantile


def _beyond(weights: Values, level: float) -> Any:
    return lambda law: of_law(law.project(weights), level).mean_beyond
