"""A thousand rows, and states that learn them or a stream of them."""

from typing import Any

import varimix as vx

BATCH = 100
ROWS = vx.NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.4, -0.3], sigma=[[1, 0.3], [0.3, 1]], mu_ig=1.0, lam=1.5
).rvs(1000, seed=0)


def start(**options: Any) -> vx.OnlineEM[Any]:
    return vx.OnlineEM(vx.NormalInverseGaussian.default_init(ROWS), **options)


def streamed(source: Any, **options: Any) -> vx.OnlineEM[Any]:
    state = start()
    vx.fit_stream(state, source, batch_size=BATCH, **options)
    return state
