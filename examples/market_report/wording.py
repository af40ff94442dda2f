"""The sentences of the report; every number in them comes from the study at hand."""

from math import exp

import numpy as np

from market_report.findings import (
    BEST_DAYS,
    PIT_BINS,
    WorstDay,
    advantage,
    breach_counts,
    breaches_in_episodes,
    excess_kurtosis,
    forecast_days,
    middle_half,
    pit_bins_outside,
    tail_weights,
    worst_day,
)
from market_report.portfolio import LEVELS, normal_sample_range
from market_report.study import BATCH_DAYS, DELETED_SHARE, Study
from varimix.reporting.numbers import count_of, date, duration, level_name, percent, signed
from varimix.reporting.numbers import more_or_less as difference

DAYS_PER_YEAR = 365.25


def title(study: Study) -> str:
    """Write what the page is about."""
    span = study.returns.dates[-1] - study.returns.dates[0]
    years = round(span / np.timedelta64(1, "D") / DAYS_PER_YEAR)
    return f"{count_of(len(study.returns.stocks), 'stock')}, {count_of(years, 'year')}, one pass"


def lead(study: Study) -> str:
    """Write what was done, in a paragraph."""
    dates = study.returns.dates
    return (
        f"A Normal Inverse Gaussian (NIG), a law with heavy tails and skewness, learned the daily "
        f"returns of {count_of(len(study.returns.stocks), 'stock')} from {date(dates[0])} to "
        f"{date(dates[-1])} in the order in which they came. Before it learned a batch of "
        f"{BATCH_DAYS} days it had to forecast it. This page shows how much better it forecast "
        f"than a Gaussian with the same memory, where it was still wrong, and what it learned."
    )


def fitted(study: Study) -> str:
    """Write the words above the table of what was fitted."""
    slowest = max(walk.seconds for walk in (study.ewma, study.default, study.gaussian))
    return (
        f"Three models went through the same {count_of(len(study.days), 'day')}, and none took "
        f"longer than {duration(slowest)} to score and learn them all."
    )


def gaps(study: Study) -> str:
    """Write the words below the table of what was fitted: what deleted prices cost."""
    cost = float(study.gaps.scores.mean() - study.ewma.scores.mean())
    return (
        f"With {percent(DELETED_SHARE)} of the prices deleted at random, and so "
        f"{percent(study.missing_share)} of the returns, the NIG with the half-life still forecast "
        f"all returns: it scored {difference(cost, 3, 'nats')} per day than with every price."
    )


def drift(study: Study) -> str:
    """Write the words below the picture of the log score: when the drift signal saw changes."""
    changes = study.ewma.changes
    if not changes:
        return "The drift signal, made from the NIG's scores alone, saw 0 changes."
    days = [date(study.days[change]) for change in changes]
    return (
        f"The drift signal, made from the NIG's scores alone, saw "
        f"{count_of(len(days), 'change')} of the market (triangles): {_listed(days)}. On days that "
        f"do not depend on each other it errs at most once in 64,000."
    )


def log_score(study: Study) -> str:
    """Write the words above the picture of the log score."""
    found = advantage(study)
    sentence = (
        f"The NIG scored {difference(found.mean, 2, 'nats')} per day than the Gaussian (standard "
        f"error {found.standard_error:.2f}): in the geometric mean it held what happened to be "
        f"{exp(found.mean):,.1f} times as likely."
    )
    labels = [episode.label for episode, _ in study.episodes()]
    if not labels or found.mean <= 0.0:
        return sentence
    return (
        f"{sentence} {_listed(labels)}, {percent(found.days_in_episodes)} of the days, bring "
        f"{percent(found.share_of_episodes)} of the lead."
    )


def log_score_detail(study: Study) -> str:
    """Write the words below the picture of the log score: typical days, and the worst."""
    found = advantage(study)
    nig, gaussian = worst_day(study, study.ewma), worst_day(study, study.gaussian)
    forgetting = float(study.default.scores.mean() - study.ewma.scores.mean())
    return (
        f"The NIG had the better score on {percent(found.share_of_days)} of all days; its "
        f"{BEST_DAYS} best days bring {percent(found.share_of_best_days)} of the lead. "
        f"The Gaussian's worst day was {_happened(gaussian)}: it scored "
        f"{signed(gaussian.score, 1)} nats, the NIG "
        f"{signed(study.ewma.scores[gaussian.index], 1)}. The NIG's worst day was "
        f"{_happened(nig)}: it scored {signed(nig.score, 1)} nats, the Gaussian "
        f"{signed(study.gaussian.scores[nig.index], 1)}. The NIG by the default rule, which "
        f"remembers all of the past, scored {signed(study.default.scores.mean(), 2)} nats per "
        f"day, {difference(forgetting, 2, 'nats')} than with a half-life."
    )


def shape(study: Study) -> str:
    """Write the words above the picture of the tail weight."""
    weights, days = tail_weights(study.ewma), forecast_days(study)
    low, high = min(weights), max(weights)
    return (
        f"Calm and crisis show in the tail weight: it was lowest, {low:.2f}, in the forecast from "
        f"{date(days[weights.index(low)])} on, highest, {high:.2f}, in that from "
        f"{date(days[weights.index(high)])} on, and ended at {weights[-1]:.2f}."
    )


def shape_detail(study: Study) -> str:
    """Write the words below the picture of the tail weight: kurtosis, and volatility."""
    weights = tail_weights(study.ewma)
    nig, gaussian = study.ewma_portfolio.volatility.max(), study.gaussian_portfolio.volatility.max()
    kurtosis = [excess_kurtosis(weight) for weight in (min(weights), max(weights), weights[-1])]
    sentence = (
        f"As excess kurtosis of a stock without skewness these are "
        f"{kurtosis[0]:.1f}, {kurtosis[1]:.1f} and {kurtosis[2]:.1f}; a Gaussian has 0. The "
        f"volatility predicted for the portfolio peaked at {percent(nig, 1)} per year for the NIG "
        f"and at {percent(gaussian, 1)} for the Gaussian"
    )
    if nig < gaussian:
        return f"{sentence}, which knows no other way to take in a crash than to widen."
    return f"{sentence}."


def breaches(study: Study) -> str:
    """Write the words above the picture of the portfolio's breaches."""
    *_, rare = breach_counts(study)
    is_right = rare.low <= rare.ewma <= rare.high
    return (
        f"On {count_of(rare.ewma, 'day')} the equal-weight portfolio fell below the "
        f"{level_name(rare.level)} quantile that the NIG had predicted, on {rare.gaussian:,} below "
        f"the Gaussian's; {rare.expected:.1f} were to be expected, {rare.low} to {rare.high} by "
        f"chance. The NIG is {'' if is_right else 'not '}within that range."
    )


def breaches_detail(study: Study) -> str:
    """Write the words below the picture of the breaches: they cluster."""
    level = len(LEVELS) - 1
    found = int(study.ewma_portfolio.breaches[:, level].sum())
    marked = breaches_in_episodes(study, study.ewma_portfolio, level)
    return (
        f"{marked:,} of the NIG's {count_of(found, 'breach', 'breaches')} lie in the shaded times. "
        f"A forecast that stands still for {BATCH_DAYS} days cannot know that a crash begins among "
        f"them, and heavy tails, which it spreads over all days, do not make up for that."
    )


def quantile_plot(study: Study) -> str:
    """Write the words above the QQ plot."""
    nig, gaussian = study.ewma_portfolio.residuals, study.gaussian_portfolio.residuals
    low, high = normal_sample_range(len(study.days))
    return (
        f"To the Gaussian the portfolio's worst day was one of {-gaussian.min():.1f} standard "
        f"deviations and its best one of {gaussian.max():.1f}; to the NIG {-nig.min():.1f} and "
        f"{nig.max():.1f}; a right law would leave the extremes of as many days between "
        f"{low[-1]:.1f} and {high[-1]:.1f}."
    )


def pit(study: Study) -> str:
    """Write the words above the PIT histogram."""
    nig, gaussian = study.ewma_portfolio, study.gaussian_portfolio
    return (
        f"A right forecast makes all bars equally high up to chance: {pit_bins_outside(nig)} of "
        f"the NIG's {PIT_BINS} leave the grey band, {pit_bins_outside(gaussian)} of the Gaussian's."
    )


def pit_detail(study: Study) -> str:
    """Write the words below the PIT histogram: whether the forecasts were too wide."""
    nig, gaussian = study.ewma_portfolio, study.gaussian_portfolio
    return (
        f"The middle half of the forecast caught {percent(middle_half(nig))} of the days for the "
        f"NIG and {percent(middle_half(gaussian))} for the Gaussian. More than 50% means that a "
        f"forecast was too wide on most days, so as to allow for the few wild ones."
    )


def parameters(study: Study) -> str:
    """Write the words above the table of parameters."""
    deviations = np.sqrt(np.diag(study.ewma.final.cov()))
    stocks = study.returns.stocks
    calm, wild = stocks[int(deviations.argmin())], stocks[int(deviations.argmax())]
    return (
        f"After the last day the NIG with the half-life finds {calm} the calmest and {wild} the "
        f"wildest of the stocks, and gives them all the tail weight "
        f"{study.ewma.final.tail_weight():.2f}; the whole sample, in which quiet and wild years "
        f"are mixed, has {study.maximum.model.tail_weight():.2f}."
    )


def whole_sample(study: Study) -> str:
    """Write the words above the table of the whole-sample likelihoods."""
    d = len(study.returns.stocks)
    gain = study.maximum.log_likelihood - study.gaussian_log_likelihood
    gap = (study.maximum.log_likelihood - study.default_log_likelihood) / len(study.returns.dates)
    settled = "came to rest" if study.maximum.has_settled else "was stopped before it came to rest"
    return (
        f"Fitted to all {count_of(len(study.returns.dates), 'day')} at once the NIG is "
        f"{difference(gain, 0, 'nats')} likely than the best Gaussian, for {d + 1} more "
        f"parameters. Batch EM {settled} after {count_of(study.maximum.rounds, 'round')}; one "
        f"pass of the default rule, which saw every day once and in order, ends {gap:.3f} nats "
        f"per day below."
    )


def _happened(worst: WorstDay) -> str:
    direction = "fell" if worst.move < 0.0 else "rose"
    return f"{date(worst.day)}, when {worst.stock} {direction} by {percent(abs(worst.move))}"


def _listed(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
