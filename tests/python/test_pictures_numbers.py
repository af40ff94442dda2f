"""What a picture shows is what the model and the data say."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.container import BarContainer
from matplotlib.contour import QuadContourSet
from numpy.typing import NDArray
from pictures_of_tests import FIT, LINE, MODEL, ROWS, SHRUNK, STREAMS, X, line_of, said, ugly
from scipy import stats

from varimix import MeanVarianceMixture, plotting
from varimix.plotting.axes import robust_range
from varimix.plotting.density import margin, region_levels
from varimix.plotting.envelopes import (
    binomial_interval,
    outer_rank,
    ranks_to_draw,
    uniform_envelope,
)

FALSE_ALARM = 1e-6
"""Probability that a statistical test here fails for another seed, though all is well."""


@pytest.fixture(autouse=True)
def _figures_closed() -> object:
    yield
    plt.close("all")


# ---- Envelopes ----


@pytest.mark.parametrize(("level", "simulations"), [(0.9, 199), (0.95, 39), (0.5, 99)])
def test_an_envelope_holds_a_new_sample_at_its_level(level: float, simulations: int) -> None:
    """At a given rank it misses in a share 2k/(S + 1), exactly: a binomial count of trials."""
    rng = np.random.default_rng(0)
    n, trials = 40, 1500
    ranks = np.array([1, 7, 20, 40])
    misses = np.zeros(len(ranks))
    for _ in range(trials):
        low, high = uniform_envelope(n, ranks, level, simulations, rng)
        sample = np.sort(rng.random(n))[ranks - 1]
        misses += (sample < low) | (sample > high)
    share = 2 * outer_rank(level, simulations) / (simulations + 1)
    assert share == pytest.approx(1 - level)
    bounds = stats.binom.ppf([FALSE_ALARM / 8, 1 - FALSE_ALARM / 8], trials, share)
    assert (misses >= bounds[0]).all()
    assert (misses <= bounds[1]).all()


def test_an_envelope_tends_to_the_quantiles_of_the_beta_law() -> None:
    n, ranks = 1000, ranks_to_draw(1000, 1000)[::37]
    low, high = uniform_envelope(n, ranks, 0.9, 9999, np.random.default_rng(1))
    beta = stats.beta(ranks, n + 1 - ranks)
    error = 6 * np.sqrt(0.05 * 0.95 / 9999)  # six standard errors of the share beyond a quantile
    np.testing.assert_allclose(beta.cdf(low), 0.05, atol=error)
    np.testing.assert_allclose(beta.cdf(high), 0.95, atol=error)


def test_the_envelope_of_a_qq_plot_is_that_of_the_law() -> None:
    ax = plotting.qq(MODEL, X, w="AAPL", level=0.9, n_simulations=199, seed=4)
    ranks = np.arange(1, len(X) + 1)
    low, high = uniform_envelope(len(X), ranks, 0.9, 199, np.random.default_rng(4))
    (band,) = [c for c in ax.collections if isinstance(c, PolyCollection)]
    drawn = band.get_paths()[0].vertices
    assert drawn[:, 1].min() == pytest.approx(LINE.ppf(low[0]))
    assert drawn[:, 1].max() == pytest.approx(LINE.ppf(high[-1]))
    x, y = line_of(ax, "data")
    np.testing.assert_allclose(x, LINE.ppf((ranks - 0.5) / len(X)), rtol=1e-9)
    np.testing.assert_array_equal(y, np.sort(X["AAPL"]))


def test_a_pp_plot_shows_the_laws_probabilities() -> None:
    x, y = line_of(plotting.pp(MODEL, ROWS, w=[0.5, 0.5], seed=1), "data")
    law = MODEL.project([0.5, 0.5])
    np.testing.assert_allclose(y, law.cdf(np.sort(ROWS @ [0.5, 0.5])), rtol=1e-12)
    np.testing.assert_allclose(x, (np.arange(len(ROWS)) + 0.5) / len(ROWS))


def test_of_a_million_values_the_ends_are_drawn_and_no_gap_is_left() -> None:
    ranks = ranks_to_draw(1_000_000, 1000)
    assert len(ranks) <= 1000
    assert list(ranks[:100]) == list(range(1, 101))
    np.testing.assert_array_equal(ranks, 1_000_001 - ranks[::-1])
    middle = ranks[ranks <= 500_000].astype(float)
    assert (np.diff(middle) <= np.maximum(1.0, 0.03 * middle[1:])).all()


# ---- PIT ----


@pytest.mark.parametrize(("n", "p"), [(1, 0.05), (250, 0.05), (10_000, 0.1), (37, 0.5)])
def test_the_band_of_a_bin_is_that_of_the_binomial_law(n: int, p: float) -> None:
    for level in (0.5, 0.95, 0.999):
        expected = stats.binom.ppf([(1 - level) / 2, (1 + level) / 2], n, p)
        assert binomial_interval(n, p, level) == tuple(expected)


def test_the_bars_of_a_pit_histogram_are_all_the_values() -> None:
    frame = ugly()
    ax = plotting.pit(MODEL, frame, w="AAPL", bins=16)
    (bars,) = [c for c in ax.containers if isinstance(c, BarContainer)]
    heights = [bar.get_height() for bar in bars]
    there = frame["AAPL"].dropna()
    assert sum(heights) == len(there)
    np.testing.assert_array_equal(
        heights, np.histogram(LINE.cdf(there.to_numpy()), 16, (0.0, 1.0))[0]
    )
    assert f"left out: {len(frame) - len(there)} of {len(frame)} rows" in said(ax)


# ---- Tails ----


def test_the_tails_are_those_of_model_data_and_gaussian() -> None:
    ax = plotting.tail(MODEL, X, w="AAPL")
    x, law = line_of(ax, "NormalInverseGaussian")
    right = x > LINE.median()
    np.testing.assert_allclose(law[right], LINE.sf(x[right]), rtol=1e-12)
    np.testing.assert_allclose(law[~right], LINE.cdf(x[~right]), rtol=1e-12)
    normal = stats.norm(X["AAPL"].mean(), X["AAPL"].std(ddof=0))
    x, gaussian = line_of(ax, "Gaussian")
    np.testing.assert_allclose(gaussian, np.minimum(normal.cdf(x), normal.sf(x)), rtol=1e-9)
    x, data = line_of(ax, "data")
    np.testing.assert_array_equal(x, np.sort(X["AAPL"]))
    assert data[0] == data[-1] == 0.5 / len(X)
    assert ax.get_yscale() == "log"


# ---- Margins ----


def test_a_margin_is_the_law_of_what_rows_without_the_rest_show(
    plane: MeanVarianceMixture,
) -> None:
    rows = plane.rvs(50, seed=1)
    for column in (0, 1):
        alone = np.full_like(rows, np.nan)
        alone[:, column] = rows[:, column]
        np.testing.assert_allclose(
            margin(plane, (column,)).log_prob(rows[:, [column]]),
            plane.log_prob(alone, missing="exact"),
            rtol=1e-12,
        )
    np.testing.assert_allclose(
        margin(plane, (1, 0)).log_prob(rows[:, ::-1]), plane.log_prob(rows), rtol=1e-9
    )


def test_a_region_of_highest_density_holds_its_probability(plane: MeanVarianceMixture) -> None:
    """Of new draws as many are inside as both errors allow, level's and share's."""
    probabilities, n = (0.5, 0.9, 0.99), 20_000
    levels = region_levels(plane.log_prob(plane.rvs(n, seed=1)), probabilities)
    new = plane.log_prob(plane.rvs(n, seed=2))
    for p, level in zip(probabilities, levels, strict=True):
        bound = stats.norm.isf(FALSE_ALARM / 24) * np.sqrt(2 * p * (1 - p) / n)
        assert abs((new >= level).mean() - p) < bound


def test_a_contour_is_where_the_density_has_the_level() -> None:
    ax = plotting.margin_contours(MODEL, ROWS, probabilities=[0.5, 0.9], n_draws=5000, seed=3)
    (contours,) = [c for c in ax.collections if isinstance(c, QuadContourSet)]
    inside = []
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        np.testing.assert_allclose(MODEL.log_prob(path.vertices), level, atol=0.01)
        inside.append((MODEL.log_prob(MODEL.rvs(20_000, seed=9)) >= level).mean())
    assert inside == pytest.approx([0.9, 0.5], abs=0.03)


def test_rows_with_gaps_are_drawn_by_what_they_show_and_counted() -> None:
    frame = ugly()
    ax = plotting.margin_contours(MODEL, frame, ("AAPL", "MSFT"), seed=1)
    ticks = {line.get_marker(): line for line in ax.lines if line.get_marker() in ("|", "_")}
    np.testing.assert_array_equal(ticks["|"].get_xdata(), frame["AAPL"][40:45])
    np.testing.assert_array_equal(ticks["_"].get_ydata(), frame["MSFT"][20:40])
    assert "25 rows with one of the two values" in said(ax)
    assert "10 rows with neither" in said(ax)
    assert "beyond the axes (triangles): 2 rows" in said(ax)
    assert ax.get_xlim()[1] < 10.0


# ---- Rows ----


def test_weights_are_those_of_the_posterior_and_the_lowest_are_named() -> None:
    frame = X.set_axis([f"day {k}" for k in range(len(X))])
    ax = plotting.robust_weights(MODEL, frame, lowest=3)
    weights = np.asarray(MODEL.posterior(ROWS).E_inv_Y)
    lowest = np.sort(np.argsort(weights)[:3])
    x, y = line_of(ax, "the 3 lowest")
    np.testing.assert_array_equal(x, lowest)
    np.testing.assert_array_equal(y, weights[lowest])
    assert sorted(text.get_text() for text in ax.texts) == sorted(f"day {k}" for k in lowest)
    x, y = line_of(ax, "row")
    np.testing.assert_array_equal(y, weights[x])
    assert len(x) == len(X) - 3


def test_a_row_that_shows_nothing_is_no_lowest_and_is_counted() -> None:
    frame = ugly()[35:65]
    ax = plotting.robust_weights(MODEL, frame, lowest=20)
    x, y = line_of(ax, "the 20 lowest")
    assert list(x) == [*range(15), *range(25, 30)]
    np.testing.assert_array_equal(y, MODEL.posterior(frame, missing="exact").E_inv_Y[x])
    assert "10 rows of no values, at E[1/Y]" in said(ax)


def test_dates_that_are_not_in_order_name_their_rows() -> None:
    days = pd.date_range("2024-01-01", periods=len(X))[::-1]
    ax = plotting.robust_weights(MODEL, X.set_axis(days), lowest=2)
    lowest = np.argsort(MODEL.posterior(ROWS).E_inv_Y)[:2]
    names = [text.get_text() for text in ax.texts]
    assert names == sorted(str(days[k].date()) for k in lowest)
    assert said(ax) == "date"
    assert list(plotting.robust_weights(MODEL, X, lowest=0).texts) == []


# ---- Along a fit ----


def test_a_trajectory_is_what_the_result_recorded() -> None:
    _, y = line_of(plotting.likelihood_trajectory(FIT, label="fit"), "fit")
    np.testing.assert_array_equal(y, FIT.log_likelihoods)


@pytest.mark.parametrize("reference", [None, "identity"])
def test_rules_end_at_the_differences_of_their_log_scores(reference: str | None) -> None:
    scores = {name: reports for name, (_, reports, _) in STREAMS.items()}
    ax = plotting.rule_comparison(scores, reference=reference)
    ends = {name: result.log_score for name, (result, _, _) in STREAMS.items()}
    against = reference or max(ends, key=lambda name: ends[name])
    for name, end in ends.items():
        label = f"{name} (reference)" if name == against else name
        x, y = line_of(ax, label)
        assert y[-1] == pytest.approx(end - ends[against], abs=1e-12)
        assert x[-1] == 4000


def test_weights_of_batches_count_as_those_of_reports_do() -> None:
    reports = {name: reports for name, (_, reports, _) in STREAMS.items()}
    results = {name: result for name, (result, _, _) in STREAMS.items()}
    weights = [report.weight for report in reports["EWMA"]]
    ours = plotting.rule_comparison(results, weights=weights)
    theirs = plotting.rule_comparison(reports)
    for one, other in zip(ours.lines, theirs.lines, strict=True):
        np.testing.assert_allclose(one.get_ydata(), other.get_ydata(), atol=1e-12)


def test_the_shape_through_time_is_that_of_each_model() -> None:
    history = STREAMS["EWMA"][2]
    x, y = line_of(plotting.shape_through_time(history, label="EWMA"), "EWMA")
    np.testing.assert_array_equal(x, [time for time, _ in history])
    np.testing.assert_array_equal(y, [model.tail_weight() for _, model in history])


def test_parameters_of_a_path_are_in_the_gauge_of_mean_one() -> None:
    doubled = MODEL.rescale_y(2.0)
    for quantity, expected in (("gamma", MODEL.gamma), ("lam", [1.5])):
        ax = plotting.shape_through_time([(0, doubled), (1, MODEL)], quantity=quantity)
        drawn = [np.asarray(line.get_ydata(), float) for line in ax.lines]
        for y, value in zip(drawn, expected, strict=True):
            np.testing.assert_allclose(y, value, rtol=1e-12)


def test_a_shrinkage_path_goes_to_the_target() -> None:
    ax = plotting.shrinkage_path(SHRUNK, columns=[0, 3])
    x, y = line_of(ax, "column 0, column 3")
    sigmas = [result.model.sigma() for result in SHRUNK.values()]
    expected = [s[0, 3] / np.sqrt(s[0, 0] * s[3, 3]) for s in sigmas]
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    np.testing.assert_array_equal(x, list(SHRUNK))
    assert abs(y[-1]) < 0.2 * abs(y[0])


# ---- Axes, seeds ----


def test_one_value_does_not_rule_an_axis(rows: NDArray[np.float64]) -> None:
    values = np.append(rows[:, 0], 1e6)
    low, high = robust_range(values, -1.0, 1.0)
    assert low == rows[:, 0].min()
    assert high == rows[:, 0].max()
    assert robust_range(np.array([0.0, 0.0, 5.0])) == (0.0, 5.0)


@pytest.mark.parametrize("draw", [plotting.qq, plotting.pp])
def test_a_seed_gives_the_same_picture_again(draw: object) -> None:
    def band(seed: object) -> NDArray[np.float64]:
        ax = draw(LINE, X["AAPL"], seed=seed, n_simulations=99)
        (poly,) = [c for c in ax.collections if isinstance(c, PolyCollection)]
        return np.asarray(poly.get_paths()[0].vertices)

    np.testing.assert_array_equal(band(1), band(1))
    np.testing.assert_array_equal(band(1), band(np.random.default_rng(1)))
    assert not np.array_equal(band(1), band(2))
    assert not np.array_equal(band(None), band(None))


def test_draws_of_regions_follow_the_seed() -> None:
    def levels(seed: object) -> list[float]:
        ax = plotting.margin_contours(MODEL, ROWS, n_draws=1000, seed=seed)
        return [v for c in ax.collections if isinstance(c, QuadContourSet) for v in c.levels]

    assert levels(1) == levels(1) == levels(np.random.default_rng(1))
    assert levels(None) != levels(None)
