"""Laws with names, weights and an allowance, as tests of several days take them."""

from varimix import MeanVarianceMixture as Model

NAMES = ["oil", "gold"]
ERRORS = 5.0
"""Standard errors that an estimate may be off: a false alarm in 1.7 million comparisons."""
W = [0.7, -0.4]


def named_plane(plane: Model) -> Model:
    """Return a model of every family, with names."""
    return plane.with_columns(NAMES)
