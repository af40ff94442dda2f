"""Progress of long work: shown on a terminal, silent in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    description: str, total: int, *, shown: bool
) -> Iterator[Callable[[int], None] | None]:
    """Yield a function that takes the steps done so far, or None if nothing is to be shown.

    Nothing is shown unless ``shown`` is true and standard error is a terminal.
    """
    if not (shown and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)
