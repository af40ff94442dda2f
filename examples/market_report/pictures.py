"""The pictures of the report; each public function draws one figure from a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from market_report.findings import PIT_BINS, forecast_days, pit_counts, tail_weights
from market_report.gaussian import normal_quantile
from market_report.portfolio import COVERAGE, LEVELS, normal_sample_range
from market_report.study import HALF_LIFE_DAYS, Study
from varimix.plotting import BLUE, GREEN, INK, MUTED, VERMILION, shade_span
from varimix.plotting.envelopes import binomial_interval
from varimix.reporting.numbers import PERCENT, count_of, level_name


@dataclass(frozen=True)
class Style:
    """The look of a model's line, the same in every picture."""

    name: str
    color: str
    width: float
    zorder: float

    def line(self) -> dict[str, Any]:
        """Return keyword arguments of ``Axes.plot``."""
        return {
            "color": self.color,
            "label": self.name,
            "linewidth": self.width,
            "zorder": self.zorder,
        }


NIG = Style(f"NIG, half-life {HALF_LIFE_DAYS} days", BLUE, 2.0, 2.3)
DEFAULT = Style("NIG, default rule", GREEN, 1.4, 2.2)
GAUSSIAN = Style(f"Gaussian, half-life {HALF_LIFE_DAYS} days", VERMILION, 1.4, 2.1)

RETURNS_COLOR, RANGE_COLOR = "#A9AFB8", "#D8DCE2"
PAGE_WIDTH = 9.6  # inches; shown 960 pixels wide
ROUND_STEPS = (1, 2, 5, 10)
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
LEGEND_HEIGHT = 0.14  # share of the axes kept free for a legend
LABEL_PAD = 22  # points; room for the labels of the marked times under a title
THOUSAND = 1e3
RIGHT_MARGIN_DAYS = 60  # keeps the last day off the frame


def log_score(study: Study) -> Figure:
    """Draw batch means of the log score, and the cumulative advantage over the Gaussian."""
    figure = Figure(figsize=(PAGE_WIDTH, 6.6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.15))
    for walk, style in ((study.ewma, NIG), (study.default, DEFAULT), (study.gaussian, GAUSSIAN)):
        means = [walk.scores[forecast.days].mean() for forecast in walk.forecasts]
        _steps(top, study, [*means, means[-1]], style)
    top.set_ylabel("log score, mean of a batch\n(nats per day)")
    _legend_below_data(top)
    _mark_episodes(top, study, labelled=True)
    _mark_changes(top, study)
    _cumulative_advantage(bottom, study)
    _mark_episodes(bottom, study, labelled=False)
    _date_axis(bottom, study)
    return figure


def _mark_changes(ax: Axes, study: Study) -> None:
    """Draw triangles at the foot where the NIG's scores alone showed that the market changed."""
    days = study.days[list(study.ewma.changes)]
    foot = np.zeros(len(days))
    ax.plot(days, foot, "^", color=INK, transform=ax.get_xaxis_transform(), clip_on=False)


def shape(study: Study) -> Figure:
    """Draw tail weight and volatility of the forecasts."""
    figure = Figure(figsize=(PAGE_WIDTH, 5.6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
    _tail_weight(top, study)
    _mark_episodes(top, study, labelled=True)
    for portfolio, style in ((study.ewma_portfolio, NIG), (study.gaussian_portfolio, GAUSSIAN)):
        volatility = PERCENT * portfolio.volatility
        _steps(bottom, study, [*volatility, volatility[-1]], style)
    bottom.set_ylim(bottom=0.0)
    bottom.set_ylabel("predicted volatility of the\nportfolio (% per year)")
    bottom.legend(loc="lower left", ncols=2)
    _mark_episodes(bottom, study, labelled=False)
    _date_axis(bottom, study)
    return figure


def breaches(study: Study) -> Figure:
    """Draw the portfolio's returns, its predicted quantiles, and the days below them."""
    figure = Figure(figsize=(PAGE_WIDTH, 6.2), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True, sharey=True)
    rarest = len(LEVELS) - 1
    returns = PERCENT * study.portfolio_returns
    for ax, calibration, style in (
        (panels[0], study.ewma_portfolio, NIG),
        (panels[1], study.gaussian_portfolio, GAUSSIAN),
    ):
        below = calibration.breaches[:, rarest]
        ax.vlines(study.days, 0.0, returns, color=RETURNS_COLOR, linewidth=0.5)
        quantile = PERCENT * calibration.quantiles[:, rarest]
        ax.step(study.days, quantile, where="post", color=style.color, linewidth=1.8)
        ax.plot(study.days[below], returns[below], "o", color=INK, markersize=4)
        found = count_of(int(below.sum()), "day")
        title = f"{style.name}: {found} below the {level_name(LEVELS[rarest])} quantile"
        ax.set_title(title, pad=LABEL_PAD if ax is panels[0] else None)
        ax.set_ylabel("portfolio log-return (%)")
        _mark_episodes(ax, study, labelled=ax is panels[0])
    _date_axis(panels[1], study)
    return figure


def quantile_plot(study: Study) -> Figure:
    """Draw a QQ plot of the portfolio's quantile residuals, both models on one pair of axes."""
    figure = Figure(figsize=(PAGE_WIDTH, 5.4), layout="constrained")
    ax = figure.subplots()
    days = len(study.days)
    expected = normal_quantile((np.arange(days) + 0.5) / days)
    low, high = normal_sample_range(days)
    share = level_name(COVERAGE)
    ax.fill_between(
        expected,
        low,
        high,
        color=RANGE_COLOR,
        linewidth=0,
        label=f"{share} of samples of a right law",
    )
    ax.plot(expected, expected, color=MUTED, linewidth=1.0)
    for calibration, style, marker in (
        (study.gaussian_portfolio, GAUSSIAN, "s"),
        (study.ewma_portfolio, NIG, "o"),
    ):
        residuals = np.sort(calibration.residuals)
        ax.plot(expected, residuals, marker, color=style.color, markersize=3.5, label=style.name)
    ax.set_xlabel("quantiles that a right law would give (standard deviations)")
    ax.set_ylabel("quantiles found\n(standard deviations)")
    ax.legend(loc="upper left")
    return figure


def pit_histogram(study: Study) -> Figure:
    """Draw PIT histograms of the portfolio, NIG beside Gaussian."""
    figure = Figure(figsize=(PAGE_WIDTH, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    days = len(study.days)
    low, high = binomial_interval(days, 1.0 / PIT_BINS, COVERAGE)
    edges = np.linspace(0.0, 1.0, PIT_BINS + 1)
    for ax, calibration, style in (
        (panels[0], study.ewma_portfolio, NIG),
        (panels[1], study.gaussian_portfolio, GAUSSIAN),
    ):
        counts = pit_counts(calibration)
        ax.bar(edges[:-1], counts, 1.0 / PIT_BINS, align="edge", color=style.color, alpha=0.75)
        label = f"a right law, {level_name(COVERAGE)} of the time"
        ax.axhspan(low, high, color=INK, alpha=0.15, linewidth=0, label=label)
        ax.axhline(days / PIT_BINS, color=INK, linewidth=1.0)
        ax.set_title(style.name)
        ax.set_xlim(0.0, 1.0)
        ax.set_xticks(QUARTERS, [f"{q:g}" for q in QUARTERS])
        ax.set_xlabel(
            "predicted probability of a return no larger\nthan the one that happened (PIT)"
        )
        ax.grid(visible=False, axis="x")
    panels[0].set_ylim(top=(1.0 + LEGEND_HEIGHT) * panels[0].get_ylim()[1])
    panels[0].legend(loc="upper left")
    panels[0].set_ylabel(f"days in each of {PIT_BINS} bins")
    return figure


def market_report(study: Study) -> Figure:
    """Draw the report in one picture, for the README: cumulative advantage and tail weight."""
    figure = Figure(figsize=(10.0, 5.0), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    _cumulative_advantage(top, study)
    top.set_title("Log score: the lead over a Gaussian with the same memory", pad=LABEL_PAD)
    _mark_episodes(top, study, labelled=True)
    _tail_weight(bottom, study)
    bottom.set_title("Tail weight of the forecast, E[Y] E[1/Y] − 1")
    _mark_episodes(bottom, study, labelled=False)
    _date_axis(bottom, study)
    return figure


def _cumulative_advantage(ax: Axes, study: Study) -> None:
    for walk, style in ((study.ewma, NIG), (study.default, DEFAULT)):
        lead = np.cumsum(walk.scores - study.gaussian.scores) / THOUSAND
        ax.plot(study.days, lead, **style.line())
    ax.yaxis.set_major_locator(MaxNLocator(steps=ROUND_STEPS))
    ax.axhline(0.0, color=MUTED, linewidth=1.0)
    ax.set_ylabel("cumulative lead over the\nGaussian (thousand nats)")
    ax.legend(loc="upper left")


def _tail_weight(ax: Axes, study: Study) -> None:
    _steps(ax, study, tail_weights(study.ewma), NIG)
    _steps(ax, study, tail_weights(study.default), DEFAULT)
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("tail weight\n(no unit; Gaussian: 0)")
    ax.legend(loc="upper left")


def _steps(ax: Axes, study: Study, values: Sequence[float], style: Style) -> None:
    """Draw one value for each batch, held until the next batch, and one at the end."""
    ax.step(forecast_days(study), values, where="post", **style.line())


def _legend_below_data(ax: Axes) -> None:
    low, high = ax.get_ylim()
    ax.set_ylim(low - LEGEND_HEIGHT * (high - low), high)
    ax.legend(loc="lower left", ncols=3, columnspacing=1.6)


def _mark_episodes(ax: Axes, study: Study, *, labelled: bool) -> None:
    for episode, _ in study.episodes():
        shade_span(ax, episode.first, episode.last, episode.label if labelled else None)


def _date_axis(ax: Axes, study: Study) -> None:
    ax.set_xlim(study.days[0], study.days[-1] + np.timedelta64(RIGHT_MARGIN_DAYS, "D"))
    locator = mdates.AutoDateLocator()
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))
    ax.set_xlabel("date")
