"""A pickled state that is damaged, or of another class, is refused, or gives a whole value."""

import copy
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
from examples_of_values import CLASSES, NIG, ROWS

from varimix import (
    AffineUpdate,
    BatchEMFitter,
    CheckpointError,
    EWMAUpdate,
    OnlineEM,
    Shrinkage,
    eta0_from_model,
    fit_best,
)

RUBBISH: tuple[object, ...] = (
    *(None, True, -1, 2**70, float("nan"), float("inf"), "text", b"bytes", [], (), {}, object()),
    *(np.zeros(0), np.zeros((3, 5)), np.array("text"), [1.0] * 7, NIG, EWMAUpdate()),
)
# A caller may expect these errors of a pickle that is damaged.
REFUSALS = (TypeError, ValueError, CheckpointError, OverflowError)


def damaged(state: object) -> Iterator[object]:
    """Yield the state with each of its parts in turn replaced by rubbish, or left out."""
    yield from RUBBISH
    if isinstance(state, tuple | list):
        for k, part in enumerate(state):
            yield (*state[:k], *state[k + 1 :])
            for rubbish in damaged(part):
                changed = [*state[:k], rubbish, *state[k + 1 :]]
                yield tuple(changed) if isinstance(state, tuple) else changed
    elif isinstance(state, bytes):
        yield state[: len(state) // 2]
        for at in range(0, len(state), 1 + len(state) // 20):
            yield state[:at] + bytes([state[at] ^ 0x41]) + state[at + 1 :]


def use(value: object) -> None:
    """Do everything that reads the value."""
    repr(value)
    str(value)
    assert value is not None
    assert (value == copy.deepcopy(value)) in (True, False)
    for name in dir(type(value)):
        if not name.startswith("_"):
            getattr(value, name)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_a_damaged_state_is_refused_or_a_value(
    of: type, examples: dict[type, list[object]]
) -> None:
    """A damaged state is never half a value, and never ends the process."""
    if issubclass(of, Exception) or of is type(NIG.fit):
        return
    refused = 0
    for value in examples[of]:
        for state in damaged(value.__getstate__()):  # type: ignore[call-overload]
            other = of.__new__(of)
            try:
                other.__setstate__(state)
            except REFUSALS:
                refused += 1
            else:
                use(other)
    assert refused > len(RUBBISH)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_the_state_of_another_class_is_refused(
    of: type, examples: dict[type, list[object]]
) -> None:
    if issubclass(of, Exception) or of is type(NIG.fit):
        return
    for other, values in examples.items():
        if other is of or issubclass(other, Exception) or other is type(NIG.fit):
            continue
        with pytest.raises(REFUSALS):
            of.__new__(of).__setstate__(values[0].__getstate__())


def test_a_truncated_pickle_is_refused(examples: dict[type, list[object]]) -> None:
    for of in CLASSES:
        data = pickle.dumps(examples[of][0])
        for end in range(0, len(data), 1 + len(data) // 10):
            with pytest.raises((*REFUSALS, pickle.UnpicklingError, EOFError)):
                pickle.loads(data[:end])


@pytest.mark.filterwarnings("ignore:nanobind")
@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_an_object_that_was_never_made_raises_whatever_is_asked_of_it(of: type) -> None:
    if issubclass(of, Exception):
        return
    empty = of.__new__(of)
    for ask in (repr, copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises((TypeError, RuntimeError)):
            ask(empty)
    assert empty != NIG
    for use_it in (
        lambda: OnlineEM(empty),
        lambda: OnlineEM(NIG, empty),
        lambda: BatchEMFitter(eta_update=empty),
        lambda: Shrinkage(empty, eta0_from_model(NIG)),
        lambda: AffineUpdate(empty),
        lambda: OnlineEM(NIG).merge(empty),
        lambda: NIG.m_step(empty),
        lambda: fit_best(ROWS, families=[empty]),
    ):
        with pytest.raises((TypeError, ValueError)):
            use_it()


@pytest.mark.filterwarnings("ignore:nanobind")
@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_a_value_is_not_set_twice(of: type, examples: dict[type, list[object]]) -> None:
    if issubclass(of, Exception) or of is type(NIG.fit):
        return
    value = examples[of][0]
    before = repr(value)
    with pytest.raises(TypeError):
        value.__setstate__(value.__getstate__())  # type: ignore[attr-defined, call-overload]
    assert repr(value) == before
