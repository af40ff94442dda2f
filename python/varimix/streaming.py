"""Learning a stream: any source of rows, batch by batch, with checkpoints."""

import operator
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from varimix import _varimix
from varimix._varimix import (
    BatchReport,
    BootstrapEM,
    BootstrapResult,
    EarlyStopping,
    EMResult,
    MeanVarianceMixture,
    OnlineEM,
)
from varimix.learned_states import columns_in_order, fit_of, require_state, show
from varimix.names import Names
from varimix.progress import rows_bar

if TYPE_CHECKING:
    import pyarrow as pa

    from varimix.sources import Source

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)

READ_AHEAD = 4
"""Batches that another thread reads before they are asked for."""


@overload
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
    csv: Mapping[str, Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    rule: object | None = None,
    stop_when: EarlyStopping | None = None,
    callback: Callable[[BatchReport], bool | None] | None = None,
    verbose: int = 0,
) -> EMResult[AnyModel]: ...
@overload
def fit_stream(
    state: BootstrapEM[AnyModel],
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
    csv: Mapping[str, Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    rule: object | None = None,
    stop_when: EarlyStopping | None = None,
    callback: Callable[[BatchReport], bool | None] | None = None,
    verbose: int = 0,
) -> BootstrapResult[AnyModel]: ...
def fit_stream(
    state: OnlineEM[AnyModel] | BootstrapEM[AnyModel],
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
    csv: Mapping[str, Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    rule: object | None = None,
    stop_when: EarlyStopping | None = None,
    callback: Callable[[BatchReport], bool | None] | None = None,
    verbose: int = 0,
) -> EMResult[AnyModel]:
    """Learn a stream into ``state``, batch by batch, in memory that does not grow with it.

    Every batch has exactly ``batch_size`` rows, but the last of a pass may have fewer. The result
    has the same bits however the source is cut into pieces. Rows of weight 0 are left out before
    batches are made. Reading runs ahead on another thread, except for iterators, whose rows are
    read when they are wanted.

    Parameters
    ----------
    state : OnlineEM or BootstrapEM
        State that learns, in place; after an error or Ctrl-C it holds all completed steps. Of a
        BootstrapEM the number of a row in the source keys its weights, so that a row has one
        weight in a replica in all ``passes``, shuffled or not, and after a stop. A call that finds
        no checkpoint begins with rows of new numbers: it cannot know that they are the same.
    source
        An array; a pandas or polars frame; anything with ``__arrow_c_stream__``; a pyarrow
        RecordBatchReader or Dataset; a path or glob of Parquet, Arrow IPC, CSV or .npy files, or a
        list of paths; an iterator of those; a result of ``open_source``; or a function that takes
        the number of rows to leave out and returns one of the former from there on. X has as many
        columns as the state. If both have names, X is put into the order of ``state.columns``;
        a state without names takes those of the source.
    batch_size, passes : int
        Rows per step, and number of times that the source is read; both >= 1.
    max_steps : int, optional
        Greatest number of steps in this call; if left out, the source is read to its end.
    shuffle_buffer : int
        Rows of a buffer in which rows are shuffled, by the state's key; 0 for no shuffling.
    columns, weights, time : optional
        Names of the columns of X (if left out, all others), of the weights, and of the times that
        a rule with a half-life in time needs (timestamps, or seconds).
    schema : pyarrow.Schema, optional
        Types of the columns of CSV files.
    csv : dict, optional
        Options of pyarrow.csv, by name, for reading CSV files:
        ``{"delimiter": ";", "decimal_point": ","}``; see ``open_source``.
    checkpoint : path, optional
        File in which the state is saved every ``every`` steps and at the end. A call that finds
        one goes on after the last row that the saved state had learned, to the same bits as if it
        had never stopped; rows that ``state`` has learned since then are learned again. If the
        saved state had come to the end of the source, the call learns the rows that the source has
        got since. The place is kept for each file (known by its path, as it was given) and each
        table (known by its first row): new ones are learned wherever they come, and in one that
        has grown the new rows are learned. A plain iterator has to give all rows again; those
        learned before are left out.
    rule : optional
        The state's update rule, needed to go on from a checkpoint if its class is yours. If it is
        inside a Shrinkage or a PolyakAverage, this is the inner rule itself. Not of a BootstrapEM.
    stop_when : EarlyStopping, optional
        Ends the fit when the score of new batches no longer rises.
    callback : callable, optional
        Called with a BatchReport after every step; if it returns False, the fit stops.
    verbose : int
        A value > 0 shows progress on a terminal and in a notebook: rows, rows per second and the
        recent log score; for arrays, Parquet and .npy files also the percentage and the time left.

    Returns
    -------
    EMResult, or of a BootstrapEM a BootstrapResult
        ``log_likelihoods`` holds the mean of every batch before it was learned, nats per row. A
        BootstrapResult is the EMResult of the fit with the rows' own weights, with the bootstrap:
        ``result.state.inference()`` has the errors of ``result.model``.

    Raises
    ------
    ValueError
        For options outside their domains; another number of columns than the state's, or others
        (the message lists both); numbers
        that are not finite (a state with missing='exact' takes NaN as missing), naming the row of
        the source, counted from 0, with file, row group and column; columns that are gone, renamed
        or of another type; a checkpoint of a fit with another start; a file or table that was
        learned and is gone, in another order, or shorter. If no step was taken, the state is
        unchanged.
    TypeError
        For a state that is none, and options of another type.
    CheckpointError
        For a checkpoint that is damaged or cannot be written.
    OSError
        For a file that cannot be read.
    """
    from varimix.sources import open_source
    from varimix.sources.blocks import NothingCameError
    from varimix.sources.reading import Start

    if checkpoint is not None and not os.fspath(checkpoint):
        raise ValueError(f"checkpoint must be a path, or None, got {checkpoint!r}")
    require_state(state)
    d = fit_of(state).driving_model.d  # names, and their order, may come from a checkpoint
    for name, column in (("weights", weights), ("time", time)):
        if not (column is None or isinstance(column, str | int | np.integer)):
            raise TypeError(f"{name} must be the name of a column, got {type(column).__name__}")
    counts = {
        "batch_size": batch_size, "passes": passes, "shuffle_buffer": shuffle_buffer,
        "every": every, "max_steps": 0 if max_steps is None else max_steps,
    }  # fmt: skip
    for name, count in counts.items():
        try:
            operator.index(count)
        except TypeError:
            raise TypeError(f"{name} must be a whole number, got {count!r}") from None
    if not (stop_when is None or isinstance(stop_when, EarlyStopping)):
        raise TypeError(f"stop_when must be an EarlyStopping, or None, got {stop_when!r}")

    def opened(of: Any) -> "Source":
        return open_source(of, columns=columns, weights=weights, time=time, schema=schema, csv=csv)

    first = None if callable(source) else opened(source)
    if first is not None and passes > 1 and not first.can_reopen:
        raise ValueError("passes must be 1 for a source that gives its rows once")
    if first is not None and not first.is_live:
        columns_in_order(first, d, state.columns)
    last: list[Source] = []
    learned_before: list[int] = []  # rows at the start of each pass

    def open_at(
        learned: list[tuple[str, int]], read: list[tuple[str, int]] | None, to_end: bool, begin: Any
    ) -> tuple[object, Names | None]:
        rows = sum(of_item for _, of_item in learned)
        learned_before.append(rows)
        if first is not None:
            last[:] = [first]
            order = columns_in_order(first, d, state.columns)
            return first.rows_from(Start(learned, read, to_end), begin, order), order
        last[:] = [opened(source(rows))]
        try:
            order = columns_in_order(last[0], d, state.columns)
        except NothingCameError:
            if rows == 0:
                raise
            return np.empty((0, d)), None
        given = last[0].rows_from(Start(row=rows), lambda *_: None, order)
        begin(0, max(len(learned) - 1, 0), learned[-1][0] if learned else "", not learned)
        return given, order

    def place(row: int, column: int) -> str:
        return last[0].place(row, column, state.columns)

    is_weighted = weights is not None or (first is not None and first.weights is not None)
    is_timed = time is not None or (first is not None and first.time is not None)

    def known_rows() -> int | None:
        rows = None if first is None else first.rows
        if rows is None or max_steps is None:
            return rows
        return min(rows, sum(learned_before[:1]) + max_steps * batch_size)

    words = "learning" if passes == 1 else f"a pass of {passes}"
    try:
        with rows_bar(words, known_rows, shown=verbose > 0) as bar:
            return _varimix.learn_stream(
                state,
                open_at,
                place,
                has_weights=is_weighted,
                has_times=is_timed,
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
                progress=None if bar is None else partial(show, bar, state, learned_before),
            )
    except RuntimeError as error:
        # An Arrow C stream carries only the text of what went wrong in it.
        if last and last[0].failure is not None and not isinstance(error, _varimix.CheckpointError):
            raise last[0].failure from None
        raise
