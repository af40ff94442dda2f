"""A mistake in what a picture is given is refused with its name, and leaves no figure."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from pictures_of_tests import (
    INIT,
    LINE,
    MODEL,
    STREAMS,
    WIDE,
    X,
    a,
    b,
    figures_closed,
    history,
    require_refusal,
)

from varimix import IncrementalEMFitter, plotting

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

silent = IncrementalEMFitter(batch_size=64, max_steps=2).fit(INIT, X, key=0)
Refused = tuple[Callable[[], object], type[Exception], str]
REFUSED: dict[str, Refused] = {
    "w missing": (lambda: plotting.qq(MODEL, X), ValueError, "w must be a column, or 2 numbers"),
    "w unknown": (lambda: plotting.qq(MODEL, X, w="IBM"), ValueError, "'AAPL', 'MSFT'.*got 'IBM'"),
    "w zero": (
        lambda: plotting.qq(MODEL, X, w=[0, 0]),
        ValueError,
        "w must be finite and not zero",
    ),
    "w long": (lambda: plotting.pp(MODEL, X, w=[1, 1, 1]), ValueError, "w must be 2 numbers"),
    "w of no column": (
        lambda: plotting.pit(MODEL, X, w=2),
        ValueError,
        "w must be >= 0 and below 2",
    ),
    "w a flag": (
        lambda: plotting.tail(MODEL, X, w=True),
        TypeError,
        "w must be the name or number",
    ),
    "all missing": (lambda: plotting.tail(LINE, [np.nan]), ValueError, "NaN in all of 1"),
    "level": (
        lambda: plotting.qq(LINE, [1.0], level=1),
        ValueError,
        "level must be > 0 and < 1, got 1",
    ),
    "level text": (
        lambda: plotting.pit(LINE, [1.0], level="x"),
        TypeError,
        "level must be a number",
    ),
    "simulations": (
        lambda: plotting.qq(LINE, [1.0], n_simulations=38),
        ValueError,
        "n_simulations must be >= 39 for level 0.95, got 38",
    ),
    "bins": (lambda: plotting.pit(LINE, [1.0], bins=1), ValueError, "bins must be >= 2, got 1"),
    "seed": (lambda: plotting.qq(LINE, [1.0], seed=-1), ValueError, "seed must be >= 0, got -1"),
    "seed kind": (
        lambda: plotting.qq(LINE, [1.0], seed=1.5),
        TypeError,
        "seed must be an integer, a numpy.random.Generator, or None",
    ),
    "too wide": (
        lambda: plotting.qq(LINE, [1e308, -1e308] * 9),
        ValueError,
        "must span less than 1e",
    ),
    "scores too wide": (
        lambda: plotting.rule_comparison({"a": [1e308, 0.0], "b": [0.0, 1e307]}),
        ValueError,
        "must span less than 1e",
    ),
    "pairs too wide": (
        lambda: plotting.pairs(MODEL, [[1e308, 1.0], [-1e308, 2.0]]),
        ValueError,
        "must span less than 1e",
    ),
    "columns": (lambda: plotting.margin_contours(MODEL, X, (0, 0)), ValueError, "two different"),
    "column": (
        lambda: plotting.margin_contours(MODEL, X, ("AAPL", "IBM")),
        ValueError,
        "got 'IBM'",
    ),
    "regions": (
        lambda: plotting.margin_contours(MODEL, X, probabilities=[]),
        ValueError,
        "one to 5",
    ),
    "region": (
        lambda: plotting.margin_contours(MODEL, X, probabilities=[0.9999], n_draws=1000),
        ValueError,
        "probabilities must be >= 0.01 and <= 0.99 with 1000 draws, got 0.9999",
    ),
    "draws": (
        lambda: plotting.margin_contours(MODEL, X, n_draws=9),
        ValueError,
        "n_draws must be >=",
    ),
    "one of pairs": (lambda: plotting.pairs(MODEL, X, columns=["AAPL"]), ValueError, "2 to 16"),
    "empty column": (
        lambda: plotting.pairs(MODEL, X.assign(MSFT=np.nan)),
        ValueError,
        "X must show a value of MSFT",
    ),
    "axes": (
        lambda: plotting.pairs(MODEL, X, Figure().subplots(3, 3)),
        ValueError,
        r"array \(2, 2\)",
    ),
    "lowest": (
        lambda: plotting.robust_weights(MODEL, X, lowest=21),
        ValueError,
        "lowest must be <= 20",
    ),
    "no fits": (lambda: plotting.likelihood_trajectory([]), ValueError, "at least one fit"),
    "no fit": (
        lambda: plotting.likelihood_trajectory({"a": MODEL}),
        TypeError,
        "must be EMResults",
    ),
    "silent": (lambda: plotting.likelihood_trajectory(silent), ValueError, "verbose=1"),
    "labels": (lambda: plotting.likelihood_trajectory([a, b], label=["x"]), ValueError, "2 names"),
    "steps": (
        lambda: plotting.likelihood_trajectory(a, steps=[1.0]),
        ValueError,
        "32 finite numbers",
    ),
    "one rule": (
        lambda: plotting.rule_comparison({"a": a}),
        ValueError,
        "two rules at least, got 1",
    ),
    "rules listed": (lambda: plotting.rule_comparison([a, b]), TypeError, "must be a mapping"),
    "reference": (
        lambda: plotting.rule_comparison({"a": a, "b": b}, reference="c"),
        ValueError,
        "reference must be one of a, b, got 'c'",
    ),
    "streams": (
        lambda: plotting.rule_comparison({"a": a, "b": [1.0, 2.0]}),
        ValueError,
        "32 of a and 2",
    ),
    "scores": (
        lambda: plotting.rule_comparison({"a": [np.nan], "b": [1.0]}),
        ValueError,
        "nan for batch 0",
    ),
    "weights": (
        lambda: plotting.rule_comparison({"a": a, "b": b}, weights=np.zeros(32)),
        ValueError,
        "weights must be finite and > 0",
    ),
    "no history": (lambda: plotting.shape_through_time([]), ValueError, "at least one model"),
    "reports": (
        lambda: plotting.shape_through_time(STREAMS["EWMA"][1]),
        TypeError,
        "pairs of a place",
    ),
    "time falls": (
        lambda: plotting.shape_through_time([(2, MODEL), (1, MODEL)]),
        ValueError,
        "1 after 2",
    ),
    "other law": (
        lambda: plotting.shape_through_time([(1, MODEL), (2, WIDE)]),
        ValueError,
        "one family",
    ),
    "quantity": (
        lambda: plotting.shape_through_time(history, quantity="nu"),
        ValueError,
        "got 'nu'",
    ),
    "names": (
        lambda: plotting.shape_through_time(history, names=["x"]),
        ValueError,
        "names must be 2",
    ),
    "tau": (
        lambda: plotting.shrinkage_path({-1.0: a}),
        ValueError,
        "tau must be a finite number >= 0",
    ),
    "tau huge": (
        lambda: plotting.shrinkage_path({1e200: a, 1.0: b}),
        ValueError,
        "tau must be 0, or from 1e-100 to 1e",
    ),
    "tau twice": (
        lambda: plotting.shrinkage_path([(1, a), (1, b)]),
        ValueError,
        "tau must be there once",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_its_name_and_leaves_no_figure(name: str) -> None:
    require_refusal(*REFUSED[name])
