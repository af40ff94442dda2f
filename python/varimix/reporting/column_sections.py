"""The sections about columns: weights, outlying rows and their names, correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from varimix.reporting import html, pictures
from varimix.reporting.findings import Findings, covariance_of
from varimix.reporting.numbers import count_of, percent, signed
from varimix.reporting.words import UNKNOWN, Words, raised

MOST_COLUMNS = 60
"""Columns that a table lists, those with the largest share of the variance first."""
NAMES_SHOWN = 3
"""Names told of a row far out."""
LEAST_SHARE = 0.1
"""Share of a distance from which on a name is told."""
EXTREME_PAIRS = 5
"""Pairs told at either end of the correlations."""
PAIRS_SEED = 0


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
        f"it, with the weight {_weight_number(findings, top)}."
        if len(columns) > 1
        else f"All weight is on {columns[0]}."
    )
    model: Any = findings.model
    deviations = np.sqrt(np.diag(np.asarray(model.cov())))
    means, skewness = np.asarray(model.mean()), np.asarray(model.skewness())
    rows = [
        (
            columns[j],
            _weight_number(findings, j),
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


def _weight_number(findings: Findings, j: int) -> str:
    weight = float(findings.weights[j])
    return percent(weight, 1) if findings.words.is_returns else f"{weight:.3g}"


def outlying(findings: Findings) -> str:
    """Lay out the rows far out, and the names that drove them there."""
    words = findings.words
    title = f"The {words.row}s farthest out, and the names behind them"
    if not findings.outliers:
        return ""
    png = pictures.draw(pictures.outlying(findings.model, findings.data, words))
    worst = findings.outliers[0]
    names = _names(findings, 0)
    sentence = (
        f"{raised(words.label(findings.data, worst.row))} lies farthest out, "
        f"{signed(worst.distance, 1)} times as far as an ordinary {words.row}"
        + (f"; most of that is due to {names}." if names else ".")
    )
    description = (
        f"The weight E[1/Y | x] of each {words.row}; the lowest are those of "
        + ", ".join(words.label(findings.data, o.row) for o in findings.outliers[:5])
        + "."
    )
    caption = (
        f"The weight with which a {words.row} counts in a fit: the lower, the farther out it lies. "
        "A fit with heavy tails gives outliers little weight; a Gaussian gives all the same."
    )
    return html.section(
        "outliers", title, html.paragraph(sentence, "see"), html.picture(png, description, caption),
        _outliers_table(findings), _drivers(findings),
        html.paragraph(_distance_note(words), "note"),
    )  # fmt: skip


def _outliers_table(findings: Findings) -> str:
    words, values = findings.words, findings.line.values
    rows = [
        (
            words.label(findings.data, outlier.row),
            words.number(float(values[outlier.row])),
            signed(outlier.distance, 1),
            f"{outlier.weight:.2g}",
            _names(findings, k, with_values=True) or "no name stands out",
        )
        for k, outlier in enumerate(findings.outliers)
    ]
    header = (
        words.row.capitalize(), words.line.capitalize(), f"Distance|ordinary {words.row}: 1",
        f"Weight|median {words.row}: 1", "Names, and their share of the distance",
    )  # fmt: skip
    caption = f"The {len(rows)} {words.row}s of least weight."
    if len(findings.data.columns) == 1:
        return html.table(header[:-1], [row[:-1] for row in rows], caption=caption)
    return html.table(header, rows, last_is_text=True, caption=caption)


def _names(findings: Findings, k: int, *, with_values: bool = False) -> str:
    """Write the names that drove an outlier, with their shares."""
    outlier, data = findings.outliers[k], findings.data
    if len(data.columns) == 1:
        return ""
    shares = np.where(np.isnan(outlier.shares), 0.0, outlier.shares)
    order = np.argsort(-shares, kind="stable")[:NAMES_SHOWN]
    found = []
    for j in order:
        if shares[j] < LEAST_SHARE:
            continue
        value = findings.words.number(float(data.values[outlier.row, j]))
        found.append(
            f"{data.columns[j]} {percent(shares[j])}" + (f" (at {value})" if with_values else "")
        )
    return ", ".join(found)


def _drivers(findings: Findings) -> str:
    """Lay out the names that drove most of the rows far out."""
    d = len(findings.data.columns)
    if d == 1:
        return ""
    shares = np.array([outlier.shares for outlier in findings.outliers])
    known = (~np.isnan(shares)).sum(axis=0)
    mean = np.where(known > 0, np.nansum(shares, axis=0) / np.maximum(known, 1), 0.0)
    first = np.bincount(np.nanargmax(shares, axis=1), minlength=d)
    order = np.argsort(-mean, kind="stable")[: min(d, 10)]
    rows = [
        (findings.data.columns[j], percent(float(mean[j])), f"{first[j]}")
        for j in order
        if mean[j] > 0.0
    ]
    header = ("Column", "Mean share of the distance", f"{findings.words.row.capitalize()}s led")
    caption = f"Who drove the {len(findings.outliers)} {findings.words.row}s above."
    return html.table(header, rows, caption=caption)


def _distance_note(words: Words) -> str:
    return (
        f"The distance is Mahalanobis's, over the root of the number of columns that the "
        f"{words.row} shows, from the center of the law in the dispersion of its median Y. A "
        "column's share is what the transformed variable nearest to it adds (Garthwaite and Koch "
        "2016): all are >= 0 and sum to one, also where columns are correlated. Weights are "
        "E[1/Y | x]."
    )


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
