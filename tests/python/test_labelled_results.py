"""Results carry names: series and frames, plain values, weights by name, what changed."""

import json
import sys
import typing
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import varimix
from varimix import NormalInverseGaussian, OnlineEM, VarianceGamma

NAMES = ("AAPL", "MSFT")
FAMILIES = typing.get_args(varimix.MeanVarianceMixture)
MODEL = NormalInverseGaussian.from_classical([1, 2], [0.4, -0.3], [[1, 0.3], [0.3, 2]], 1.0, 1.5)
NAMED = MODEL.with_columns(NAMES)
X = MODEL.rvs(400, seed=1)
FRAME = pd.DataFrame(X, columns=list(NAMES))


# ---- names of a model ----


def test_a_model_has_the_names_that_it_is_given() -> None:
    assert MODEL.columns is None
    assert NAMED.columns == NAMES
    assert MODEL.with_columns(iter(NAMES)).columns == NAMES
    assert NAMED.with_columns(None).columns is None
    assert NAMED == MODEL, "names do not count"
    assert "columns=['AAPL', 'MSFT']" in repr(NAMED)
    assert NAMED.replace(mu=[0, 0]).columns == NAMED.rescale_y(2.0).columns == NAMES
    assert NAMED.project([1, 0]).columns is None


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["a"], ValueError, r"columns must be 2 names, got \['a'\]"),
        (["a", "b", "c"], ValueError, r"columns must be 2 names, got \['a', 'b', 'c'\]"),
        (["a", "a"], ValueError, "columns must be different names, got 'a' more than once"),
        (["a", ""], ValueError, "name 1 of the columns must be a text that is not empty"),
        ([], ValueError, "columns must be one name or more, got none"),
        (["a", 1], TypeError, "names must be texts, got 1"),
        ("ab", TypeError, "a list of names expected, got 'ab'"),
        (3, TypeError, "a list of names expected, got 3"),
    ],
)
def test_names_that_a_model_cannot_have_are_refused(
    names: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        MODEL.with_columns(names)


# ---- weights by name ----


@pytest.mark.parametrize(
    "weights",
    [
        {"AAPL": 0.25, "MSFT": 0.75},
        {"MSFT": 0.75, "AAPL": 0.25},
        pd.Series({"MSFT": 0.75, "AAPL": 0.25}),
        pd.Series([0.25, 0.75], index=list(NAMES)),
        pd.Series([0.25, 0.75]),
        pl.Series([0.25, 0.75]),
        [0.25, 0.75],
        np.array([0.25, 0.75]),
    ],
    ids=repr,
)
def test_a_portfolio_is_by_name_or_by_position(weights: Any) -> None:
    assert NAMED.project(weights) == MODEL.project([0.25, 0.75])


def test_in_a_dict_what_has_no_weight_weighs_nothing() -> None:
    assert NAMED.project({"MSFT": 2}) == MODEL.project([0, 2])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"MSTF": 1.0}, r"\['AAPL', 'MSFT'\], got \['MSTF'\]; unknown: 'MSTF' .*'MSFT'\?"),
        ({"AAPL": 1.0, "GOOG": 1.0}, r"got \['AAPL', 'GOOG'\]; unknown: 'GOOG'"),
        (pd.Series({"MSFT": 1.0}), r"got \['MSFT'\]; missing: \['AAPL'\]"),
        (pd.Series({"MSFT": 1.0, "AAPL": 1, "X": 1}), r"got \['MSFT', 'AAPL', 'X'\]; unknown: 'X'"),
        (pd.Series([1.0, 1, 1], index=["MSFT", "AAPL", "AAPL"]), "each name once"),
        ({}, "w must be not zero"),
        ({"AAPL": np.nan}, "w must be finite"),
        ({"AAPL": "a lot"}, r"w\['AAPL'\] must be an array of real numbers"),
    ],
    ids=repr,
)
def test_weights_of_other_names_are_refused(weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NAMED.project(weights)


def test_a_dict_needs_names() -> None:
    with pytest.raises(ValueError, match="the columns of the model have no names"):
        MODEL.project({"AAPL": 1.0})
    with pytest.raises(TypeError, match="names must be texts, got 1"):
        NAMED.project({1: 1.0})
    assert MODEL.project(pd.Series({"b": 1.0, "a": 2.0})) == MODEL.project([1, 2]), "by position"


# ---- series and frames ----

MOMENTS: dict[str, Callable[..., Any]] = {
    name: getattr(NormalInverseGaussian, name)
    for name in ("mean", "std", "skewness", "kurtosis", "cov", "corr")
}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_come_as_arrays_or_by_name(name: str) -> None:
    for model, labels in ((NAMED, list(NAMES)), (MODEL, [0, 1])):
        values = MOMENTS[name](model)
        assert isinstance(values, np.ndarray)
        np.testing.assert_array_equal(MOMENTS[name](model, as_frame=False), values)
        found = MOMENTS[name](model, as_frame=True)
        assert isinstance(found, pd.Series if values.ndim == 1 else pd.DataFrame)
        np.testing.assert_array_equal(found.to_numpy(), values)
        assert list(found.index) == labels
        if values.ndim == 1:
            assert found.name == name
        else:
            assert list(found.columns) == labels


@pytest.mark.parametrize("family", FAMILIES)
def test_deviations_and_correlations_are_those_of_the_covariance(family: Any) -> None:
    model = family.default_init(X)
    cov = model.cov()
    np.testing.assert_allclose(model.std(), np.sqrt(np.diag(cov)), rtol=1e-13)
    outer = np.outer(model.std(), model.std())
    np.testing.assert_allclose(model.corr(), cov / outer, rtol=1e-13)
    one = model.project([1, 2])
    assert isinstance(one.std(), float)
    np.testing.assert_allclose(one.std() ** 2, one.var(), rtol=1e-13)
    np.testing.assert_array_equal(one.std(as_frame=True).to_numpy(), [one.std()])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_parameters_are_a_frame_by_column(family: Any) -> None:
    model = family.default_init(FRAME)
    params = model.params
    assert list(params.index) == list(NAMES)
    np.testing.assert_array_equal(params["mu"], model.mu)
    np.testing.assert_array_equal(params["gamma"], model.gamma)
    np.testing.assert_array_equal(params[["sigma[AAPL]", "sigma[MSFT]"]], model.sigma())
    shape = params.drop(columns=["mu", "gamma", "sigma[AAPL]", "sigma[MSFT]"])
    assert {name: [getattr(model, name)] * 2 for name in shape} == shape.to_dict(orient="list")
    assert len(shape.columns) == (3 if family is varimix.GeneralizedHyperbolic else 2)


def test_imputed_rows_may_be_a_frame_of_the_models_columns() -> None:
    gaps = FRAME.set_index(pd.date_range("2024-01-01", periods=len(FRAME)))[["MSFT", "AAPL"]].copy()
    gaps.iloc[3, 0] = np.nan
    found = NAMED.impute(gaps, as_frame=True)
    assert list(found.columns) == list(NAMES)
    assert found.index.equals(gaps.index)
    np.testing.assert_array_equal(found.to_numpy(), NAMED.impute(gaps))
    np.testing.assert_array_equal(NAMED.impute(gaps, as_frame=False), NAMED.impute(gaps))
    assert list(MODEL.impute(X, as_frame=True).columns) == [0, 1]


def test_without_pandas_a_frame_is_an_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert NAMED.mean().shape == (2,)
    for frame in (lambda: NAMED.mean(as_frame=True), lambda: NAMED.params):
        with pytest.raises(ImportError, match=r"pip install 'varimix\[frames\]'"):
            frame()


# ---- plain values ----


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_plain_values_and_comes_back(family: Any) -> None:
    for data in (X, FRAME):
        model = family.default_init(data)
        values = json.loads(json.dumps(model.to_dict()))
        assert values["family"] == family.__name__
        assert values["columns"] == (None if data is X else list(NAMES))
        other = family.from_dict(values)
        assert type(other) is family
        assert other.columns == model.columns
        assert other.same_law(model, 1e-14)
        assert other.to_dict().keys() == values.keys()


def test_plain_values_of_something_else_are_refused() -> None:
    values = NAMED.to_dict()
    with pytest.raises(ValueError, match="family must be 'VarianceGamma', got 'NormalInverse"):
        VarianceGamma.from_dict(values)
    for changed in ({**values, "nu": 1.0}, {k: v for k, v in values.items() if k != "mu"}):
        with pytest.raises(ValueError, match="values must have"):
            NormalInverseGaussian.from_dict(changed)
    with pytest.raises(TypeError, match="a dict expected, got list"):
        NormalInverseGaussian.from_dict([1])
    with pytest.raises(ValueError, match="lam must be finite and > 0"):
        NormalInverseGaussian.from_dict({**values, "lam": -1.0})


# ---- what changed ----


def test_two_models_are_described_by_their_largest_moves() -> None:
    sigma = MODEL.sigma()
    moved = NAMED.replace(mu=[1, 2.8], sigma=[[4 * sigma[0, 0], 0], [0, sigma[1, 1]]], lam=0.5)
    text = moved.describe(NAMED)
    lines = {line.split(":")[0].strip(): line for line in text.splitlines()[1:]}
    assert text.startswith("NormalInverseGaussian of 2 columns, compared with Normal")
    assert list(lines) == ["mean", "volatility", "correlation", "tails"]
    assert f"MSFT {NAMED.mean()[1]:.4g} -> {moved.mean()[1]:.4g} (+0.5" in lines["mean"]
    assert "AAPL" not in lines["mean"]
    change = 100 * (moved.std() / NAMED.std() - 1)
    assert lines["volatility"].index("AAPL") < lines["volatility"].index("MSFT")
    assert f"({change[0]:+.2f} %)" in lines["volatility"]
    assert "AAPL, MSFT " in lines["correlation"]
    assert "tail_weight 0.667 -> 2" in lines["tails"]


def test_columns_in_another_order_have_not_moved() -> None:
    other = NormalInverseGaussian.from_classical(
        MODEL.mu[::-1], MODEL.gamma[::-1], MODEL.sigma()[::-1, ::-1], 1.0, 1.5
    ).with_columns(NAMES[::-1])
    assert "no move" in NAMED.describe(other)
    assert "no move" in MODEL.describe(MODEL)
    assert "mean: column 1 " in MODEL.describe(other.with_columns(None))


def test_models_of_other_columns_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"the columns \['AAPL', 'MSFT'\], got \['a', 'MSFT'\]"):
        NAMED.describe(MODEL.with_columns(["a", "MSFT"]))
    with pytest.raises(ValueError, match="other must be of 2 columns, got 1"):
        NAMED.describe(MODEL.project([1, 0]))
    with pytest.raises(TypeError, match="other must be a model of varimix, got OnlineEM"):
        NAMED.describe(OnlineEM(MODEL))
    with pytest.raises(TypeError, match="describe"):
        NAMED.describe(None)
    with pytest.raises(TypeError, match="other must be a state, got Normal"):
        OnlineEM(MODEL).describe(MODEL)


@pytest.mark.parametrize("family", FAMILIES)
def test_two_states_are_described_with_the_rows_between_them(family: Any) -> None:
    state = OnlineEM(family.default_init(FRAME[:100]))
    state.update(FRAME[:100])
    before = state.fork()
    state.update(2 * FRAME[100:])
    lines = state.describe(before).splitlines()
    assert f"a state of {family.__name__} of 2 columns after 400 rows and 2 steps" in lines[0]
    assert lines[0].endswith("+300 rows, +1 steps")
    assert any(line.startswith("  recent score: ") for line in lines)
    assert any(line.startswith("  volatility: ") and "AAPL" in line for line in lines)
    assert "no move" in before.describe(before)


def test_moments_that_do_not_exist_are_left_out_of_a_description() -> None:
    heavy = varimix.NormalInverseGamma.from_classical([0], [0], [[1]], alpha=0.9, beta=1.0)
    other = heavy.replace(sigma=[[4]], alpha=0.8)
    assert "nan" not in heavy.describe(other)
    assert "volatility" not in heavy.describe(other)
