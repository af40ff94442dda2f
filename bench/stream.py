"""Measures rows a second and memory of a stream of rows that are made as they are learned.

    ./scripts/bench stream [--rows N] [--batch-size M]

The update rule is the default one. Nothing is read from a file: chunk k is drawn with the seed k.
The time of drawing is measured alone and taken off.
"""

import argparse
import resource
import time
from collections.abc import Iterator

import numpy as np
from machine import commit, processor
from numpy.typing import NDArray

from varimix import NormalInverseGaussian, OnlineEM, fit_stream, threads

D = 5
CHUNK = 65_536
MEGA = 1e6
TIMED_CHUNKS = 30  # number of chunks that are drawn alone
FRESH_ROWS = 1_000_000  # rows on which the result is compared with the law that made the stream


def law() -> NormalInverseGaussian:
    """Return a heavy-tailed law, correlated and skewed."""
    correlation = 0.3 + 0.7 * np.eye(D)
    return NormalInverseGaussian.from_classical(
        mu=np.zeros(D), gamma=np.linspace(-0.3, 0.3, D), sigma=correlation, mu_ig=1.0, lam=1.5
    )


def chunks(model: NormalInverseGaussian, rows: int) -> Iterator[NDArray[np.float64]]:
    """Yield the rows."""
    for k, first in enumerate(range(0, rows, CHUNK)):
        yield model.rvs(min(CHUNK, rows - first), seed=k)


def megabytes() -> float:
    """Return the largest memory that the process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGA


def main() -> None:
    """Print rows a second and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--batch-size", type=int, default=256)
    options = parser.parse_args()

    model = law()
    start = time.perf_counter()
    for _ in chunks(model, TIMED_CHUNKS * CHUNK):
        pass
    drawing = (time.perf_counter() - start) / (TIMED_CHUNKS * CHUNK)

    state = OnlineEM(NormalInverseGaussian.default_init(model.rvs(1000, seed=2**40)))
    before = megabytes()
    start = time.perf_counter()
    fit_stream(state, chunks(model, options.rows), batch_size=options.batch_size)
    a_row = (time.perf_counter() - start) / options.rows
    after = megabytes()

    fresh = model.rvs(FRESH_ROWS, seed=2**41)
    gap = model.marginal_log_likelihood(fresh) - state.model.marginal_log_likelihood(fresh)
    assert abs(gap) < 1e-4, gap
    print(f"varimix at {commit()}, {processor()}, {threads()} threads (0: all)")
    print(
        f"{options.rows:,} rows x {D}, batches of {options.batch_size}, drawn as they are learned:"
    )
    print(f"  {1 / a_row / MEGA:.2f} million rows a second, drawing included")
    print(f"  {1 / (a_row - drawing) / MEGA:.2f} million rows a second without it")
    print(f"  memory at its peak {after:.0f} MB, {before:.0f} MB before the first row")
    print(f"  {gap:.1e} nats a row below the law that made them, on {FRESH_ROWS:,} fresh rows")


if __name__ == "__main__":
    main()
