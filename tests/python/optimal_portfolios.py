"""Laws whose optimal portfolios are known, and the weights of what was found."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varimix import MeanVarianceMixture as Model
from varimix import NormalInverseGaussian
from varimix.risk import OptimalPortfolio

DATA = Path(__file__).parents[1] / "data"
NAMES = ["oil", "gold", "tea"]


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def numbers(text: str) -> Any:
    return np.array(text.split(), dtype=float)


def law_of_stocks() -> NormalInverseGaussian:
    law = rows_of("optimal_portfolios_law.csv")
    model = NormalInverseGaussian.from_classical(
        [float(row["mu"]) for row in law],
        [float(row["gamma"]) for row in law],
        [numbers(row["sigma"]) for row in law],
        1.0,
        float(law[0]["lam"]),
    )
    return model.with_columns([row["column"] for row in law])


STOCKS: Any = law_of_stocks()


def named_space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family, with names."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    law: Model = family.from_classical([0.05, -0.1, 0.0], [0.1, -0.1, 0.15], sigma, **shape)
    return law.with_columns(NAMES)


def weights_of(found: OptimalPortfolio) -> NDArray[np.float64]:
    assert found.weights is not None, found
    return found.weights
