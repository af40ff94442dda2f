"""A mistake in a picture of risk is refused with its name, and leaves no figure."""

from collections.abc import Callable

import numpy as np
import pytest
from pictures_of_tests import (
    HEAVY,
    INFERENCES,
    MODEL,
    NAMED,
    RISK,
    ROWS,
    STRESSED,
    WIDE,
    figures_closed,
    require_refusal,
)

from varimix import plotting
from varimix.inference import inference
from varimix.risk import portfolio

_figures_closed = pytest.fixture(autouse=True)(figures_closed)

Refused = tuple[Callable[[], object], type[Exception], str]
REFUSED: dict[str, Refused] = {
    "no risk": (lambda: plotting.contributions(MODEL), TypeError, "risk must be a PortfolioRisk"),
    "of what": (lambda: plotting.contributions(RISK, of="ES"), ValueError, "of must be one of"),
    "infinite": (
        lambda: plotting.contributions(portfolio(HEAVY, [1, 1])),
        ValueError,
        "risk must have contributions, got none: infinite_expected_shortfall",
    ),
    "no mean": (
        lambda: plotting.contributions(portfolio(HEAVY, [1, 1]), of="value_at_risk", centered=True),
        ValueError,
        "risk must be of columns that have means",
    ),
    "most": (lambda: plotting.contributions(RISK, most=0), ValueError, "most must be >= 1, got 0"),
    "no inference": (lambda: plotting.intervals(MODEL), TypeError, "must be an Inference, or a"),
    "no inferences": (lambda: plotting.intervals({}), ValueError, "at least one Inference"),
    "one no inference": (
        lambda: plotting.intervals({"a": 3}),
        TypeError,
        r"inferences\['a'\] must be an Inference, got int",
    ),
    "names a text": (
        lambda: plotting.intervals(INFERENCES, names="VaR"),
        TypeError,
        "names must be a sequence of texts",
    ),
    "name unknown": (
        lambda: plotting.intervals(INFERENCES, names=["ES"]),
        ValueError,
        "names must be of the numbers mean_AAPL.*got 'ES'",
    ),
    "name twice": (
        lambda: plotting.intervals(INFERENCES, names=["VaR", "VaR"]),
        ValueError,
        "at least one, each once",
    ),
    "alpha": (lambda: plotting.intervals(INFERENCES, alpha=1), ValueError, "alpha must be > 0"),
    "relative to 0": (
        lambda: plotting.intervals(
            inference(MODEL, ROWS, functionals={"zero": lambda law: 0.0 * law.mean()[0]}),
            relative=True,
        ),
        ValueError,
        "relative must be False where an estimate is 0, as that of 'zero'",
    ),
    "lengths": (
        lambda: plotting.backtest([0.1, 0.2], [1.0]),
        ValueError,
        "value_at_risk must be 2 numbers, as there are returns, got 1",
    ),
    "infinite return": (
        lambda: plotting.backtest([0.1, np.inf], 1.0),
        ValueError,
        "returns must be finite or NaN, got inf on day 1",
    ),
    "no days": (lambda: plotting.backtest([], 1.0), ValueError, "returns must be a number a day"),
    "only NaN": (lambda: plotting.backtest([np.nan], 1.0), ValueError, "got none in 1"),
    "texts": (lambda: plotting.backtest(["a"], 1.0), ValueError, "returns must be"),
    "level of breaches": (
        lambda: plotting.cumulative_breaches([0.1], 1.0, alpha=0.05, level=0),
        ValueError,
        "level must be > 0 and < 1, got 0",
    ),
    "breaches at 2": (
        lambda: plotting.cumulative_breaches([0.1], 1.0, alpha=2),
        ValueError,
        "alpha must be > 0 and < 1, got 2",
    ),
    "no scenarios": (lambda: plotting.stress(3), TypeError, "given must be Scenarios or a model"),
    "no before": (lambda: plotting.stress(NAMED), ValueError, "before must be the law without"),
    "before a text": (lambda: plotting.stress(NAMED, "x"), TypeError, "before must be a model"),
    "other names": (
        lambda: plotting.stress(NAMED, WIDE.with_columns(list("abcx"))),
        ValueError,
        "before must have the columns of given, got none named 'd'",
    ),
    "fewer columns": (
        lambda: plotting.stress(MODEL, WIDE),
        ValueError,
        "before must have the 2 columns of given",
    ),
    "w of a part": (
        lambda: plotting.stress(NAMED.conditional_law({"a": 1.0}), NAMED, w=[1, 1, 1]),
        ValueError,
        "w must be None for a law of 3 of 4 columns",
    ),
    "w zero": (lambda: plotting.stress(STRESSED, w=[0] * 4), ValueError, "w must be 4 finite"),
    "stress level": (
        lambda: plotting.stress(STRESSED, level=1.0),
        ValueError,
        "level must be > 0 and < 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_its_name_and_leaves_no_figure(name: str) -> None:
    require_refusal(*REFUSED[name])
