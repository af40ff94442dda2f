"""All that varimix hands out pickles, copies and comes back from another process."""

import copy
import inspect
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from examples_of_values import CLASSES, NIG, ROWS, states
from users_rules import CountingRule

from varimix import NormalInverseGaussian, OnlineEM


def through_pickle(protocol: int) -> Callable[[object], object]:
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


def through_python_pickle(value: object) -> object:
    """Use the pickler that is written in Python, as joblib does for hashes and dumps."""
    return pickle._loads(pickle._dumps(value))  # type: ignore[attr-defined]


WAYS: dict[str, Callable[[object], object]] = {
    **{f"protocol {n}": through_pickle(n) for n in range(pickle.HIGHEST_PROTOCOL + 1)},
    "pickle in Python": through_python_pickle,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def assert_same(value: object, other: object) -> None:
    assert type(other) is type(value)
    assert repr(other) == repr(value)
    if isinstance(value, Exception):
        assert value.args == other.args  # type: ignore[attr-defined]
        return
    assert value == other
    assert not value != other  # noqa: SIM202
    assert getattr(value, "__dict__", None) == getattr(other, "__dict__", None)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_every_class_has_an_example(of: type, examples: dict[type, list[object]]) -> None:
    assert examples.get(of), f"no example of {of.__name__}: what holds of all is not shown of it"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_a_copy_is_the_same_value(of: type, way: str, examples: dict[type, list[object]]) -> None:
    for value in examples[of]:
        other = WAYS[way](value)
        assert other is not value
        assert_same(value, other)
        assert_same(value, WAYS[way](other))


def test_everything_comes_back_from_a_new_process(examples: dict[type, list[object]]) -> None:
    values = [value for of in CLASSES for value in examples[of]]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        for value, other in zip(values, pool.map(copy.copy, values), strict=True):
            assert_same(value, other)


def test_a_fit_in_a_new_process_gives_the_same_bits() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        there = pool.submit(NIG.fit, ROWS).result()
    assert there.model == NIG.fit(ROWS).model


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_values_have_no_hash_or_equal_ones(of: type, examples: dict[type, list[object]]) -> None:
    if issubclass(of, Exception):
        return
    for value in examples[of]:
        other = copy.copy(value)
        try:
            assert hash(value) == hash(other)
        except TypeError:
            assert of.__hash__ is None


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_values_that_differ_are_not_equal(of: type, examples: dict[type, list[object]]) -> None:
    values = examples[of]
    for i, left in enumerate(values):
        assert left != 3
        assert left != "text"
        for right in values[i + 1 :]:
            if repr(left) != repr(right):
                assert left != right


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_arrays_that_properties_give_are_read_only(
    of: type, examples: dict[type, list[object]]
) -> None:
    """Writing into such an array would change nothing, without a word."""
    for value in examples[of]:
        for name in vars(of):
            if isinstance(inspect.getattr_static(of, name), property) or name in ("state",):
                shown = getattr(value, name)
                if isinstance(shown, np.ndarray):
                    assert not shown.flags.writeable, name
                    with pytest.raises(ValueError, match="read-only"):
                        shown[...] = 99.0


def test_some_properties_are_arrays(examples: dict[type, list[object]]) -> None:
    """The test above looks at something."""
    shown = {
        (of.__name__, name)
        for of in CLASSES
        for name in dir(of)
        if not name.startswith("__")
        if isinstance(getattr(examples[of][-1], name, None), np.ndarray)
    }
    assert {name for _, name in shown} >= {"mu", "gamma", "L_Sigma", "E_X", "E_X_inv_Y"}
    assert {name for _, name in shown} >= {"E_XXT_inv_Y", "log_likelihoods", "mean", "covariance"}


def test_an_error_of_a_worker_comes_back() -> None:
    with pytest.raises(ValueError, match="real numbers") as caught:
        NIG.fit(np.array([[1.0, "n/a"], [2.0, 3.0]], dtype=object))
    back = pickle.loads(pickle.dumps(caught.value))
    assert type(back) is type(caught.value)
    assert str(back) == str(caught.value)


class Named(OnlineEM):  # type: ignore[type-arg]
    """A state with an attribute, and one in a slot."""

    __slots__ = ("__dict__", "place")


class NamedModel(NormalInverseGaussian):
    """A model that a user derived."""


def test_attributes_of_a_derived_class_go_along() -> None:
    state = Named(NIG)
    state.name, state.place = ["Oslo"], ["north"]
    for way, copied in WAYS.items():
        other = copied(state)
        assert type(other) is Named
        assert (other.name, other.place) == (["Oslo"], ["north"])
        assert other == state
        assert (other.name is state.name) == (way == "copy"), "a deep copy shares nothing"


def test_a_copied_state_has_a_rule_of_its_own() -> None:
    rule = CountingRule()
    state = OnlineEM(NIG, rule)
    for copied in WAYS.values():
        other = copied(state)
        other.update(ROWS[:100])
        other.update(ROWS[100:])
        assert rule.seen == 0
        assert other.__getstate__()[1][1][0].seen == 2


def test_a_pickled_state_goes_on_to_the_same_bits() -> None:
    for state in states():
        other = pickle.loads(pickle.dumps(state))
        for copied in (state, other):
            try:
                copied.update(ROWS)
            except ValueError:  # its rule has a half-life in time
                copied.update(ROWS, times=[1e5] * len(ROWS))
        assert other == state
