"""Fits the data of the R package ghyp, and puts our maxima beside its own in docs/cross_checks.md.

The data are under the GPL and no part of this project. The argument is the folder of reference
values that holds them, with gold.csv and gold_missing.json; its README.md says where they are from.

usage: python tools/write_cross_checks.py FOLDER
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import varimix

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cross_checks.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
FAMILIES = {
    "NIG": varimix.NormalInverseGaussian,
    "NInvG": varimix.NormalInverseGamma,
    "VG": varimix.VarianceGamma,
    "GH": varimix.GeneralizedHyperbolic,
}
TOLERANCE = 1e-12  # nats a row, at which a fit has converged
ALL_COLUMNS = "all six columns"
HEAD = (
    "| data | family | varimix | reference | difference | reference by |",
    "|---|---|---|---|---|---|",
)
# The value at (i, j), both from 0, is taken as missing where (7i + 13j) mod 5 = 0.
MISSING_ROW, MISSING_COLUMN, MISSING_PERIOD = 7, 13, 5


def chosen(rows: pd.DataFrame, selection: str) -> pd.DataFrame:
    """Return the rows and columns that a selection names in words, as gold.csv has it."""
    if selection == ALL_COLUMNS:
        return rows
    columns = re.search(r"columns? (.*)", selection)
    assert columns is not None
    span = re.search(r"rows 1-(\d+)", selection)
    return rows[columns[1].split()].iloc[: int(span[1]) if span else None]


def also_by_ghyp(family: str, selection: str) -> bool:
    """Return whether ghyp 1.6.5 itself came to this maximum."""
    return family in ("NIG", "NInvG") or (family == "GH" and selection == "column SMI")


def maxima(folder: Path) -> list[str]:
    """Return a line for each row of gold.csv."""
    rows = pd.read_csv(folder / "data" / "ghyp_smi_stocks.csv").select_dtypes("number")
    lines = []
    for gold in pd.read_csv(folder / "gold.csv").itertuples():
        x = chosen(rows, gold.selection)
        assert x.shape == (gold.n, gold.d)
        fit = FAMILIES[gold.model].fit(x, tol=TOLERANCE)
        ours = fit.log_likelihoods[-1] * len(x)
        is_of_ghyp = also_by_ghyp(gold.model, gold.selection)
        by = "ghyp and a program of our own" if is_of_ghyp else "two programs of our own"
        lines.append(
            f"| {gold.selection} | {gold.model} | {ours:.6f} | {gold.total_log_likelihood:.6f} "
            f"| {ours - gold.total_log_likelihood:+.1e} | {by} |"
        )
    return lines


def missing(folder: Path) -> str:
    """Return the line of the fit with missing values."""
    gold = json.loads((folder / "gold_missing.json").read_text())
    x = pd.read_csv(folder / "data" / gold["data"]).select_dtypes("number").to_numpy(copy=True)
    i, j = np.indices(x.shape)
    x[(MISSING_ROW * i + MISSING_COLUMN * j) % MISSING_PERIOD == 0] = np.nan
    fit = varimix.NormalInverseGaussian.fit(x, missing="exact", tol=TOLERANCE)
    ours = fit.model.marginal_log_likelihood(x, missing="exact") * np.sum(~np.isnan(x).all(axis=1))
    return (
        f"| {ALL_COLUMNS}, a fifth missing | NIG | {ours:.6f} | {gold['log_likelihood']:.6f} "
        f"| {ours - gold['log_likelihood']:+.1e} | a program of our own |"
    )


def main() -> None:
    """Fill in the page."""
    folder = Path(sys.argv[1])
    table = "\n".join([*HEAD, *maxima(folder), missing(folder)])
    marks = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(marks.sub(lambda _: f"{BEGIN}\n{table}\n{END}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
