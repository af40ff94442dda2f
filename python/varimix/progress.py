"""Progress of long work: shown on a terminal or in a notebook, silent in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from varimix.extras import require_extra
from varimix.notebook_progress import NotebookLine, is_notebook

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
    if is_notebook():
        with _line() as line:
            yield lambda done: line.show(f"{description}: {_share(done, total)}")
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
    if is_notebook():
        with _line() as line:
            yield _RowsShown(partial(_show_in_line, line, description), total)
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

        def show(done: int, rows: int | None, speed: float, words: str, *, is_anew: bool) -> None:
            if is_anew:
                progress.reset(task, total=rows)
            progress.update(task, total=rows, completed=done, words=words)

        yield _RowsShown(show, total)


class _RowsShown:
    """Counts rows and their speed, and gives ``show`` what is to be shown of them."""

    def __init__(self, show: Callable[..., None], total: Callable[[], int | None]) -> None:
        self._show = show
        self._count = total
        self._total: int | None = None
        self._start = time.monotonic()
        self._done = -1

    def __call__(self, done: int, before: int, score: float | None) -> None:
        is_first, is_anew = self._done < 0, done < self._done  # another pass began
        if is_first:
            rows = self._count()
            self._total = None if rows is None else rows - before
        elif is_anew:
            self._start = time.monotonic()
            self._total = self._count()
        self._done = done
        new = done - before
        speed = new / (time.monotonic() - self._start)
        words = f"{new:,} rows, {_short(speed)} rows/s"
        if score is not None:
            words += f", log score {score:.4f}"
        self._show(new, self._total, speed, words, is_anew=is_anew)


@contextmanager
def _line() -> Iterator[NotebookLine]:
    line = NotebookLine()
    try:
        yield line
    finally:
        line.finish()


def _show_in_line(
    line: NotebookLine,
    description: str,
    done: int,
    rows: int | None,
    speed: float,
    words: str,
    *,
    is_anew: bool,
) -> None:
    if rows is not None and speed > 0:
        words = f"{_share(done, rows)}, {words}, {max(rows - done, 0) / speed:,.0f} s left"
    line.show(f"{description}: {words}")


def _share(done: int, total: int) -> str:
    return f"{100 * done / total:.0f}%" if total > 0 else "100%"


def _is_seen() -> bool:
    return is_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _short(number: float) -> str:
    """Return a number with three digits or so, and k, M or G for its thousands."""
    for unit in ("", "k", "M"):
        if number < THOUSAND:
            return f"{number:.3g}{unit}"
        number /= THOUSAND
    return f"{number:.3g}G"
