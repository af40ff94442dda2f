"""Writes tests/data/portfolio_risk.csv from the gold values of the methods' derivation.

Vectors are numbers separated by blanks, matrices their rows one after the other.

usage: python tests/data/make_portfolios.py gold_risk.json > tests/data/portfolio_risk.csv
"""

import json
import sys
from itertools import chain
from pathlib import Path
from typing import Any

VECTORS = ("mu", "gamma", "w", "es_parts", "var_parts", "es_gradient")
MATRICES = ("sigma", "es_hessian")
NUMBERS = (
    "alpha",
    "var",
    "es",
    "es_minus_var_over_var",
    "EY_tail",
    "EY_at_quantile",
    "var_Y_at_quantile",
)


def gig_of(case: dict[str, Any]) -> list[float]:
    """Return the law of Y as GIG(p, a, b)."""
    parameters = case["parameters"]
    if case["law_of_Y"] == "gamma":
        return [parameters[0], 2.0 * parameters[1], 0.0]
    if case["law_of_Y"] == "invgamma":
        return [-parameters[0], 0.0, 2.0 * parameters[1]]
    return list(parameters)


def line_of(case: dict[str, Any]) -> str:
    """Return the line of a case."""
    fields = [f'"{case["name"]}"', *map(repr, gig_of(case))]
    fields += [" ".join(map(str, case[name])) for name in VECTORS]
    fields += [" ".join(map(str, chain.from_iterable(case[name]))) for name in MATRICES]
    return ",".join(fields + [str(case[name]) for name in NUMBERS])


def main() -> None:
    """Print the table."""
    print(",".join(("name", "p", "a", "b", *VECTORS, *MATRICES, *NUMBERS)))
    for case in json.loads(Path(sys.argv[1]).read_text())["cases"]:
        print(line_of(case))


if __name__ == "__main__":
    main()
