"""EM over rows in parts, on any engine: what a part of the rows adds, its merge, and the M-step.

Everything is bytes in and bytes out, with a version and a checksum, so that an engine needs no
type of varimix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from varimix import _varimix
from varimix._varimix import BatchReport, EMResult, MeanVarianceMixture
from varimix.batch_em_fitter import BatchEMFitter
from varimix.progress import progress_bar
from varimix.rows import AnyRows

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)
Value = TypeVar("Value")


def model_bytes(model: MeanVarianceMixture, missing: str = "error") -> bytes:
    """Return a model as the bytes that `e_step_partial` takes.

    Parameters
    ----------
    model : MeanVarianceMixture
        A model of any family; names of its columns go with it.
    missing : str
        'error': NaN is an error; 'exact': NaN is a value missing at random.

    Raises
    ------
    ValueError
        For another meaning of NaN.
    """
    return _varimix.model_bytes(model, missing)


def model_from_bytes(data: bytes) -> MeanVarianceMixture:
    """Return the model whose bytes `model_bytes` or `m_step` gave, equal in every bit.

    Raises
    ------
    CheckpointError
        For bytes that are damaged, newer than this build, or of anything else (also a ValueError).
    """
    return _varimix.model_from_bytes(data)


def e_step_partial(model_bytes: bytes, rows: AnyRows, weights: ArrayLike | None = None) -> bytes:
    """Return what some rows add to the E-step at a model: a partial.

    It has the means of the statistics eta of the rows (n, d), about the model's location, their
    weight, and the mean log-likelihood; with that what a fit has to know of its rows: how many
    there are, the range of each column, the row of highest density. Its bits depend on the rows,
    their weights and the model alone. No rows give a partial of some forty bytes, the identity of
    merges; d columns give about 9 (3 + 3d + d(d+1)/2) bytes and some hundreds.

    Parameters
    ----------
    model_bytes : bytes
        The result of `model_bytes`, of `m_step`, or what a fit hands to its ``e_step``.
    rows
        An array, frame, table or anything else that ``fit_stream`` takes; columns with names are
        put into the model's order.
    weights : array, optional
        One a row (n), finite and >= 0. A row of weight 0 counts as absent.

    Raises
    ------
    ValueError
        For another number of columns, or others; for NaN (unless missing), infinity, or weights
        outside their domain: the message names row and column.
    CheckpointError
        For bytes that are no model's (also a ValueError).

    Notes
    -----
    Cost: an E-step, O(n d^2), and, where a fit begins or ends, a pass over the rows.
    """
    return _varimix.e_step_partial(model_bytes, rows, weights)


def merge_partials(left: bytes, right: bytes) -> bytes:
    """Return the partial of the rows of both, the left's first.

    The partial of no rows, on either side, gives the other side to the bit. Means are merged by
    weight: merges in another order differ by rounding, so an engine whose results are to have the
    same bits for any number of workers must fix the order, as `merge_in_order` does.

    Raises
    ------
    ValueError
        For partials of different models.
    CheckpointError
        For bytes that are no partial (also a ValueError).
    """
    return _varimix.merge_partials(left, right)


def merge_in_order(values: Iterable[Value], merge: Callable[[Value, Value], Value]) -> Value:
    """Return values merged pairwise by their index: 0 with 1, 2 with 3, then these, and so on.

    The tree depends on the number of values alone. An engine may merge any aligned 2^k of them on
    their own and get the same tree.

    Raises
    ------
    ValueError
        If there are no values.
    """
    level = list(values)
    if not level:
        raise ValueError("partials must be one or more, got none")
    while len(level) > 1:
        pairs = [merge(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs) :]
    return level[0]


def m_step(partials: bytes | Sequence[bytes]) -> bytes:
    """Return the model, as bytes, of the M-step of all rows: one step of plain EM.

    Parameters
    ----------
    partials : bytes or sequence of bytes
        A merged partial, or those of all parts in their order, which `merge_in_order` merges.

    Raises
    ------
    ValueError
        For no rows, and for statistics that no law of the family has.
    CheckpointError
        For bytes that are no partial (also a ValueError).
    """
    merged = partials if isinstance(partials, bytes) else merge_in_order(partials, merge_partials)
    return _varimix.m_step(merged)


def fit_partials(
    model: AnyModel,
    e_step: Callable[[bytes], bytes],
    fitter: BatchEMFitter | None = None,
    *,
    callback: Callable[[BatchReport], bool | None] | None = None,
) -> EMResult[AnyModel]:
    """Fit by accelerated EM the rows that ``e_step`` knows: BatchEMFitter on any engine.

    The loop, the stopping rule, the statuses and the result are those of ``fitter.fit(model, X)``.

    Parameters
    ----------
    model : MeanVarianceMixture
        The initial model, of any family.
    e_step : callable
        Takes bytes and returns the merged `e_step_partial` of all parts for them. It is called
        once a pass, in this thread.
    fitter : BatchEMFitter, optional
        The options; BatchEMFitter() if left out.
    callback : callable, optional
        Called with a report after every pass; if it returns False, the fit stops.

    Raises
    ------
    ValueError
        For no rows, weights that are all 0, and a partial that answers another question.
    TypeError
        If ``e_step`` returns anything but bytes, or ``fitter`` is no BatchEMFitter.
    """
    if not callable(e_step):
        raise TypeError(f"e_step must be callable, got {e_step!r}")
    chosen = BatchEMFitter() if fitter is None else fitter
    if not isinstance(chosen, BatchEMFitter):
        raise TypeError(f"fitter must be a BatchEMFitter or None, got {fitter!r}")
    with progress_bar("batch EM", chosen.max_iter, shown=chosen.verbose > 0) as progress:
        return _varimix.fit_elsewhere(chosen, model, e_step, progress, callback)


def describe_partial(partial: bytes) -> dict[str, Any]:
    """Return what a partial holds: 'rows', 'weight', 'log_likelihood' (mean, nats), 'eta'.

    Raises
    ------
    CheckpointError
        For bytes that are no partial (also a ValueError).
    """
    return _varimix.describe_partial(partial)
