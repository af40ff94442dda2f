"""Uses the wheel with NumPy alone, where there is no compiler; tests/wheel/run runs this."""

import importlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import varimix


def refusal(call: Callable[[], object]) -> str:
    """Return the text of the ImportError that a call raises."""
    try:
        call()
    except ImportError as error:
        return str(error)
    raise AssertionError("an absent package was not missed")


def fits_and_goes_on(folder: Path) -> None:
    """Fit, learn from arrays, save and load."""
    true = varimix.NormalInverseGaussian.from_classical([0], [0.5], [[1]], 1.0, 1.5)
    X = true.rvs(2000, seed=0)
    best = varimix.fit_best(X, n_starts=2)
    assert best.best.model.d == 1
    result = varimix.NormalInverseGaussian.fit(X)
    assert result.converged
    assert result.aic < best.best.log_likelihood * -2 + 20
    state = varimix.OnlineEM(varimix.NormalInverseGaussian.default_init(X))
    state.update(X[:500])
    state.save(folder / "fit.state")
    again = varimix.OnlineEM.load(folder / "fit.state")
    again.update(X[500:])
    assert again.total_weight == len(X)
    assert np.isfinite(again.model.log_prob(X)).all()
    assert varimix.special.log_kv(1.0, 2.0) < 0


def absent_extras_name_themselves(folder: Path) -> None:
    """Expect that whatever needs another package says which extra brings it."""
    X = np.random.default_rng(0).normal(size=(9, 3))
    state = varimix.OnlineEM(varimix.NormalInverseGaussian.default_init(X))
    calls = {
        "io": lambda: varimix.fit_stream(state, str(folder / "rows.parquet")),
        "plot": lambda: importlib.import_module("varimix.plotting"),
        "sklearn": lambda: importlib.import_module("varimix.sklearn"),
    }
    for extra, call in calls.items():
        assert f"varimix[{extra}]" in refusal(call), extra


for absent in ("pyarrow", "rich", "matplotlib", "pandas", "sklearn"):
    assert importlib.util.find_spec(absent) is None, absent
assert shutil.which("cc") is None
with tempfile.TemporaryDirectory() as scratch:
    fits_and_goes_on(Path(scratch))
    absent_extras_name_themselves(Path(scratch))
print("the wheel works with numpy", np.__version__, "alone")
