"""States that earlier releases saved, in tests/golden, load for ever."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import varimix
from varimix import OnlineEM

GOLDEN = Path(__file__).parents[1] / "golden"
STATES = sorted(GOLDEN.glob("*/*.state"))


def make_states() -> Any:
    """Return the program that made the states, as a module."""
    spec = spec_from_file_location("make_states", GOLDEN / "make_states.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_states_of_every_family_and_rule() -> None:
    program = make_states()
    made = {type(rule).__name__ for rule in program.rules().values()}
    names = [name for name in varimix.__all__ if name.endswith("Update")]
    assert made == {*names, "Shrinkage", "PolyakAverage"}
    assert set(program.FAMILIES) == set(get_args(varimix.MeanVarianceMixture))
    families = [family.__name__ for family in program.FAMILIES]
    for version in {path.parent for path in STATES}:
        of_later = version.name == "0.1.0-schema-3"
        for name in ("gaussian_test", "portfolios") if of_later else program.rules():
            for family in families:
                assert version / f"{family}-{name}.state" in STATES
    for name in ("gaussian_test", "portfolios"):
        forked = f"0.1.0-schema-3/NormalInverseGaussian-{name}_forked.state"
        assert GOLDEN / forked in STATES


@pytest.mark.parametrize("folder", sorted(GOLDEN.glob("0.1.0*")), ids=lambda path: path.name)
def test_a_folder_has_states_of_its_schema(folder: Path) -> None:
    schema = int(folder.name.removeprefix("0.1.0").removeprefix("-schema-") or 1)
    at = slice(8, 12)  # docs/checkpoint_format.md
    schemas = {int.from_bytes(p.read_bytes()[at], "little") for p in folder.glob("*.state")}
    assert schemas == {schema}


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
    tested = state.gaussian_test
    assert (tested is not None) == ("tested" in held)
    if tested is not None:
        assert tested.n == held["tested"]
        assert tested.statistic == pytest.approx(held["statistic"], rel=1e-12)
    assert make_states().backtests_of(state) == held.get("backtests", {})
    state.update(np.random.default_rng(2).normal(size=(40, 2)))
    assert state.step == held["step"] + 1
