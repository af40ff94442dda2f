"""Rows of the tutorial's law, their fit, and its standard errors."""

from varimix import EMResult, NormalInverseGaussian
from varimix.inference import Inference, inference

TUTORIAL = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
X = TUTORIAL.rvs(400, seed=3)
FIT: EMResult[NormalInverseGaussian] = NormalInverseGaussian.fit(X, tol=1e-13)


def inference_found() -> Inference:
    return inference(FIT, X)
