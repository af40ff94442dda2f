"""Measures how far PolyakRuppertUpdate ends from the maximum likelihood.

    ./scripts/bench polyak_ruppert [--seeds N]

The fit takes n rows in batches and starts from default_init of the first batch. The maximum is
that of batch EM from the same start. Gaps are in statistical errors p/(2n), p the number of free
parameters, after one pass and after ten: the mean and the worst over the seeds.
"""

import argparse
from collections.abc import Callable

import numpy as np
from machine import commit
from one_pass import MAX_ITER, ROWS, nig, parameters

from varimix import (
    BatchEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    fit_stream,
)

BATCH_SIZE = 512
PASSES = (1, 10)


# The first three have an excess kurtosis above 6, above 2, and of 0.15; in the last, the standard
# deviations come from gamma Y.
CASES: tuple[tuple[str, Callable[[int], NormalInverseGaussian], tuple[int, ...]], ...] = (
    ("heavy tails (lam = 0.5)", lambda d: nig(np.linspace(0.3, -0.3, d), 0.5), (1, 2, 5, 20)),
    ("moderate tails (lam = 1.5)", lambda d: nig(np.linspace(0.4, -0.4, d), 1.5), (1, 2, 5, 20)),
    ("near Gaussian (lam = 20)", lambda d: nig(np.full(d, 0.1), 20.0), (1, 2, 5)),
    ("extreme skew (gamma = 10)", lambda d: nig(np.full(d, 10.0), 1.0), (1, 2, 5)),
)


def gaps(model: NormalInverseGaussian, seed: int) -> list[float]:
    """Return how many statistical errors a fit is below the maximum after each of PASSES."""
    x = model.rvs(ROWS, seed=seed)
    init = NormalInverseGaussian.default_init(x[:BATCH_SIZE])
    best = BatchEMFitter(tol=1e-12, max_iter=MAX_ITER).fit(init, x).model
    statistical_error = parameters(model) / (2 * ROWS)
    below = []
    for passes in PASSES:
        state = OnlineEM(init, PolyakRuppertUpdate())
        fit_stream(state, x, batch_size=BATCH_SIZE, passes=passes)
        gap = best.marginal_log_likelihood(x) - state.model.marginal_log_likelihood(x)
        below.append(gap / statistical_error)
    return below


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    seeds = range(parser.parse_args().seeds)
    print(f"varimix at {commit()}; {ROWS:,} rows, batches of {BATCH_SIZE}, {len(seeds)} seeds")
    print(f"{'law':26} {'d':>2}  one pass: mean, worst    ten passes: mean, worst")
    for name, make, dimensions in CASES:
        for d in dimensions:
            below = np.array([gaps(make(d), seed) for seed in seeds])
            mean, worst = below.mean(axis=0), below.max(axis=0)
            columns = [f"{m:10.3f} {w:10.3f}" for m, w in zip(mean, worst, strict=True)]
            print(f"{name:26} {d:>2}  " + "    ".join(columns), flush=True)


if __name__ == "__main__":
    main()
