"""Whether a backtest supports its predictions, in words; and what to watch out for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from varimix._varimix import Status
from varimix.plotting.envelopes import binomial_interval
from varimix.reporting.backtest import MODEL, Backtest, rare
from varimix.reporting.coverage import christoffersen_independence
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import count_of, level_name, percent, signed
from varimix.reporting.words import raised

COVERAGE = 0.95
"""Probability of the range in which a count should lie."""
SIGNIFICANT = 0.05
"""A p-value below this speaks against the hypothesis."""
FEWEST_EXPECTED = 3.0
"""Breaches to be expected, at least, for their count to say something."""
NOT_TO_BE_USED = (
    "mode_trap", "constant_column", "dispersion_floor", "collinear_columns", "too_few_rows",
    "scale_overflow",
)  # fmt: skip
"""Statuses of fits of which docs/when_a_fit_fails.md says that they are not to be used."""
HARMLESS = (
    "converged", "completed", "early_stopped", "batch_capped", "tail_weight_bound",
    "skewness_bound",
)  # fmt: skip
FAR_OUT = 30.0
"""Times the distance of an ordinary row, from which on an error of the data is likely."""
LARGE_RETURN = 0.5
"""A median size of returns above this is no daily return of anything, unless in percent."""
MANY_MISSING = 0.2
"""Share of missing values that is worth a word."""
ROWS_PER_COLUMN = 10
"""Fewer rows than this for each column leave correlations rough."""
GROSS_TOLERANCE = 1e-6


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


def warnings_of(findings: Findings) -> list[str]:
    """Write what to watch out for, the gravest first."""
    return [
        *_of_status(findings.subject.status),
        *_of_data(findings),
        *_of_weights(findings),
        *_of_model(findings),
    ]


def _of_status(status: Status | None) -> list[str]:
    if status is None:
        return []
    bad = [code for code in status.codes if code in NOT_TO_BE_USED]
    found = []
    if bad:
        found.append(f"This fit is not to be used as it is ({', '.join(bad)}): see Statuses.")
    told = (*NOT_TO_BE_USED, *HARMLESS, "drift")
    others = [code for code in status.codes if code not in told]
    if others:
        found.append(f"The fit reports {', '.join(others)}: see Statuses.")
    return found


def _of_data(findings: Findings) -> list[str]:
    words, data = findings.words, findings.data
    n, d = data.values.shape
    there = data.values[~np.isnan(data.values)]
    found = []
    if words.is_returns and len(there) > 1 and there.min() > 0.0:
        found.append(
            "All values are above 0. If these are prices, take returns first: nothing here is "
            "right for prices."
        )
    elif words.is_returns and float(np.median(np.abs(there))) > LARGE_RETURN:
        found.append(
            f"Half of all values are above {percent(float(np.median(np.abs(there))))} in size. If "
            "these are returns in percent, divide them by 100; if they are no returns, use "
            "kind='rows'."
        )
    if n < ROWS_PER_COLUMN * (d + 1):
        found.append(
            f"There are only {words.rows(n)} for {count_of(d, 'column')}: correlations and "
            "outliers are rough."
        )
    if data.has_dates and data.labels is not None and (data.labels[1:] < data.labels[:-1]).any():
        found.append(
            "The dates do not increase: a backtest takes rows in the order in which they come."
        )
    if findings.outliers and findings.outliers[0].distance > FAR_OUT:
        worst = findings.outliers[0]
        label, times = words.label(data, worst.row), signed(worst.distance, 0)
        found.append(
            f"{raised(label)} lies {times} times as far out as an ordinary {words.row}: an error "
            "in the data, or a rare event?"
        )
    missing = float(np.isnan(data.values).mean())
    if missing > MANY_MISSING:
        found.append(f"{percent(missing)} of the values are missing.")
    return found


def _of_weights(findings: Findings) -> list[str]:
    if not findings.words.is_returns:
        return []
    total = float(findings.weights.sum())
    gross = float(np.abs(findings.weights).sum())
    found = []
    if abs(total - 1.0) > GROSS_TOLERANCE:
        found.append(
            f"The weights sum to {signed(total, 4)}, not to 1; the risk is that of the weights as "
            "they are."
        )
    if gross - abs(total) > GROSS_TOLERANCE * gross:
        found.append(f"Some weights are short: sizes sum to {signed(gross, 4)}.")
    return found


def _of_model(findings: Findings) -> list[str]:
    words, state, backtest = findings.words, findings.subject.state, findings.backtest
    found = []
    shortfall = findings.tails[MODEL][findings.levels[0]].mean_beyond
    if not np.isfinite(shortfall):
        found.append("The tails are so heavy that the mean beyond a quantile does not exist.")
    elif not np.isfinite(np.asarray(findings.model.cov())).all():
        found.append(
            "The tails are so heavy that the variance does not exist: correlations and shares are "
            "those of the dispersion Sigma."
        )
    if state is not None and state.changes:
        found.append(
            f"While it learned, the stream changed {count_of(state.changes, 'time')} (drift): the "
            "model may average over different times."
        )
    if backtest is not None and not backtest.is_prequential:
        found.append(
            "The backtest is in sample: if the model was fitted to these rows, it flatters."
        )
    if backtest is not None and follow_one_another(backtest, findings.alpha):
        found.append(
            f"Breaches cluster: the model is one law for all {words.row}s and does not know that a "
            f"wild {words.row} tends to follow a wild one."
        )
    off = [level for level in findings.levels if is_off(findings, level)]
    if off:
        found.append(
            f"{over_all_rows(findings, off[0])}: it does not describe all of these rows alike."
        )
    if findings.line.n_partial:
        found.append(
            f"{words.rows(findings.line.n_partial)} lack some value: there the "
            f"{words.line} is that of what they show, scaled to the same sum of sizes."
        )
    return found
