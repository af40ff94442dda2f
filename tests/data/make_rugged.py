"""Writes rugged.csv: 80 rows on which one start of EM for the NIG ends far below the maximum.

40 rows are N(0, 0.05^2), 30 are N(8, 0.2^2), 10 are N(4, 8^2). The NIG's likelihood has two maxima:
a broad law, near Gaussian, to which EM climbs from the data's moments, and a peak on the first
rows with a tail to the right, 5.4 nats above. tools/likelihood_maximiser.py certifies both; they
are printed to the standard error. Needs NumPy and SciPy.

usage: python tests/data/make_rugged.py > tests/data/rugged.csv
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from likelihood_maximiser import Coordinates, maximum, whitened

SEED = 3
# Near the maxima, whitened: mu + gamma, gamma, log sigma, log a with b = a + 1.
STARTS = {"broad": [0.0, 1.0, -0.5, 1.9], "peaked": [-0.65, 0.1, -1.6, -2.3]}


def main() -> None:
    """Write the rows to the standard output."""
    draw = np.random.default_rng(SEED)
    parts = [draw.normal(0, 0.05, 40), draw.normal(8, 0.2, 30), draw.normal(4, 8, 10)]
    data = np.concatenate(parts)[:, None]
    print("x_0")
    for value in data[:, 0].tolist():
        print(repr(value))
    mean, factor, rows = whitened(data)
    for name, start in STARTS.items():
        fit = maximum(Coordinates("NormalInverseGaussian", 1), rows, np.array(start), "")
        value = fit.log_likelihood - len(rows) * np.log(factor[0, 0])
        mu = (mean + factor @ fit.model.mu)[0]
        print(f"{name}: {value:.9f}, mu = {mu:.6g}, gap {fit.gap:.0e}", file=sys.stderr)


if __name__ == "__main__":
    main()
