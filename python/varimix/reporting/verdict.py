"""Whether a backtest supports its predictions, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from varimix.plotting.envelopes import binomial_interval
from varimix.reporting.backtest import MODEL, Backtest, rare
from varimix.reporting.coverage import christoffersen_independence
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import level_name

COVERAGE = 0.95
"""Probability of the range in which a count should lie."""
SIGNIFICANT = 0.05
"""A p-value below this speaks against the hypothesis."""
FEWEST_EXPECTED = 3.0
"""Breaches to be expected, at least, for their count to say something."""


@dataclass(frozen=True)
class Count:
    """Breaches of a level by one predictor.

    Attributes
    ----------
    found, trials : breaches, among so many rows
    expected : trials times the probability
    low, high : the central range that holds a right law's count with probability COVERAGE
    """

    found: int
    trials: int
    expected: float
    low: int
    high: int


def count(backtest: Backtest, predictor: str, level: float) -> Count:
    """Count breaches; rows for which nothing was predicted are left out."""
    known = ~np.isnan(backtest.quantiles[predictor][:, backtest.levels.index(level)])
    trials = int(known.sum())
    found = int(backtest.breaches(predictor, level)[known].sum())
    low, high = binomial_interval(trials, rare(level), COVERAGE) if trials else (0, 0)
    return Count(found, trials, trials * rare(level), low, high)


def short(findings: Findings, level: float) -> str:
    """Write in three or four words what the backtest says of a level."""
    if findings.backtest is None:
        return "No backtest"
    tested = count(findings.backtest, MODEL, level)
    if tested.expected < FEWEST_EXPECTED and tested.found <= tested.high:
        return "Too few rows to tell"
    if tested.found > tested.high:
        return "Not supported: too many breaches"
    if tested.found < tested.low:
        return "Too cautious: too few breaches"
    if follow_one_another(findings.backtest, level):
        return "Right in number, but breaches cluster"
    return "Supported" if findings.backtest.is_prequential else "Not refuted"


def verdict(findings: Findings, level: float) -> str:
    """Write how many breaches of a level there were, and what they say."""
    words, backtest = findings.words, findings.backtest
    if backtest is None:
        return f"No row shows a value of the {words.line}."
    tested = count(backtest, MODEL, level)
    share = level_name(rare(level))
    sentence = (
        f"On {words.rows(tested.found)} of {tested.trials:,} the {words.line} passed its {share} "
        f"quantile; {expected(tested.expected)} were to be expected, {tested.low} to {tested.high} "
        "by chance."
    )
    if tested.expected < FEWEST_EXPECTED and tested.found <= tested.high:
        return f"{sentence} So few rows cannot support or refute it."
    if follow_one_another(backtest, level):
        sentence += " Breaches follow one another more often than chance would have it."
    return sentence


def expected(value: float) -> str:
    """Write a number of breaches to be expected."""
    return f"{value:,.1f}" if value >= 1.0 else f"{value:.2g}"


def over_all_rows(findings: Findings, level: float) -> str:
    """Write how often all rows passed the quantile of the very model told; "" if that is known."""
    whole, words = findings.in_sample, findings.words
    if whole is None or findings.backtest is whole:
        return ""
    found = count(whole, MODEL, level)
    return (
        f"Of all {words.rows(found.trials)}, {found.found:,} lie beyond the "
        f"{level_name(rare(level))} quantile of the very model told here, "
        f"{expected(found.expected)} were to be expected, {found.low:,} to {found.high:,} by chance"
    )


def is_off(findings: Findings, level: float) -> bool:
    """Return whether the very model told does not describe all rows."""
    whole = findings.in_sample
    if whole is None or findings.backtest is whole:
        return False
    found = count(whole, MODEL, level)
    return not found.low <= found.found <= found.high


def follow_one_another(backtest: Backtest, level: float) -> bool:
    """Return whether a breach makes one in the next row likelier, by Christoffersen's test."""
    hits = backtest.breaches(MODEL, level)
    if hits.sum() < 2 or christoffersen_independence(hits).p_value >= SIGNIFICANT:
        return False
    after = hits[1:][hits[:-1]]
    return bool(len(after) and after.mean() > hits.mean())


def flattery(findings: Findings) -> str:
    """Write what kind of backtest this is, and how far it can be trusted."""
    words, backtest = findings.words, findings.backtest
    if backtest is None:
        return ""
    if backtest.is_prequential:
        return (
            f"Every quantile was predicted before its row was seen: a copy of the family started "
            f"from the first {words.rows(backtest.warm_up)} and learned the others in order, "
            f"{backtest.batch} at a time. This tests the family and its way of learning, not the "
            "very parameters told here, which may have learned from all rows."
        )
    return (
        f"This compares all rows with the one model told here ({findings.why_backtest}). If it "
        "was fitted to these rows it knows what it is tested on, and the result flatters: it can "
        "refute a model, not support it."
    )
