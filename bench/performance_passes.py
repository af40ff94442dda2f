"""Sets the passes over rows beside their targets."""

from google_benchmark import Runs
from tables import NONE, number, table

DIMENSIONS = (2, 10, 30, 100, 300)
TITLES = {"e_step": "E-step", "log_likelihood": "log-likelihood", "rvs": "`rvs`"}

# ns a row at DIMENSIONS, on a machine of 3 GHz with AVX2.
LOG_LIKELIHOOD_TARGETS = (3.5, 11.0, 45.0, 330.0, 2900.0)
DRAW_TARGETS = (60.0, 150.0, 450.0, 3500.0, 9000.0)
TARGETS = {
    "e_step/NIG": (4.0, 16.0, 75.0, 620.0, 5500.0),
    "e_step/GH": (5.0, 17.0, 78.0, 630.0, 5600.0),
    "log_likelihood/NIG": LOG_LIKELIHOOD_TARGETS,
    "log_likelihood/GH": LOG_LIKELIHOOD_TARGETS,
    "rvs/NIG": DRAW_TARGETS,
    "rvs/GH": DRAW_TARGETS,
}

PASSES_TEXT = """\
ns a row on one thread, the target in brackets; bold where it is not met. The targets are those set
for a machine of 3 GHz with AVX2. Those of log-likelihood and draws name no law and stand beside
both. The rows of every d fill {megabytes} MB, beyond the second-level cache.
A time is the least of {repetitions} repetitions, with all cases interleaved, because what else the
machine does can only add; a median is {disturbance:.2f} times that, in the middle of all cases."""


def cell(measured: float | None, target: float) -> str:
    """Return a time with its target."""
    if measured is None:
        return NONE
    text = f"{number(measured)} ({number(target)})"
    return text if measured <= target else f"**{text}**"


def pass_table(runs: Runs) -> list[str]:
    """Return the table of the passes."""
    least = runs.least()
    rows = []
    for case, targets in TARGETS.items():
        what, law = case.split("/")
        cells = [
            cell(least.get(f"{case}/{d}"), target)
            for d, target in zip(DIMENSIONS, targets, strict=True)
        ]
        rows.append([f"{TITLES[what]}, {law}", *cells])
    return table(("pass, law", *(f"d = {d}" for d in DIMENSIONS)), rows)


def targets_met(runs: Runs) -> str:
    """Return how many of the targets are met."""
    least = runs.least()
    met = [
        least[f"{case}/{d}"] <= target
        for case, targets in TARGETS.items()
        for d, target in zip(DIMENSIONS, targets, strict=True)
    ]
    return f"{sum(met)} of {len(met)} are met here."
