"""The rows of partitions.py as collections of dask, computed in this thread."""

from collections.abc import Iterator
from typing import Any

import dask
import numpy as np
import pandas as pd
from dask.delayed import Delayed, delayed
from partitions import NAMES, PARTS, X

FRAME = pd.DataFrame(X, columns=list(NAMES))
COUNTS = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)


def in_this_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


def delayed_parts(parts: Any = PARTS) -> list[Delayed]:
    return [delayed(part) for part in parts]


def holes() -> Any:
    gaps = X.copy()
    gaps[np.random.default_rng(1).random(X.shape) < 0.2] = np.nan
    return gaps
