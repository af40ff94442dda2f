"""The risk of a portfolio is a value that shows itself, and threads share its model."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from laws_of_risk import NAMES, named_space

import varimix
from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian
from varimix.risk import PortfolioRisk, portfolio

space = pytest.fixture(named_space)


def test_a_frame_has_a_row_for_each_name(space: Model) -> None:
    risk = portfolio(space, {"oil": 0.5, "tea": 0.5})
    frame = risk.as_frame()
    assert list(frame.index) == NAMES
    assert risk.columns == tuple(NAMES)
    assert frame["expected_shortfall_contributions"].sum() == pytest.approx(risk.expected_shortfall)
    assert frame.loc["gold", "expected_shortfall_contributions"] == 0
    unnamed = portfolio(space.with_columns(None), [0.5, 0, 0.5]).as_frame()
    assert list(unnamed.index) == [0, 1, 2]


def test_it_is_a_value(space: Model) -> None:
    risk = portfolio(space, [0.5, -0.2, 0.7])
    for other in (copy.copy(risk), copy.deepcopy(risk), pickle.loads(pickle.dumps(risk))):
        assert other == risk
        assert np.array_equal(other.expected_shortfall_hessian, risk.expected_shortfall_hessian)
        with pytest.raises(ValueError, match="read-only"):
            other.w[0] = 1.0
    assert risk != portfolio(space, [0.5, -0.2, 0.7], alpha=0.02)
    assert risk != "a portfolio"
    with pytest.raises(AttributeError):
        risk.alpha = 0.5  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(risk)


def test_it_shows_itself_shortly(space: Model) -> None:
    risk = portfolio(space, {"oil": 1.0})
    assert repr(risk).startswith("PortfolioRisk(d=3, alpha=0.01, value_at_risk=")
    assert len(repr(risk)) < 120
    assert "<td>oil</td>" in risk._repr_html_()
    values = risk.to_dict()
    json.dumps(values, allow_nan=False)
    assert values["w"] == [1.0, 0.0, 0.0]
    assert values["expected_shortfall"] == risk.expected_shortfall
    assert type(space).from_dict(values["model"]) == space


def test_a_table_of_many_columns_shows_those_that_contribute_most() -> None:
    d = 30
    model = NormalInverseGaussian.from_classical(np.zeros(d), np.zeros(d), np.eye(d), 1.0, 1.0)
    html = portfolio(model, np.arange(1.0, d + 1))._repr_html_()
    assert "<td>29</td>" in html
    assert "<td>0</td>" not in html
    assert "... 30 in all" in html


def test_threads_share_a_model(space: Model) -> None:
    expected = portfolio(space, [0.5, -0.2, 0.7])
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: portfolio(space, [0.5, -0.2, 0.7]), range(200)))
    assert all(
        risk.expected_shortfall == expected.expected_shortfall and risk == expected
        for risk in found
    )


def test_the_module_is_there_without_an_import() -> None:
    assert varimix.risk.portfolio is portfolio
    assert varimix.risk.PortfolioRisk is PortfolioRisk
