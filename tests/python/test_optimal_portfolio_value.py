"""An optimal portfolio is a value that shows itself, and threads share its model."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from optimal_portfolios import NAMES, STOCKS, named_space, weights_of

from varimix import MeanVarianceMixture as Model
from varimix.risk import minimum_expected_shortfall

space = pytest.fixture(named_space)


def test_it_is_a_value(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert other == found
        assert other.risk == found.risk
        with pytest.raises(ValueError, match="read-only"):
            weights_of(other)[0] = 1.0
    assert found != minimum_expected_shortfall(space, 0.02)
    assert found != "a portfolio"
    with pytest.raises(AttributeError):
        found.alpha = 0.5  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)


def test_it_shows_itself_shortly(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    assert repr(found).startswith("OptimalPortfolio(d=3, alpha=0.05, expected_shortfall=")
    assert repr(found).endswith("status='ok')")
    assert "<td>oil</td>" in found._repr_html_()
    assert "<td>AMD</td>" not in minimum_expected_shortfall(STOCKS)._repr_html_()
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["weights"] == weights_of(found).tolist()
    model: Any = space
    assert type(model).from_dict(values["model"]) == model


def test_a_frame_has_a_row_for_each_name(space: Model) -> None:
    found = minimum_expected_shortfall(space)
    frame = found.as_frame()
    assert list(frame.index) == NAMES
    assert found.columns == tuple(NAMES)
    assert frame["weights"].sum() == pytest.approx(1.0)
    total = frame["expected_shortfall_contributions"].sum()
    assert total == pytest.approx(found.expected_shortfall)
    assert found.mean == pytest.approx(float(frame["weights"] @ space.mean()))


def test_threads_share_a_model() -> None:
    expected = minimum_expected_shortfall(STOCKS)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: minimum_expected_shortfall(STOCKS), range(40)))
    assert all(one == expected for one in found)
