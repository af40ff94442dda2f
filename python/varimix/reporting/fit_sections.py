"""The sections about the fit: family, score of a stream, statuses, how to read the page."""

from __future__ import annotations

from varimix.reporting import html
from varimix.reporting.cautions import HARMLESS, NOT_TO_BE_USED
from varimix.reporting.families import MEANINGS, comparison, family_name, why
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import count_of, signed
from varimix.reporting.words import named_columns, raised


def family(findings: Findings) -> str:
    """Lay out which family it is, and why."""
    model, best = findings.model, findings.subject.best
    name = family_name(model)
    parts = [html.paragraph(f"{raised(name)}. {MEANINGS[type(model).__name__]}", "see")]
    if best is None:
        parts.append(
            html.paragraph(
                "The family was chosen before the fit: nothing here compares it with others. "
                "varimix.fit_best(X) does, and its result makes this section say why."
            )
        )
    else:
        header = ("Family", "That means", "BIC less the lowest", "Parameters", "Statuses")
        table = html.table(
            header, comparison(best), caption="All families that were fitted, the best first.",
            text_columns=2, last_is_text=True,
        )  # fmt: skip
        parts += [
            html.paragraph(why(best) + _about(findings)),
            table,
            html.paragraph(
                "BIC is p log n - 2 log L, with p parameters and n rows; only differences mean "
                "something. Above 2 they are some, above 6 strong, above 10 very strong evidence "
                "(Kass and Raftery 1995).",
                "note",
            ),
        ]
    return html.section("family", "Which family, and why", *parts, *_score(findings))


def _about(findings: Findings) -> str:
    if findings.subject.is_best:
        return ""
    return f" This page is about a {family_name(findings.model)} all the same, as it was given."


def _score(findings: Findings) -> list[str]:
    """Lay out what the score of a state means."""
    state, words = findings.subject.state, findings.words
    if state is None or state.log_score.weight == 0.0:
        return []
    score = state.log_score
    recent = score.recent - score.mean
    direction = "higher" if recent >= 0.0 else "lower"
    sentence = (
        f"While it learned, the state scored {score.weight:,.6g} {words.row}s before it had "
        f"seen them: {signed(score.mean, 2)} nats a {words.row} in the mean, and "
        f"{abs(recent):.2f} {direction} of late."
    )
    if score.impossible > 0.0:
        sentence += f" To rows of weight {score.impossible:,.6g} it gave density 0."
    note = (
        "This is the honest measure of a stream, since no row was scored by a model that knew it. "
        "Its height depends on the unit of the columns; compare it with the score of another rule "
        "or family on the same rows: one nat is a factor of 2.72 in density."
    )
    return [html.paragraph(sentence), html.paragraph(note, "note")]


def statuses(findings: Findings) -> str:
    """Lay out how the fit went, and what to do."""
    status = findings.subject.status
    if status is None:
        sentence = "A model alone carries no account of its fit: pass the result of the fit."
        return html.section("statuses", "Statuses", html.paragraph(sentence, "see"))
    if not status.entries:
        sentence = "All went well: there is nothing to report."
        return html.section("statuses", "Statuses", html.paragraph(sentence, "see"))
    bad = [entry.code for entry in status.entries if entry.code in NOT_TO_BE_USED]
    others = [entry for entry in status.entries if entry.code not in HARMLESS]
    if bad:
        sentence = f"This fit is not to be used as it is: {', '.join(bad)}."
    elif others:
        sentence = f"The fit stands; {count_of(len(others), 'outcome')} should be known."
    else:
        sentence = "All went well."
    rows = [
        (
            entry.code,
            _kind(entry.code),
            named_columns(_said(str(entry), entry.advice), findings.data),
            entry.advice or "Nothing.",
        )
        for entry in status.entries
    ]
    header = ("Status", "The fit is", "What happened", "What to do")
    return html.section(
        "statuses", "Statuses", html.paragraph(sentence, "see"),
        html.table(header, rows, text_columns=3, last_is_text=True,
                   caption="Outcomes of the fit, in order of first occurrence."),
    )  # fmt: skip


def _kind(code: str) -> str:
    if code in NOT_TO_BE_USED:
        return "not to be used"
    return "good" if code in HARMLESS else "to be read with this in mind"


def _said(sentence: str, advice: str) -> str:
    return sentence.removesuffix(advice).strip().rstrip(".") + "."


def reading(findings: Findings) -> str:
    """Lay out how to read the page, and what it is not."""
    words = findings.words
    points = [
        f"One law for every {words.row}. The model knows how unequal {words.row}s are, not in "
        f"which order they come: after a wild {words.row} the true risk of {words.ahead_inside} is "
        "higher than told here, in long calm it is lower.",
        "One hidden activity moves all columns. What strikes a single column alone looks like a "
        f"wild {words.row} for all.",
    ]
    if words.is_returns:
        points += [
            "VaR and ES are losses as shares of the portfolio, positive where money is lost, over "
            f"one {words.row}. They do not scale by the root of time where tails are heavy.",
            "Nothing here is advice to invest.",
        ]
    else:
        points.append(
            "A projection is one number for each row. Rows that look ordinary in it may lie far "
            "out in others: see the section on rows far out, which looks at all columns."
        )
    if findings.data.values.shape[1] > 1:
        points.append(
            "A missing value is taken as missing at random: a column that is missing because it "
            "was extreme misleads."
        )
    return html.section("reading", "How to read this, and what it is not", html.bullets(points))
