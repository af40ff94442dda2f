"""The section about correlations: the heat map, extreme pairs, all pairs of few columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from varimix.reporting import html, pictures
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import signed

EXTREME_PAIRS = 5
"""Pairs told at either end of the correlations."""
PAIRS_SEED = 0


def correlations(findings: Findings) -> str:
    """Lay out the heat map, and the extreme pairs."""
    columns, matrix = findings.data.columns, findings.correlations
    d = len(columns)
    if d == 1:
        return ""
    i, j = np.triu_indices(d, 1)
    pairs = matrix[i, j]
    order = np.argsort(-pairs, kind="stable")
    top, bottom = order[0], order[-1]
    highest = signed(float(pairs[top]), 2)
    sentence = f"The correlation of {columns[i[top]]} and {columns[j[top]]} is {highest}"
    if d > 2:
        sentence += (
            f", the highest; {columns[i[bottom]]} and {columns[j[bottom]]} have the lowest: "
            f"{signed(float(pairs[bottom]), 2)}. The mean of all pairs is "
            f"{signed(float(pairs.mean()), 2)}"
        )
    png = pictures.draw(pictures.correlations(matrix, columns))
    description = (
        f"Heat map of the correlations of {d} columns: from {signed(float(pairs.min()), 2)} to "
        f"{signed(float(pairs.max()), 2)}, {signed(float(pairs.mean()), 2)} in the mean."
    )
    caption = "Correlations under the model; red: together, blue: against each other."
    if pictures.are_renamed(columns):
        caption += " Names that the picture's font lacks are numbers of columns, from 0."
    return html.section(
        "correlations", "Correlations", html.paragraph(f"{sentence}.", "see"),
        html.picture(png, description, caption), _pairs_table(findings, i, j, order),
        _scatter(findings), html.paragraph(_correlation_note(findings), "note"),
    )  # fmt: skip


def _pairs_table(findings: Findings, i: Any, j: Any, order: Any) -> str:
    columns, matrix = findings.data.columns, findings.correlations
    if len(order) <= 2 * EXTREME_PAIRS:
        chosen = order
    else:
        chosen = np.concatenate([order[:EXTREME_PAIRS], order[-EXTREME_PAIRS:]])
    rows = [(columns[i[k]], columns[j[k]], signed(float(matrix[i[k], j[k]]), 2)) for k in chosen]
    caption = (
        "All pairs."
        if len(order) == len(chosen)
        else "The pairs of highest and lowest correlation."
    )
    return html.table(("Column", "Column", "Correlation"), rows, text_columns=2, caption=caption)


def _scatter(findings: Findings) -> str:
    data = findings.data
    d = len(data.columns)
    if not 2 <= d <= pictures.MOST_PAIRS or np.isnan(data.values).all(axis=0).any():
        return ""
    figure = pictures.pairs(findings.model, data, PAIRS_SEED)
    description = (
        f"All pairs of the {d} columns: the {findings.words.row}s as points, and the regions that "
        "hold given shares of the model's law."
    )
    caption = (
        f"Points: {findings.words.row}s. Lines: regions of highest density that hold these shares "
        "of the exact law of two columns. On the diagonal each column's histogram and density."
    )
    png = pictures.draw(figure, pictures.MANY_DPI)
    return html.picture(png, description, caption, scale=100.0 / pictures.MANY_DPI)


def _correlation_note(findings: Findings) -> str:
    exist = bool(np.isfinite(np.asarray(findings.model.cov())).all())
    kind = (
        "" if exist else " They are those of the dispersion Sigma, for the covariance is infinite."
    )
    return (
        "All columns share one hidden activity Y: even columns of correlation 0 tend to be wild "
        f"together.{kind}"
    )
