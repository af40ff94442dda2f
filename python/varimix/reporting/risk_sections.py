"""The sections about w'X: its tails, and the backtest."""

from __future__ import annotations

from typing import Any

import numpy as np

from varimix.plotting.envelopes import binomial_interval
from varimix.reporting import html, pictures
from varimix.reporting.backtest import GAUSSIAN, HISTORY, MODEL, Backtest, rare
from varimix.reporting.coverage import christoffersen, christoffersen_independence, kupiec
from varimix.reporting.families import far_out, kurtosis_of, mixing_in_words, moments_in_words
from varimix.reporting.findings import Findings, Values, medians
from varimix.reporting.numbers import count_of, level_name
from varimix.reporting.risk import once_in
from varimix.reporting.summary import line_in_words
from varimix.reporting.verdict import (
    COVERAGE,
    count,
    expected,
    flattery,
    over_all_rows,
    short,
    verdict,
)
from varimix.reporting.words import UNKNOWN, named_columns, once, plain, probability

WORST = 5
"""Lowest rows that are told."""
NAMES_SHOWN = 4
PREDICTORS = (MODEL, GAUSSIAN, HISTORY)
TITLES = {MODEL: "Model", GAUSSIAN: "Gaussian", HISTORY: "Rows themselves"}


def tails(findings: Findings) -> str:
    """Lay out the quantiles, and the tails that lead there."""
    words = findings.words
    title = "Value at risk and expected shortfall" if words.is_returns else "Quantiles"
    sentence = _compared(findings)
    return html.section(
        "tails", title, html.paragraph(sentence, "see"),
        html.paragraph(line_in_words(findings)), _tails_table(findings),
        _tails_picture(findings), html.paragraph(_tails_in_words(findings)),
        _worst(findings), _tails_note(findings),
    )  # fmt: skip


def _compared(findings: Findings) -> str:
    """Write how far out the mean beyond a quantile lies, by each predictor."""
    words, level = findings.words, findings.alpha
    sign = -1.0 if words.is_returns else 1.0
    model, gaussian, history = (
        words.number(sign * findings.tails[predictor][level].mean_beyond)
        for predictor in PREDICTORS
    )
    share = level_name(level)
    here = f"those here have {history}" if history != UNKNOWN else "those here are too few to tell"
    if words.is_returns:
        return (
            f"On the worst {share} of {words.row}s the model expects a loss of {model} in the mean "
            f"and a Gaussian one of {gaussian}; {here}."
        )
    return (
        f"The lowest {share} of rows have the mean {model} by the model and {gaussian} by a "
        f"Gaussian; {here}."
    )


def _tails_table(findings: Findings) -> str:
    words = findings.words
    sign = -1.0 if words.is_returns else 1.0
    rows = []
    for level in findings.levels:
        name = level_name(rare(level))
        if not words.is_returns:
            name += " below" if level < 0.5 else " above"
        cells = [name]
        for predictor in PREDICTORS:
            tail = findings.tails[predictor][level]
            cells += [words.number(sign * tail.quantile), words.number(sign * tail.mean_beyond)]
        rows.append(tuple(cells))
    pair = ("VaR", "ES") if words.is_returns else ("Quantile", "Mean beyond")
    header = ("Probability", *[name for _ in PREDICTORS for name in pair])
    groups = "".join(
        f'<th scope="colgroup" colspan="2">{TITLES[predictor]}</th>' for predictor in PREDICTORS
    )
    caption = (
        f"{words.ahead}: losses of the portfolio; VaR is passed with the probability, ES is the "
        "mean of the losses beyond it."
        if words.is_returns
        else "Quantiles of the projection, and the mean of what lies beyond them."
    )
    return html.table(header, rows, caption=caption, groups=f"<tr><td></td>{groups}</tr>")


def _tails_picture(findings: Findings) -> str:
    words, values = findings.words, findings.line.complete
    if len(values) < pictures.FEWEST_VALUES:
        return html.paragraph(
            f"No picture of the tails: {words.rows(len(values))} show all columns that have a "
            "weight.",
            "note",
        )
    png = pictures.draw(pictures.tails(findings.law, values, words))
    low, high = float(values.min()), float(values.max())
    description = (
        f"Tail probabilities of the {words.line} on a logarithmic scale: {len(values):,} "
        f"{words.row}s from {words.number(low)} to {words.number(high)}, the model's law, and a "
        "Gaussian, which falls away faster."
    )
    caption = (
        f"Left of the median the share of {words.row}s below a value, right of it the share above. "
        "Where the points follow the line the model has the right tail."
    )
    return html.picture(png, description, caption)


def _tails_in_words(findings: Findings) -> str:
    words = findings.words
    kurtosis = kurtosis_of(findings.law)
    told = (
        f"Its excess kurtosis is {plain(kurtosis)} by the model, where a Gaussian has 0."
        if np.isfinite(kurtosis)
        else "It has no finite kurtosis under this model."
    )
    values = findings.line.values[findings.line.rows]
    return " ".join(
        (
            far_out(findings.law, values, words), told, mixing_in_words(findings.model, words),
            moments_in_words(findings.model),
        )
    )  # fmt: skip


def _worst(findings: Findings) -> str:
    """Lay out the lowest values of w'x, and the columns that brought them down."""
    words, data, line = findings.words, findings.data, findings.line
    if len(data.columns) == 1:
        return ""
    order = np.argsort(np.where(np.isnan(line.values), np.inf, line.values), kind="stable")
    center = np.zeros(len(data.columns)) if words.is_returns else medians(findings.model)
    rows = []
    for row in order[: min(WORST, len(line.rows))]:
        weights, total = line.shown_weights(int(line.pattern[row])), float(line.values[row])
        law: Any = findings.model.project(weights)
        how_rare = once(once_in(float(law.cdf(total))), words)
        down = _lowest_parts(findings, weights * (data.values[row] - center))
        rows.append((words.label(data, int(row)), words.number(total), how_rare, down))
    parts = "w_j x_j" if words.is_returns else "w_j (x_j − median)"
    names = (words.row.capitalize(), words.line.capitalize())
    header = (*names, "By the model", f"Largest parts {parts}")
    caption = (
        f"The lowest {words.row}s of the {words.line}, and the columns that brought them down."
    )
    return html.table(header, rows, last_is_text=True, caption=caption)


def _lowest_parts(findings: Findings, parts: Values) -> str:
    order = np.argsort(np.where(np.isnan(parts), np.inf, parts), kind="stable")[:NAMES_SHOWN]
    number = findings.words.number
    return ", ".join(
        f"{findings.data.columns[j]} {number(float(parts[j]))}" for j in order if parts[j] < 0.0
    )


def _tails_note(findings: Findings) -> str:
    if not findings.words.is_returns:
        return ""
    return html.paragraph(
        "The law of the portfolio is exact, no simulation: a sum of the columns has a law of the "
        "same family. It is the law of one row without regard to the last ones. If the columns are "
        "log-returns, the portfolio is a mean of log-returns, slightly below the log-return of "
        "the portfolio.",
        "note",
    )


def backtest(findings: Findings) -> str:
    """Lay out what was predicted beside what came."""
    tested = findings.backtest
    if tested is None:
        return html.section("backtest", "Backtest", html.paragraph(verdict(findings, 0.5), "see"))
    level = findings.alpha
    sentence = f"{short(findings, level)}. {verdict(findings, level)}"
    return html.section(
        "backtest", "Backtest",
        html.paragraph(sentence, "see"), html.paragraph(flattery(findings)),
        *(html.paragraph(named_columns(note, findings.data)) for note in tested.notes),
        _breaches_picture(findings, tested), html.paragraph(_clusters(findings, tested)),
        _counts_table(findings, tested), html.paragraph(_whole(findings)),
        _tests_table(findings, tested),
        html.paragraph(_tests_note(findings, tested), "note"),
    )  # fmt: skip


def _breaches_picture(findings: Findings, tested: Backtest) -> str:
    words, level = findings.words, findings.alpha
    png = pictures.draw(pictures.breaches(tested, level, findings.data, words))
    found = count(tested, MODEL, level)
    description = (
        f"The {words.line} of {words.rows(found.trials)} with its predicted "
        f"{level_name(level)} quantile and the {words.rows(found.found)} beyond it, and below, "
        "where rows suffice, the number of breaches in successive blocks."
    )
    caption = (
        f"Grey: the {words.line}. Line: its predicted quantile. Dots: breaches. Bars below: "
        "breaches in successive blocks of rows; hatched: what chance would leave there."
    )
    return html.picture(png, description, caption)


def _clusters(findings: Findings, tested: Backtest) -> str:
    """Write how unevenly breaches are spread over blocks of rows."""
    level, words = findings.alpha, findings.words
    block = pictures.block_rows(tested, level)
    if block == 0:
        return "The rows are too few to see whether breaches come together."
    counts = pictures.block_counts(tested, level, block)
    _, high = binomial_interval(block, rare(level), COVERAGE)
    over, without = int((counts > high).sum()), int((counts == 0).sum())
    return (
        f"Of {len(counts)} blocks of {words.rows(block)}, each with {block * rare(level):.1f} "
        f"breaches to be expected, {over:,} had more than the {high} that chance allows, and "
        f"{without:,} had none; the worst had {int(counts.max()):,}."
    )


def _counts_table(findings: Findings, tested: Backtest) -> str:
    rows = []
    for level in findings.levels:
        found = [count(tested, predictor, level) for predictor in PREDICTORS]
        side = "" if findings.words.is_returns else (" below" if level < 0.5 else " above")
        first = found[0]
        cells = [f"{one.found:,}" if one.trials == first.trials else UNKNOWN for one in found]
        bounds = f"{first.low:,} to {first.high:,}"
        rows.append((f"{level_name(rare(level))}{side}", expected(first.expected), bounds, *cells))
    header = (
        "Quantile", "Expected", f"By chance, {level_name(COVERAGE)}",
        *(TITLES[predictor] for predictor in PREDICTORS),
    )  # fmt: skip
    caption = f"Breaches among {findings.words.rows(len(tested.rows))}."
    return html.table(header, rows, caption=caption)


def _whole(findings: Findings) -> str:
    told = over_all_rows(findings, findings.alpha)
    return f"{told}; it may know these rows." if told else ""


def _tests_table(findings: Findings, tested: Backtest) -> str:
    if len(tested.rows) < 2:
        return ""
    rows = []
    for level in findings.levels:
        hits = tested.breaches(MODEL, level)
        tests = (
            kupiec(int(hits.sum()), len(hits), rare(level)),
            christoffersen_independence(hits),
            christoffersen(hits, rare(level)),
        )
        side = "" if findings.words.is_returns else (" below" if level < 0.5 else " above")
        cells = [c for test in tests for c in (f"{test.statistic:.2f}", probability(test.p_value))]
        rows.append((f"{level_name(rare(level))}{side}", *cells))
    names = ("Kupiec: as often", "Christoffersen: independent", "Christoffersen: both")
    groups = "".join(f'<th scope="colgroup" colspan="2">{name}</th>' for name in names)
    header = ("Quantile", *["Statistic", "p-value"] * len(names))
    return html.table(
        header, rows, caption="Tests of the model's breaches; a small p-value speaks against it.",
        groups=f"<tr><td></td>{groups}</tr>",
    )  # fmt: skip


def _tests_note(findings: Findings, tested: Backtest) -> str:
    compared = (
        "Gaussian and rows themselves are those of all rows before each forecast."
        if tested.is_prequential
        else "Gaussian and rows themselves are those of all rows."
    )
    return (
        "The range by chance is exact, of a binomial law. Kupiec (1995) asks whether breaches come "
        "as often as they should, Christoffersen (1998) whether one makes the next likelier; their "
        f"p-values are those of many rows. {compared} All rows are taken as equally long steps; "
        f"{count_of(len(findings.data.values) - len(tested.rows), findings.words.row)} of the data "
        "are not tested."
    )
