"""The section about the backtest: what was predicted beside what came."""

from __future__ import annotations

from varimix.plotting.envelopes import binomial_interval
from varimix.reporting import breaches_picture, html, pictures
from varimix.reporting.backtest import MODEL, TITLES, Backtest, rare
from varimix.reporting.coverage import christoffersen, christoffersen_independence, kupiec
from varimix.reporting.findings import Findings
from varimix.reporting.numbers import count_of, level_name
from varimix.reporting.verdict import (
    COVERAGE,
    count,
    expected,
    flattery,
    over_all_rows,
    short,
    verdict,
)
from varimix.reporting.words import UNKNOWN, named_columns, probability


def backtest(findings: Findings) -> str:
    """Lay out what was predicted beside what came."""
    tested = findings.backtest
    if tested is None:
        return html.section("backtest", "Backtest", html.paragraph(verdict(findings, 0.5), "see"))
    level = findings.alpha
    sentence = f"{short(findings, level)}. {verdict(findings, level)}"
    return html.section(
        "backtest", "Backtest",
        html.paragraph(sentence, "see"), html.paragraph(flattery(findings)),
        *(html.paragraph(named_columns(note, findings.data)) for note in tested.notes),
        _breaches_picture(findings, tested), html.paragraph(_clusters(findings, tested)),
        _counts_table(findings, tested), html.paragraph(_whole(findings)),
        _tests_table(findings, tested),
        html.paragraph(_tests_note(findings, tested), "note"),
    )  # fmt: skip


def _breaches_picture(findings: Findings, tested: Backtest) -> str:
    words, level = findings.words, findings.alpha
    png = pictures.draw(breaches_picture.breaches(tested, level, findings.data, words))
    found = count(tested, MODEL, level)
    description = (
        f"The {words.line} of {words.rows(found.trials)} with its predicted "
        f"{level_name(level)} quantile and the {words.rows(found.found)} beyond it, and below, "
        "where rows suffice, the number of breaches in successive blocks."
    )
    mean = " Dashed: the mean beyond it, as predicted." if tested.has_means_beyond else ""
    caption = (
        f"Grey: the {words.line}. Line: its predicted quantile.{mean} Dots: breaches. Bars below: "
        "breaches in successive blocks of rows; hatched: what chance would leave there."
    )
    return html.picture(png, description, caption)


def _clusters(findings: Findings, tested: Backtest) -> str:
    """Write how unevenly breaches are spread over blocks of rows."""
    level, words = findings.alpha, findings.words
    block = breaches_picture.block_rows(tested, level)
    if block == 0:
        return "The rows are too few to see whether breaches come together."
    counts = breaches_picture.block_counts(tested, level, block)
    _, high = binomial_interval(block, rare(level), COVERAGE)
    over, without = int((counts > high).sum()), int((counts == 0).sum())
    return (
        f"Of {len(counts)} blocks of {words.rows(block)}, each with {block * rare(level):.1f} "
        f"breaches to be expected, {over:,} had more than the {high} that chance allows, and "
        f"{without:,} had none; the worst had {int(counts.max()):,}."
    )


def _counts_table(findings: Findings, tested: Backtest) -> str:
    rows = []
    for level in findings.levels:
        found = [count(tested, predictor, level) for predictor in TITLES]
        side = "" if findings.words.is_returns else (" below" if level < 0.5 else " above")
        first = found[0]
        cells = [f"{one.found:,}" if one.trials == first.trials else UNKNOWN for one in found]
        bounds = f"{first.low:,} to {first.high:,}"
        rows.append((f"{level_name(rare(level))}{side}", expected(first.expected), bounds, *cells))
    header = (
        "Quantile", "Expected", f"By chance, {level_name(COVERAGE)}",
        *(TITLES[predictor] for predictor in TITLES),
    )  # fmt: skip
    caption = f"Breaches among {findings.words.rows(len(tested.rows))}."
    return html.table(header, rows, caption=caption)


def _whole(findings: Findings) -> str:
    told = over_all_rows(findings, findings.alpha)
    return f"{told}; it may know these rows." if told else ""


def _tests_table(findings: Findings, tested: Backtest) -> str:
    if len(tested.rows) < 2:
        return ""
    rows = []
    for level in findings.levels:
        hits = tested.breaches(MODEL, level)
        tests = (
            kupiec(int(hits.sum()), len(hits), rare(level)),
            christoffersen_independence(hits),
            christoffersen(hits, rare(level)),
        )
        side = "" if findings.words.is_returns else (" below" if level < 0.5 else " above")
        cells = [c for test in tests for c in (f"{test.statistic:.2f}", probability(test.p_value))]
        rows.append((f"{level_name(rare(level))}{side}", *cells))
    names = ("Kupiec: as often", "Christoffersen: independent", "Christoffersen: both")
    groups = "".join(f'<th scope="colgroup" colspan="2">{name}</th>' for name in names)
    header = ("Quantile", *["Statistic", "p-value"] * len(names))
    return html.table(
        header, rows, caption="Tests of the model's breaches; a small p-value speaks against it.",
        groups=f"<tr><td></td>{groups}</tr>",
    )  # fmt: skip


def _tests_note(findings: Findings, tested: Backtest) -> str:
    compared = (
        "Gaussian and rows themselves are those of all rows before each forecast."
        if tested.is_prequential
        else "Gaussian and rows themselves are those of all rows."
    )
    return (
        "The range by chance is exact, of a binomial law. Kupiec (1995) asks whether breaches come "
        "as often as they should, Christoffersen (1998) whether one makes the next likelier; their "
        f"p-values are those of many rows. {compared} All rows are taken as equally long steps; "
        f"{count_of(len(findings.data.values) - len(tested.rows), findings.words.row)} of the data "
        "are not tested."
    )
