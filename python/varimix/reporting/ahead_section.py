"""The section about the row to come, and how such predictions did."""

from __future__ import annotations

from math import isfinite
from typing import Any

from varimix.reporting import html
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import level_name, signed
from varimix.reporting.risk import of_law
from varimix.reporting.shortfall_test import ShortfallTest, shortfall_test
from varimix.reporting.verdict import SIGNIFICANT
from varimix.reporting.words import UNKNOWN, probability

MEANINGS = {
    "Kupiec": "breaches come as often as they should",
    "Christoffersen": "breaches come as often, and not one after another",
    "Durations": "the time since the last breach does not matter",
    "Acerbi-Szekely Z1": "where breached, as far as predicted",
    "Acerbi-Szekely Z2": "as often and as far as predicted",
    "McNeil-Frey": "where breached, not further than predicted",
}
"""What each test would refute, in the order of the table."""


def ahead(findings: Findings) -> str:
    """Lay out what is predicted of the row to come, and tests of such predictions."""
    words = findings.words
    tested = shortfall_test(
        findings.backtest, findings.line, findings.alpha, is_returns=words.is_returns
    )
    return html.section(
        "ahead", words.ahead,
        html.paragraph(_sentence(findings), "see"), html.paragraph(_whose(findings)),
        _table(findings), *_tests(findings, tested),
    )  # fmt: skip


def _law(findings: Findings) -> Any:
    """Return the law of w'X by the model that has learned all rows, or by the one told."""
    backtest = findings.backtest
    model: Any = findings.model
    if backtest is not None and backtest.ahead is not None:
        model = backtest.ahead
    return model.project(findings.weights)


def _learns(findings: Findings) -> bool:
    return findings.backtest is not None and findings.backtest.ahead is not None


def _sentence(findings: Findings) -> str:
    words, level = findings.words, findings.alpha
    tail = of_law(_law(findings), level)
    if words.is_returns:
        return (
            f"{words.ahead}, VaR {level_name(level)} is {words.number(-tail.quantile)} and ES "
            f"{words.number(-tail.mean_beyond)}."
        )
    mean = (
        f"at {words.number(tail.mean_beyond)} in the mean if it does"
        if isfinite(tail.mean_beyond)
        else "without a mean if it does"
    )
    return (
        f"{words.ahead} lies below {words.number(tail.quantile)} with probability "
        f"{level_name(level)}, and {mean}."
    )


def _whose(findings: Findings) -> str:
    words = findings.words
    if not _learns(findings):
        return (
            "That is the model told here. No backtest streamed through the rows: there is no model "
            "that learned them in order."
        )
    last = words.label(findings.data, len(findings.data.values) - 1)
    return (
        f"That is the model that the backtest ends with: started afresh, it has learned all rows "
        f"in order, up to {last}. The model told in the other sections stands beside it."
    )


def _table(findings: Findings) -> str:
    words, model = findings.words, findings.law
    laws = [_law(findings), model] if _learns(findings) else [model]
    sign = -1.0 if words.is_returns else 1.0
    rows = []
    for level in findings.levels:
        tails = [of_law(law, level) for law in laws]
        side = "" if words.is_returns else (" below" if level < 0.5 else " above")
        cells = [words.number(sign * x) for t in tails for x in (t.quantile, t.mean_beyond)]
        rows.append((f"{level_name(min(level, 1.0 - level))}{side}", *cells))
    pair = ("VaR", "ES") if words.is_returns else ("Quantile", "Mean beyond")
    names = ("The backtest’s last model", "The model told here")[-len(laws) :]
    groups = "".join(f'<th scope="colgroup" colspan="2">{name}</th>' for name in names)
    caption = f"Of the {words.line}, {words.ahead_inside}."
    return html.table(
        ("Probability", *pair * len(laws)), rows, caption=caption,
        groups=f"<tr><td></td>{groups}</tr>",
    )  # fmt: skip


def _tests(findings: Findings, tested: ShortfallTest) -> list[str]:
    words, found = findings.words, tested.found
    both = "VaR and ES together" if words.is_returns else "Quantile and mean beyond together"
    if found is None:
        return [html.paragraph(f"{both} are not tested: {tested.why_not}.")]
    sentence = (
        f"{_verdict(tested)} By the Basel Committee's traffic light {found.failures:,} breaches in "
        f"{words.rows(found.n)} are {found.traffic_light.zone}. {_watched(findings, tested)}"
    )
    caption = (
        f"{both}, as predicted for {words.rows(found.n)} before they came, at "
        f"{level_name(findings.alpha)}; a small p-value speaks against it."
    )
    header = ("Test", "Statistic", "p-value", "It asks whether")
    rows = [(name, *cells, MEANINGS[name]) for name, cells in _rows(tested)]
    return [
        html.paragraph(sentence),
        html.table(header, rows, caption=caption, last_is_text=True),
        html.paragraph(_note(findings, tested), "note"),
    ]


def _named(tested: ShortfallTest) -> dict[str, Any]:
    """Return the tests by what the table calls them."""
    found = tested.found
    assert found is not None, "the caller has looked"
    assert found.shortfall is not None, "an expected shortfall was tested"
    return {
        "Kupiec": found.kupiec,
        "Christoffersen": found.christoffersen_coverage,
        "Durations": found.duration_test,
        "Acerbi-Szekely Z1": found.shortfall.acerbi_szekely_z1,
        "Acerbi-Szekely Z2": found.shortfall.acerbi_szekely_z2,
        "McNeil-Frey": found.shortfall.mcneil_frey,
    }


def _rows(tested: ShortfallTest) -> list[tuple[str, tuple[str, str]]]:
    rows = []
    for name, test in _named(tested).items():
        if test.status == "not_testable":
            rows.append((name, (UNKNOWN, UNKNOWN)))
            continue
        p_value = UNKNOWN if test.p_value is None else probability(test.p_value)
        rows.append((name, (signed(test.statistic, 2), p_value)))
    return rows


def _verdict(tested: ShortfallTest) -> str:
    """Write which of the tests speak against the predictions."""
    against = [
        name
        for name, test in _named(tested).items()
        if test.p_value is not None and test.p_value < SIGNIFICANT
    ]
    if not against:
        return "No test speaks against the predictions, at 5%."
    return f"Against the predictions, at 5%, speak: {', '.join(against)}."


def _watched(findings: Findings, tested: ShortfallTest) -> str:
    """Write what the e-process, which may be looked at after every row, says."""
    assert tested.found is not None, "the caller has looked"
    assert tested.found.shortfall is not None, "an expected shortfall was tested"
    assert findings.backtest is not None, "its predictions were tested"
    rejected = tested.found.shortfall.e_backtest.rejected_on
    if rejected is None:
        return "Watched row by row, the e-process never refuted them."
    row = findings.words.label(findings.data, int(findings.backtest.rows[rejected]))
    return f"Watched row by row, the e-process refuted them at {row}."


def _note(findings: Findings, tested: ShortfallTest) -> str:
    simulated = (
        f"The p-values of Z1 and Z2 come from {tested.replicates} simulated histories. "
        if tested.replicates
        else "Z1 and Z2 have no p-values here: simulating so many rows would take long. "
    )
    center = (
        f"Distances are measured from {findings.words.number(tested.center)}, the median of the "
        "rows before the first prediction. "
        if tested.center
        else ""
    )
    return (
        f"Acerbi and Szekely (2014), McNeil and Frey (2000), Haas (2005) for durations, Wang, Wang "
        f"and Ziegel (2022) for the e-process. {simulated}{center}Rows that follow one another "
        "closely, as wild ones do, make all but Christoffersen and the durations look stronger "
        "than they are."
    )
