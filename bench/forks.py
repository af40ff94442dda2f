"""Measures what forks of a stream cost: how far their merge ends from the maximum likelihood.

    ./scripts/bench forks [--seeds N] [--rows N]

The rows of a NIG law are learned once, from default_init of the first 512, by one state, and by
forks that are merged after every `sync_every` rows of each (varimix.distributed.fit_stream's rule,
in one process). Gaps to the maximum are in statistical errors p/(2n), p the number of free
parameters: the mean over the seeds.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from varimix import BatchEMFitter, NormalInverseGaussian, OnlineEM
from varimix.distributed import merge_in_order

DIMENSIONS = (2, 10)
FORKS = (1, 2, 8, 64)
SYNCS = (256, 1024, 4096, None)
FIRST_ROWS = 512
BATCH = 256


def law(d: int) -> NormalInverseGaussian:
    """Return a law of E[Y] = 1, with skewness that falls from column to column."""
    sigma = 0.3 + 0.7 * np.eye(d)
    gamma = np.linspace(0.5, -0.3, d)
    return NormalInverseGaussian.from_classical(np.zeros(d), gamma, sigma, mu_ig=1.0, lam=1.0)


def learned(
    init: NormalInverseGaussian, rows: NDArray[np.float64], forks: int, sync_every: int | None
) -> OnlineEM[NormalInverseGaussian]:
    """Return the state of forks that each learned a share of the rows."""
    state = OnlineEM(init)
    shares = np.array_split(rows, forks)
    every = sync_every or len(rows)
    for begin in range(0, len(shares[0]), every):
        parts = [state.fork() for _ in shares]
        for part, share in zip(parts, shares, strict=True):
            for first in range(begin, min(begin + every, len(share)), BATCH):
                part.update(share[first : min(first + BATCH, begin + every)])
        state = merge_in_order(parts, _merged)
    return state


def _merged(
    left: OnlineEM[NormalInverseGaussian], right: OnlineEM[NormalInverseGaussian]
) -> OnlineEM[NormalInverseGaussian]:
    left.merge(right)
    return left


def main() -> None:
    """Print a table for each dimension."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1 << 16)
    given = parser.parse_args()
    for d in DIMENSIONS:
        gaps: dict[tuple[int, int | None], list[float]] = {}
        for seed in range(given.seeds):
            rows = law(d).rvs(given.rows, seed)
            init = NormalInverseGaussian.default_init(rows[:FIRST_ROWS])
            best = BatchEMFitter().fit(init, rows)
            for forks in FORKS:
                for sync in SYNCS if forks > 1 else (None,):
                    model = learned(init, rows, forks, sync).model
                    lost = best.log_likelihood - rows.shape[0] * model.marginal_log_likelihood(rows)
                    gaps.setdefault((forks, sync), []).append(lost / (0.5 * best.n_parameters))
        print(f"d = {d}, {given.rows} rows, {given.seeds} seeds")
        print("| forks | " + " | ".join(f"every {s}" if s else "at the end" for s in SYNCS) + " |")
        for forks in FORKS:
            cells = [gaps.get((forks, sync)) for sync in SYNCS]
            shown = [f"{np.mean(cell):.3f}" if cell else "" for cell in cells]
            print(f"| {forks} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
