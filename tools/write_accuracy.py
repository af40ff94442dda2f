"""Measures varimix.special against tests/data/bessel_k_reference.f64, for docs/accuracy.md.

Writes docs/pictures/bessel_accuracy.png, the largest error in each cell of the plane of z and |nu|,
and puts the number of points and the table of the largest errors between the marks of the page.
Needs varimix and matplotlib.

usage: python tools/write_accuracy.py
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from varimix.special import dlog_kv_dnu, kv_ratio, log_kv

Array = NDArray[np.float64]

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "data" / "bessel_k_reference.f64"
PAGE = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
PICTURE = ROOT / "docs" / "pictures" / "bessel_accuracy.png"
COLUMNS = 10
SMALLEST_ORDER = 1e-3  # smaller orders are drawn here
Z_DECADES = np.arange(-308, 323, 14)
NU_DECADES = np.arange(-3.0, 4.5, 0.25)
# These decades of z, in which users live, are drawn beside the whole range.
USER_DECADES = np.arange(-8.0, 6.2, 0.25)


def relative(actual: Array, exact: Array) -> Array:
    """Return |actual / exact - 1|; 0 where both are the same limit."""
    with np.errstate(all="ignore"):
        return np.where(actual == exact, 0.0, np.abs(actual - exact) / np.abs(exact))


def of_logarithm(actual: Array, exact: Array) -> Array:
    """Return |actual - exact| / max(1, |exact|)."""
    with np.errstate(all="ignore"):
        return np.where(
            actual == exact, 0.0, np.abs(actual - exact) / np.maximum(1.0, np.abs(exact))
        )


def errors(table: Array) -> dict[str, Array]:
    """Return the error of each quantity at every point of the table."""
    nu, z = table[:, 1], table[:, 2]
    with np.errstate(over="ignore"):  # the table too has the limit of a ratio that is no double
        minus, plus = kv_ratio(-nu, z), kv_ratio(nu, z)
    ratios = np.maximum(relative(minus, table[:, 4]), relative(plus, table[:, 5]))
    return {
        "log K": of_logarithm(log_kv(nu, z), table[:, 9]),
        "ratios": ratios,
        "d/dnu log K": of_logarithm(dlog_kv_dnu(nu, z), table[:, 6]),
    }


def largest_in_cells(table: Array, error: Array, z_decades: Array) -> Array:
    """Return log10 of the largest error in each cell (rows: nu), NaN where there is no point."""
    x = np.digitize(np.log10(table[:, 2]), z_decades) - 1
    y = np.digitize(np.log10(np.maximum(np.abs(table[:, 1]), SMALLEST_ORDER)), NU_DECADES) - 1
    cells = np.full((len(NU_DECADES) - 1, len(z_decades) - 1), np.nan)
    inside = (x >= 0) & (x < cells.shape[1]) & (y >= 0) & (y < cells.shape[0])
    rounding = np.finfo(np.float64).eps / 4  # an exact value has no logarithm
    for i in np.flatnonzero(inside):
        cells[y[i], x[i]] = np.fmax(cells[y[i], x[i]], np.log10(max(error[i], rounding)))
    return cells


def draw(table: Array) -> None:
    """Write the picture, with a row for each range of z and a column for each quantity."""
    figure, axes = plt.subplots(2, 3, figsize=(12, 6.4), sharey=True, layout="constrained")
    for column, (name, error) in enumerate(errors(table).items()):
        for axis, decades in zip(axes[:, column], (Z_DECADES, USER_DECADES), strict=True):
            cells = largest_in_cells(table, error, decades)
            image = axis.pcolormesh(decades, NU_DECADES, cells, vmin=-16.5, vmax=-13)
            axis.set_xlabel("log10 z")
        axes[0, column].set_title(name)
    for axis in axes[:, 0]:
        axis.set_ylabel("log10 |nu|")
    bar = figure.colorbar(image, ax=axes, extend="both")
    bar.set_label("log10 of the largest error; the promise is -13")
    figure.savefig(PICTURE, dpi=110)


def summary(table: Array) -> str:
    """Return the number of points, and a table of the largest errors."""
    lines = [
        f"{len(table):,} points:",
        "",
        "| quantity | largest error | at nu | z |",
        "|---|---|---|---|",
    ]
    for name, error in errors(table).items():
        i = int(np.argmax(error))
        lines.append(f"| {name} | {error[i]:.1e} | {table[i, 1]:.6g} | {table[i, 2]:.6g} |")
    return "\n".join(lines)


def main() -> None:
    """Draw, and fill in the page."""
    table = np.fromfile(TABLE, dtype="<f8").reshape(-1, COLUMNS)
    draw(table)
    text = f"{BEGIN}\n{summary(table)}\n{END}"
    marks = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    PAGE.write_text(marks.sub(lambda _: text, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
