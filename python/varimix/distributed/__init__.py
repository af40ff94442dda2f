"""The same fit on more than one machine, on engines that people already run.

The functions of partials - `e_step_partial`, `merge_partials`, `m_step`, `fit_partials` - take
and give bytes and need no engine. `fit`, `default_init`, `fit_best`, `score`, `log_prob`,
`posterior`, `rvs` and `fit_stream` run on dask (``pip install 'varimix[dask]'``), which is
imported when one of them is asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from varimix.distributed.partials import (
    describe_partial,
    e_step_partial,
    fit_partials,
    m_step,
    merge_in_order,
    merge_partials,
    model_bytes,
    model_from_bytes,
)
from varimix.extras import require_extra

if TYPE_CHECKING:
    from varimix.distributed.best import fit_best
    from varimix.distributed.fitting import default_init, fit
    from varimix.distributed.row_values import Posteriors, log_prob, posterior, rvs, score
    from varimix.distributed.streams import fit_stream

__all__ = [
    "Posteriors",
    "default_init",
    "describe_partial",
    "e_step_partial",
    "fit",
    "fit_best",
    "fit_partials",
    "fit_stream",
    "log_prob",
    "m_step",
    "merge_in_order",
    "merge_partials",
    "model_bytes",
    "model_from_bytes",
    "posterior",
    "rvs",
    "score",
]

_ON_DASK = {
    "Posteriors": "row_values",
    "default_init": "fitting",
    "fit": "fitting",
    "fit_best": "best",
    "fit_stream": "streams",
    "log_prob": "row_values",
    "posterior": "row_values",
    "rvs": "row_values",
    "score": "row_values",
}


def __getattr__(name: str) -> Any:
    if name not in _ON_DASK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require_extra("dask", "dask", f"varimix.distributed.{name}")
    return getattr(importlib.import_module(f"{__name__}.{_ON_DASK[name]}"), name)
