"""The section about the portfolio of the least expected shortfall, beside the given one."""

from __future__ import annotations

from math import inf, isfinite

import numpy as np

from varimix.reporting import html
from varimix.reporting.findings import Findings
from varimix.reporting.least_shortfall import Judged, LeastShortfall
from varimix.reporting.numbers import count_of, level_name, percent
from varimix.reporting.portfolio import tail_risk
from varimix.reporting.risk import of_rows
from varimix.reporting.verdict import expected
from varimix.reporting.words import raised
from varimix.risk import OptimalPortfolio

TITLE = "The portfolio of the least expected shortfall"
MOST_WEIGHTS = 30
"""Columns that the table of weights lists, those of the largest weights first."""
SMALLEST_WEIGHT = 5e-4
"""Weights below this are written as none."""


def least_shortfall(findings: Findings) -> str:
    """Lay out which weights have the least expected shortfall, and how such weights did."""
    least = findings.least
    if least is None:
        return ""
    if least.chosen is None:
        sentence = html.paragraph(f"No such portfolio: {least.why_not}.", "see")
        return html.section("least", TITLE, sentence)
    if least.given is None or least.least is None:
        told = html.paragraph(f"It is not judged here: {least.why_not_judged}.")
    else:
        told = _judged_table(findings, least.given, least.least)
    return html.section(
        "least", TITLE,
        html.paragraph(_sentence(findings, least), "see"), html.paragraph(_how(findings, least)),
        told, _weights_table(findings, least.chosen), html.paragraph(_note(findings), "note"),
    )  # fmt: skip


def _sentence(findings: Findings, least: LeastShortfall) -> str:
    words, level = findings.words, level_name(findings.alpha)
    if least.given is not None and least.least is not None:
        best, given = (
            -of_rows(one.values, findings.alpha).mean_beyond for one in (least.least, least.given)
        )
        if isfinite(best) and isfinite(given):
            return (
                f"On {words.rows(len(least.given.values))} that came after the choice, the weights "
                f"of the least expected shortfall had a realised one of {words.number(best)} at "
                f"{level}, {_given(findings)} of {words.number(given)}."
            )
    return f"{words.ahead}: {_ahead(findings, least)}."


def _given(findings: Findings) -> str:
    return "equal weights" if findings.equal else "the given weights"


def _ahead(findings: Findings, least: LeastShortfall) -> str:
    assert least.chosen is not None, "the caller has looked"
    words = findings.words
    given = tail_risk(least.chosen.model, findings.weights, findings.alpha)
    return (
        f"an expected shortfall at {level_name(findings.alpha)} of "
        f"{words.number(least.chosen.expected_shortfall)}, where {_given(findings)} have "
        f"{words.number(inf if given is None else given.expected_shortfall)}"
    )


def _how(findings: Findings, least: LeastShortfall) -> str:
    words, tested = findings.words, findings.backtest
    total = float(findings.weights.sum())
    rule = f"No weight is below 0, and they sum to {percent(total)}, as {_given(findings)} do."
    if least.given is None or tested is None:
        learned = tested is not None and tested.ahead is not None
        whose = "with which the backtest ends" if learned else "told here"
        return f"{rule} The risk is that of the model {whose}."
    without = (
        f"{words.rows(least.without)} are left out, for which no such portfolio had a finite "
        "expected shortfall. "
        if least.without
        else ""
    )
    return (
        f"{rule} In the backtest weights are chosen {count_of(least.choices, 'time')}, every "
        f"{words.rows(least.batches * tested.batch)}, by the model that has learned the "
        f"{words.row}s before alone, and stand still in between; risk is predicted every "
        f"{words.rows(tested.batch)}. {without}{raised(words.ahead_inside)}: "
        f"{_ahead(findings, least)}."
    )


def _judged_table(findings: Findings, given: Judged, least: Judged) -> str:
    words, alpha = findings.words, findings.alpha
    tails = [of_rows(one.values, alpha) for one in (given, least)]
    share = level_name(alpha)
    number = words.number
    rows = [
        ("Mean", *(x for one in (given, least)
                   for x in (number(one.mean), number(float(one.values.mean()))))),
        (f"VaR {share}", number(given.value_at_risk), number(-tails[0].quantile),
         number(least.value_at_risk), number(-tails[1].quantile)),
        (f"ES {share}", number(given.expected_shortfall), number(-tails[0].mean_beyond),
         number(least.expected_shortfall), number(-tails[1].mean_beyond)),
        (f"Breaches of VaR {share}", *(x for one in (given, least) for x in (
            expected(alpha * len(one.values)), f"{one.breaches:,}"))),
    ]  # fmt: skip
    names = ("Equal weights" if findings.equal else "Given weights", "Least expected shortfall")
    groups = "".join(f'<th scope="colgroup" colspan="2">{name}</th>' for name in names)
    caption = (
        f"Predicted before each {words.row} came (the mean of all {words.row}s), and realised, "
        f"among {words.rows(len(given.values))}."
    )
    header = ("Number", *["Predicted", "Realised"] * 2)
    return html.table(header, rows, caption=caption, groups=f"<tr><td></td>{groups}</tr>")


def _weights_table(findings: Findings, chosen: OptimalPortfolio) -> str:
    assert chosen.weights is not None, "the caller has looked"
    columns, weights = findings.data.columns, chosen.weights
    order = np.argsort(-weights, kind="stable")[:MOST_WEIGHTS]
    rows = [
        (columns[j], percent(float(findings.weights[j]), 1), _weight(float(weights[j])))
        for j in map(int, order)
    ]
    hidden = len(columns) - len(rows)
    left = f" The {count_of(hidden, 'column')} of the smallest are not shown." if hidden else ""
    caption = f"Weights for {findings.words.ahead_inside}, the largest first.{left}"
    own = "Equal" if findings.equal else "Given"
    return html.table(("Column", own, "Least ES"), rows, caption=caption)


def _weight(weight: float) -> str:
    return percent(weight, 1) if weight >= SMALLEST_WEIGHT else "0"


def _note(findings: Findings) -> str:
    words = findings.words
    mean = (
        "A least expected shortfall uses the model's means, which are known badly: it is no advice "
        "to buy what has risen."
        if isfinite(float(np.asarray(findings.model.mean()).sum()))
        else ""
    )
    return (
        f"Costs of trading are left out. The realised VaR is the quantile of all {words.row}s "
        "together, calm and wild, so that it may lie above the mean of those predicted where the "
        f"prediction moves with the times. {mean}"
    )
