"""Times whole jobs from Python, beside an E-step in numpy and SciPy, each with its answer checked.

    ./scripts/bench jobs [--repetitions N]

The cases take turns, so that a drift of the machine's speed meets all of them alike; times are
medians. "one core" is one thread; other jobs take all cores.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from machine import commit, processor
from scipy.special import kve

import varimix
from varimix import (
    BatchEMFitter,
    EWMAUpdate,
    GeneralizedHyperbolic,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
    fit_best,
    set_threads,
)

ROWS = 100_000
TUTORIAL_FITS = 6
UPDATES = 200  # in one timing, because one takes microseconds

Job = Callable[[], float]  # returns the seconds of one unit of work

TRUE = NormalInverseGaussian.from_classical(
    mu=(0, 0), gamma=(0.4, -0.3), sigma=((1, 0.3), (0.3, 1)), mu_ig=1.0, lam=1.5
)
X = TRUE.rvs(ROWS, seed=0)


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def import_time() -> float:
    """Return the seconds to import varimix where numpy is there already.

    The modules are read as compiled files (.pyc), as after an installation by pip. The first call
    writes them if they are not there, whatever PYTHONDONTWRITEBYTECODE says here.
    """
    program = (
        "import numpy, numpy.typing, time; start = time.perf_counter(); import varimix;"
        "print(time.perf_counter() - start)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},
    )
    return float(ran.stdout)


def update_of(rows: int, d: int, rule: EWMAUpdate | None) -> Job:
    """Return the job of one update, scored, of so many rows."""
    law = NormalInverseGaussian.from_classical(
        mu=np.zeros(d), gamma=np.linspace(0.3, -0.3, d), sigma=np.eye(d), mu_ig=1.0, lam=1.5
    )
    x = law.rvs(4096, seed=1)
    state = OnlineEM(law, rule) if rule else OnlineEM(law)
    state.update(x)
    batches = [x[first : first + rows] for first in range(0, 4096 - rows + 1, rows)]

    def job() -> float:
        set_threads(1)
        taken = seconds(lambda: [state.update(batches[k % len(batches)]) for k in range(UPDATES)])
        set_threads(0)
        # The rows are seen over and over; the law stays that of the rows.
        assert state.model.marginal_log_likelihood(x) > law.marginal_log_likelihood(x) - 0.1
        return taken / UPDATES

    return job


def tutorial() -> float:
    """Return the seconds of the tutorial's fits: 60 steps of 512 of 20,000 rows, six times."""
    rows = X[:20_000]
    fitter = IncrementalEMFitter(batch_size=512, max_steps=60)
    init = NormalInverseGaussian.default_init(rows)
    results = []
    taken = seconds(
        lambda: results.extend(fitter.fit(init, rows, key=k) for k in range(TUTORIAL_FITS))
    )
    best = TRUE.marginal_log_likelihood(rows)
    assert all(r.model.marginal_log_likelihood(rows) > best - 0.001 for r in results)
    return taken


def batch_em(family: type[NormalInverseGaussian] | type[GeneralizedHyperbolic]) -> Job:
    """Return the job of a fit of all rows from default_init to a tolerance of 1e-9."""

    def job() -> float:
        results = []
        fitter = BatchEMFitter(tol=1e-9)
        taken = seconds(lambda: results.append(fitter.fit(family.default_init(X), X)))
        assert results[0].model.marginal_log_likelihood(X) >= TRUE.marginal_log_likelihood(X)
        return taken

    return job


def best_of_four() -> float:
    """Return the seconds of fit_best: four families, 8 starts, 20,000 rows."""
    results = []
    taken = seconds(lambda: results.append(fit_best(X[:20_000], n_starts=8)))
    assert len(results[0].table) == 4
    return taken


def own_e_step() -> float:
    """Return the seconds of our E-step of all rows on one core."""
    set_threads(1)
    taken = seconds(lambda: TRUE.e_step(X))
    set_threads(0)
    return taken


def numpy_e_step() -> float:
    """Return the seconds of the same E-step in numpy, with SciPy's Bessel functions."""
    eta: list[np.ndarray | float] = []

    def work() -> None:
        factor = TRUE.L_Sigma
        whitened = np.linalg.solve(factor, (X - TRUE.mu).T)
        g = np.linalg.solve(factor, TRUE.gamma)
        a = TRUE.lam / TRUE.mu_ig**2 + g @ g
        b = TRUE.lam + np.einsum("ij,ij->j", whitened, whitened)
        z = np.sqrt(a * b)
        order = -0.5 - X.shape[1] / 2
        k = kve(order, z)
        inv_y = np.sqrt(a / b) * kve(order - 1, z) / k
        y = np.sqrt(b / a) * kve(order + 1, z) / k
        weighted = X * inv_y[:, None]
        eta.extend([inv_y.mean(), y.mean(), X.mean(0), weighted.mean(0), weighted.T @ X / ROWS])

    taken = seconds(work)
    ours = TRUE.e_step(X).eta
    assert abs(float(eta[0]) / ours.E_inv_Y - 1.0) < 1e-10
    assert np.allclose(eta[4], ours.E_XXT_inv_Y, rtol=1e-10)
    return taken


JOBS: dict[str, Job] = {
    "import varimix beside numpy": import_time,
    "OnlineEM.update, 1 x 2, one core": update_of(1, 2, None),
    "OnlineEM.update, 512 x 2, one core": update_of(512, 2, None),
    "OnlineEM.update, 512 x 2, EWMAUpdate, one core": update_of(512, 2, EWMAUpdate(w=0.05)),
    "OnlineEM.update, 64 x 20, one core": update_of(64, 20, None),
    "the tutorial's six fits": tutorial,
    "BatchEMFitter, NIG, 100,000 x 2": batch_em(NormalInverseGaussian),
    "BatchEMFitter, GH, 100,000 x 2": batch_em(GeneralizedHyperbolic),
    "fit_best, 20,000 x 2, 8 starts": best_of_four,
    "E-step, 100,000 x 2, one core": own_e_step,
    "the same in numpy with SciPy": numpy_e_step,
}


def median_seconds(repetitions: int) -> dict[str, float]:
    """Return the median of each job over the repetitions, the jobs interleaved."""
    taken: dict[str, list[float]] = {name: [] for name in JOBS}
    for repetition in range(repetitions + 1):
        for name, job in JOBS.items():
            once = job()
            if repetition > 0:  # the first is a warm-up
                taken[name].append(once)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Print a line for each job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    medians = median_seconds(parser.parse_args().repetitions)
    print(f"varimix {varimix.__version__} at {commit()}, {processor()}")
    for name, median in medians.items():
        print(f"{name:>48} {1e3 * median:10.4f} ms")


if __name__ == "__main__":
    main()
