"""Fits degenerate data sets, for the summaries and pictures of docs/when_a_fit_fails.md.

    python tools/draw_fit_failures.py

This prints every summary and writes docs/pictures/fit_failures/*.png. It needs matplotlib.
"""

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import varimix
from varimix import (
    BatchEMFitter,
    EMResult,
    GeneralizedHyperbolic,
    NormalInverseGamma,
    NormalInverseGaussian,
    VarianceGamma,
)
from varimix.plotting import BLUE, MUTED, VERMILION, png_bytes, theme

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "fit_failures"
SIZE = (5.0, 2.4)
DPI = 100
CASES: dict[str, Callable[[Axes], EMResult]] = {}


def case(function: Callable[[Axes], EMResult]) -> Callable[[Axes], EMResult]:
    """Register a function that makes data, draws them on the axes it is given, and fits them."""
    CASES[function.__name__] = function
    return function


def normal_rows(n: int, d: int) -> np.ndarray:
    """Return independent standard normal rows."""
    return np.random.default_rng(0).standard_normal((n, d))


def variance_gamma_rows() -> np.ndarray:
    """Return heavy-tailed rows of two columns."""
    law = VarianceGamma.from_classical((0.0, 0.0), (0.3, 0.0), np.eye(2), 1.2, 1.2)
    return law.rvs(2000, seed=2)


def rows_with_ties() -> np.ndarray:
    """Return Laplace rows, half of them exactly 0, as of a price that often does not move."""
    rng = np.random.default_rng(0)
    return np.where(rng.random((600, 1)) < 0.5, 0.0, rng.laplace(size=(600, 1)))


def scatter(ax: Axes, x: np.ndarray, y: np.ndarray, x_label: str, y_label: str) -> None:
    """Draw rows as points."""
    ax.plot(x, y, ".", color=BLUE, markersize=3)
    ax.set(xlabel=x_label, ylabel=y_label)


def survival(ax: Axes, x: np.ndarray, *models: tuple[str, str, object]) -> None:
    """Draw the share of rows above each value, beside that of fitted laws of one column."""
    ordered = np.sort(x)
    ax.step(ordered, 1.0 - np.arange(ordered.size) / ordered.size, color=MUTED, label="rows")
    grid = np.linspace(0.0, ordered[-1], 200)
    for label, color, law in models:
        ax.plot(grid, law.sf(grid), color=color, label=label)
    ax.set(yscale="log", xlim=(0.0, ordered[-1]), xlabel="column 0", ylabel="share above")
    ax.legend()


def density(ax: Axes, x: np.ndarray, law: object) -> None:
    """Draw a histogram beside the fitted density."""
    ax.hist(x, bins=np.linspace(-3, 3, 61), density=True, color=MUTED, alpha=0.5, label="rows")
    grid = np.linspace(-3, 3, 600)
    ax.plot(grid, law.pdf(grid), color=VERMILION, label="fit")
    ax.set(xlabel="column 0", ylabel="density", ylim=(0.0, 5.5))
    ax.legend()


@case
def gaussian_limit(ax: Axes) -> EMResult:
    """Fit Gaussian rows."""
    x = normal_rows(500, 2)
    result = NormalInverseGaussian.fit(x)
    scatter(ax, x[:, 0], x[:, 1], "column 0", "column 1")
    mean, shift = x.mean(axis=0), result.model.mu
    ax.plot(*mean, "o", color=VERMILION, label="mean of the fit")
    ax.plot(*shift, "^", color="black", label="its mu")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return result


@case
def skewed_t_face(ax: Axes) -> EMResult:
    """Fit a generalized hyperbolic law to rows of a skewed t."""
    law = NormalInverseGamma.from_classical((0.0, 0.0), (0.1, 0.0), np.eye(2), 1.8, 1.8)
    x = law.rvs(2000, seed=1)
    result = GeneralizedHyperbolic.fit(x)
    fit = result.model.project((1.0, 0.0))
    survival(ax, x[:, 0], ("fit, a = 0", VERMILION, fit))
    return result


@case
def gamma_face(ax: Axes) -> EMResult:
    """Fit a generalized hyperbolic law to rows of a variance gamma law."""
    law = VarianceGamma.from_classical((0.0, 0.0), (0.3, 0.0), np.eye(2), 1.6, 1.6)
    x = law.rvs(400, seed=0)
    result = GeneralizedHyperbolic.fit(x)
    survival(ax, x[:, 0], ("fit, b = 0", VERMILION, result.model.project((1.0, 0.0))))
    return result


@case
def order_not_identified(ax: Axes) -> EMResult:
    """Fit twenty rows of eight columns, which are not quite Gaussian."""
    law = NormalInverseGaussian.from_classical((0.0,) * 8, (0.0,) * 8, np.eye(8), 1.0, 3.0)
    x = law.rvs(20, seed=0)
    result = GeneralizedHyperbolic.fit(x)
    start = GeneralizedHyperbolic.default_init(x)
    orders = np.linspace(-6.0, 0.0, 13)
    holder = BatchEMFitter(fixed=("p",))
    held = [holder.fit(start.replace(p=p), x).model.marginal_log_likelihood(x) for p in orders]
    ax.plot(orders, np.array(held) * len(x), "o-", color=BLUE)
    ax.set(xlabel="p, held", ylabel="log-likelihood", ylim=(-203.0, -197.0))
    return result


@case
def mode_trap(ax: Axes) -> EMResult:
    """Fit rows half of which are equal."""
    x = rows_with_ties()
    result = VarianceGamma.fit(x)
    density(ax, x[:, 0], result.model)
    return result


@case
def shape_minimum(ax: Axes) -> EMResult:
    """Fit the same rows, with alpha held above the value where E[1/Y|x] is infinite at mu."""
    x = rows_with_ties()
    result = VarianceGamma.fit(x, alpha_min="inverse_moment")
    density(ax, x[:, 0], result.model)
    return result


@case
def constant_column(ax: Axes) -> EMResult:
    """Fit two columns and a constant one."""
    x = np.column_stack([variance_gamma_rows(), np.full(2000, 3.0)])
    scatter(ax, np.arange(200), x[:200, 1], "row", "")
    ax.plot(np.arange(200), x[:200, 2], color=VERMILION, label="column 2")
    ax.legend()
    return NormalInverseGaussian.fit(x)


@case
def dispersion_floor(ax: Axes) -> EMResult:
    """Fit two columns and a copy of the first."""
    rows = variance_gamma_rows()
    x = np.column_stack([rows, rows[:, 0]])
    scatter(ax, x[:, 0], x[:, 2], "column 0", "column 2")
    return NormalInverseGaussian.fit(x)


@case
def too_few_rows(ax: Axes) -> EMResult:
    """Fit four rows of five columns."""
    x = normal_rows(4, 5)
    ax.plot(x.T, "o-", markersize=4)
    ax.set(xlabel="column", ylabel="four rows", xticks=range(5))
    return NormalInverseGaussian.fit(x)


@case
def budget_spent(ax: Axes) -> EMResult:
    """Fit by five passes of plain EM."""
    x = variance_gamma_rows()
    start = NormalInverseGaussian.default_init(x)
    result = BatchEMFitter(max_iter=5, acceleration="none").fit(start, x)
    longer = BatchEMFitter(max_iter=40, acceleration="none").fit(start, x)
    ax.plot(longer.log_likelihoods, color=MUTED, label="40 passes")
    ax.plot(result.log_likelihoods, "o-", color=VERMILION, label="5 passes")
    ax.set(xlabel="pass", ylabel="nats per row")
    ax.legend()
    return result


@case
def likelihood_fall(ax: Axes) -> EMResult:
    """Fit columns of which the third is the sum of the others; a fit at the floor ends so."""
    rows = variance_gamma_rows()
    x = np.column_stack([rows, rows.sum(axis=1)])
    result = NormalInverseGaussian.fit(x)
    ax.plot(result.log_likelihoods, "o-", color=BLUE)
    ax.set(xlabel="pass", ylabel="nats per row")
    return result


@case
def step_reverted(ax: Axes) -> EMResult:
    """Fit rows one of which is 1e200."""
    x = variance_gamma_rows()
    x[77] = 1e200
    ax.plot(np.arange(70, 90), np.abs(x[70:90, 0]), "o", color=BLUE)
    ax.set(yscale="log", xlabel="row", ylabel="|column 0|", xticks=range(70, 90, 5))
    return NormalInverseGaussian.fit(x)


def draw(name: str) -> EMResult:
    """Write the picture of a case and return its fit."""
    with theme():
        figure = Figure(figsize=SIZE, layout="constrained")
        ax = figure.add_subplot()
        result = CASES[name](ax)
        (PICTURES / f"{name}.png").write_bytes(png_bytes(figure, dpi=DPI))
    return result


def main() -> None:
    """Draw every case and print its summary, without the time that it took."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", varimix.DegenerateDataWarning)
    for name in CASES:
        summary = re.sub(r" in [-+.e\d]+ s", "", draw(name).summary())
        print(f"## {name}\n{summary}\n")


if __name__ == "__main__":
    main()
