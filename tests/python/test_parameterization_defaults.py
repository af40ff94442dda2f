"""A conversion has defaults for a location and a scale that are left out."""

import numpy as np
import pytest

from varimix import MeanVarianceMixture
from varimix import parameterizations as forms


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        (forms.from_cgm(1.5, 4.0, 5.0), forms.from_cgm(1.5, 4.0, 5.0, 0.0)),
        (
            forms.from_sigma_nu_theta(1.2, 0.5, -0.3),
            forms.from_sigma_nu_theta(1.2, 0.5, -0.3, 0.0),
        ),
        (
            forms.from_scipy_norminvgauss(2.0, 0.5),
            forms.from_scipy_norminvgauss(2.0, 0.5, 0.0, 1.0),
        ),
        (
            forms.from_scipy_genhyperbolic(-0.5, 2.0, 0.5),
            forms.from_scipy_genhyperbolic(-0.5, 2.0, 0.5, 0.0, 1.0),
        ),
    ],
    ids=["cgm", "sigma_nu_theta", "norminvgauss", "genhyperbolic"],
)
def test_a_location_left_out_is_0_and_a_scale_1(
    short: MeanVarianceMixture, whole: MeanVarianceMixture
) -> None:
    assert short == whole
    np.testing.assert_array_equal(short.mu, 0.0)
