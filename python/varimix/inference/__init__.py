"""How sure: standard errors and intervals of what was fitted, and tests."""

from varimix._varimix import BootstrapEM
from varimix.inference.functionals import (
    Functional,
    cdf,
    expected_shortfall,
    function_of_model,
    value_at_risk,
)
from varimix.inference.standard_errors import Inference, inference
from varimix.inference.streams import StreamInference, stream_inference

__all__ = [
    "BootstrapEM",
    "Functional",
    "Inference",
    "StreamInference",
    "cdf",
    "expected_shortfall",
    "function_of_model",
    "inference",
    "stream_inference",
    "value_at_risk",
]
