"""States of streams are saved, resumed, copied, forked and merged without losing a row."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from streams import BATCH, ROWS, start, streamed

import varimix as vx


def test_stopped_and_resumed_it_has_the_same_bits(tmp_path: Path) -> None:
    undisturbed = streamed(ROWS, passes=2, shuffle_buffer=250)
    path = tmp_path / "state"
    for _ in range(4):
        state = start()
        vx.fit_stream(
            state,
            ROWS,
            batch_size=BATCH,
            passes=2,
            shuffle_buffer=250,
            max_steps=6,
            checkpoint=path,
            every=2,
        )
    assert vx.OnlineEM.load(path) == undisturbed
    assert (tmp_path / "state.prev").exists()


def test_a_state_is_a_value(tmp_path: Path) -> None:
    state = streamed(ROWS)
    state.save(tmp_path / "state")
    for same in (
        copy.copy(state),
        pickle.loads(pickle.dumps(state)),
        vx.OnlineEM.from_bytes(state.to_bytes()),
        vx.OnlineEM.load(tmp_path / "state"),
    ):
        assert same == state
        same.update(ROWS[:50])
        assert same != state
    assert len(state.to_bytes()) < 8192


def test_merge_of_forks_is_one_pass() -> None:
    def learned(state: vx.OnlineEM[Any], part: Any) -> vx.OnlineEM[Any]:
        state.update(part)
        return state

    begin = start(eta_update=vx.SampleWeightedUpdate(), frozen=True)
    trunk = learned(copy.copy(begin), ROWS[:200])
    left, right = learned(trunk.fork(), ROWS[200:500]), learned(trunk.fork(), ROWS[500:])
    left.merge(right)
    whole = learned(copy.copy(begin), ROWS)
    assert left.total_weight == 1000
    assert left.model.same_law(whole.model, 1e-11)
    trunk.merge(right)
    assert trunk.total_weight == 700, "a parent takes in its fork"
    never_forked = learned(copy.copy(begin), ROWS[:200])
    other = learned(copy.copy(never_forked), ROWS[300:])
    with pytest.raises(ValueError, match=r"fork\(\)"):
        learned(copy.copy(never_forked), ROWS[200:300]).merge(other)


def test_a_checkpoint_does_not_take_the_place_of_what_a_state_has_learned(tmp_path: Path) -> None:
    path = tmp_path / "state"
    streamed(ROWS[:100], checkpoint=path)
    state = start()
    state.update(ROWS[:50])
    before = state.to_bytes()
    with pytest.raises(ValueError, match="state must be new, or one that began with the rows"):
        vx.fit_stream(state, ROWS, checkpoint=path)
    assert state.to_bytes() == before
    vx.fit_stream(state, ROWS[500:], checkpoint=tmp_path / "own")
    rebuilt = start()  # as a program would do that runs again
    rebuilt.update(ROWS[:50])
    vx.fit_stream(rebuilt, ROWS[500:], checkpoint=tmp_path / "own")
    assert rebuilt.total_weight == 550
    other = vx.OnlineEM(vx.NormalInverseGaussian.default_init(ROWS), key=3)
    with pytest.raises(ValueError, match="the same key"):
        vx.fit_stream(other, ROWS, checkpoint=path)
    again = start()
    vx.fit_stream(again, ROWS[:100], checkpoint=path)
    assert again.total_weight == 100
    vx.fit_stream(again, ROWS[:200], checkpoint=path)  # this state has learned from the stream
    assert again.total_weight == 200
