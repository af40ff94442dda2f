"""States that have learned a stream and know their standard errors."""

from typing import Any

import numpy as np

from varimix import EWMAUpdate, NormalInverseGaussian, OnlineEM
from varimix.inference import BootstrapEM

LAW = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
)
ROWS = LAW.rvs(2000, seed=3)
BATCHES = np.split(ROWS, 20)


def fitted(rule: object = None, **options: Any) -> OnlineEM[Any]:
    state = OnlineEM(LAW, EWMAUpdate(w=0.2) if rule is None else rule, **options)
    for batch in BATCHES:
        state.update(batch)
    return state


def bootstrapped(start: Any = LAW, replicas: int = 4, key: int = 0, stream: int = 0) -> Any:
    state = BootstrapEM(start, replicas, key, stream=stream)
    for batch in BATCHES:
        state.update(batch)
    return state
