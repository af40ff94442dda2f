"""Writes normix_traces.csv: the trajectories of normix_traces.json, one line a step.

Step 0 is the initial model; step t follows batch t of 200 rows of nig_seed_2000.csv, in order. A
line holds the gauge-free numbers of the model shown, mu, E[Y] gamma, E[Y] Sigma, E[Y] E[1/Y],
E[log Y] - log E[Y], and the mean log-likelihood of all rows where the file has it. Rules get names
without commas.

usage: python tests/data/make_normix_traces.py normix_traces.json > tests/data/normix_traces.csv
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

RULES = {
    "Identity": "Identity",
    "RobbinsMonro(10)": "RobbinsMonro",
    "SampleWeighted": "SampleWeighted",
    "EWMA(0.1)": "EWMA",
    "Affine(b=0.5,c=0.5)": "Affine",
    "Shrinkage(Identity,eta0_from_model(init),0.3)": "Shrinkage to the model",
    "Shrinkage(Identity,eta0_isotropic(init,mean variance),0.5)": "Shrinkage to isotropic",
    "Shrinkage(RobbinsMonro(10),eta0_isotropic(init,mean variance),0.5),feedback": (
        "Shrinkage with feedback"
    ),
}
NAMES = [
    "family",
    "rule",
    "step",
    "mu_0",
    "mu_1",
    "gamma_0",
    "gamma_1",
    "sigma_00",
    "sigma_01",
    "sigma_11",
    "y_inv_y",
    "log_y",
    "mean_ll",
]


def fields(model: dict[str, Any]) -> list[float | str]:
    """Return the values of one model in the order of the columns."""
    sigma = model["sigma_EY"]
    out = [*model["mu"], *model["gamma_EY"], sigma[0][0], sigma[0][1], sigma[1][1]]
    return [*out, model["EY_EinvY"], model["ElogY_minus_logEY"], model.get("mean_ll", "nan")]


def main() -> None:
    """Write the table to the standard output."""
    traces = json.loads(Path(sys.argv[1]).read_text())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(NAMES)
    for family, content in traces["families"].items():
        for rule, steps in content["rules"].items():
            for t, model in enumerate([content["init"], *steps]):
                writer.writerow([family, RULES[rule], t, *fields(model)])


if __name__ == "__main__":
    main()
