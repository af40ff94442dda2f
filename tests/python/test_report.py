"""market_report gives, on the market, figures known beforehand and a page that stands alone."""

import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from market_report.__main__ import main
from market_report.findings import advantage, breach_counts, middle_half, tail_weights, worst_day
from market_report.page import PICTURES, SENTENCES
from market_report.prices import Returns, read_returns
from market_report.study import (
    BATCH_DAYS,
    STAGES,
    WARM_UP_DAYS,
    Study,
    UnusableReturnsError,
    run_study,
)
from varimix import NormalInverseGaussian

PRICES = Path(__file__).resolve().parents[2] / "data" / "sp500_20_daily_prices.csv.gz"
# An independent program gave these log-likelihoods of the 8312 x 20 log-returns, in nats.
NIG_MAXIMUM = 468077.947447
GAUSSIAN_MAXIMUM = 444654.385668
LARGEST_PAGE = 3_000_000  # bytes
LARGEST_PICTURE = 200_000  # bytes


@pytest.fixture(scope="module")
def market() -> Study:
    return run_study(read_returns(PRICES), lambda: None)


@dataclass(frozen=True)
class Run:
    """Outputs of the command on the market."""

    page: Path
    picture: Path
    out: str
    err: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("report")
    page, picture = folder / "new" / "report.html", folder / "pictures" / "market.png"
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        assert main([str(PRICES), "--output", str(page), "--picture", str(picture)]) == 0
    return Run(page, picture, out.getvalue(), err.getvalue())


def some_returns(days: int, stocks: int) -> Returns:
    """Return returns of a known NIG."""
    model = NormalInverseGaussian.from_classical(
        mu=np.full(stocks, 5e-4),
        gamma=np.full(stocks, -3e-4),
        sigma=1e-4 * (0.7 * np.eye(stocks) + 0.3),
        mu_ig=1.0,
        lam=1.5,
    )
    dates = np.datetime64("2001-01-01") + np.arange(days)
    return Returns(dates, [f"S{j}" for j in range(stocks)], model.rvs(days, seed=0))


def test_every_batch_is_scored_by_the_model_of_the_days_before(market: Study) -> None:
    rows = market.returns.values[WARM_UP_DAYS:]
    assert market.ewma.forecasts[0].model == NormalInverseGaussian.default_init(
        market.returns.values[:WARM_UP_DAYS]
    )
    for walk in (market.ewma, market.default):
        for forecast in walk.forecasts[::25]:
            scores = forecast.model.log_prob(rows[forecast.days])
            np.testing.assert_array_equal(walk.scores[forecast.days], scores)
        assert len(walk.forecasts) == -(-len(rows) // BATCH_DAYS)


def test_batch_em_reaches_the_maximum_likelihood(market: Study) -> None:
    assert market.maximum.has_settled
    assert market.maximum.log_likelihood == pytest.approx(NIG_MAXIMUM, abs=1e-3)
    assert market.gaussian_log_likelihood == pytest.approx(GAUSSIAN_MAXIMUM, abs=1e-5)
    assert market.default_log_likelihood < market.maximum.log_likelihood


def test_the_nig_scores_above_the_gaussian(market: Study) -> None:
    assert market.ewma.scores.mean() == pytest.approx(56.84, abs=0.01)
    assert market.default.scores.mean() == pytest.approx(56.36, abs=0.02)
    assert market.gaussian.scores.mean() == pytest.approx(54.46, abs=0.01)
    assert worst_day(market, market.gaussian).score == pytest.approx(-301.3, abs=0.1)
    assert worst_day(market, market.ewma).score == pytest.approx(-9.6, abs=0.1)
    assert advantage(market).share_of_days > 0.6


def test_tails_are_heavier_in_a_crisis_than_in_calm(market: Study) -> None:
    weights, starts = np.array(tail_weights(market.ewma)[:-1]), market.batch_starts
    calm = weights[(starts > np.datetime64("1995")) & (starts < np.datetime64("1998"))]
    crisis = weights[(starts > np.datetime64("2008-12")) & (starts < np.datetime64("2010"))]
    assert calm.max() < 0.3 < 0.9 < crisis.min()


def test_the_nig_has_fewer_breaches_than_the_gaussian(market: Study) -> None:
    for count in breach_counts(market):
        assert count.low <= count.expected <= count.high
        assert count.ewma < count.gaussian
        assert count.default < count.gaussian
    gaussian = market.gaussian_portfolio
    assert 0.5 < middle_half(market.ewma_portfolio) < middle_half(gaussian)


class Page(HTMLParser):
    """Collects what the page refers to, and checks that its tags are closed in order."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.pictures = 0
        self.text = ""
        self.classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.references += [values[name] for name in ("src", "href") if name in values]
        if tag == "img":
            assert values["alt"]
            assert self.classes[-1:] == ["see"], "a sentence stands above every picture"
        self.classes += [tag if tag == "table" else values.get("class", "")] if tag == "p" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone_and_is_whole(run: Run, market: Study) -> None:
    html = run.page.read_text(encoding="utf-8")
    assert len(html) < LARGEST_PAGE
    page = Page()
    page.feed(html)
    assert page.open == []
    assert len(page.references) == len(PICTURES)
    assert all(reference.startswith("data:image/png;base64,") for reference in page.references)
    assert "http" not in page.text
    assert "@import" not in html
    assert "url(" not in html
    assert not re.search(r"\bnan\b|\binf\b|\$[a-z]", page.text)
    for stock in market.returns.stocks:
        assert stock in page.text
    for number in ("468,077.947", "444,654.385668", "56.84", "54.46", "−301.3"):
        assert number in page.text
    for mark in ("2000–02", "2008–09", "2020-03"):
        assert mark in page.text


def test_every_sentence_ends_and_quotes_a_number(market: Study) -> None:
    for place, write in SENTENCES.items():
        sentence = write(market)
        assert re.search(r"\d", sentence), place
        assert place == "title" or sentence.endswith("."), place


def test_the_picture_of_the_readme_has_its_size(run: Run) -> None:
    png = run.picture.read_bytes()
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1400, 700)
    assert len(png) < LARGEST_PICTURE


def test_the_command_prints_its_path_and_five_figures(run: Run) -> None:
    assert run.err == "", "no progress in a pipe"
    first, blank, *figures = run.out.splitlines()
    assert first == f"Report: {run.page}"
    assert blank == ""
    assert [line.split("  ")[0] for line in figures] == [
        "Fitted",
        "Log score",
        "Tail weight",
        "Portfolio",
        "Likelihood",
    ]
    assert run.out.isascii()
    assert "468,077.947 vs 444,654.386" in figures[-1]


@pytest.mark.parametrize("stocks", [1, 3])
def test_other_data_are_reported_too(tmp_path: Path, stocks: int) -> None:
    returns = some_returns(WARM_UP_DAYS + BATCH_DAYS + 1, stocks)
    values = np.exp(np.cumsum(returns.values, axis=0))
    lines = [",".join(["Date", *returns.stocks])]
    for day, row in zip(returns.dates, values, strict=True):
        lines.append(",".join([str(day), *(repr(float(price)) for price in row)]))
    prices, out = tmp_path / "prices.csv", tmp_path / "report.html"
    prices.write_text("\n".join([*lines, ""]))
    assert main([str(prices), "--output", str(out)]) == 0
    assert "S0" in out.read_text(encoding="utf-8")


def test_a_study_counts_its_stages_and_needs_days_to_score() -> None:
    done = []
    run_study(some_returns(WARM_UP_DAYS + 1, 2), lambda: done.append(1))
    assert len(done) == STAGES
    with pytest.raises(UnusableReturnsError, match="more than"):
        run_study(some_returns(WARM_UP_DAYS, 2), lambda: None)


@pytest.mark.parametrize("first", [0.0, 1.0])
def test_stocks_that_stand_still_or_move_as_one_are_refused(first: float) -> None:
    returns = some_returns(WARM_UP_DAYS + 1, 2)
    returns.values[:, 0] = first * returns.values[:, 1]
    with pytest.raises(UnusableReturnsError, match="singular covariance"):
        run_study(returns, lambda: None)
