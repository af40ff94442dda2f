"""What a report finds of risk, and what its sections tell of it."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from reports import Page, returns

from varimix import (
    NormalInverseGamma,
    NormalInverseGaussian,
)
from varimix.reporting import (
    ahead_section,
    contributions_section,
    intervals_section,
    least_shortfall_section,
)
from varimix.reporting.findings import Findings, find
from varimix.reporting.inputs import data_of, subject_of
from varimix.reporting.words import words_of

SECTIONS: dict[str, Callable[[Findings], str]] = {
    "intervals": intervals_section.intervals,
    "ahead": ahead_section.ahead,
    "contributions": contributions_section.contributions,
    "least": least_shortfall_section.least_shortfall,
}
EQUAL = np.full(3, 1.0 / 3.0)
NI = NormalInverseGamma.from_classical


def found(
    of: Any,
    X: Any,
    *,
    weights: Any = None,
    is_returns: bool = True,
    backtest: str = "auto",
    dates: Any = None,
    alpha: float = 0.01,
) -> Findings:
    subject = subject_of(of)
    data = data_of(X, subject.model.d, None, dates)
    words = words_of(data, is_returns=is_returns)
    return find(subject, data, words, weights, alpha, backtest, None)


def told(section: str, findings: Findings) -> str:
    return " ".join(Page(SECTIONS[section](findings)).text.split())


def cells(section: str, findings: Findings) -> list[list[str]]:
    """Return the cells of all rows of all tables of a section."""
    rows = re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", SECTIONS[section](findings), re.S)
    return [[Page(cell).text for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def market_findings() -> Findings:
    return found(NormalInverseGaussian.fit(returns()), returns())
