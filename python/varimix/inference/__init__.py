"""How sure: standard errors and intervals of what was fitted, and tests."""

from varimix.inference.fit_of_projections import GoodnessOfFit, goodness_of_fit
from varimix.inference.nested_laws import (
    LikelihoodRatio,
    SymmetryTest,
    likelihood_ratio,
    test_symmetry,
)
from varimix.inference.non_nested_laws import VuongTest, vuong

__all__: list[str] = [
    "GoodnessOfFit",
    "LikelihoodRatio",
    "SymmetryTest",
    "VuongTest",
    "goodness_of_fit",
    "likelihood_ratio",
    "test_symmetry",
    "vuong",
]
