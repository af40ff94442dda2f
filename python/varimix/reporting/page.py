"""The page: findings laid out as one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from string import Template
from typing import Any

import varimix
from varimix.reporting import (
    ahead_section,
    backtest_section,
    contributions_section,
    correlations_section,
    fit_sections,
    intervals_section,
    least_shortfall_section,
    outliers_section,
    tails_section,
    weights_section,
)
from varimix.reporting.families import family_name
from varimix.reporting.findings import find
from varimix.reporting.html import packaged, safe, typeset
from varimix.reporting.inputs import Data, Subject, Values
from varimix.reporting.summary import lead, summary
from varimix.reporting.words import words_of

SECTIONS = (
    tails_section.tails,
    intervals_section.intervals,
    backtest_section.backtest,
    ahead_section.ahead,
    weights_section.weights,
    contributions_section.contributions,
    least_shortfall_section.least_shortfall,
    outliers_section.outlying,
    correlations_section.correlations,
    fit_sections.family,
    fit_sections.statuses,
    fit_sections.reading,
)
HEADING = re.compile(r'<section id="(\w+)">\n<h2>(.*?)</h2>')


def page(
    subject: Subject,
    data: Data,
    *,
    weights: Values | None,
    is_returns: bool,
    alpha: float,
    title: str | None,
    families: Iterable[Any] | None,
    backtest: str,
    rule: object | None,
) -> str:
    """Return the HTML of a report."""
    words = words_of(data, is_returns=is_returns)
    if families is not None and subject.best is None:
        subject = replace(subject, best=_compared(data, families))
    findings = find(subject, data, words, weights, alpha, backtest, rule)
    sections = [text for write in SECTIONS if (text := write(findings))]
    headings = [match for text in sections if (match := HEADING.match(text))]
    contents = "".join(
        f'<li><a href="#{name}">{text}</a></li>'
        for name, text in (match.groups() for match in headings)
    )
    return Template(packaged("page.html")).substitute(
        title=safe(title) if title is not None else _title(findings.subject, is_returns=is_returns),
        style=packaged("page.css"),
        lead=typeset(lead(findings)),
        summary=summary(findings),
        contents=contents,
        sections="\n\n".join(sections),
        version=varimix.__version__,
    )


def _title(subject: Subject, *, is_returns: bool) -> str:
    about = "Risk report" if is_returns else "Report on rows"
    return safe(f"{about}: {family_name(subject.model)}")


def _compared(data: Data, families: Iterable[Any]) -> varimix.BestFit:
    """Compare families on the rows; ValueError for one that is none."""
    if isinstance(families, str) or not isinstance(families, Iterable):
        raise TypeError(f"families must be a sequence of families, got {families!r}")
    fitter = varimix.BatchEMFitter(missing="exact")
    return varimix.fit_best(data.values, families=list(families), fitter=fitter)
