"""The section about rows far out, and the names behind them."""

from __future__ import annotations

import numpy as np

from varimix.reporting import html, pictures
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import percent, signed
from varimix.reporting.words import Words, raised

NAMES_SHOWN = 3
"""Names told of a row far out."""
LEAST_SHARE = 0.1
"""Share of a distance from which on a name is told."""


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
