"""Measures how far one pass of the default rule ends from the maximum likelihood.

    ./scripts/bench one_pass [--seeds N] [--first SEED] [--batch-size M] [--cases WORDS]

The fit takes the rows of a law once, in batches, from default_init of the first 512. The maximum
is that of batch EM from the same start and from the model of the fit, whichever is higher. Gaps are
in statistical errors p/(2n), p the number of free parameters: mean and worst over the seeds, for
the default rule and for PolyakRuppertUpdate.
"""

import argparse
from collections.abc import Callable

import numpy as np
from machine import commit
from numpy.typing import NDArray

import varimix
from varimix import BatchEMFitter, OnlineEM, PolyakRuppertUpdate, fit_stream

ROWS = 20_480
FIRST_ROWS = 512
MAX_ITER = 5000
FREE_SHAPES = {"GeneralizedHyperbolic": 2}


def nig(gamma: NDArray[np.float64], lam: float) -> varimix.NormalInverseGaussian:
    """Return the law with E[Y] = 1, unit variances of the normal part and correlations of 0.3."""
    return varimix.NormalInverseGaussian.from_classical(**_normal_part(gamma), mu_ig=1.0, lam=lam)


def _normal_part(gamma: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    d = len(gamma)
    return {"mu": np.zeros(d), "gamma": gamma, "sigma": 0.3 + 0.7 * np.eye(d)}


def vg(alpha: float, d: int = 2) -> object:
    """Return a variance gamma law with E[Y] = 1."""
    normal = _normal_part(np.linspace(0.3, -0.3, d))
    return varimix.VarianceGamma.from_classical(**normal, alpha=alpha, beta=alpha)


def skewed_t(alpha: float, d: int = 2) -> object:
    """Return a skewed t law with E[1/Y] = 1."""
    normal = _normal_part(np.linspace(0.3, -0.3, d))
    return varimix.NormalInverseGamma.from_classical(**normal, alpha=alpha, beta=alpha)


def gh(p: float, d: int = 2) -> object:
    """Return a generalised hyperbolic law."""
    normal = _normal_part(np.linspace(0.3, -0.3, d))
    return varimix.GeneralizedHyperbolic.from_classical(**normal, p=p, a=1.0, b=1.0)


def nig_cases() -> dict[str, Callable[[], object]]:
    """Return the NIG laws by name."""
    cases: dict[str, Callable[[], object]] = {}
    for d in (1, 2, 5, 20):
        cases[f"NIG d={d} lam=0.5"] = lambda d=d: nig(np.linspace(0.3, -0.3, d), 0.5)
        cases[f"NIG d={d} lam=1.5"] = lambda d=d: nig(np.linspace(0.4, -0.4, d), 1.5)
    for d in (1, 2, 5):
        cases[f"NIG d={d} lam=20"] = lambda d=d: nig(np.full(d, 0.1), 20.0)
        cases[f"NIG d={d} extreme skew"] = lambda d=d: nig(np.full(d, 10.0), 1.0)
    return cases


CASES: dict[str, Callable[[], object]] = {
    **nig_cases(),
    "VG d=2 alpha=3": lambda: vg(3.0),
    "NInvG d=2 alpha=2.5": lambda: skewed_t(2.5),
    "GH d=2 p=1": lambda: gh(1.0),
}


def parameters(model: object) -> float:
    """Return the number of free parameters."""
    d = model.d
    return FREE_SHAPES.get(type(model).__name__, 1) + 2 * d + d * (d + 1) / 2


def gaps(model: object, seed: int, rows: int, batch_size: int) -> list[float]:
    """Return how many statistical errors one pass of each rule ends below the maximum."""
    x = model.rvs(rows, seed=seed)
    init = type(model).default_init(x[:FIRST_ROWS])
    scores = []
    states = [OnlineEM(init, score=False), OnlineEM(init, PolyakRuppertUpdate(), score=False)]
    for state in states:
        fit_stream(state, x, batch_size=batch_size)
        scores.append(state.model.marginal_log_likelihood(x))
    fitter = BatchEMFitter(tol=1e-12, max_iter=MAX_ITER)
    best = max(
        fitter.fit(start, x).model.marginal_log_likelihood(x) for start in (init, states[0].model)
    )
    error = parameters(model) / (2 * rows)
    return [(best - score) / error for score in scores]


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--cases", default="")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    print(
        f"varimix at {commit()}; one pass of {options.rows:,} rows, batches of "
        f"{options.batch_size}, seeds {seeds.start} to {seeds.stop - 1}"
    )
    print(f"{'law':24} {'default: mean, worst':>22} {'PolyakRuppert: mean, worst':>28}")
    for name, make in CASES.items():
        if options.cases not in name:
            continue
        model = make()
        below = np.array([gaps(model, seed, options.rows, options.batch_size) for seed in seeds])
        mean, worst = below.mean(axis=0), below.max(axis=0)
        columns = [f"{m:12.4f} {w:9.4f}" for m, w in zip(mean, worst, strict=True)]
        print(f"{name:24} " + "      ".join(columns), flush=True)


if __name__ == "__main__":
    main()
