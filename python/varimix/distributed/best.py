"""The best of several families on partitions: starts from a sample, polished on all rows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

import varimix
from varimix import _varimix
from varimix._varimix import BestFit, EMResult, MeanVarianceMixture
from varimix.batch_em_fitter import BatchEMFitter
from varimix.distributed.engine import Engine
from varimix.distributed.fitting import fit_from, initial, name_of, named
from varimix.distributed.partitions import Collection, Label, Rows, partitions_of
from varimix.random_keys import RandomState, key_of
from varimix.warnings import DegenerateDataWarning

if TYPE_CHECKING:
    from distributed import Client

FAMILIES = get_args(MeanVarianceMixture)
SAMPLE_ROWS = 1 << 14
"""Rows on which starts are screened: more than the 20 batches of 512 that each learns."""


def fit_best(
    collection: Collection,
    families: Sequence[str | type[MeanVarianceMixture]] = FAMILIES,
    client: Client | None = None,
    *,
    n_starts: int = 8,
    key: RandomState = 0,
    criterion: str = "bic",
    fitter: BatchEMFitter | None = None,
    columns: Sequence[Label] | None = None,
    persist: bool = False,
) -> BestFit:
    """Fit several families to a collection from several starts, and rank them.

    ``varimix.fit_best`` screens ``n_starts`` starts of each family on about 16,000 rows, drawn by
    ``key`` from all partitions; its winner and `default_init` are then both polished on all rows,
    and the better counts. ``start_gap`` is the difference of the two. A fit whose likelihood is
    made by a spike of the density ('mode_trap') is ranked behind all others.

    Parameters
    ----------
    families : sequence of str or class
        The families, each once.
    n_starts : int
        Starts that are screened, >= 1.
    key : int or generator
        The key of the sample and of the starts.
    criterion : str
        'bic', 'aic' or 'log_likelihood'.
    fitter : BatchEMFitter, optional
        The options of polishing; its ``missing`` holds for the starts too.

    The others are those of `fit`.

    Raises
    ------
    ValueError
        As `fit` and ``varimix.fit_best`` do.
    """
    if isinstance(families, str | type):
        raise ValueError(f"families must be a list of classes or names, got {families!r}")
    names = [name_of(family) for family in families]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"families must be one or more, each named once, got {names}")
    polish = BatchEMFitter() if fitter is None else fitter
    start_key = key_of(key)
    engine = Engine(partitions_of(collection, columns), client, persist=persist)
    sample = _sample(engine, start_key)
    fits = []
    for name in names:
        begin = time.perf_counter()
        result, gap = _fit_family(engine, name, sample, n_starts, start_key, criterion, polish)
        fits.append((result, gap, time.perf_counter() - begin))
    fits.sort(key=lambda fit: ("mode_trap" in fit[0].status, _criterion(fit[0], criterion)))
    return _varimix.best_of(fits)


def _fit_family(
    engine: Engine,
    name: str,
    sample: NDArray[np.floating[Any]],
    n_starts: int,
    key: int,
    criterion: str,
    fitter: BatchEMFitter,
) -> tuple[EMResult[MeanVarianceMixture], float]:
    screened = varimix.fit_best(
        sample, [name], n_starts=n_starts, key=key, criterion=criterion, fitter=fitter
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)  # the statuses tell it again
        starts = [initial(engine, name, fitter.missing)]
    if n_starts > 1:
        starts.append(named(screened.model, engine))
    polished = [fit_from(engine, start, fitter) for start in starts]
    polished.sort(key=lambda result: -_log_likelihood(result))
    first, last = _log_likelihood(polished[0]), _log_likelihood(polished[-1])
    return polished[0], 0.0 if first == last else first - last


def _log_likelihood(result: EMResult[MeanVarianceMixture]) -> float:
    value = result.log_likelihood
    assert value is not None  # batch EM sets it
    return value


def _criterion(result: EMResult[MeanVarianceMixture], criterion: str) -> float:
    if criterion == "log_likelihood":
        return -_log_likelihood(result)
    value = result.aic if criterion == "aic" else result.bic
    assert value is not None  # as above
    return value


def _sample(engine: Engine, key: int) -> NDArray[np.floating[Any]]:
    rows = sum(engine.on_each(len))
    rate = min(1.0, SAMPLE_ROWS / max(rows, 1))
    tasks = [engine.task(k, _drawn, k, key, rate) for k in range(len(engine))]
    return np.concatenate(engine.compute(tasks))


def _drawn(rows: Rows, number: int, key: int, rate: float) -> NDArray[np.floating[Any]]:
    generator = np.random.Generator(np.random.Philox(key=np.array([key, number], np.uint64)))
    return rows.X[generator.random(len(rows)) < rate]
