"""The laws, rows and fits that the tests of varimix.plotting draw."""

from collections.abc import Callable
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    EMResult,
    EWMAUpdate,
    IdentityUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    Shrinkage,
    eta0_isotropic,
    fit_stream,
)
from varimix.inference import value_at_risk
from varimix.risk import portfolio, scenarios

matplotlib.use("Agg")

FALSE_ALARM = 1e-6
"""Probability that a statistical test here fails for another seed, though all is well."""

MODEL = NormalInverseGaussian.from_classical(
    mu=[0.0, 0.0], gamma=[0.4, -0.3], sigma=[[1.0, 0.3], [0.3, 1.0]], mu_ig=1.0, lam=1.5
)
LINE = MODEL.project([1.0, 0.0])
ROWS: NDArray[np.float64] = MODEL.rvs(250, seed=1)
X = pd.DataFrame(ROWS, columns=["AAPL", "MSFT"])
INIT = NormalInverseGaussian.default_init(ROWS)
WIDE = NormalInverseGamma.from_classical(
    mu=np.zeros(4), gamma=[0.5, 0.0, 0.0, -0.5], sigma=0.5 * np.eye(4) + 0.5, alpha=3.0, beta=2.0
)


def ugly() -> pd.DataFrame:
    """Return the rows with gaps and two values a million off."""
    frame = X.copy()
    frame.iloc[7, 0], frame.iloc[9, 1] = 1e6, -1e6
    frame.iloc[20:40, 0] = np.nan
    frame.iloc[40:45, 1] = np.nan
    frame.iloc[50:60] = np.nan
    return frame


def streamed(rule: object | None) -> tuple[EMResult[Any], list[Any], list[tuple[float, Any]]]:
    """Return result, reports and history of a stream that a rule learned."""
    state = OnlineEM(INIT, rule)
    reports: list[Any] = []
    history: list[tuple[float, Any]] = []

    def seen(report: Any) -> None:
        reports.append(report)
        history.append((state.total_weight, state.model))

    result = fit_stream(state, MODEL.rvs(4000, seed=5), batch_size=128, callback=seen)
    return result, reports, history


STREAMS = {"default": streamed(None), "EWMA": streamed(EWMAUpdate(w=0.1)),
           "identity": streamed(IdentityUpdate())}  # fmt: skip
history = STREAMS["EWMA"][2]
a, b = (STREAMS[name][0] for name in ("EWMA", "default"))
"""Two fits of a stream."""
FIT = BatchEMFitter(acceleration="none", max_iter=30).fit(INIT, X)


def shrunk() -> dict[float, EMResult[Any]]:
    """Return fits of four columns, shrunk more and more to independence."""
    rows = WIDE.rvs(200, seed=2)
    init = NormalInverseGamma.default_init(rows)
    eta0 = eta0_isotropic(init, 1.0)
    return {
        tau: BatchEMFitter(eta_update=Shrinkage(IdentityUpdate(), eta0, tau)).fit(init, rows)
        for tau in (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)
    }


SHRUNK = shrunk()

NAMED = WIDE.with_columns(list("abcd"))
HEAVY = NormalInverseGamma.from_classical([0.0, 0.0], [0.0, 0.0], np.eye(2), 0.4, 1.0)
RISK = portfolio(NAMED, [0.6, 0.3, 0.0, -0.2], 0.05)
STRESSED = scenarios(NAMED, {"a": (-np.inf, -2.0)}, n=2000, seed=1)
BEST = NormalInverseGaussian.fit(X)
INFERENCES = {
    kind: BEST.inference(X, cov_type=kind, functionals={"VaR": value_at_risk([0.5, 0.5], 0.05)})
    for kind in ("robust", "hac")
}
RETURNS = pd.Series(LINE.rvs(250, seed=2)[:, 0], index=pd.bdate_range("2020-01-01", periods=250))
FORECASTS = (
    np.where(np.arange(250) < 125, LINE.value_at_risk(alpha=0.05), 1.0),
    np.where(np.arange(250) < 125, LINE.expected_shortfall(alpha=0.05), 1.5),
)


def line_of(ax: Axes, label: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return x and y of the line that has a label."""
    (line,) = [line for line in ax.lines if line.get_label() == label]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def said(ax: Axes) -> str:
    """Return the label of the x axis, its lines joined."""
    return " ".join(ax.get_xlabel().split())


def figures_closed() -> object:
    yield
    plt.close("all")


def require_refusal(call: Callable[[], object], kind: type[Exception], message: str) -> None:
    """Assert that a call is refused with this message, and leaves no figure."""
    with pytest.raises(kind, match=message):
        call()
    assert plt.get_fignums() == []
