"""Layouts in memory of the same rows, which several tests need."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


def unaligned(x: Rows) -> Rows:
    """Return doubles that start one byte after a multiple of 8."""
    buffer = np.zeros(x.nbytes + 1, dtype=np.uint8)
    view = buffer[1:].view(np.float64).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned
    return view


def read_only(x: Rows) -> Rows:
    view = x.copy()
    view.setflags(write=False)
    return view
