"""The page: one HTML file that needs nothing beside it, in the look of ``varimix.report``."""

from collections.abc import Callable
from string import Template

from matplotlib.figure import Figure

import varimix
from market_report import pictures, tables, wording
from market_report.portfolio import TRADING_DAYS_PER_YEAR
from market_report.study import BATCH_DAYS, HALF_LIFE_DAYS, WARM_UP_DAYS, Study
from varimix.plotting import png_bytes, theme
from varimix.reporting.html import packaged, picture, typeset

PAGE_DPI = 200
"""Twice the 100 dots per inch at which a picture is shown, to be crisp on screens and paper."""
README_DPI = 140
"""Makes the picture 1400 by 700 pixels."""

PICTURES: dict[str, tuple[Callable[[Study], Figure], str, str]] = {
    "log_score_picture": (
        pictures.log_score,
        "Log score and cumulative lead through time",
        "Above: mean log score of each batch, before it was learned. Below: the sum so far of the "
        "daily lead of each NIG over the Gaussian, which has the half-life in both comparisons. "
        "Shaded: the end of the dot-com boom, the financial crisis, the crash of March 2020. "
        "Triangles: the drift signal.",
    ),
    "shape_picture": (
        pictures.shape,
        "Tail weight and predicted volatility through time",
        "Above: tail weight of each forecast. Below: standard deviation of the equal-weight "
        "portfolio in the same forecasts, annualised.",
    ),
    "breaches_picture": (
        pictures.breaches,
        "Daily portfolio returns and their predicted quantiles",
        "Grey: the daily log-return of the equal-weight portfolio. Line: its predicted quantile, "
        "which stands still within a batch. Dots: days below it.",
    ),
    "quantile_picture": (
        pictures.quantile_plot,
        "Quantile-quantile plot of the portfolio",
        "QQ plot. Each day's return is turned into the standard normal quantile of its predicted "
        "probability, and the days are sorted. Under a right law nearly all lie in the grey band.",
    ),
    "pit_picture": (
        pictures.pit_histogram,
        "Histograms of the probability integral transform",
        "Histogram of the probability integral transform (PIT). 0: worse than anything the "
        "forecast held possible; 1: better. Line: what a right law gives in the mean.",
    ),
}
"""The pictures by their places in the page: function, description and caption of each."""

SENTENCES: dict[str, Callable[[Study], str]] = {
    "title": wording.title,
    "lead": wording.lead,
    "fitted": wording.fitted,
    "gaps": wording.gaps,
    "drift": wording.drift,
    "log_score": wording.log_score,
    "log_score_detail": wording.log_score_detail,
    "shape": wording.shape,
    "shape_detail": wording.shape_detail,
    "breaches": wording.breaches,
    "breaches_detail": wording.breaches_detail,
    "quantile_plot": wording.quantile_plot,
    "pit": wording.pit,
    "pit_detail": wording.pit_detail,
    "parameters": wording.parameters,
    "whole_sample": wording.whole_sample,
}
TABLES: dict[str, Callable[[Study], str]] = {
    "summary": tables.summary,
    "fitted_table": tables.fitted,
    "episodes_table": tables.episodes,
    "breaches_table": tables.breaches,
    "parameters_table": tables.parameters,
    "whole_sample_table": tables.whole_sample,
}


def render(study: Study, advance: Callable[[], None]) -> str:
    """Lay out the page, calling ``advance`` after each of the ``len(PICTURES)`` pictures."""
    figures = {}
    for place, (draw, description, caption) in PICTURES.items():
        figures[place] = picture(_draw(draw, study, PAGE_DPI), description, caption)
        advance()
    sentences = {place: typeset(write(study)) for place, write in SENTENCES.items()}
    laid_out = {place: lay_out(study) for place, lay_out in TABLES.items()}
    return Template(packaged("page.html", __package__)).substitute(
        sentences,
        **laid_out,
        **figures,
        style=packaged("page.css"),
        version=varimix.__version__,
        warm_up_days=WARM_UP_DAYS,
        batch_days=BATCH_DAYS,
        half_life=HALF_LIFE_DAYS,
        trading_days=TRADING_DAYS_PER_YEAR,
    )


def readme_picture(study: Study) -> bytes:
    """Draw the report in one picture, as a PNG."""
    return _draw(pictures.market_report, study, README_DPI)


def _draw(draw: Callable[[Study], Figure], study: Study, dpi: float) -> bytes:
    with theme():
        return png_bytes(draw(study), dpi=dpi)
