"""Writes optimal_portfolios.csv and optimal_portfolios_law.csv from a file of reference values.

    make_optimal_portfolios.py gold_portfolios.json

The values were computed for this project by another program (numpy, an interior point, certificates
of 1e-13 and better; minimum shortfalls also by SLSQP): portfolios of 20 stocks, whose law is a fit.
"""

import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
KINDS = {
    "minimum ES, long only, fully invested": "long_only",
    "minimum ES, long only, fully invested, mean log-return fixed": "target_return",
    "equal ES contributions, long, fully invested": "equal_contribution",
    "minimum ES, budget only": "budget_only",
}


def text_of(numbers: list[float]) -> str:
    """Return numbers in a field."""
    return " ".join(map(repr, numbers))


def write(name: str, rows: list[dict[str, object]]) -> None:
    """Write a table."""
    with (HERE / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    gold = json.loads(Path(sys.argv[1]).read_text())
    law = zip(gold["columns"], gold["mu"], gold["gamma"], gold["sigma"], strict=True)
    write(
        "optimal_portfolios_law.csv",
        [
            {
                "column": column,
                "mu": mu,
                "gamma": gamma,
                "lam": gold["lam"],
                "sigma": text_of(sigma),
            }
            for column, mu, gamma, sigma in law
        ],
    )
    write(
        "optimal_portfolios.csv",
        [
            {
                "kind": KINDS[case["kind"]],
                "alpha": case["alpha"],
                "mean": case.get("mean", "nan"),
                "es": case["es"],
                "weights": text_of(case["weights"]),
            }
            for case in gold["portfolios"]
        ],
    )


if __name__ == "__main__":
    main()
