"""What a model says of each row of a collection: densities, posteriors, draws."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from dask.delayed import delayed
from numpy.typing import NDArray

from varimix import _varimix
from varimix._varimix import MeanVarianceMixture
from varimix.arguments import require_model
from varimix.distributed.engine import Engine, Mistake
from varimix.distributed.partitions import Collection, Label, Rows, partitions_of
from varimix.random_keys import RandomState, key_of

if TYPE_CHECKING:
    import dask.array as da
    from distributed import Client

PARTITION_ROWS = 1 << 20
"""Rows of a partition of draws, unless another number is asked for."""


class Posteriors(NamedTuple):
    """E[1/Y|x], E[Y|x] and E[log Y|x] of every row, three dask arrays (n)."""

    E_inv_Y: da.Array
    E_Y: da.Array
    E_log_Y: da.Array


def score(
    collection: Collection,
    model: MeanVarianceMixture,
    client: Client | None = None,
    *,
    columns: Sequence[Label] | None = None,
    weights: Any = None,
    missing: str = "error",
) -> float:
    """Return the mean log density of the rows of a collection, by weight, nats per row.

    With missing="exact" the mean is over the rows that show something. The bits do not depend on
    workers; Parameters are those of `fit`.

    Raises
    ------
    ValueError
        As `fit` does, and for no rows that count.
    """
    require_model(model)
    engine = _engine_for(collection, model, client, columns, weights)
    total, weight = engine.reduced(_log_densities_summed, _added, model, missing)
    if not weight > 0.0:
        raise ValueError("X must have rows that count, got none")
    return total / weight


def log_prob(
    collection: Collection,
    model: MeanVarianceMixture,
    client: Client | None = None,
    *,
    columns: Sequence[Label] | None = None,
    missing: str = "error",
) -> da.Array:
    """Return the log density of every row, nats, as a dask array (n): a chunk is a partition.

    Nothing but the number of rows of each partition is computed yet. Parameters are those of
    `fit`.

    Raises
    ------
    ValueError
        As `fit` does; for a bad row, when the array is computed.
    """
    require_model(model)
    engine = _engine_for(collection, model, client, columns, None)
    return _as_array(engine, partial(_log_prob, missing=missing), model)


def posterior(
    collection: Collection,
    model: MeanVarianceMixture,
    client: Client | None = None,
    *,
    columns: Sequence[Label] | None = None,
    missing: str = "error",
) -> Posteriors:
    """Return E[1/Y|x], E[Y|x] and E[log Y|x] of every row, each a dask array (n).

    Parameters and errors are those of `log_prob`.
    """
    require_model(model)
    engine = _engine_for(collection, model, client, columns, None)
    three = _as_array(engine, partial(_posterior, missing=missing), model, 3)
    return Posteriors(three[:, 0], three[:, 1], three[:, 2])


def rvs(
    model: MeanVarianceMixture,
    n: int,
    seed: RandomState = None,
    *,
    partition_rows: int = PARTITION_ROWS,
) -> da.Array:
    """Return n draws as a dask array (n, d), made where they are computed.

    Row i depends on the seed and i alone: the rows are those of ``model.rvs(n, seed)`` on any
    number of workers and in partitions of any size.

    Parameters
    ----------
    model : MeanVarianceMixture
        The law.
    n : int
        Number of rows, >= 0.
    seed : int, numpy.random.Generator or None
        As in ``model.rvs``; None means fresh randomness.
    partition_rows : int
        Rows of a chunk, >= 1.

    Raises
    ------
    ValueError
        For numbers outside their domain.
    """
    import dask.array as da

    require_model(model)
    rows, size = operator.index(n), operator.index(partition_rows)
    if rows < 0 or size < 1:
        name, value, least = ("n", rows, 0) if rows < 0 else ("partition_rows", size, 1)
        raise ValueError(f"{name} must be >= {least}, got {value}")
    key = key_of(seed)
    draw = delayed(_drawn, pure=False)
    law = delayed(model)
    chunks = []
    for first in range(0, max(rows, 1), size):
        count = min(size, rows - first)
        chunks.append(da.from_delayed(draw(law, first, count, key), (count, model.d), float))
    array: da.Array = da.concatenate(chunks)
    return array


def _engine_for(
    collection: Collection,
    model: MeanVarianceMixture,
    client: Client | None,
    columns: Sequence[Label] | None,
    weights: Any,
) -> Engine:
    partitions = partitions_of(collection, columns, weights)
    return Engine(partitions, client, persist=False, order=model.columns)


def _as_array(
    engine: Engine,
    work: Callable[..., NDArray[np.float64]],
    model: MeanVarianceMixture,
    width: int = 0,
) -> da.Array:
    import dask.array as da

    lengths = engine.on_each(len)
    raised = delayed(_raised, pure=False)
    chunks = [
        da.from_delayed(raised(task), (rows, width) if width else (rows,), float)
        for rows, task in zip(lengths, engine.tasks(work, model), strict=True)
    ]
    array: da.Array = da.concatenate(chunks)
    return array


def _raised(value: Any) -> Any:
    if isinstance(value, Mistake):
        raise value.error()
    return value


def _log_prob(rows: Rows, model: MeanVarianceMixture, missing: str) -> NDArray[np.float64]:
    return model.log_prob(rows.named, missing) if len(rows) else np.empty(0)


def _posterior(rows: Rows, model: MeanVarianceMixture, missing: str) -> NDArray[np.float64]:
    if not len(rows):
        return np.empty((0, 3))
    of = model.posterior(rows.named, missing)
    return np.column_stack([of.E_inv_Y, of.E_Y, of.E_log_Y])


def _log_densities_summed(
    rows: Rows, model: MeanVarianceMixture, missing: str
) -> tuple[float, float]:
    if not len(rows):
        return 0.0, 0.0
    log_density = model.log_prob(rows.named, missing)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    if len(weights) != len(rows) or not np.all(np.isfinite(weights) & (weights >= 0)):
        raise ValueError(f"weights must be one a row, {len(rows)}, finite and >= 0")
    shows = ~np.isnan(rows.X).all(axis=1)
    counts = (weights > 0) & shows
    return float(np.sum(weights[counts] * log_density[counts])), float(weights[counts].sum())


def _added(left: tuple[float, float], right: tuple[float, float]) -> tuple[float, float]:
    return left[0] + right[0], left[1] + right[1]


def _drawn(model: MeanVarianceMixture, first: int, rows: int, key: int) -> NDArray[np.float64]:
    return _varimix.rows_from(model, first, rows, key)
