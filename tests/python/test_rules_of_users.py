"""An update rule of the user's own works everywhere, and does no harm where it fails."""

from pathlib import Path
from typing import Any

import pytest
from streams import BATCH, ROWS, start

import varimix as vx


class Halves:
    """A rule of the user's own."""

    def accumulate(self, running: vx.Eta, batch: vx.Eta, info: vx.StepInfo) -> vx.Eta:
        assert info.batch_weight > 0
        return halfway(running, batch)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Halves)


def halfway(running: vx.Eta, batch: vx.Eta) -> vx.Eta:
    mean = [
        0.5 * (getattr(running, name) + getattr(batch, name))
        for name in ("E_inv_Y", "E_Y", "E_X", "E_X_inv_Y", "E_XXT_inv_Y")
    ]
    return vx.Eta(mean[0], mean[1], None, mean[2], mean[3], mean[4])


def test_a_rule_of_the_users_own_works_everywhere(tmp_path: Path) -> None:
    own = start(eta_update=Halves())
    ours = start(eta_update=vx.AffineUpdate(b=0.5, c=0.5))
    for state in (own, ours):
        vx.fit_stream(state, ROWS, batch_size=BATCH)
    assert own.model.same_law(ours.model, 1e-9)
    own.save(tmp_path / "own")
    with pytest.raises(vx.CheckpointError, match="give that rule"):
        vx.OnlineEM.load(tmp_path / "own")
    loaded = vx.OnlineEM.load(tmp_path / "own", rule=Halves())
    assert loaded == own
    fitter = vx.IncrementalEMFitter(eta_update=Halves(), max_steps=5)
    assert fitter.fit(vx.NormalInverseGaussian.default_init(ROWS), ROWS, key=0).n_iter == 5


def test_what_a_users_rule_raises_leaves_the_state_as_it_was() -> None:
    class Broken:
        def accumulate(self, *_: object) -> object:
            raise KeyError("mine")

    state = start(eta_update=Broken())
    with pytest.raises(KeyError, match="mine"):
        state.update(ROWS)
    assert state.step == 0
    assert state.log_score.weight == 0

    class Wrong:
        def accumulate(self, *_: object) -> object:
            return 3

    with pytest.raises(TypeError, match="accumulate of an update rule must return Eta"):
        start(eta_update=Wrong()).update(ROWS)
    with pytest.raises(TypeError, match="eta_update must be an update rule, got 3"):
        start(eta_update=3)


def test_states_of_a_users_rule_are_told_that_they_do_not_merge() -> None:
    class Mine:
        def accumulate(self, running: Any, batch: Any, info: Any) -> Any:
            return batch

    a, b = (vx.OnlineEM(start().model, Mine()) for _ in range(2))
    with pytest.raises(ValueError, match=r"a rule that averages.*got Mine"):
        a.merge(b)
