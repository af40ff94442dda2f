"""Weights of rows: their check, and rows that stand for them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

REPEATS_PER_ROW = 8
"""Rows that stand for a weighted one at the start, on average, at most: it bounds memory."""


def checked_weights(
    sample_weight: ArrayLike | None, n: int, least: int
) -> NDArray[np.float64] | None:
    """Return the weights as float64 (n).

    Raises
    ------
    ValueError
        For another shape, numbers that are not finite and >= 0, or fewer than ``least`` > 0.
    """
    if sample_weight is None:
        if n < least:
            raise ValueError(f"X must have at least {least} rows to start from, got {n}")
        return None
    weights: NDArray[np.float64] = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (n,):
        raise ValueError(f"sample_weight must be of shape ({n},), as X, got {weights.shape}")
    if weights.min() < 0:
        raise ValueError(f"sample_weight must be >= 0, got {weights.min()}")
    positive = int((weights > 0).sum())
    if positive < max(least, 1):
        raise ValueError(
            f"sample_weight must be > 0 for at least {max(least, 1)} rows, got "
            f"{n - positive} of {n} that are zero"
        )
    return weights


def rows_by_weight(X: NDArray[Any], weights: NDArray[np.float64] | None) -> NDArray[Any]:
    """Return rows of X, each as often as its weight says: what needs rows can then use weights.

    Whole weights count exactly. Of others, n rows are taken at equal distances along the
    cumulated weight, so that a row comes within one of n w_i / sum(w) times.
    """
    if weights is None or (weights[0] > 0 and np.all(weights == weights[0])):
        return X
    mean = np.mean(weights / len(weights)) * len(weights)  # a sum of weights may overflow
    if mean <= REPEATS_PER_ROW and np.all(weights == np.floor(weights)):
        counts = weights.astype(np.int64)
    else:
        share = np.cumsum(weights / weights.max())
        ends = np.floor(share / share[-1] * len(X) + 0.5).astype(np.int64)
        counts = np.diff(ends, prepend=0)
    return np.repeat(X, counts, axis=0)
