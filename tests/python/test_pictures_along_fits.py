"""Pictures along a fit show what it recorded, on axes that one value does not rule."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from numpy.typing import NDArray
from pictures_of_tests import FIT, LINE, MODEL, SHRUNK, STREAMS, X, figures_closed, line_of

from varimix import plotting
from varimix.plotting.axes import robust_range

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

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
