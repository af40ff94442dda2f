"""Learning a stream: any source of rows, batch by batch, with checkpoints."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from varimix import _varimix
from varimix._varimix import BatchReport, EarlyStopping, EMResult, NormalMixture, OnlineEM
from varimix.progress import progress_bar

if TYPE_CHECKING:
    import pyarrow as pa

AnyModel = TypeVar("AnyModel", bound=NormalMixture)

READ_AHEAD = 4
"""Batches read, on another thread, before they are asked for."""


def fit_stream(
    state: OnlineEM[AnyModel],
    source: Any,
    *,
    batch_size: int = 256,
    passes: int = 1,
    max_steps: int | None = None,
    shuffle_buffer: int = 0,
    columns: Sequence[str | int] | None = None,
    weights: str | None = None,
    time: str | None = None,
    schema: "pa.Schema | None" = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    rule: object | None = None,
    stop_when: EarlyStopping | None = None,
    callback: Callable[[BatchReport], bool | None] | None = None,
    verbose: int = 0,
) -> EMResult[AnyModel]:
    """Learn a stream into ``state``, batch by batch, in memory that does not grow with it.

    Batches have exactly ``batch_size`` rows, the last of a pass may have fewer, however the source
    is cut: the result has the same bits. Rows of weight 0 are left out before. Reading runs ahead
    on another thread, except for iterators, whose rows are read when they are wanted.

    Parameters
    ----------
    state : OnlineEM
        What learns, in place; after an error or Ctrl-C it holds all completed steps.
    source
        An array; a pandas or polars frame; anything with ``__arrow_c_stream__``; a pyarrow
        RecordBatchReader or Dataset; a path or glob of Parquet, Arrow IPC, CSV or .npy files, or a
        list of paths; an iterator of those. Or a function that takes how many rows to leave out
        and returns one of them from there on.
    batch_size, passes : int
        Rows a step, and how often the source is read; both >= 1.
    max_steps : int, optional
        Of this call; all that there are if left out.
    shuffle_buffer : int
        Rows of a buffer in which they are shuffled, by the state's key; 0 for none.
    columns, weights, time : optional
        Names of the columns of X (all that remain, if left out), of the weights, and of the times
        that a rule with a half-life in time needs (timestamps, or seconds).
    schema : pyarrow.Schema, optional
        Types of the columns of CSV files.
    checkpoint : path, optional
        Where the state is saved every ``every`` steps and at the end. A call that finds it there
        goes on after the last row that it had learned, to the same bits as if never stopped; a
        plain iterator is then expected to give all rows, those learned too, which are left out.
    rule : optional
        The state's update rule, if it is a class of yours, to go on from a checkpoint.
    stop_when : EarlyStopping, optional
        Ends the fit when the score of new batches no longer rises.
    callback : callable, optional
        Given a BatchReport after every step; False stops the fit there.
    verbose : int
        > 0 shows progress on a terminal.

    Returns
    -------
    EMResult
        ``log_likelihoods`` holds what every batch had before it was learned.

    Raises
    ------
    ValueError
        For options outside their domains; rows that are not finite (missing='exact' of the state
        takes NaN as missing), naming their place; columns that are gone, renamed or of another
        type, naming file, row group and column; a checkpoint of another start.
    CheckpointError
        For a checkpoint that is damaged or cannot be written.
    OSError
        For a file that cannot be read.
    """
    from varimix.sources import Source, open_source

    def opened(of: Any) -> Source:
        return open_source(of, columns=columns, weights=weights, time=time, schema=schema)

    first = None if callable(source) else opened(source)
    if first is not None and passes > 1 and not first.can_reopen:
        raise ValueError("passes must be 1 for a source that gives its rows once")
    last: list[Source] = []

    def source_at(rows: int) -> object:
        if first is None:
            last[:] = [opened(source(rows))]
            return last[0].stream()
        last[:] = [first]
        return first.stream(rows) if first.array is None else first.array

    try:
        with progress_bar("stream", max_steps or 0, shown=verbose > 0) as progress:
            return _varimix.learn_stream(
                state,
                source_at,
                has_weights=weights is not None,
                has_times=time is not None,
                batch_size=batch_size,
                passes=passes,
                max_steps=max_steps,
                shuffle_buffer=shuffle_buffer,
                read_ahead=0 if first is None or first.is_live else READ_AHEAD,
                checkpoint=checkpoint,
                every=every,
                rule=rule,
                stop_when=stop_when,
                callback=callback,
                progress=progress,
            )
    except RuntimeError as error:
        # An Arrow C stream carries only the text of what went wrong in it.
        if last and last[0].failure is not None and not isinstance(error, _varimix.CheckpointError):
            raise last[0].failure from None
        raise
