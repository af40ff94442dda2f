"""Compares K_nu(z) as a library gives it with exact values."""

import sys
from dataclasses import dataclass

import numpy as np
from special_points import Floats
from special_truth import (
    DLOG_DNU,
    INV_Y,
    LOG_K,
    LOG_NORMALIZER,
    LOG_SCALED,
    LOG_Y,
    RATIO_MINUS,
    RATIO_PLUS,
    Truth,
    Y,
)

SMALLEST = sys.float_info.min
LOG_Y_UNIT = 16.0  # as in bessel_table.hpp: the error of log_y is absolute up to this |log_y|

# The four values of a method are one of these.
SCALED = (LOG_SCALED, RATIO_MINUS, RATIO_PLUS, DLOG_DNU)
UNSCALED = (LOG_K, RATIO_MINUS, RATIO_PLUS, DLOG_DNU)
MOMENTS = (LOG_NORMALIZER, INV_Y, Y, LOG_Y)
RATIOS = (RATIO_MINUS, RATIO_PLUS, INV_Y, Y)

# The promises of bessel_k.hpp and bessel_table.hpp for log K or log_normalizer, the two ratios and
# the derivative.
ARRAY_PROMISE = (1e-13, 1e-13, 1e-13, 1e-13)
TABLE_PROMISE = (1e-13, 1e-14, 1e-14, 1e-14)


@dataclass(frozen=True)
class Accuracy:
    """The largest error of each of a method's four values over the points without a failure."""

    errors: tuple[float, float, float, float]
    failures: int
    points: int

    def keeps(self, promise: tuple[float, float, float, float]) -> bool:
        """Return whether no point failed and no error is larger than promised."""
        within = all(error <= most for error, most in zip(self.errors, promise, strict=True))
        return within and self.failures == 0


def scale(column: int, truth: Truth) -> Floats:
    """Return the values to which errors of this column are relative."""
    size = np.abs(truth.high[:, column])
    if column in RATIOS:
        return size
    if column == LOG_NORMALIZER:  # the larger of its two parts, which may cancel
        log_scaled = truth.high[:, LOG_SCALED]
        size = np.maximum(np.abs(log_scaled), np.abs(truth.high[:, column] - log_scaled))
    return np.maximum(1.0, size / LOG_Y_UNIT if column == LOG_Y else size)


def accuracy(values: Floats, columns: tuple[int, int, int, int], truth: Truth) -> Accuracy:
    """Compare `values`, a row for each point, with these columns of the truth.

    A point fails if a value is NaN or infinite where the exact one is a normal double, or a ratio
    is 0 there; where the exact one is no normal double, only NaN fails.
    """
    failed = np.zeros(len(values), dtype=bool)
    relative = np.zeros(values.shape)
    for place, column in enumerate(columns):
        value, high, low = values[:, place], truth.high[:, column], truth.low[:, column]
        size = np.abs(high)
        bounded = np.isfinite(high)
        if column in RATIOS:
            bounded &= size >= SMALLEST
            failed |= bounded & (value == 0.0)
        failed |= np.isnan(value) | (bounded & np.isinf(value))
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            error = np.abs((value - high) - low) / scale(column, truth)
        relative[:, place] = np.where(bounded, error, 0.0)
    kept = relative[~failed]
    worst = kept.max(axis=0) if len(kept) else np.full(len(columns), np.nan)
    log_k, minus, plus, slope = (float(error) for error in worst)
    return Accuracy((log_k, minus, plus, slope), int(failed.sum()), len(values))
