"""Work on partitions, done by dask: one task a partition, and trees of merges that it fixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dask.base import compute, persist
from dask.delayed import Delayed, delayed

from varimix.distributed.partials import merge_in_order
from varimix.distributed.partitions import Partitions, Reading, Rows
from varimix.names import Names

if TYPE_CHECKING:
    from distributed import Client

Value = TypeVar("Value")

FAN_IN = 8
"""Values that a task merges: a power of 2, so that its tree is a part of the tree of all."""


@dataclass(frozen=True)
class Mistake:
    """A caller's mistake in the rows of a partition; it travels as a value, not as a traceback."""

    partition: int
    message: str
    is_type: bool

    def error(self) -> ValueError | TypeError:
        """Return the error that names the partition."""
        kind = TypeError if self.is_type else ValueError
        return kind(f"partition {self.partition}: {self.message}")


def _on_partition(
    work: Callable[..., Any],
    number: int,
    reading: Reading,
    names: Names | None,
    d: int | None,
    part: Any,
    weights: Any,
    *arguments: Any,
) -> Any:
    """Return what ``work`` makes of the rows of a partition, or the mistake that these hold."""
    try:
        if isinstance(part, Mistake):  # of a partition that is kept
            return part
        rows = reading(part, weights, names)
        if d is not None and rows.X.shape[1] != d:
            raise ValueError(f"X must have {d} columns, as partition 0, got {rows.X.shape[1]}")
        return work(rows, *arguments)
    except OSError:
        raise
    except (ValueError, TypeError) as error:
        return Mistake(number, str(error), isinstance(error, TypeError))


def _merged(merge: Callable[[Any, Any], Any], values: Sequence[Any]) -> Any:
    mistakes = [value for value in values if isinstance(value, Mistake)]
    return mistakes[0] if mistakes else merge_in_order(values, merge)


class Engine:
    """Runs functions of the rows of partitions.

    Parameters
    ----------
    partitions : Partitions
        What is worked on.
    client : distributed.Client, optional
        Where to run; if left out, dask's own choice: the client in use, else a local scheduler.
    persist : bool
        True to read every partition once and keep its rows on the worker that read it; False to
        read it anew in every pass, so that a worker holds one partition at a time.
    order : tuple of str, optional
        Names of the columns in the order in which they are wanted; by default that of the first
        partition.

    Attributes
    ----------
    names : tuple of str or None
        Names of the columns of all rows, in their order.
    d : int
        Number of columns.
    """

    def __init__(
        self,
        partitions: Partitions,
        client: Client | None,
        *,
        persist: bool,
        order: Names | None = None,
    ) -> None:
        if client is not None and not hasattr(client, "compute"):
            raise TypeError(f"client must be a distributed.Client or None, got {client!r}")
        self._client = client
        self._partitions = partitions
        self.names = order
        self.d: int | None = None
        self.names, self.d = self.compute([self.task(0, _columns)])[0]
        if persist:
            kept = self._keep(self.tasks(_itself))
            self._partitions = Partitions(tuple(kept), None, partitions.reading)

    def __len__(self) -> int:
        return len(self._partitions)

    def task(self, number: int, work: Callable[..., Any], *arguments: Any) -> Delayed:
        """Return work(rows, *arguments) of one partition, not computed yet.

        Its mistakes are values: `Mistake`.
        """
        return self._task(number, work, arguments)

    def tasks(self, work: Callable[..., Any], *arguments: Any) -> list[Delayed]:
        """Return what `task` does of every partition, in their order."""
        shared = [delayed(argument) for argument in arguments]  # sent once to a worker
        return [self._task(number, work, shared) for number in range(len(self))]

    def on_each(self, work: Callable[..., Value], *arguments: Any) -> list[Value]:
        """Return work(rows, *arguments) of every partition, in their order.

        Raises
        ------
        ValueError or TypeError
            For a mistake in the rows, naming the first partition that has one.
        """
        return self.compute(self.tasks(work, *arguments))

    def reduced(
        self, work: Callable[..., Value], merge: Callable[[Value, Value], Value], *arguments: Any
    ) -> Value:
        """Return the values of all partitions merged as `merge_in_order` does, on the workers.

        Raises
        ------
        ValueError or TypeError
            As `on_each` does.
        """
        level = self.tasks(work, *arguments)
        while len(level) > 1:
            groups = [level[i : i + FAN_IN] for i in range(0, len(level), FAN_IN)]
            level = [delayed(partial(_merged, merge), pure=False)(group) for group in groups]
        value: Value = self.compute(level)[0]
        return value

    def compute(self, tasks: Sequence[Delayed]) -> list[Any]:
        """Return the values of tasks; raises as `on_each` does."""
        if self._client is None:
            values = list(compute(*tasks))
        else:
            values = self._client.gather(self._client.compute(list(tasks)))
        for value in values:
            if isinstance(value, Mistake):
                raise value.error()
        return values

    def _task(self, number: int, work: Callable[..., Any], arguments: Sequence[Any]) -> Delayed:
        of = self._partitions
        weights = None if of.weights is None else of.weights[number]
        # dask looks for tasks within every argument, but not within the function: that is faster
        run = partial(_on_partition, work, number, of.reading, self.names, self.d)
        task: Delayed = delayed(run, pure=False)(of.parts[number], weights, *arguments)
        return task

    def _keep(self, tasks: Sequence[Delayed]) -> Sequence[Delayed]:
        if self._client is None:
            return list(persist(*tasks))
        kept: list[Delayed] = self._client.persist(list(tasks))
        return kept


def _itself(rows: Rows) -> Rows:
    return rows


def _columns(rows: Rows) -> tuple[Names | None, int]:
    return rows.names, rows.X.shape[1]
