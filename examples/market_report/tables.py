"""The tables of the page, as HTML."""

from collections.abc import Iterable
from html import escape

import numpy as np

from market_report.findings import breach_counts
from market_report.key_figures import key_figures
from market_report.portfolio import COVERAGE, TRADING_DAYS_PER_YEAR
from market_report.prequential import Model, Pass
from market_report.prices import BoolArray
from market_report.study import BATCH_DAYS, HALF_LIFE_DAYS, WARM_UP_DAYS, Study
from varimix import NormalInverseGaussian
from varimix.reporting.html import table
from varimix.reporting.numbers import PERCENT, level_name, rate, signed

LIKELIHOOD_DECIMALS = 6
PERCENT_DECIMALS = 3
TWO_DECIMALS = 2
FITTED_WELL = "ok: all steps taken"


def summary(study: Study) -> str:
    """Lay out the five figures that matter, for the box at the head of the page."""
    return "\n".join(
        f"<div><dt>{escape(figure.label)}</dt>"
        f"<dd><b>{escape(figure.value)}</b> {escape(figure.meaning)}</dd></div>"
        for figure in key_figures(study)
    )


def fitted(study: Study) -> str:
    """Lay out what was fitted: the data, and the four walks through it."""
    dates = study.returns.dates
    data = table(
        ("Data", ""),
        [
            ("Rows", f"{len(dates):,} days of log-returns"),
            ("Columns", f"{len(study.returns.stocks)}: {', '.join(study.returns.stocks)}"),
            ("Dates", f"{dates[0]} to {dates[-1]}"),
            ("To start from", f"the first {WARM_UP_DAYS} days, to {dates[WARM_UP_DAYS - 1]}"),
            ("Scored, then learned", f"{len(study.days):,} days in batches of {BATCH_DAYS}"),
        ],
        text_columns=2,
    )
    walks: list[tuple[str, str, Pass[NormalInverseGaussian] | Pass[Model]]] = []
    forgets = f"EWMA, half-life {HALF_LIFE_DAYS} days"
    walks += [
        ("NIG", forgets, study.ewma),
        ("NIG", "default, remembers all", study.default),
        ("NIG, gaps", forgets, study.gaps),
    ]
    rows = [_walk(*walk) for walk in walks] + [_walk("Gaussian", forgets, study.gaussian)]
    header = (
        "Model",
        "Update rule",
        "Batches",
        "Time|seconds",
        "Speed|days per second",
        "Log score|nats per day",
        "Worst day|nats",
        "Status",
    )
    return data + table(header, rows, text_columns=2, last_is_text=True)


def _walk(model: str, rule: str, walk: Pass[Model]) -> tuple[str, ...]:
    return (
        model,
        rule,
        f"{len(walk.forecasts):,}",
        f"{walk.seconds:.3f}",
        rate(len(walk.scores) / walk.seconds),
        signed(float(walk.scores.mean()), TWO_DECIMALS),
        signed(float(walk.scores.min()), TWO_DECIMALS),
        FITTED_WELL if walk.status == "ok" else walk.status,
    )


def episodes(study: Study) -> str:
    """Lay out the log score in the marked times, and in the rest."""
    marked = np.zeros(len(study.days), dtype=bool)
    rows = []
    for episode, days in study.episodes():
        marked[days] = True
        rows.append(_scores(study, episode.label, days))
    if rows and not marked.all():
        rows.append(_scores(study, "all other days", ~marked))
    rows.append(_scores(study, "all scored days", slice(None)))
    header = (
        "Time",
        "Days",
        "NIG|nats per day",
        "Gaussian|nats per day",
        "Lead|nats per day",
        "Lead in all|nats",
    )
    return table(header, rows, last_row_is_total=True)


def _scores(study: Study, label: str, days: slice | BoolArray) -> tuple[str, ...]:
    lead = study.advantage[days]
    return (
        label,
        f"{len(lead):,}",
        signed(float(study.ewma.scores[days].mean()), TWO_DECIMALS),
        signed(float(study.gaussian.scores[days].mean()), TWO_DECIMALS),
        signed(float(lead.mean()), TWO_DECIMALS),
        signed(float(lead.sum()), 0),
    )


def breaches(study: Study) -> str:
    """Lay out the days below the predicted quantiles, beside what chance allows."""
    rows = [
        (
            level_name(count.level),
            f"{count.expected:.1f}",
            f"{count.low} to {count.high}",
            f"{count.ewma:,}",
            f"{count.default:,}",
            f"{count.gaussian:,}",
        )
        for count in breach_counts(study)
    ]
    header = (
        "Quantile",
        "Expected|days",
        f"By chance, {level_name(COVERAGE)}|days",
        "NIG|days",
        "NIG, default rule|days",
        "Gaussian|days",
    )
    return table(header, rows)


def parameters(study: Study) -> str:
    """Lay out location, skewness and standard deviation of each stock, and the tail weight."""
    models = (study.ewma.final, study.maximum.model)
    columns = [column for model in models for column in _per_stock(model)]
    rows = [(stock, *(cell[i] for cell in columns)) for i, stock in enumerate(study.returns.stocks)]
    weights = [f"{model.tail_weight():.3f}" for model in models]
    foot = (
        f'<tr class="total"><th scope="row" class="text">Tail weight</th>'
        f'<td colspan="4">{weights[0]}</td><td colspan="4">{weights[1]}</td></tr>'
    )
    groups = (
        f'<tr><td></td><th scope="colgroup" colspan="4">After {study.days[-1]}, '
        f"half-life {HALF_LIFE_DAYS} days</th>"
        f'<th scope="colgroup" colspan="4">Whole sample, maximum likelihood</th></tr>'
    )
    header = ("μ|% per day", "E[Y]γ|% per day", "sd|% per year", "Skewness|no unit")
    return table(("Stock", *header, *header), rows, groups=groups, foot=foot)


def _per_stock(model: NormalInverseGaussian) -> Iterable[list[str]]:
    gamma = model.subordinator().E_Y() * model.gamma
    deviation = np.sqrt(TRADING_DAYS_PER_YEAR * np.diag(model.cov()))
    yield [signed(PERCENT * float(value), PERCENT_DECIMALS) for value in model.mu]
    yield [signed(PERCENT * float(value), PERCENT_DECIMALS) for value in gamma]
    yield [signed(PERCENT * float(value), 1) for value in deviation]
    yield [signed(float(value), TWO_DECIMALS) for value in model.skewness()]


def whole_sample(study: Study) -> str:
    """Lay out log-likelihoods of the whole sample under three ways to fit it."""
    d, days = len(study.returns.stocks), len(study.returns.dates)
    normal = d + d * (d + 1) // 2
    maximum = study.maximum
    nig = f"batch EM, {maximum.rounds} rounds, {maximum.seconds:.2f} s"
    found = (
        ("NIG, maximum likelihood", nig, normal + d + 1, maximum.log_likelihood),
        ("NIG, default rule", "one pass, in order", normal + d + 1, study.default_log_likelihood),
        ("Gaussian, maximum likelihood", "closed form", normal, study.gaussian_log_likelihood),
    )
    rows = [
        (
            name,
            how,
            f"{size:,}",
            signed(value, LIKELIHOOD_DECIMALS),
            signed(value / days, LIKELIHOOD_DECIMALS),
        )
        for name, how, size, value in found
    ]
    header = ("Model", "How", "Parameters", "Log-likelihood|nats", "Mean|nats per day")
    return table(header, rows, text_columns=2)
