"""States that earlier releases saved, in tests/golden, load for ever."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import varimix
from varimix import OnlineEM

GOLDEN = Path(__file__).parents[1] / "golden"
STATES = sorted(GOLDEN.glob("*/*.state"))


def test_there_are_states_of_every_family_and_rule() -> None:
    spec = spec_from_file_location("make_states", GOLDEN / "make_states.py")
    assert spec is not None
    assert spec.loader is not None
    make_states = module_from_spec(spec)
    spec.loader.exec_module(make_states)
    made = {type(rule).__name__ for rule in make_states.rules().values()}
    names = [name for name in varimix.__all__ if name.endswith("Update")]
    assert made == {*names, "Shrinkage", "PolyakAverage"}
    assert set(make_states.FAMILIES) == set(get_args(varimix.MeanVarianceMixture))
    for version in {path.parent for path in STATES}:
        for family in make_states.FAMILIES:
            for name in make_states.rules():
                assert version / f"{family.__name__}-{name}.state" in STATES


@pytest.mark.parametrize("path", STATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_golden_state_holds_what_it_held(path: Path) -> None:
    held = json.loads(path.with_suffix(".json").read_text())
    state = OnlineEM.load(path)
    model = state.model
    assert type(model).__name__ == held["family"]
    assert (state.step, state.total_weight) == (held["step"], held["total_weight"])
    assert state.log_score.total == held["log_score"]
    columns = tuple(held["columns"]) if "columns" in held else None
    assert state.columns == model.columns == state.driving_model.columns == columns
    assert held["E_Y"] == state.eta.E_Y
    np.testing.assert_array_equal(state.eta.E_XXT_inv_Y, held["E_XXT_inv_Y"])
    # The model is made anew from the statistics, and is the same to rounding on any machine.
    for name in ("mu", "gamma", "L_Sigma"):
        np.testing.assert_allclose(getattr(model, name), held[name], rtol=1e-9, atol=1e-12)
    assert str(state.status) == held["status"]
    state.update(np.random.default_rng(2).normal(size=(40, 2)))
    assert state.step == held["step"] + 1
