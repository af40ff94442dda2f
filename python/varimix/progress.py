"""Progress of long work: shown on a terminal or in a notebook, silent in a pipe."""

import builtins
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from varimix.extras import require_extra

THOUSAND = 1000
BAR_WIDTH = 20  # characters: a line of 80 has room for the numbers


@contextmanager
def progress_bar(
    description: str, total: int, *, shown: bool
) -> Iterator[Callable[[int], None] | None]:
    """Yield a function that takes the steps done so far, or None if nothing is to be shown.

    Nothing is shown unless ``shown`` is true and somebody can see it: standard error is a terminal,
    or a notebook runs this.
    """
    if not (shown and _is_seen()):
        yield None
        return
    require_extra("rich", "cli", "progress")
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)


RowsBar = Callable[[int, int, float | None], None]
"""Takes the rows of a pass done so far, how many of them were done before, and the log score in
nats per row, or None."""


@contextmanager
def rows_bar(
    description: str, total: Callable[[], int | None], *, shown: bool
) -> Iterator[RowsBar | None]:
    """Yield a function that shows rows, rows per second, log score and time left, or None.

    Rows that were done before count neither as done nor as rows to do. ``total`` gives the number
    of all rows of a pass, or None if nothing but reading them can tell: then there is neither a
    percentage nor a time left. It is asked when there is something to show. Nothing is shown where
    `progress_bar` shows nothing.
    """
    if not (shown and _is_seen()):
        yield None
        return
    require_extra("rich", "cli", "progress")
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=BAR_WIDTH),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=None, words="")
        yield _RowsShown(progress, task, total)


class _RowsShown:
    def __init__(self, progress: Any, task: Any, total: Callable[[], int | None]) -> None:
        self._progress = progress
        self._task = task
        self._total = total
        self._start = time.monotonic()
        self._done = -1

    def __call__(self, done: int, before: int, score: float | None) -> None:
        if self._done < 0:  # the first call
            rows = self._total()
            left = None if rows is None else rows - before
            self._progress.update(self._task, total=left)
        elif done < self._done:  # another pass began
            self._start = time.monotonic()
            self._progress.reset(self._task, total=self._total())
        self._done = done
        new = done - before
        speed = new / (time.monotonic() - self._start)
        words = f"{new:,} rows, {_short(speed)} rows/s"
        if score is not None:
            words += f", log score {score:.4f}"
        self._progress.update(self._task, completed=new, words=words)


def _is_seen() -> bool:
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    if not hasattr(builtins, "get_ipython"):  # IPython puts it there, rich looks for it there
        return False
    require_extra("rich", "cli", "progress")
    from rich.console import Console

    return Console().is_jupyter


def _short(number: float) -> str:
    """Return a number with three digits or so, and k, M or G for its thousands."""
    for unit in ("", "k", "M"):
        if number < THOUSAND:
            return f"{number:.3g}{unit}"
        number /= THOUSAND
    return f"{number:.3g}G"
