"""Prices that ``varimix fit`` learns in a folder of its own, and the same fit in Python."""

from pathlib import Path

import numpy as np
import pytest
from command import prices_of
from numpy.typing import NDArray

from varimix import MeanVarianceMixture, NormalInverseGaussian, OnlineEM, fit_stream

ROWS = 5000
PRICES = prices_of(ROWS)
INITIAL_ROWS = 2048


def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_python(
    rows: NDArray[np.float64],
    family: type[MeanVarianceMixture] = NormalInverseGaussian,
    **how: object,
) -> OnlineEM:
    state = OnlineEM(family.default_init(rows[:INITIAL_ROWS]), **how)
    fit_stream(state, rows, batch_size=512)
    return state
