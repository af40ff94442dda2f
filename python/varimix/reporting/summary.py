"""The first box of a report: what matters, in plain words."""

from __future__ import annotations

import numpy as np

from varimix.reporting.backtest import GAUSSIAN, HISTORY, MODEL
from varimix.reporting.cautions import NOT_TO_BE_USED, warnings_of
from varimix.reporting.families import family_name
from varimix.reporting.findings import Findings
from varimix.reporting.html import safe, typeset
from varimix.reporting.numbers import count_of, level_name, percent
from varimix.reporting.risk import Tail
from varimix.reporting.verdict import flattery, short, verdict
from varimix.reporting.words import UNKNOWN, Words, label_of, lowered, plain, raised

MOST_HELD = 6
"""Columns with a weight, up to which they are told in a sentence."""
SHARE_NAMES = {0.01: "1 in 100", 0.05: "1 in 20", 0.001: "1 in 1,000", 0.1: "1 in 10"}


def summary(findings: Findings) -> str:
    """Lay out the first box."""
    entries = [*_tails(findings), _tested(findings)]
    items = [_entry(*_fitted(findings))]
    told = [_entry(*entry) for entry in entries]
    status = findings.subject.status
    is_bad = status is not None and any(code in status for code in NOT_TO_BE_USED)
    items += [_watch_out(findings), *told] if is_bad else [*told, _watch_out(findings)]
    return f"<dl>{''.join(items)}</dl>"


def _entry(name: str, value: str, meaning: str) -> str:
    return f"<div><dt>{safe(name)}</dt><dd><b>{typeset(value)}</b> {typeset(meaning)}</dd></div>"


def lead(findings: Findings) -> str:
    """Write the sentence under the title."""
    words, data = findings.words, findings.data
    subject = "A portfolio's risk" if words.is_returns else "The law of the rows"
    span = ""
    if data.has_dates and data.labels is not None:
        ends = data.labels.min(), data.labels.max()
        span = f", {label_of(ends[0])} to {label_of(ends[1])}"
    return (
        f"{subject} by a {family_name(findings.model)} law, beside {words.rows(len(data.values))} "
        f"of {count_of(len(data.columns), 'column')}{span}."
    )


def line_in_words(findings: Findings) -> str:
    """Write what w'X is."""
    words, d = findings.words, len(findings.data.columns)
    if not findings.equal:
        held = np.flatnonzero(findings.weights)
        if len(held) > MOST_HELD:
            return f"The {words.line} has {len(held)} columns, with the weights that were given."
        each = (f"{findings.data.columns[j]} {_weight(findings, j)}" for j in map(int, held))
        return f"The {words.line} is {', '.join(each)}, as was given."
    if d == 1:
        if words.is_returns:
            return f"The portfolio is {findings.data.columns[0]} alone."
        return f"The projection is {findings.data.columns[0]}, over its interquartile range."
    if words.is_returns:
        return f"The portfolio holds equal weights, 1/{d} of each column: none were given."
    return (
        "The projection is the mean of all columns, each over its interquartile range under the "
        "model: no weights were given."
    )


def _weight(findings: Findings, j: int) -> str:
    weight = float(findings.weights[j])
    return percent(weight, 1) if findings.words.is_returns else plain(weight)


def _fitted(findings: Findings) -> tuple[str, str, str]:
    subject, data, words = findings.subject, findings.data, findings.words
    what = f"{raised(family_name(findings.model))}, {count_of(len(data.columns), 'column')}"
    size = words.rows(len(data.values))
    if subject.state is not None:
        weight = subject.state.total_weight
        learned = words.rows(int(weight)) if weight == int(weight) else f"a weight of {weight:,.1f}"
        told = f"A state that has learned {learned}, beside the {size} given here."
    elif subject.best is not None and subject.is_best:
        families = count_of(len(subject.best.table), "family", "families")
        told = f"The best of {families}, beside the {size} given here."
    elif subject.status is not None:
        told = f"A fit, beside the {size} given here."
    else:
        told = f"A model as it was given, beside {size}."
    return "Fitted", what, f"{told} {line_in_words(findings)}"


def _tails(findings: Findings) -> list[tuple[str, str, str]]:
    return [
        (_loss if findings.words.is_returns else _quantile)(findings, level)
        for level in findings.levels
    ]


def _loss(findings: Findings, level: float) -> tuple[str, str, str]:
    words = findings.words
    model, gaussian, history = (findings.tails[name][level] for name in (MODEL, GAUSSIAN, HISTORY))
    name = SHARE_NAMES.get(level, level_name(level))
    value = f"VaR {words.number(-model.quantile)}, ES {words.number(-model.mean_beyond)}"
    meaning = (
        f"{words.ahead} the loss exceeds the first with probability {level_name(level)}, and is "
        f"the second in the mean if it does. Gaussian: {_pair(words, gaussian)}; the {words.row}s "
        f"themselves: {_pair(words, history)}."
    )
    if level != min(findings.levels):
        meaning = (
            f"Gaussian: {_pair(words, gaussian)}; the {words.row}s themselves: "
            f"{_pair(words, history)}."
        )
    return f"{words.ahead}, {name}", value, meaning


def _pair(words: Words, tail: Tail) -> str:
    """Write VaR and ES."""
    quantile = words.number(-tail.quantile)
    if quantile == UNKNOWN:
        return "too few to tell"
    return f"{quantile} and {words.number(-tail.mean_beyond)}"


def _quantile(findings: Findings, level: float) -> tuple[str, str, str]:
    words = findings.words
    model, gaussian, history = (findings.tails[name][level] for name in (MODEL, GAUSSIAN, HISTORY))
    side = "below" if level < 0.5 else "above"
    share = level_name(min(level, 1.0 - level))
    return (
        f"{share} lie {side}",
        words.number(model.quantile),
        f"of the projection, by the model. Gaussian: {words.number(gaussian.quantile)}; the rows "
        f"themselves: {words.number(history.quantile)}.",
    )


def _tested(findings: Findings) -> tuple[str, str, str]:
    kind = flattery(findings).split(":")[0]
    how = f" {kind}." if findings.backtest is not None and findings.backtest.is_prequential else ""
    others = "".join(
        f" At {level_name(level)}: {lowered(short(findings, level))}."
        for level in findings.levels
        if level < 0.5 and level != findings.alpha and findings.backtest is not None
    )
    told = verdict(findings, findings.alpha)
    return "Backtest", short(findings, findings.alpha), f"{told}{others}{how}"


def _watch_out(findings: Findings) -> str:
    found = warnings_of(findings)
    if not found:
        return ""
    inner = "".join(f"<li>{typeset(text)}</li>" for text in found)
    title = f"{count_of(len(found), 'thing')} to watch out for"
    return f'<div class="warn"><dt>Mind</dt><dd><b>{title}</b><ul>{inner}</ul></dd></div>'
