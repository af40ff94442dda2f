"""The section about contributions: which columns the tail risk of w'X comes from."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import PercentFormatter

from varimix.plotting import contributions as draw_contributions
from varimix.plotting import theme
from varimix.plotting.contributions import contribution_parts
from varimix.reporting import html, pictures
from varimix.reporting.findings import Findings, Values
from varimix.reporting.numbers import count_of, level_name, percent
from varimix.reporting.weights_section import MOST_COLUMNS, weight_number
from varimix.risk import PortfolioRisk, portfolio

MOST_BARS = 12
HEIGHT_OF_A_BAR = 0.24
"""Of a column in the picture, inches."""


def contributions(findings: Findings) -> str:
    """Lay out which columns the mean loss in the tail comes from."""
    words, risk = findings.words, findings.risk
    title = (
        "Who contributes to the expected shortfall" if words.is_returns
        else "Who contributes to the lower tail"
    )  # fmt: skip
    why_not = _why_not(findings)
    if why_not or risk is None:
        sentence = html.paragraph(f"No contributions: {why_not}.", "see")
        return html.section("contributions", title, sentence)
    parts = contribution_parts(risk, "expected_shortfall", centered=not words.is_returns)
    return html.section(
        "contributions", title,
        html.paragraph(_sentence(findings, parts), "see"),
        _table(findings, parts), _picture(findings, risk),
        html.paragraph(_note(findings, parts), "note"),
    )  # fmt: skip


def _why_not(findings: Findings) -> str:
    risk, words = findings.risk, findings.words
    if len(findings.data.columns) == 1:
        return "there is one column, and all comes from it"
    if risk is None:
        return "the quantile lies out of reach, the tails are so heavy"
    if risk.status == "infinite_expected_shortfall":
        return "the mean beyond the quantile does not exist, the tails are so heavy"
    if risk.expected_shortfall_contributions is None:
        return "the part of some column does not exist, its tails are so heavy"
    if not words.is_returns and not np.isfinite(np.asarray(findings.model.mean())).all():
        return "the mean of some column does not exist, its tails are so heavy"
    return ""


def _sentence(findings: Findings, parts: Values) -> str:
    words, columns = findings.words, findings.data.columns
    top, total = int(np.argmax(parts)), float(parts.sum())
    share = f", {percent(parts[top] / total)} of it" if total > 0.0 else ""
    weight = weight_number(findings, top)
    level = level_name(findings.alpha)
    if words.is_returns:
        return (
            f"{columns[top]} adds most to the expected shortfall of {words.number(total)} at "
            f"{level}: {words.number(float(parts[top]))}{share}, with the weight {weight}."
        )
    return (
        f"The lowest {level} of rows lie {words.number(total)} below the mean on average; "
        f"{columns[top]} adds most: {words.number(float(parts[top]))}{share}, with the weight "
        f"{weight}."
    )


def _table(findings: Findings, parts: Values) -> str:
    words, columns = findings.words, findings.data.columns
    total, gross = float(parts.sum()), float(np.abs(findings.weights).sum())
    differ = not words.is_returns or not np.allclose(
        findings.weights, np.abs(findings.weights) / gross
    )
    order = np.argsort(-parts, kind="stable")
    kept = order[np.sort(np.argsort(-np.abs(parts[order]), kind="stable")[:MOST_COLUMNS])]
    rows = [
        (
            columns[j],
            weight_number(findings, j),
            *((percent(abs(findings.weights[j]) / gross, 1),) if differ else ()),
            words.number(float(parts[j])),
            *((percent(parts[j] / total, 1),) if total > 0.0 else ()),
        )
        for j in map(int, kept)
    ]
    part = "Part of the ES" if words.is_returns else "Part"
    shares = ("Share of it",) if total > 0.0 else ()
    of_weight = ("Share of all weight",) if differ else ()
    header = ("Column", "Weight", *of_weight, part, *shares)
    caption = (
        f"Parts of the columns in the expected shortfall at {level_name(findings.alpha)}."
        if words.is_returns
        else f"Parts of the columns in how far the lowest {level_name(findings.alpha)} lie below "
        "the mean."
    )
    return html.table(header, rows, caption=caption)


def _picture(findings: Findings, risk: PortfolioRisk) -> str:
    words, columns = findings.words, findings.data.columns
    names = pictures.names_in_picture(columns)
    held = int(np.count_nonzero(risk.w))
    bars = min(held, MOST_BARS)
    figure = pictures.new_figure(1.5 + HEIGHT_OF_A_BAR * bars)
    named = portfolio(findings.model.with_columns(names), risk.w, risk.alpha)
    with theme():
        ax = figure.subplots()
        draw_contributions(named, ax, centered=not words.is_returns, most=MOST_BARS)
        if words.is_returns:
            ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    what = "expected shortfall" if words.is_returns else "distance of the lowest rows"
    description = (
        f"Bars of what {count_of(bars, 'column')} add to the {what}, the largest at the top, each "
        "with a diamond where its weight alone would put it."
    )
    caption = (
        "Bars: what a column adds; the parts of all sum to the whole. Diamonds: what it would add "
        "if the risk went by weight alone. A bar below 0 hedges."
    )
    return html.picture(pictures.draw(figure), description, caption)


def _note(findings: Findings, parts: Values) -> str:
    words = findings.words
    hidden = len(parts) - MOST_COLUMNS
    rest = (
        f" The {count_of(hidden, 'column')} with the smallest parts are not shown."
        if hidden > 0
        else ""
    )
    mean = "mean loss" if words.is_returns else "mean distance below its own mean"
    return (
        f"A column's part is its weight times its {mean} on the worst "
        f"{level_name(findings.alpha)} of {words.row}s, exactly, by the model (Euler): a little "
        f"more of the column changes the whole by so much.{rest}"
    )
