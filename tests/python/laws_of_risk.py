"""Laws whose columns have names, as tests of risk take them."""

import math

from varimix import MeanVarianceMixture as Model

NAMES = ["oil", "gold", "tea"]
INF = math.inf


def named_space(family: type[Model], shape: dict[str, float]) -> Model:
    """Return a three-dimensional model of every family, with names."""
    sigma = [[1.0, 0.5, 0.2], [0.5, 1.5, -0.4], [0.2, -0.4, 0.8]]
    law: Model = family.from_classical([0.5, -1.0, 0.0], [0.4, -0.3, 0.6], sigma, **shape)
    return law.with_columns(NAMES)
