"""Envelopes, PIT histograms and tails show what the law and the data say."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.container import BarContainer
from pictures_of_tests import FALSE_ALARM, LINE, MODEL, ROWS, X, figures_closed, line_of, said, ugly
from scipy import stats

from varimix import plotting
from varimix.plotting.envelopes import (
    binomial_interval,
    outer_rank,
    ranks_to_draw,
    uniform_envelope,
)

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

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
