"""How sure: standard errors and intervals of what was fitted, and tests."""

from varimix._varimix import (
    BootstrapEM,
    BootstrapResult,
    GaussianTest,
    GaussianTestStream,
    gaussian_test,
)
from varimix.inference.distinguishable_laws import DistinguishabilityTest, test_distinguishability
from varimix.inference.fit_of_projections import GoodnessOfFit, goodness_of_fit
from varimix.inference.functionals import (
    Functional,
    cdf,
    expected_shortfall,
    function_of_model,
    value_at_risk,
)
from varimix.inference.nested_laws import (
    LikelihoodRatio,
    SymmetryTest,
    likelihood_ratio,
    test_symmetry,
)
from varimix.inference.non_nested_laws import VuongTest, vuong
from varimix.inference.standard_errors import Inference, inference
from varimix.inference.streams import StreamInference, stream_inference

__all__ = [
    "BootstrapEM",
    "BootstrapResult",
    "DistinguishabilityTest",
    "Functional",
    "GaussianTest",
    "GaussianTestStream",
    "GoodnessOfFit",
    "Inference",
    "LikelihoodRatio",
    "StreamInference",
    "SymmetryTest",
    "VuongTest",
    "cdf",
    "expected_shortfall",
    "function_of_model",
    "gaussian_test",
    "goodness_of_fit",
    "inference",
    "likelihood_ratio",
    "stream_inference",
    "test_distinguishability",
    "test_symmetry",
    "value_at_risk",
    "vuong",
]
