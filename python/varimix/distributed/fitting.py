"""Batch EM on dask's partitions: initial model, one family, the best of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, get_args

from varimix import _varimix
from varimix._varimix import BatchReport, EMResult, MeanVarianceMixture
from varimix.batch_em_fitter import BatchEMFitter
from varimix.distributed.engine import Engine
from varimix.distributed.partials import e_step_partial, fit_partials, merge_partials
from varimix.distributed.partitions import Collection, Label, Rows, partitions_of
from varimix.names import Names

if TYPE_CHECKING:
    from distributed import Client

DEFAULT_FAMILY = "NormalInverseGaussian"


def fit(
    collection: Collection,
    family: str | type[MeanVarianceMixture] = DEFAULT_FAMILY,
    client: Client | None = None,
    *,
    init: MeanVarianceMixture | None = None,
    columns: Sequence[Label] | None = None,
    weights: Any = None,
    persist: bool = False,
    callback: Callable[[BatchReport], bool | None] | None = None,
    **options: Any,
) -> EMResult[MeanVarianceMixture]:
    """Fit one family to a collection by accelerated EM, as BatchEMFitter does to rows in memory.

    The result has the same bits for any number of workers and any order in which they finish,
    given the partitions: partition k is merged with its neighbours by k alone.

    Parameters
    ----------
    collection
        A dask dataframe; a dask array (n, d); a list of delayed parts, each anything that
        ``fit_stream`` takes; a folder of Parquet files, a path or glob, or a list of paths: a
        file is a partition.
    family : str or class
        The family, by name or class; not looked at if ``init`` is given.
    client : distributed.Client, optional
        Where to run; if left out, dask's own choice: the client in use, else a local scheduler.
    init : MeanVarianceMixture, optional
        The initial model; `default_init` if left out.
    columns : sequence, optional
        Names of the columns of X, in order; positions where they have no names.
    weights : optional
        Name of a column of weights, or a collection of them in the same partitions: one a row,
        finite and >= 0.
    persist : bool
        False: a worker reads one partition at a time, anew in every pass. True: each keeps the
        rows of its share.
    callback : callable, optional
        Called with a report after every pass; if it returns False, the fit stops.
    **options
        The options of BatchEMFitter: max_iter, tol, missing, fixed, ...

    Returns
    -------
    EMResult
        As BatchEMFitter.fit returns it.

    Raises
    ------
    ValueError
        As BatchEMFitter.fit does; for a bad row it names partition, row in it, and column, all
        but the name counted from 0.
    TypeError
        If ``collection`` is none.
    """
    fitter = BatchEMFitter(**options)
    order = None if init is None else init.columns
    partitions = partitions_of(collection, columns, weights)
    engine = Engine(partitions, client, persist=persist, order=order)
    start = initial(engine, family, fitter.missing) if init is None else named(init, engine)
    return fit_from(engine, start, fitter, callback)


def default_init(
    collection: Collection,
    family: str | type[MeanVarianceMixture] = DEFAULT_FAMILY,
    client: Client | None = None,
    *,
    columns: Sequence[Label] | None = None,
    missing: str = "error",
    persist: bool = False,
) -> MeanVarianceMixture:
    """Return the initial model of a collection: ``Model.default_init`` of all its rows.

    It takes three passes, whose sums are merged in the order of the partitions: ranges, first and
    second moments about the middle of the ranges, and Mardia's skewness and kurtosis. Nothing is
    approximated: it differs from that of the rows in memory by rounding.

    Parameters are those of `fit`.

    Raises
    ------
    ValueError
        As `fit` does.
    """
    engine = Engine(partitions_of(collection, columns), client, persist=persist)
    return initial(engine, family, missing)


def fit_from(
    engine: Engine,
    init: MeanVarianceMixture,
    fitter: BatchEMFitter,
    callback: Callable[[BatchReport], bool | None] | None = None,
) -> EMResult[MeanVarianceMixture]:
    """Fit the rows of an engine's partitions from a model."""

    def e_step(model_bytes: bytes) -> bytes:
        return engine.reduced(_e_step, merge_partials, model_bytes)

    return fit_partials(init, e_step, fitter, callback=callback)


def name_of(family: str | type[MeanVarianceMixture]) -> str:
    """Return a family's name.

    Raises
    ------
    TypeError
        For anything but a name or a class of models.
    """
    if isinstance(family, str):
        return family
    if family in get_args(MeanVarianceMixture):
        return family.__name__
    raise TypeError(f"family must be the name or the class of a family, got {family!r}")


def _e_step(rows: Rows, model_bytes: bytes) -> bytes:
    return e_step_partial(model_bytes, rows.named, rows.weights)


def _moments(rows: Rows, request: bytes) -> bytes:
    return _varimix.moment_partial(request, rows.named)


def _merged_moments(left: bytes, right: bytes) -> bytes:
    return _varimix.merge_moments(left, right)


def initial(
    engine: Engine, family: str | type[MeanVarianceMixture], missing: str
) -> MeanVarianceMixture:
    """Return the initial model of the rows of an engine's partitions."""

    def ask(request: bytes) -> bytes:
        return engine.reduced(_moments, _merged_moments, request)

    model = _varimix.default_init_elsewhere(name_of(family), ask, missing)
    return named(model, engine)


def named(model: MeanVarianceMixture, engine: Engine) -> MeanVarianceMixture:
    """Return a model with the names of the engine's columns, unless it has some."""
    names: Names | None = engine.names
    if names is None or model.columns is not None:
        return model
    return model.with_columns(names)
