"""Runs the machine of tests/python/machine for half a minute, in a process that may die."""

from pathlib import Path

from machine import surface
from machine.drive import run
from machine.machine import Machine

import varimix

SECONDS = 25
SEED = 20261127


def test_random_calls_keep_what_the_documents_promise(tmp_path: Path) -> None:
    _, finding = run(SECONDS, SEED, tmp_path, shrink=False)
    assert finding is None, f"scripts/machine 300 {finding.seed}\n{finding.report}"


def test_every_public_name_is_driven_by_a_step() -> None:
    public = set(varimix.__all__) - {"report"}  # its page takes seconds: test_reporting.py
    assert set(surface.PUBLIC) == public
    assert all(callable(getattr(Machine, step, None)) for step in surface.PUBLIC.values())


def test_every_public_rule_is_in_the_machine() -> None:
    model = varimix.NormalInverseGaussian.from_classical([0], [0], [[1]], 1, 1)
    driven = {type(make(model)).__name__ for make in surface.RULES.values()}
    documented = {name for name in surface.PUBLIC if surface.PUBLIC[name] == "construct"}
    rules = (
        documented - set(surface.FAMILIES) - {"OnlineEM", "MeanVarianceMixture", "NormalMixture"}
    )
    assert rules <= driven


def test_every_way_to_ask_a_model_is_listed() -> None:
    for family in surface.FAMILIES:
        public = {name for name in dir(getattr(varimix, family)) if not name.startswith("_")}
        shape = set(surface.FAMILIES[family][0])
        assert public - shape == set(surface.OF_A_MODEL), family


def test_every_way_to_use_a_state_is_listed() -> None:
    public = {name for name in dir(varimix.OnlineEM) if not name.startswith("_")}
    assert public == set(surface.OF_A_STATE)
    steps = (*surface.OF_A_STATE.values(), *surface.OF_A_MODEL.values())
    assert all(callable(getattr(Machine, step, None)) for step in steps)
