"""The reader that docs/checkpoint_format.md shows reads what varimix writes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import NormalInverseGaussian, OnlineEM, SampleWeightedUpdate


@pytest.fixture
def x() -> NDArray[np.float64]:
    return np.random.default_rng(3).standard_t(4, size=(300, 2))


@pytest.fixture
def state(x: NDArray[np.float64]) -> OnlineEM:
    state = OnlineEM(NormalInverseGaussian.default_init(x), eta_update=SampleWeightedUpdate())
    state.update(x)
    return state


def documented_reader(root: Path) -> str:
    text = (root / "docs" / "checkpoint_format.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    return code


def test_the_documented_reader_prints_a_checkpoint(
    root: Path,
    tmp_path: Path,
    x: NDArray[np.float64],
    state: OnlineEM,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state.save(tmp_path / "fit.state")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(documented_reader(root), names)
    assert capsys.readouterr().out.startswith("1 [")
    held = names["state"]
    assert (held["step"], held["total_weight"]) == (state.step, state.total_weight)
    assert held["rule"] == {"name": "SampleWeightedUpdate", "values": {"n0": 0.0}}
    assert held["score"]["total"] == state.log_score.total
    assert held["first_row"] == list(x[0])
    driving, model = held["driving"], state.model
    np.testing.assert_allclose(driving["mu"], model.mu, rtol=1e-9)
    np.testing.assert_allclose(
        np.multiply(driving["subordinator"]["mu_ig"], driving["gamma"]),
        model.mu_ig * model.gamma,
        rtol=1e-9,
    )


@pytest.mark.parametrize("position", [0, 8, 27, 28, -1])
def test_the_documented_reader_sees_damage(
    root: Path, tmp_path: Path, state: OnlineEM, position: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = bytearray(state.to_bytes())
    damaged[position] ^= 1
    (tmp_path / "fit.state").write_bytes(damaged)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError):
        exec(documented_reader(root), {})
