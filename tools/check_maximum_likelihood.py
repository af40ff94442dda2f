"""Writes tests/data/maximum_likelihood.csv, maxima of likelihoods, or checks the library by it.

The maxima are those of four families on the data sets of the project, found without EM, without a
Bessel function and without the library: mixture_likelihood.py has the likelihood and its exact
gradient, likelihood_maximiser.py has BFGS, Newton and a certificate. Before a line is written the
likelihood at the maximum is computed again from mpmath's Bessel functions, and a second, perturbed
start must not end higher, nor elsewhere. Needs NumPy, SciPy and mpmath.

usage: python tools/check_maximum_likelihood.py --write [DATA ...]  # minutes
       python tools/check_maximum_likelihood.py --check [DATA ...]  # fits with varimix
"""

import argparse
import csv
import sys
from collections.abc import Iterator

import mpmath as mp
import numpy as np
from likelihood_maximiser import (
    AT_A_ROW,
    Coordinates,
    Fit,
    fit_all,
    mean_of_y,
    second_start,
    whitened,
)
from mixture_likelihood import DATA, LOG_2PI, ROOT, Array, Model
from scipy.linalg import solve_triangular

TABLE = ROOT / "tests" / "data" / "maximum_likelihood.csv"
COLUMNS = (
    *("data", "family", "n", "d", "log_likelihood", "p", "sqrt_ab", "gauge", "log_det_sigma"),
    *("mu", "gamma", "gap", "gradient", "second_start", "note"),
)
SHOWN = tuple(column for column in COLUMNS if column not in ("mu", "gamma"))
AGREEMENT = 1e-6  # nats, in all rows together
FIT_TOLERANCE = 1e-12  # tolerance of the library's fit, nats per row
SEED = 1  # seed of the second start
BESSEL_DIGITS = 25


def bessel_log_likelihood(model: Model, rows: Array) -> float:
    """Return the log-likelihood from the density's textbook form, with K_nu of mpmath."""
    mp.mp.dps = BESSEL_DIGITS
    d = rows.shape[1]
    u = solve_triangular(model.factor, (rows - model.mu).T, lower=True).T
    g = solve_triangular(model.factor, model.gamma, lower=True)
    q = (u**2).sum(1)
    constant = -d / 2 * LOG_2PI - np.log(np.diag(model.factor)).sum()
    constant -= log_gig_constant(model.p, model.a, model.b)
    order, a = model.p - d / 2, model.a + g @ g
    total = mp.fsum(log_gig_constant(order, a, model.b + value) for value in q)
    return float(total + mp.mpf((u @ g).sum()) + len(rows) * constant)


def log_gig_constant(p: float, a: float, b: float) -> mp.mpf:
    """Return log of the integral of y^(p-1) e^(-(a y + b / y)/2) over y > 0."""
    order, a, b = mp.mpf(p), mp.mpf(a), mp.mpf(b)
    if a == 0 or b == 0:
        return mp.loggamma(abs(order)) - abs(order) * mp.log((a + b) / 2)
    return mp.log(2 * mp.besselk(order, mp.sqrt(a * b))) + order / 2 * mp.log(b / a)


def lines(name: str) -> Iterator[dict[str, object]]:
    """Yield the lines of one data set."""
    data = DATA[name]()
    n, d = data.shape
    mean, factor, rows = whitened(data)
    log_jacobian = n * float(np.log(np.diag(factor)).sum())
    for fit in fit_all(rows):
        difference = bessel_log_likelihood(fit.model, rows) - fit.log_likelihood
        if abs(difference) > AGREEMENT / 10:
            raise ArithmeticError(f"{name}, {fit.family}: by Bessel functions {difference:+g}")
        other = second_start(Coordinates(fit.family, d), rows, SEED) - fit.log_likelihood
        if other > AGREEMENT / 10 or (other < -AGREEMENT / 10 and fit.note != AT_A_ROW):
            raise ArithmeticError(f"{name}, {fit.family}: the second start ends at {other:+g}")
        yield {
            "data": name,
            "family": fit.family,
            "n": n,
            "d": d,
            "log_likelihood": f"{fit.log_likelihood - log_jacobian:.9f}",
            **parameters(fit, mean, factor),
            "gap": f"{fit.gap:.1e}",
            "gradient": f"{fit.gradient:.1e}",
            "second_start": f"{other:.1e}",
            "note": fit.note,
        }


def parameters(fit: Fit, mean: Array, factor: Array) -> dict[str, object]:
    """Return the parameters in the data's units, with E[Y] = 1, or E[1/Y] = 1 if E[Y] is inf."""
    model = fit.model.affine(mean, factor)
    y = mean_of_y(model)
    scale, gauge = (y, "E[Y]=1") if np.isfinite(y) else (1.0, "E[1/Y]=1")  # a = 0 has E[1/Y] = 1
    log_det = 2 * np.log(np.diag(model.factor)).sum() + len(mean) * np.log(scale)
    return {
        "p": f"{model.p:.15g}",
        "sqrt_ab": repr(float(np.sqrt(model.a * model.b))),
        "gauge": gauge,
        "log_det_sigma": repr(float(log_det)),
        "mu": " ".join(map(repr, model.mu.tolist())),
        "gamma": " ".join(map(repr, (scale * model.gamma).tolist())),
    }


def write(names: list[str]) -> None:
    """Fit the named data sets and replace their lines in the table."""
    kept = [line for line in read() if line["data"] not in names] if TABLE.exists() else []
    table = {name: [line for line in kept if line["data"] == name] for name in DATA}
    for name in names:
        for line in lines(name):
            table[name].append(line)
            print(*(f"{key}: {line[key]}" for key in SHOWN), sep=", ")
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name in DATA:
            writer.writerows(table[name])


def read() -> list[dict[str, str]]:
    """Return the lines of the table."""
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def check(names: list[str]) -> bool:
    """Fit with the library and print its log-likelihood less the table's; True if all agree.

    Where mu is at a row there are as many local maxima as rows, and the library may end at another
    one, but must not end higher.
    """
    import varimix

    agree = True
    for line in read():
        if line["data"] not in names:
            continue
        rows = DATA[line["data"]]()
        init = getattr(varimix, line["family"]).default_init(rows)
        result = varimix.BatchEMFitter(tol=FIT_TOLERANCE).fit(init, rows)
        found = len(rows) * result.model.marginal_log_likelihood(rows)
        difference = found - float(line["log_likelihood"])
        good = difference < AGREEMENT and (line["note"] == AT_A_ROW or difference > -AGREEMENT)
        agree &= good
        verdict = "" if good else "  DIFFERS"
        print(f"{line['data']}, {line['family']}: {difference:+.2e} {line['note']}{verdict}")
    return agree


def main() -> None:
    """Write or check the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", nargs="*", metavar="DATA", help=", ".join(DATA))
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    options = parser.parse_args()
    names = options.data or list(DATA)
    if unknown := set(names) - set(DATA):
        parser.error(f"unknown data: {', '.join(sorted(unknown))}")
    if options.write:
        write(names)
    elif not check(names):
        sys.exit(1)


if __name__ == "__main__":
    main()
