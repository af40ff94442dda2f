"""Times sixty incremental steps against the number of rows, as ratios measured in one run.

    .venv/bin/python bench/incremental_em.py

Rows beyond the first 20,000 are copies of them, so every case fits the same law. The working set of
the largest case, 320 MB, is larger than any cache. Times are medians over several keys; the cases
take turns, so that a drift of the machine's speed meets all of them alike.
"""

import platform
import statistics
import time

import numpy as np
from machine import commit, processor

from varimix import IdentityUpdate, IncrementalEMFitter, NormalInverseGaussian, __version__

ROWS = 20_000
COPIES = (1, 10, 1000)
KEYS = 15
BATCH_SIZE = 512
STEPS = 60


def main() -> None:
    """Print a line for each case."""
    true = NormalInverseGaussian.from_classical(
        mu=(0, 0), gamma=(0.4, -0.3), sigma=((1, 0.3), (0.3, 1)), mu_ig=1.0, lam=1.5
    )
    X = true.rvs(ROWS, seed=0)
    init = NormalInverseGaussian.default_init(X)
    data = {copies * ROWS: np.tile(X, (copies, 1)) for copies in COPIES}
    print(f"varimix {__version__} at {commit()}, {processor()}, Python {platform.python_version()}")
    for name, rule in (("Identity", IdentityUpdate()), ("default", None)):
        fitter = IncrementalEMFitter(batch_size=BATCH_SIZE, max_steps=STEPS, eta_update=rule)
        fitter.fit(init, X, key=0)
        seconds: dict[int, list[float]] = {rows: [] for rows in data}
        for key in range(KEYS):
            for rows, x in data.items():
                start = time.perf_counter()
                result = fitter.fit(init, x, key=key)
                seconds[rows].append(time.perf_counter() - start)
                # The answer is checked in the run: within 0.02 nats per row of the true model.
                gap = true.marginal_log_likelihood(X) - result.model.marginal_log_likelihood(X)
                assert gap < 0.02, gap
        fewest = statistics.median(seconds[ROWS])
        for rows, times in seconds.items():
            median = statistics.median(times)
            print(
                f"{name:9s} {STEPS} steps of {BATCH_SIZE} of {rows:>11,} rows: "
                f"{1e3 * median:6.2f} ms, {median / fewest:.2f} times that of {ROWS:,} rows"
            )


if __name__ == "__main__":
    main()
