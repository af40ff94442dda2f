"""What to watch out for, in sentences: of a fit, of rows, of weights, of a model."""

from __future__ import annotations

import numpy as np

from varimix._varimix import Status
from varimix.reporting.backtest import MODEL
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import count_of, percent, signed
from varimix.reporting.verdict import follow_one_another, is_off, over_all_rows
from varimix.reporting.words import raised

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
