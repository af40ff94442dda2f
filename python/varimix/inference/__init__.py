"""How sure: standard errors and intervals of what was fitted, and tests."""

from varimix.inference.functionals import (
    Functional,
    cdf,
    expected_shortfall,
    function_of_model,
    value_at_risk,
)
from varimix.inference.standard_errors import Inference, inference

__all__ = [
    "Functional",
    "Inference",
    "cdf",
    "expected_shortfall",
    "function_of_model",
    "inference",
    "value_at_risk",
]
