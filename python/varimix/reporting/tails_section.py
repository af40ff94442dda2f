"""The section about the tails of w'X: quantiles, and the mean beyond them."""

from __future__ import annotations

from typing import Any

import numpy as np

from varimix.reporting import html, pictures
from varimix.reporting.backtest import TITLES, rare
from varimix.reporting.families import far_out, kurtosis_of, mixing_in_words, moments_in_words
from varimix.reporting.findings import Findings, Values, medians
from varimix.reporting.numbers import level_name
from varimix.reporting.risk import once_in
from varimix.reporting.summary import line_in_words
from varimix.reporting.words import UNKNOWN, once, plain

WORST = 5
"""Lowest rows that are told."""
NAMES_SHOWN = 4


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
        words.number(sign * findings.tails[predictor][level].mean_beyond) for predictor in TITLES
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
        for predictor in TITLES:
            tail = findings.tails[predictor][level]
            cells += [words.number(sign * tail.quantile), words.number(sign * tail.mean_beyond)]
        rows.append(tuple(cells))
    pair = ("VaR", "ES") if words.is_returns else ("Quantile", "Mean beyond")
    header = ("Probability", *[name for _ in TITLES for name in pair])
    groups = "".join(
        f'<th scope="colgroup" colspan="2">{TITLES[predictor]}</th>' for predictor in TITLES
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
