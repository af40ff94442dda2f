"""The section about weights: what each column adds to w'X."""

from __future__ import annotations

from typing import Any

import numpy as np

from varimix.reporting import html
from varimix.reporting.findings import Findings, covariance_of
from varimix.reporting.numbers import count_of, percent, signed
from varimix.reporting.words import UNKNOWN

MOST_COLUMNS = 60
"""Columns that a table lists, those with the largest share of the variance first."""


def weights(findings: Findings) -> str:
    """Lay out the weights, and what each column adds to the variance."""
    words, columns = findings.words, findings.data.columns
    shares = variance_shares(findings)
    order = np.argsort(-np.abs(shares), kind="stable")[:MOST_COLUMNS]
    if len(columns) <= MOST_COLUMNS:
        order = np.arange(len(columns))
    top = int(np.argmax(shares))
    exists = bool(np.isfinite(np.asarray(findings.model.cov())).all())
    what = "variance" if exists else "dispersion"
    sentence = (
        f"{columns[top]} adds most to the {what} of the {words.line}: {percent(shares[top])} of "
        f"it, with the weight {weight_number(findings, top)}."
        if len(columns) > 1
        else f"All weight is on {columns[0]}."
    )
    model: Any = findings.model
    deviations = np.sqrt(np.diag(np.asarray(model.cov())))
    means, skewness = np.asarray(model.mean()), np.asarray(model.skewness())
    rows = [
        (
            columns[j],
            weight_number(findings, j),
            percent(shares[j], 1),
            words.number(float(means[j])),
            words.number(float(deviations[j])),
            signed(float(skewness[j]), 2) if np.isfinite(skewness[j]) else UNKNOWN,
        )
        for j in order
    ]
    header = ("Column", "Weight", f"Share of {what}", "Mean", "Standard deviation", "Skewness")
    hidden = len(columns) - len(rows)
    note = (
        f"The {count_of(hidden, 'column')} with the smallest shares are not shown."
        if hidden
        else ""
    )
    return html.section(
        "weights", "Weights", html.paragraph(sentence, "see"),
        html.table(header, rows, caption="Each column under the model."),
        html.paragraph(
            "A column's share is w_j (C w)_j / w'C w, with the "
            f"{'covariance' if exists else what} C of the model: the shares sum to one, and one "
            f"below 0 hedges. {note}",
            "note",
        ),
    )  # fmt: skip


def variance_shares(findings: Findings) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return w_j (C w)_j / w'C w for each column, C the covariance or the dispersion."""
    parts = findings.weights * (covariance_of(findings.model) @ findings.weights)
    return np.asarray(parts / parts.sum())


def weight_number(findings: Findings, j: int) -> str:
    """Write the weight of a column."""
    weight = float(findings.weights[j])
    return percent(weight, 1) if findings.words.is_returns else f"{weight:.3g}"
