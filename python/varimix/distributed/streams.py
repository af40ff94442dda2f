"""Streams on partitions: forks of one state, each with its own rows, merged now and then."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from varimix._varimix import MeanVarianceMixture, OnlineEM
from varimix.distributed.engine import Engine
from varimix.distributed.partials import merge_in_order
from varimix.distributed.partitions import Collection, Label, Rows, partitions_of
from varimix.rows import AnyRows, NamedRows

if TYPE_CHECKING:
    from distributed import Client

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)


def fit_stream(
    state: OnlineEM[AnyModel],
    collection: Collection,
    client: Client | None = None,
    *,
    forks: int,
    sync_every: int,
    batch_size: int = 256,
    columns: Sequence[Label] | None = None,
    weights: Any = None,
    persist: bool = False,
) -> OnlineEM[AnyModel]:
    """Return a state that learned a collection once, in ``forks`` forks side by side.

    Partition k belongs to fork k modulo ``forks``. Each fork learns its partitions in their order,
    batch by batch; whenever each has learned ``sync_every`` rows, or has none left, the forks are
    merged in the order of a fixed tree, and parted anew. The result has the same bits for any
    number of workers, given the partitions, ``forks`` and ``sync_every``.

    A frozen state (``OnlineEM(..., SampleWeightedUpdate(), frozen=True)``) gathers what one state
    would have, to rounding. A state that moves does not: between two merges each fork knows only
    its own rows. How much that costs is measured in docs/distributed.md, with what follows.

    Parameters
    ----------
    state : OnlineEM
        The state to begin with, of a rule that averages; it does not change.
    forks : int
        Number of forks, >= 1.
    sync_every : int
        Rows that each fork learns between two merges, >= 1. A partition that is cut by a merge is
        read again after it, unless ``persist``.
    batch_size : int
        Rows of a step, >= 1; the last before a merge, and of a partition, may have fewer.
    weights : optional
        As in `fit`; rows of weight 0 are left out before batches are made.

    The others are those of `fit`.

    Raises
    ------
    ValueError
        As `fit` does, and for a rule whose states do not merge.
    TypeError
        If ``state`` is no OnlineEM, or a number is none.
    """
    if not isinstance(state, OnlineEM):
        raise TypeError(f"state must be an OnlineEM, got {type(state).__name__}")
    counts = {"forks": forks, "sync_every": sync_every, "batch_size": batch_size}
    for name, count in counts.items():
        if operator.index(count) < 1:
            raise ValueError(f"{name} must be >= 1, got {count}")
    partitions = partitions_of(collection, columns, weights)
    engine = Engine(partitions, client, persist=persist, order=state.columns)
    merged = OnlineEM.from_bytes(state.to_bytes())
    cursors = [_Cursor(first, forks) for first in range(min(forks, len(engine)))]
    while any(cursor.partition < len(engine) for cursor in cursors):
        merged = _advance(engine, merged, cursors, sync_every, batch_size)
    return merged


@dataclass
class _Cursor:
    """The place of a fork: a partition, and the first row in it that was not learned."""

    partition: int
    step: int
    row: int = 0

    def move(self, learned: int, rows: int) -> None:
        self.row += learned
        if self.row >= rows:
            self.partition, self.row = self.partition + self.step, 0


def _advance(
    engine: Engine,
    state: OnlineEM[AnyModel],
    cursors: Sequence[_Cursor],
    sync_every: int,
    batch_size: int,
) -> OnlineEM[AnyModel]:
    """Return the merge of forks that each learned ``sync_every`` rows, or all that it had left."""
    forks = [state.fork() for _ in cursors]
    left = [sync_every] * len(cursors)
    while True:
        going = [
            k for k, cursor in enumerate(cursors) if left[k] > 0 and cursor.partition < len(engine)
        ]
        if not going:
            break
        tasks = [
            engine.task(cursors[k].partition, _learn, forks[k], cursors[k].row, left[k], batch_size)
            for k in going
        ]
        for k, (learned_state, learned, rows) in zip(going, engine.compute(tasks), strict=True):
            forks[k] = learned_state
            left[k] -= learned
            cursors[k].move(learned, rows)
    return merge_in_order(forks, _merged)


def _merged(left: OnlineEM[AnyModel], right: OnlineEM[AnyModel]) -> OnlineEM[AnyModel]:
    left.merge(right)
    return left


def _learn(
    rows: Rows, state: OnlineEM[AnyModel], first: int, most: int, batch_size: int
) -> tuple[OnlineEM[AnyModel], int, int]:
    """Return the state after rows first, ..., the rows that it learned, and those that there are.

    Rows of weight 0 are none of them.
    """
    X, weights, numbers = rows.X, rows.weights, None
    if weights is not None:
        if len(weights) != len(X):
            raise ValueError(f"weights must be one a row, {len(X)}, got {len(weights)}")
        numbers = np.flatnonzero(weights != 0.0)
        X, weights = X[numbers], weights[numbers]
    end = min(first + most, len(X))
    for begin in range(first, end, batch_size):
        part = slice(begin, min(begin + batch_size, end))
        batch: AnyRows = NamedRows(X[part], rows.names)
        try:
            state.update(batch, None if weights is None else weights[part])
        except ValueError as error:
            raise ValueError(_in_partition(str(error), begin, numbers)) from error
    return state, end - first, len(X)


def _in_partition(message: str, begin: int, numbers: NDArray[np.intp] | None) -> str:
    """Return a message about a row of a batch with the row's number in the partition."""

    def renumbered(row: re.Match[str]) -> str:
        number = begin + int(row[1])
        return f"in row {number if numbers is None else numbers[number]}"

    return re.sub(r"in row ([0-9]+)", renumbered, message, count=1)
