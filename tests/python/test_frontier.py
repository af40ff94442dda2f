"""The frontier of mean return and expected shortfall, as a value, a frame and a picture."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from pictures_of_tests import WIDE, line_of, said

from varimix import NormalInverseGamma, NormalInverseGaussian, plotting
from varimix.risk import Frontier, frontier, minimum_expected_shortfall

NAMES = ["oil", "gold", "tea", "tin"]
MODEL: Any = NormalInverseGamma.from_classical(
    [0.3, 0.1, 0.0, 0.2], WIDE.gamma * 0.2, WIDE.sigma(), alpha=3.0, beta=2.0
).with_columns(NAMES)


def test_it_goes_from_the_least_shortfall_to_the_largest_mean() -> None:
    found = frontier(MODEL, n=7)
    assert isinstance(found, Frontier)
    assert len(found) == len(list(found)) == 7
    assert found[0] == minimum_expected_shortfall(MODEL)
    assert [one.status for one in found] == ["ok"] * 7
    assert max(one.gap for one in found) < 1e-10
    assert found.targets[-1] == pytest.approx(MODEL.mean().max(), rel=1e-12)
    means = np.array([one.mean for one in found], dtype=float)
    np.testing.assert_allclose(means, np.array(found.targets), atol=1e-9)
    np.testing.assert_allclose(np.diff(found.targets), np.diff(found.targets)[0], rtol=1e-9)


def test_it_is_increasing_and_convex() -> None:
    shortfall = frontier(MODEL, 0.01, 12).expected_shortfall
    assert (np.diff(shortfall) > 0).all()
    assert (np.diff(shortfall, 2) > -1e-9).all()


def test_each_point_is_the_portfolio_with_its_target_and_constraints() -> None:
    limits: dict[str, Any] = {"upper": 0.6, "groups": {"metal": (["gold", "tin"], 0.2, None)}}
    found = frontier(MODEL, n=4, **limits)
    again = minimum_expected_shortfall(MODEL, target_return=found.targets[2], **limits)
    assert found[2] == again
    assert found.weights.max() <= 0.6 + 1e-12
    assert (found.weights[:, [1, 3]].sum(axis=1) >= 0.2 - 1e-9).all()


def test_targets_may_be_given_and_those_out_of_reach_have_no_weights() -> None:
    found = frontier(MODEL, target_returns=[0.2, 5.0])
    assert [one.status for one in found] == ["ok", "infeasible"]
    assert np.isnan(found.weights[1]).all()
    assert found.expected_shortfall[1] == np.inf
    free = frontier(MODEL, target_returns=(0.2, 0.4), lower=None)
    assert [one.status for one in free] == ["ok", "ok"]


def test_a_frame_has_a_row_for_each_portfolio() -> None:
    frame = frontier(MODEL, n=3).as_frame()
    assert list(frame) == ["mean", "expected_shortfall", "gap", "status", *NAMES]
    np.testing.assert_allclose(frame[NAMES].sum(axis=1), 1.0)
    assert list(frontier(MODEL.with_columns(None), n=2).as_frame())[4:] == [0, 1, 2, 3]


def test_it_is_a_value() -> None:
    found = frontier(MODEL, n=3)
    assert pickle.loads(pickle.dumps(found)) == found
    assert found != frontier(MODEL, n=4)
    assert found.columns == tuple(NAMES)
    assert repr(found).startswith("Frontier(n=3, alpha=0.05, mean=")
    assert found._repr_html_().count("<tr>") == 4
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["targets"] == list(found.targets)
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)


def test_of_one_column_all_points_are_the_same() -> None:
    one = MODEL.project([1.0, 0.0, 0.0, 0.0])
    found = frontier(one, n=3)
    assert [one.status for one in found] == ["ok"] * 3
    assert len(set(found.expected_shortfall.tolist())) == 1


def test_constraints_that_leave_one_portfolio_make_all_points_that_one() -> None:
    law = NormalInverseGaussian.from_classical([0.1, 0.05], [0.1, 0.05], np.eye(2), 1.0, 1.5)
    for upper in (0.5, [0.6, 0.4 + 1e-9]):
        found = frontier(law, n=4, upper=upper)
        assert all(one is found[0] and one.status == "ok" for one in found)


BAD: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no model": (lambda: frontier(1), TypeError, "model must be a model"),
    "n 1": (lambda: frontier(MODEL, n=1), ValueError, "n must be a whole number >= 2, got 1"),
    "n real": (lambda: frontier(MODEL, n=2.5), ValueError, "n must be"),  # type: ignore[arg-type]
    "n True": (lambda: frontier(MODEL, n=True), ValueError, "n must be"),
    "alpha": (lambda: frontier(MODEL, 0.0), ValueError, "alpha must be in"),
    "no target": (lambda: frontier(MODEL, target_returns=[]), ValueError, "at least one"),
    "NaN": (lambda: frontier(MODEL, target_returns=[np.nan]), ValueError, "finite numbers"),
    "number": (lambda: frontier(MODEL, target_returns=0.1), ValueError, "target_returns must"),
    "none": (lambda: frontier(MODEL, upper=0.1), ValueError, "got 'infeasible': no portfolio"),
    "open": (lambda: frontier(MODEL, lower=None), ValueError, "bound its mean, got 'unbounded'"),
    "no mean": (
        lambda: frontier(NormalInverseGamma.from_classical([0], [1], [[1]], 0.9, 1.0)),
        ValueError,
        "the mean of X must be finite",
    ),
    "no mean of some": (
        lambda: frontier(NormalInverseGamma.from_classical([0, 0], [1, -1], np.eye(2), 0.9, 1.0)),
        ValueError,
        r"the mean of X must be finite, got \[inf, -inf\]",
    ),
    "picture of a list": (
        lambda: plotting.frontier([1]),  # type: ignore[arg-type]
        TypeError,
        "frontier must be a Frontier, got list",
    ),
    "picture of nothing": (
        lambda: plotting.frontier(frontier(MODEL, target_returns=[9.0])),
        ValueError,
        "must have a portfolio with an expected shortfall",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_frontier_is_refused_by_name(kind: str) -> None:
    call, error, message = BAD[kind]
    with pytest.raises(error, match=message):
        call()


def test_a_picture_shows_every_point_and_every_column() -> None:
    found = frontier(MODEL, n=5)
    ax = Figure().subplots()
    assert plotting.frontier(found, ax) is ax
    x, y = line_of(ax, "frontier")
    np.testing.assert_array_equal(x, found.expected_shortfall)
    np.testing.assert_array_equal(y, np.array(found.targets))
    assert line_of(ax, "least expected shortfall")[0] == found.expected_shortfall[0]
    np.testing.assert_array_equal(line_of(ax, "one column")[1], MODEL.mean())
    assert [text.get_text() for text in ax.texts] == NAMES
    assert said(ax) == "expected shortfall at 0.05"


def test_a_picture_counts_what_it_leaves_out() -> None:
    ax = plotting.frontier(frontier(MODEL, target_returns=[0.2, 9.0]), columns=False, label="all")
    assert "left out: 1 mean that cannot be met" in said(ax)
    assert len(line_of(ax, "all")[0]) == 1
    assert not ax.texts
