"""Numpy ufuncs for log K_nu(z), with K_nu the modified Bessel function of the second kind."""

import numpy as np

from varimix import _varimix

log_kv: np.ufunc = _varimix.log_kv
"""log K_nu(z)."""

kv_ratio: np.ufunc = _varimix.kv_ratio
"""K_{nu+1}(z) / K_nu(z); the other neighbour, K_{nu-1}(z) / K_nu(z), is kv_ratio(-nu, z)."""

dlog_kv_dnu: np.ufunc = _varimix.dlog_kv_dnu
"""d/dnu log K_nu(z)."""

__all__ = ["dlog_kv_dnu", "kv_ratio", "log_kv"]
