"""The section about how sure the numbers are."""

from __future__ import annotations

from math import floor, log10

from matplotlib.ticker import PercentFormatter

from varimix.inference import Inference
from varimix.plotting import intervals as draw_intervals
from varimix.plotting import theme
from varimix.reporting import html, pictures
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import signed
from varimix.reporting.words import named_columns, plain, raised

CONFIDENCE = 0.95
TITLE = "How sure are these numbers?"
UNITLESS, DEVIATION = "tail weight", "standard deviation"
MOST_DIGITS = 8.0
"""Powers of ten of an error, up and down, to which its number is written without an exponent."""
HEIGHT_OF_A_NUMBER = 0.34
"""Of a number in the picture, inches."""


def intervals(findings: Findings) -> str:
    """Lay out the intervals of the numbers, and what they allow for."""
    found = findings.intervals.found
    if found is None:
        sentence = f"No intervals: {findings.intervals.why_not}."
        return html.section("intervals", TITLE, html.paragraph(sentence, "see"))
    notes = [
        html.paragraph(named_columns(_told(sentence, detail), findings.data))
        for _, sentence, detail in found.notes
    ]
    if not found.bse:
        sentence = "These numbers have no intervals, for a reason that lies in the fit."
        return html.section("intervals", TITLE, html.paragraph(sentence, "see"), *notes)
    return html.section(
        "intervals", TITLE,
        html.paragraph(_sentence(findings, found), "see"), html.paragraph(_allows(findings)),
        *notes, _table(findings, found), _picture(findings, found),
        html.paragraph(_note(findings), "note"),
    )  # fmt: skip


def _told(sentence: str, detail: str) -> str:
    return f"{sentence} ({detail})" if detail else sentence


def _number(findings: Findings, name: str, value: float, error: float) -> str:
    """Write a number of a unit; of rows that are no returns to two digits of its error."""
    words = findings.words
    if name == UNITLESS:
        return plain(value)
    if words.is_returns or not 10.0**-MOST_DIGITS < error < 10.0**MOST_DIGITS:
        return words.number(value)
    return signed(value, max(0, 1 - floor(log10(error))))


def _sentence(findings: Findings, found: Inference) -> str:
    name = next(iter(found.params))
    error = found.bse[name]
    low, high = (_number(findings, name, x, error) for x in found.conf_int(1.0 - CONFIDENCE)[name])
    value = _number(findings, name, found.params[name], error)
    return f"{raised(name)}: {value}, and with 95% confidence between {low} and {high}."


def _allows(findings: Findings) -> str:
    row = findings.words.row
    if findings.intervals.in_time:
        return (
            f"The {row}s come in the order of time, and a wild {row} tends to follow a wild one: "
            "these intervals allow for that (hac). Where volatility lasts, intervals for "
            "independent rows are too short: they cover the truth 45 to 70 percent of the time, "
            "not 95."
        )
    return (
        f"These intervals take {row}s as independent (robust), since nothing says that they come "
        "in the order of time. If they do, and wild ones follow one another, intervals so short "
        "cover the truth 45 to 70 percent of the time, not 95."
    )


def _table(findings: Findings, found: Inference) -> str:
    ends = found.conf_int(1.0 - CONFIDENCE)
    rows = []
    for name, value in found.params.items():
        error = found.bse[name]
        cells = (_number(findings, name, x, error) for x in (value, error, *ends[name]))
        rows.append((raised(name), *cells))
    header = ("Number", "Estimate", "Standard error", "2.5%", "97.5%")
    caption = f"Of the {findings.words.line} under the model, with 95% intervals."
    return html.table(header, rows, caption=caption)


def _picture(findings: Findings, found: Inference) -> str:
    relative = findings.words.is_returns
    names = [
        name
        for name, value in found.params.items()
        if (name != "mean" and value > 0.0 if relative else name not in (UNITLESS, DEVIATION))
    ]
    if not names:
        return ""
    figure = pictures.new_figure(1.3 + HEIGHT_OF_A_NUMBER * len(names))
    with theme():
        ax = figure.subplots()
        draw_intervals(found, ax, names=names, alpha=1.0 - CONFIDENCE, relative=relative)
        if relative:
            ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    description = (
        f"{len(names)} numbers of the {findings.words.line}, one a line, each with its estimate "
        "and a bar from the lower to the upper end of its interval."
    )
    caption = (
        "Each number with its 95% interval, as a share of the estimate, so that numbers of "
        "different sizes can be compared; the mean, which may be 0, is in the table alone."
        if relative
        else "Each number with its 95% interval."
    )
    return html.picture(pictures.draw(figure), description, caption)


def _note(findings: Findings) -> str:
    return (
        "Symmetric in the logarithm for numbers that are above 0. They are about the model told "
        "here as the best fit to these rows, and do not know whether a law of this family is the "
        "right one."
        + (
            f" Where nearly all of the volatility of a {findings.words.row} lasts to the next they "
            "cover 85 to 94 percent in 2,000 rows."
            if findings.intervals.in_time
            else ""
        )
    )
