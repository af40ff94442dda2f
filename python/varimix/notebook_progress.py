"""Progress of long work in a notebook: one line of text, which is replaced as work goes on."""

from __future__ import annotations

import builtins
import importlib
import time
from typing import Any

PAUSE = 0.2
"""Least seconds between two texts: each is a message to the reader's browser."""


def is_notebook() -> bool:
    """Return whether a notebook's kernel runs this, and not IPython on a terminal."""
    shell = getattr(builtins, "get_ipython", None)  # IPython puts it there
    if shell is None:
        return False
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell()).__mro__)


class NotebookLine:
    """A line under a cell of a notebook."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown_at = -PAUSE
        self._waiting: str | None = None

    def show(self, text: str) -> None:
        """Replace the line by ``text``, now or, if the last text is young, by a later one."""
        self._waiting = text
        if time.monotonic() - self._shown_at >= PAUSE:
            self.finish()

    def finish(self) -> None:
        """Show the last text that was given."""
        if self._waiting is None:
            return
        display: Any = importlib.import_module("IPython.display").display
        line = {"text/plain": self._waiting}
        if self._handle is None:
            self._handle = display(line, raw=True, display_id=True)
        else:
            self._handle.update(line, raw=True)
        self._waiting, self._shown_at = None, time.monotonic()
