"""Every function of rows as a function of a model with names, and the forms of named rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from doors import MODEL, X
from numpy.typing import NDArray

from varimix import (
    BatchEMFitter,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    fit_stream,
    open_source,
)
from varimix.inference import BootstrapEM, inference
from varimix.reporting.inputs import data_of

NAMES = ("a", "b")
NAMED = MODEL.with_columns(NAMES)
FRAME = pd.DataFrame(X, columns=list(NAMES))
REORDERED = FRAME[["b", "a"]]
Model = NormalInverseGaussian


def updated(model: Model, data: Any) -> OnlineEM[Model]:
    state = OnlineEM(model)
    state.update(data)
    return state


def bootstrapped(model: Model, data: Any) -> BootstrapEM[Model]:
    state = BootstrapEM(model, 2)
    state.update(data)
    return state


def streamed(model: Model, data: Any) -> OnlineEM[Model]:
    state = OnlineEM(model)
    fit_stream(state, data, batch_size=16)
    return state


def errors_of(found: Any) -> Any:
    return np.array(list(found.bse.values()))


OF_A_MODEL: dict[str, Callable[[Model, Any], Any]] = {
    "BatchEMFitter.fit": lambda model, data: BatchEMFitter(max_iter=3).fit(model, data).model,
    "EMResult.inference": lambda model, data: errors_of(
        model.fit(X, max_iter=0).inference(data, cov_type="opg")
    ),
    "IncrementalEMFitter.fit": lambda model, data: (
        IncrementalEMFitter(batch_size=16, max_steps=3).fit(model, data, key=0).model
    ),
    "Model.conditional": lambda model, data: np.array(model.conditional(data).mean),
    "Model.e_step": lambda model, data: model.e_step(data).eta,
    "Model.fit": lambda model, data: model.fit(data, max_iter=3).model,
    "Model.posterior": lambda model, data: model.posterior(data).E_Y,
    "Model.impute": lambda model, data: model.impute(data),
    "Model.log_pdf": lambda model, data: model.log_pdf(data),
    "Model.log_prob": lambda model, data: model.log_prob(data),
    "Model.marginal_log_likelihood": lambda model, data: model.marginal_log_likelihood(data),
    "Model.pdf": lambda model, data: model.pdf(data),
    "OnlineEM.update": updated,
    "fit_stream": streamed,
    "inference.inference": lambda model, data: errors_of(inference(model, data, "opg")),
    "inference.BootstrapEM.update": bootstrapped,
    "report": lambda model, data: data_of(data, model.d, of_model=model.columns).values,
}
"""Doors that take rows into a model that may have names."""

UNNAMED_START = (
    "BatchEMFitter.fit",
    "IncrementalEMFitter.fit",
    "OnlineEM.update",
    "fit_stream",
    "inference.BootstrapEM.update",
)

FITS: dict[str, Callable[[Any], Any]] = {
    "Model.default_init": NormalInverseGaussian.default_init,
    "Model.fit": lambda data: NormalInverseGaussian.fit(data, max_iter=3).model,
    "fit_best": lambda data: (
        fit_best(data, families=["NormalInverseGaussian"], n_starts=1).best.model
    ),
    **{door: lambda data, door=door: OF_A_MODEL[door](MODEL, data) for door in UNNAMED_START},
}
"""Doors that make a model, or a state, of rows alone, or of rows and a model without names."""


def table(frame: pd.DataFrame) -> pa.Table:
    return pa.table({name: frame[name].to_numpy() for name in frame})


def file(folder: Path, frame: pd.DataFrame, form: str) -> Path:
    path = folder / f"{'-'.join(map(str, frame))}.{form}"
    match form:
        case "parquet":
            frame.to_parquet(path, row_group_size=25)
        case "feather":
            frame.to_feather(path)
        case _:
            frame.to_csv(path, index=False)
    return path


FORMS: dict[str, Callable[[Path, pd.DataFrame], Any]] = {
    "frame": lambda _, frame: frame,
    "frame in one array": lambda _, frame: pd.DataFrame(frame.to_numpy().copy(), columns=[*frame]),
    "frame by date": lambda _, frame: frame.set_index(
        pd.date_range("2024-01-01", periods=len(frame))
    ),
    "Int64": lambda _, frame: frame.astype("Int64"),
    "polars": lambda _, frame: pl.DataFrame(dict(frame)),
    "table": lambda _, frame: table(frame),
    "record batch": lambda _, frame: table(frame).to_batches()[0],
    "reader": lambda _, frame: table(frame).to_reader(),
    "dataset": lambda _, frame: ds.dataset(table(frame)),
    "list of frames": lambda _, frame: [frame[:20], frame[20:]],
    "frames in two orders": lambda _, frame: [frame[:20], frame[20:][["a", "b"]]],
    "generator of frames": lambda _, frame: (part for part in (frame[:20], frame[20:])),
    "open source": lambda _, frame: open_source(frame),
    "open generator": lambda _, frame: open_source(part for part in (frame[:20], frame[20:])),
    "parquet": lambda folder, frame: file(folder, frame, "parquet"),
    "feather": lambda folder, frame: file(folder, frame, "feather"),
    "csv": lambda folder, frame: file(folder, frame, "csv"),
}
"""Forms of rows with names, made of a frame."""


def numbered_parquet(folder: Path, x: NDArray[np.float64]) -> Path:
    pd.DataFrame(x).rename(columns=str).to_parquet(folder / "numbered.parquet")
    return folder / "numbered.parquet"


def saved_array(folder: Path, x: NDArray[np.float64]) -> Path:
    np.save(folder / "x.npy", x)
    return folder / "x.npy"


WITHOUT_NAMES: dict[str, Callable[[Path, NDArray[np.float64]], Any]] = {
    "array": lambda _, x: x,
    "float32": lambda _, x: x.astype(np.float32),
    "integers": lambda _, x: x.astype(int),
    "list": lambda _, x: x.tolist(),
    "numbered frame": lambda _, x: pd.DataFrame(x),
    "numbered parquet": numbered_parquet,
    "npy": saved_array,
    "generator of arrays": lambda _, x: (part for part in (x[:20], x[20:])),
    "open array": lambda _, x: open_source(x),
}
"""Forms of rows without names."""


def model_of(value: Any) -> Any:
    """Return the model of a state, or the model itself."""
    return value.model if isinstance(value, OnlineEM | BootstrapEM) else value
