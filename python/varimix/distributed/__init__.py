"""The same fit on more than one machine, on engines that people already run.

The functions of partials - `e_step_partial`, `merge_partials`, `m_step`, `fit_partials` - take
and give bytes and need no engine. `fit`, `default_init`, `fit_best`, `score`, `log_prob`,
`posterior`, `rvs` and `fit_stream` run on dask (``pip install 'varimix[dask]'``).
"""
from varimix.distributed.fitting import default_init, fit
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
