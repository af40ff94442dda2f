"""The five figures that matter, for the terminal and for the box at the head of the page."""

from dataclasses import dataclass

from market_report.findings import (
    breach_counts,
    excess_kurtosis,
    forecast_days,
    tail_weights,
    worst_day,
)
from market_report.study import HALF_LIFE_DAYS, Study
from varimix.reporting.numbers import MINUS, count_of, date, duration, level_name, rate, signed

EXACT = 3
"""Decimals of a likelihood that others can check."""


@dataclass(frozen=True)
class KeyFigure:
    """One of the five figures.

    Attributes
    ----------
    label : its name, in a word or two
    value : the figure itself
    unit : its unit, and what is compared, for the terminal
    meaning : the same, and what to compare it with, for the page
    """

    label: str
    value: str
    unit: str
    meaning: str


def key_figures(study: Study) -> list[KeyFigure]:
    """Work out the five figures that matter, in the order of the page."""
    return [_fitted(study), _log_score(study), _tails(study), _portfolio(study), _maximum(study)]


def terminal_lines(study: Study) -> list[str]:
    """Write the five figures for a terminal: aligned, in ASCII."""
    figures = key_figures(study)
    labels = max(len(figure.label) for figure in figures)
    values = max(len(figure.value) for figure in figures)
    return [
        f"{figure.label:<{labels}}  {figure.value:<{values}}  {figure.unit}".replace(MINUS, "-")
        for figure in figures
    ]


def _fitted(study: Study) -> KeyFigure:
    dates, walk = study.returns.dates, study.ewma
    speed = f"{duration(walk.seconds)}, {rate(len(study.days) / walk.seconds)} days per second"
    return KeyFigure(
        "Fitted",
        f"{count_of(len(dates), 'day')}, {count_of(len(study.returns.stocks), 'stock')}",
        f"{date(dates[0])} to {date(dates[-1])}, {speed}, status {walk.status}",
        f"{date(dates[0])} to {date(dates[-1])}, learned in one pass: {speed}; "
        f"status: {walk.status}.",
    )


def _log_score(study: Study) -> KeyFigure:
    nig, gaussian = worst_day(study, study.ewma), worst_day(study, study.gaussian)
    worst = f"worst day {signed(nig.score, 1)} vs {signed(gaussian.score, 1)}"
    default = signed(study.default.scores.mean(), 2)
    return KeyFigure(
        "Log score",
        f"{signed(study.ewma.scores.mean(), 2)} vs {signed(study.gaussian.scores.mean(), 2)}",
        f"nats a day, NIG vs Gaussian; {worst}; default rule {default}",
        f"nats per day, NIG against Gaussian, both with a half-life of {HALF_LIFE_DAYS} days; "
        f"{worst}; by the default rule the NIG has {default}.",
    )


def _tails(study: Study) -> KeyFigure:
    weights, days = tail_weights(study.ewma), forecast_days(study)
    low, high = min(weights), max(weights)
    calm, crisis = date(days[weights.index(low)]), date(days[weights.index(high)])
    return KeyFigure(
        "Tail weight",
        f"{low:.2f} to {high:.2f}",
        f"calm ({calm}) to crisis ({crisis}); a Gaussian has 0",
        f"from the calmest forecast ({calm}) to the wildest ({crisis}): an excess kurtosis of "
        f"{excess_kurtosis(low):.1f} to {excess_kurtosis(high):.1f}, where a Gaussian has 0.",
    )


def _portfolio(study: Study) -> KeyFigure:
    usual, rare = breach_counts(study)
    return KeyFigure(
        "Portfolio",
        f"{rare.ewma} vs {rare.gaussian}",
        f"days below its {level_name(rare.level)} quantile ({rare.expected:.1f} expected); "
        f"{level_name(usual.level)}: {usual.ewma} vs {usual.gaussian} ({usual.expected:.1f})",
        f"days below the {level_name(rare.level)} quantile predicted for the equal-weight "
        f"portfolio, NIG against Gaussian, where {rare.expected:.1f} were to be expected; below "
        f"the {level_name(usual.level)} quantile {usual.ewma} against {usual.gaussian}, where "
        f"{usual.expected:.1f} were.",
    )


def _maximum(study: Study) -> KeyFigure:
    best, gaussian = study.maximum.log_likelihood, study.gaussian_log_likelihood
    return KeyFigure(
        "Likelihood",
        f"{signed(best, EXACT)} vs {signed(gaussian, EXACT)}",
        "nats, maximum over the whole sample, NIG vs Gaussian",
        f"nats, the maximum over the whole sample, NIG against Gaussian: "
        f"{signed((best - gaussian) / len(study.returns.dates), 2)} nats per day apart, with "
        f"hindsight.",
    )
