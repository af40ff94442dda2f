"""varimix.report writes one page that stands alone, in words that fit the data."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reports import LAW, NAMES, TITLE, Page, measurements, returns, with_holes
from scipy import stats

import varimix
from varimix import NormalInverseGamma, NormalInverseGaussian
from varimix.reporting.backtest import MODEL, Backtest
from varimix.reporting.cautions import NOT_TO_BE_USED, warnings_of
from varimix.reporting.families import NAMES as FAMILY_NAMES
from varimix.reporting.findings import Findings, find
from varimix.reporting.fit_sections import statuses
from varimix.reporting.html import breakable, safe, typeset
from varimix.reporting.inputs import data_of, subject_of
from varimix.reporting.pictures import name_in_picture
from varimix.reporting.summary import summary
from varimix.reporting.verdict import short, verdict
from varimix.reporting.words import named_columns, once, words_of

ROOT = Path(__file__).resolve().parents[2]
LARGEST_PAGE = 2_000_000  # bytes
LIKELIHOOD = re.compile(r"\d[\d,]{6}")  # a number of so many digits


@pytest.fixture(scope="module")
def pages(reports: dict[str, Path]) -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in reports.items()}


def found(of: Any, X: Any, *, is_returns: bool = True, backtest: str = "auto") -> Findings:
    subject = subject_of(of)
    data = data_of(X, subject.model.d)
    return find(subject, data, words_of(data, is_returns=is_returns), None, 0.01, backtest, None)


def told(findings: Findings) -> str:
    return Page(summary(findings)).text


# ---- The page ----


def test_a_page_stands_alone_and_is_whole(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        page = Page(text)
        assert page.open == [], name
        assert len(text) < LARGEST_PAGE
        addresses = [a[key] for _, a in page.tags for key in ("src", "href", "srcset") if key in a]
        assert all(re.match(r"data:image/png;base64,|#\w+$", address) for address in addresses)
        assert not re.search(r"@import|url\(|https?:", text)
        assert page.all("script") == page.all("link") == []
        assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
        assert not re.search(r"\b(nan|inf|None)\b|\$[a-z]+\b(?!\$)", page.text.replace("a$b$c", ""))


def test_a_page_can_be_read_without_eyes(pages: dict[str, str]) -> None:
    for text in pages.values():
        page = Page(text)
        assert page.all("html") == [{"lang": "en"}]
        pictures = page.all("img")
        assert len(pictures) >= 3
        assert all(len(picture["alt"]) > 40 for picture in pictures)
        assert all(header.get("scope") in ("col", "row", "colgroup") for header in page.all("th"))
        assert len(page.all("caption")) == len(page.all("table"))
        levels = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == "h1"
        assert set(levels[1:]) == {"h2"}
        places = {a["id"] for a in page.all("section") if "id" in a}
        assert {a["href"].removeprefix("#") for a in page.all("a")} == places


def test_whatever_a_user_names_is_escaped(pages: dict[str, str]) -> None:
    page = Page(pages["names"])
    assert page.all("b") != []
    assert "<script" not in pages["names"]
    assert page.text.count(TITLE) == 2
    for name in NAMES:
        assert name in page.text


def test_the_first_box_has_risk_backtest_and_no_likelihood(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        match = re.search(r'<section class="summary".*?</section>', text, re.DOTALL)
        assert match
        box = Page(match[0]).text
        assert not LIKELIHOOD.search(box), name
        assert "Backtest" in box
        assert ("VaR" in box) == (name != "rows")
        assert re.search(r"Gaussian: .*themselves: ", box)


def test_rows_that_are_no_prices_are_told_of_in_neutral_words(pages: dict[str, str]) -> None:
    text = Page(pages["rows"]).text
    assert not re.search(r"portfolio|return|VaR|shortfall|money|loss|Tomorrow|invest|day\b", text)
    assert "1% lie below" in text
    assert "1% lie above" in text
    assert "Row 7 lies farthest out" in text


def test_a_comparison_is_told_in_differences(pages: dict[str, str]) -> None:
    text = Page(pages["rows"]).text
    assert all(name.lower() in text.lower() for name in FAMILY_NAMES.values())
    assert "BIC less the lowest" in text
    best = varimix.fit_best(measurements(), n_starts=1)
    for fit in best.table:
        assert f"{fit.bic:.1f}" not in text.replace(",", "")
        assert f"{fit.log_likelihood:.1f}" not in text.replace(",", "")


# ---- What it says is true ----


def test_the_numbers_of_the_box_are_those_of_the_law() -> None:
    frame = returns()
    text = told(found(LAW, frame))
    law = LAW.project(np.full(3, 1.0 / 3.0))
    for level in (0.01, 0.05):
        assert f"VaR {100 * law.value_at_risk(1.0 - level):.2f}%" in text
        assert f"ES {100 * law.expected_shortfall(1.0 - level):.2f}%" in text
    values = frame.to_numpy().mean(axis=1)
    assert f"{-100 * (values.mean() - 2.3263478740408408 * values.std()):.2f}%" in text
    assert "equal weights, 1/3 of each column: none were given" in text


def test_a_backtest_says_whether_it_has_seen_its_rows() -> None:
    frame = returns()
    assert "predicted before its row was seen" in told(found(LAW, frame))
    text = told(found(LAW, frame, backtest="in_sample"))
    assert "it flatters" in text
    assert "predicted before" not in text
    assert "it flatters" in told(found(LAW, frame[:100]))


def test_a_model_that_does_not_describe_the_rows_is_not_supported() -> None:
    narrow = LAW.replace(sigma=0.05 * LAW.sigma(), gamma=0.05 * LAW.gamma)
    assert "does not describe all of these rows alike" in told(found(narrow, returns()))
    assert "Not supported: too many breaches" in told(
        found(narrow, returns(), backtest="in_sample")
    )
    wide = LAW.replace(sigma=9.0 * LAW.sigma())
    assert "Too cautious" in told(found(wide, returns(), backtest="in_sample"))


def spread(breaches: int, rows: int) -> Backtest:
    """Return a backtest with so many breaches of the 1% quantile, as far apart as can be."""
    values = np.zeros(rows)
    values[np.linspace(0, rows, breaches, endpoint=False).astype(int)] = -1.0
    quantiles = {MODEL: np.full((rows, 1), -0.5)}
    return Backtest(True, np.arange(rows), values, (0.01,), quantiles, 21, 250)


@pytest.mark.parametrize(
    ("change", "said"),
    [(-1, "Too cautious: too few breaches"), (0, "Supported"), (None, "Supported"),
     (1, "Not supported: too many breaches")],
)  # fmt: skip
def test_the_verdict_turns_at_the_ends_of_the_exact_range(change: int | None, said: str) -> None:
    rows = 2000
    low, high = (int(k) for k in stats.binom(rows, 0.01).ppf([0.025, 0.975]))
    breaches = {-1: low - 1, 0: low, None: high, 1: high + 1}[change]
    tested = replace(found(LAW, returns()), backtest=spread(breaches, rows))
    assert short(tested, 0.01) == said
    assert f"20.0 were to be expected, {low} to {high} by chance" in verdict(tested, 0.01)


def test_breaches_that_follow_one_another_are_told() -> None:
    tested = spread(20, 2000)
    tested.values[:] = 0.0
    tested.values[100:120] = -1.0
    clustered = replace(found(LAW, returns()), backtest=tested)
    assert short(clustered, 0.01) == "Right in number, but breaches cluster"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: 100.0 * np.exp(x), "If these are prices, take returns first"),
        (lambda x: 300.0 * x, "If these are returns in percent, divide them by 100"),
        (lambda x: x[::-1], "The dates do not increase"),
        (lambda x: x[:20], "There are only 20 days for 3 columns"),
        (lambda x: x.mask(x > 0.0), "of the values are missing"),
        (lambda x: x.mask(x > 0.03, 9.0), "an error in the data"),
    ],
    ids=["prices", "percent", "backwards", "few", "missing", "outlier"],
)
def test_the_box_warns_of(change: Callable[[pd.DataFrame], pd.DataFrame], said: str) -> None:
    assert said in told(found(LAW, change(returns())))
    assert said not in told(found(LAW, returns()))


def test_tails_without_moments_are_infinite_in_words() -> None:
    heavy = NormalInverseGamma.from_classical(np.zeros(2), np.zeros(2), np.eye(2), 0.4, 1.0)
    text = told(found(heavy, heavy.rvs(100, seed=0), is_returns=True))
    assert "ES infinite" in text
    assert "the mean beyond a quantile does not exist" in text
    no_variance = NormalInverseGamma.from_classical(np.zeros(2), np.zeros(2), np.eye(2), 0.8, 1.0)
    text = " ".join(warnings_of(found(no_variance, no_variance.rvs(100, seed=0))))
    assert "the variance does not exist" in text


def test_a_fit_that_is_not_to_be_used_says_so_first_and_names_the_columns() -> None:
    frame = returns().set_axis(["A", "B", "C"], axis=1)[:300]
    frame["still"] = 0.0
    with pytest.warns(varimix.DegenerateDataWarning):
        fit = NormalInverseGaussian.fit(frame)
    findings = found(fit, frame)
    text = told(findings)
    assert text.index("This fit is not to be used") < text.index("VaR")
    text = Page(statuses(findings)).text
    assert "(column ‘still’)" in text
    assert "Leave these columns out" in text


def test_the_statuses_not_to_be_used_are_those_of_the_document() -> None:
    rows = re.findall(
        r"^\| (`.*?) \| (.*?) \|", (ROOT / "docs/when_a_fit_fails.md").read_text(), re.M
    )
    bad = {
        name
        for names, meaning in rows
        for name in re.findall(r"`(\w+)`", names)
        if meaning.startswith("not to be used")
    }
    assert bad == set(NOT_TO_BE_USED)


def test_a_stream_has_its_score_explained(pages: dict[str, str]) -> None:
    shown = int(with_holes().notna().any(axis=1).sum())
    assert f"While it learned, the state scored {shown} days before" in Page(pages["holes"]).text
    assert "A model alone carries no account of its fit" in Page(pages["alone"]).text


@pytest.mark.parametrize(
    ("frequency", "row", "ahead"),
    [("B", "day", "Tomorrow"), ("W", "week", "Next week"), ("ME", "month", "Next month"),
     ("QE", "quarter", "Next quarter"), ("YE", "year", "Next year"), ("h", "row", "The next row")],
)  # fmt: skip
def test_a_row_is_called_by_the_time_between_rows(frequency: str, row: str, ahead: str) -> None:
    index = pd.date_range("1990-01-01", periods=50, freq=frequency)
    data = data_of(returns()[:50].set_axis(index), 3)
    words = words_of(data, is_returns=True)
    assert (words.row, words.ahead) == (row, ahead)


# ---- Pieces ----


def test_texts_are_safe_in_a_page() -> None:
    assert safe("<a b='c'>&\x00\ud800") == "&lt;a b=&#x27;c&#x27;&gt;&amp;\ufffd\ufffd"
    assert typeset("it's 2020-01-02") == 'it’s <span class="date">2020-01-02</span>'
    assert typeset("column 'a b' of it") == "column ‘a b’ of it"
    assert breakable("ab " + "x" * 30) == f"ab {'x' * 24}<wbr>{'x' * 6}"
    assert breakable("<" * 30).count("&lt;") == 30


def test_names_in_pictures_can_be_drawn() -> None:
    assert name_in_picture("AAPL", 3) == "AAPL"
    assert name_in_picture("a$b", 3) == r"a\$b"
    assert name_in_picture("日本", 3) == "column 3"
    assert name_in_picture(" ", 0) == "column 0"
    assert name_in_picture("x" * 40, 0) == "x" * 15 + "…"


def test_columns_that_the_core_numbers_are_named() -> None:
    data = data_of(with_holes(), 3)
    assert named_columns("floor (columns 0, 2).", data) == "floor (columns 0, 2: A, C)."
    assert named_columns("column 1 repeats", data) == "column 1: B repeats"
    assert named_columns("column 17 and rows 1, 2", data) == "column 17 and rows 1, 2"


def test_rarity_is_told_in_rows() -> None:
    words = words_of(data_of(returns(), 3), is_returns=True)
    assert once(31574.4, words) == "once in 31,574 days"
    assert once(4.25, words) == "once in 4.2 days"
    assert once(np.inf, words) == "never"
