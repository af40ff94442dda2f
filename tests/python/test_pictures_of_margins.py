"""Pictures of margins and of the weights of rows show what the law and the data say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.contour import QuadContourSet
from pictures_of_tests import (
    FALSE_ALARM,
    MODEL,
    ROWS,
    X,
    figures_closed,
    line_of,
    said,
    ugly,
)
from scipy import stats

from varimix import MeanVarianceMixture, plotting
from varimix.plotting.density import margin, region_levels

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

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


def test_draws_of_regions_follow_the_seed() -> None:
    def levels(seed: object) -> list[float]:
        ax = plotting.margin_contours(MODEL, ROWS, n_draws=1000, seed=seed)
        return [v for c in ax.collections if isinstance(c, QuadContourSet) for v in c.levels]

    assert levels(1) == levels(1) == levels(np.random.default_rng(1))
    assert levels(None) != levels(None)


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
