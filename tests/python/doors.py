"""Every function of rows, each a door, and the rows that tests bring to it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    IncrementalEMFitter,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    fit_stream,
    open_source,
)
from varimix.inference import (
    BootstrapEM,
    GaussianTestStream,
    gaussian_test,
    goodness_of_fit,
    inference,
    test_distinguishability,
    test_symmetry,
    vuong,
)
from varimix.reporting.inputs import data_of

Rows = NDArray[np.float64]
MODEL = NormalInverseGaussian.from_classical(
    mu=[40, 40], gamma=[4, -3], sigma=[[90, 30], [30, 90]], mu_ig=1.0, lam=1.5
)
# Whole numbers from 0 to 100, which every type of number holds.
X: Rows = np.clip(np.round(MODEL.rvs(60, seed=0)), 0, 100)
FIT = NormalInverseGaussian.fit(X)
OTHER = NormalInverseGamma.fit(X).model


def updated(data: Any) -> object:
    state = OnlineEM(MODEL)
    state.update(data)
    return state


def bootstrapped(data: Any) -> object:
    state = BootstrapEM(MODEL, 2)
    state.update(data)
    return state


def streamed_bootstrap() -> Any:
    return fit_stream(BootstrapEM(MODEL, 2), X, batch_size=16)


def streamed(data: Any) -> object:
    state = OnlineEM(MODEL)
    fit_stream(state, data, batch_size=16)
    return state.model


def stream_tested(data: Any) -> object:
    stream = GaussianTestStream(2)
    stream.update(data)
    return stream


def best(data: Any) -> object:
    return fit_best(data, families=["NormalInverseGaussian"], n_starts=1).best.model


def symmetric(data: Any) -> object:
    """Return the statistic, or why there is none: rows like a Gaussian's are rows, too."""
    try:
        return test_symmetry(data).statistic
    except ValueError as error:
        if "a regular fit" not in str(error):
            raise
        return str(error)


DOORS: dict[str, Callable[[Any], object]] = {
    "BatchEMFitter.fit": lambda data: BatchEMFitter(max_iter=3).fit(MODEL, data).model,
    "EMResult.inference": lambda data: FIT.inference(data),
    "IncrementalEMFitter.fit": lambda data: (
        IncrementalEMFitter(batch_size=16, max_steps=3).fit(MODEL, data, key=0).model
    ),
    "Model.conditional": lambda data: np.array(MODEL.conditional(data).mean),
    "Model.default_init": NormalInverseGaussian.default_init,
    "Model.e_step": lambda data: MODEL.e_step(data).eta,
    "Model.fit": lambda data: NormalInverseGaussian.fit(data, max_iter=3).model,
    "Model.posterior": lambda data: MODEL.posterior(data).E_Y,
    "Model.impute": MODEL.impute,
    "Model.log_pdf": MODEL.log_pdf,
    "Model.log_prob": MODEL.log_prob,
    "Model.marginal_log_likelihood": MODEL.marginal_log_likelihood,
    "Model.pdf": MODEL.pdf,
    "OnlineEM.update": updated,
    "fit_best": best,
    "fit_stream": streamed,
    "inference.BootstrapEM.update": bootstrapped,
    "inference.BootstrapResult.inference": lambda data: streamed_bootstrap().inference(data),
    "inference.GaussianTestStream.update": stream_tested,
    "inference.gaussian_test": gaussian_test,
    "inference.goodness_of_fit": lambda data: goodness_of_fit(MODEL, data, replicates=0),
    "inference.inference": lambda data: inference(MODEL, data, "opg"),
    "inference.test_distinguishability": lambda data: test_distinguishability(FIT, OTHER, data),
    "inference.test_symmetry": symmetric,
    "inference.vuong": lambda data: vuong(MODEL, OTHER, data),
    "open_source": lambda data: open_source(data).gather(np.float64),
    "report": lambda data: data_of(data, 2).values,  # its page takes seconds: test_reporting.py
}


def decimals(x: Rows) -> NDArray[Any]:
    return np.array([[Decimal(int(v)) for v in row] for row in x], dtype=object)


def frame(x: Any) -> pd.DataFrame:
    return pd.DataFrame(x, columns=["a", "b"])


def table(x: Rows, kind: pa.DataType) -> pa.Table:
    columns = [pa.array([Decimal(int(v)) for v in column]).cast(kind) for column in x.T]
    return pa.table(columns, names=["a", "b"])


def is_same(a: object, b: object) -> bool:
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)
