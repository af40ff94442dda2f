"""All that varimix hands out pickles, copies and comes back from another process."""

import copy
import importlib
import inspect
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import varimix
from varimix import (
    AffineUpdate,
    BatchEMFitter,
    BlockIncrementalUpdate,
    CheckpointError,
    DegenerateDataWarning,
    EarlyStopping,
    EWMAUpdate,
    Gamma,
    GeneralizedHyperbolic,
    GeneralizedInverseGaussian,
    IdentityUpdate,
    IncrementalEMFitter,
    InverseGamma,
    InverseGaussian,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
    fit_best,
)

NIG = NormalInverseGaussian.from_classical(
    [0.5, -1 / 3], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5
)
ROWS = NIG.rvs(300, seed=1)
GAPS = np.where(np.arange(600).reshape(300, 2) % 7 == 0, np.nan, ROWS)


@pytest.fixture(scope="module")
def users_rules() -> Iterator[Any]:
    """Yield a module of rules that a new process finds too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("users_rules")


def states(users_rules: Any) -> list[object]:
    state = OnlineEM(NIG, Shrinkage(PolyakRuppertUpdate(), eta0_from_model(NIG)), key=3)
    state.update(ROWS)
    forked = state.fork()
    forked.update(ROWS[:50])
    timed = OnlineEM(NIG, EWMAUpdate(half_life=timedelta(hours=1)))
    timed.update(ROWS[:3], times=[0, 1, 7200])
    blocks = OnlineEM(NIG, PolyakAverage(BlockIncrementalUpdate(3), start=1))
    blocks.update(ROWS[:100])
    blocks.update(ROWS[100:])
    users = OnlineEM(NIG, Shrinkage(users_rules.CountingRule(), eta0_from_model(NIG)))
    users.update(ROWS)
    users = users.fork()
    users.update(ROWS)
    return [OnlineEM(NIG), state, forked, timed, blocks, users]


def fitters(users_rules: Any) -> list[object]:
    prior = Shrinkage(IdentityUpdate(), eta0_from_model(NIG), tau=0.25)
    fitted = IncrementalEMFitter(PolyakAverage(users_rules.CountingRule()), max_steps=3, verbose=1)
    fitted.fit(NIG, ROWS, key=0)
    return [
        BatchEMFitter(tol=1 / 3, eta_update=prior, fixed=["mu", "lam"], verbose=2),
        IncrementalEMFitter(EWMAUpdate(w=0.3), stop_when=EarlyStopping(3, 0.1), missing="exact"),
        fitted,
    ]


def shrinkages(users_rules: Any) -> list[object]:
    eta0 = eta0_from_model(NIG)
    return [
        Shrinkage(EWMAUpdate(half_life=3.0), eta0, tau=1 / 3, feedback=True),
        Shrinkage(PolyakAverage(Shrinkage(IdentityUpdate(), eta0)), eta0, tau=eta0_of_strengths()),
        Shrinkage(users_rules.CountingRule(), eta0),
    ]


def eta0_of_strengths() -> varimix.Eta:
    return varimix.Eta(0.1, 0.2, 0.3, [0.4, 0.5], [0.6, 0.7], [[0.8, 0.9], [0.9, 1.0]])


@pytest.fixture(scope="module")
def examples(users_rules: Any) -> dict[type, list[object]]:
    """Return values of every class, in every shape that they come in."""
    fits = [NIG.fit(ROWS), *(of.fit(ROWS, max_iter=3) for of in FAMILIES)]
    best = fit_best(ROWS, n_starts=1)
    state = OnlineEM(NIG, users_rules.CountingRule())
    report = state.update(ROWS)
    info = pickle.loads(pickle.dumps(state)).__getstate__()[1][1][0].last
    laws = [Gamma(2.5, 1 / 3), InverseGamma(2, 3), InverseGaussian(1, 2)]
    laws += [GeneralizedInverseGaussian(-1, 2, 3), GeneralizedInverseGaussian(1.5, 2, 0)]
    values: list[object] = [
        *(NIG, NIG.project([1, 0]), *(of.default_init(ROWS) for of in FAMILIES)),
        *laws,
        *(type(law).fit(law.rvs(100, seed=1)) for law in laws),
        *(NIG.e_step(ROWS), NIG.e_step(GAPS, missing="exact"), NIG.conditional(GAPS[:20])),
        NIG.posterior(ROWS),
        NIG.monte_carlo_kl_divergence(fits[0].model, 10, 1),
        *(NIG.compute_eta_from_model(), VarianceGamma.default_init(ROWS).e_step(ROWS).eta),
        *(*fits, best, *best.table, fits[0].status, *fits[0].status.entries, OnlineEM(NIG).status),
        *(report, state.log_score, state.drift, info, EarlyStopping(7, 0.5)),
        *(IdentityUpdate(), RobbinsMonroUpdate(3, 2 / 3), SampleWeightedUpdate(n0=0.1)),
        *(EWMAUpdate(), EWMAUpdate(half_life=1 / 3), EWMAUpdate(half_life=timedelta(days=1))),
        *(AffineUpdate(), AffineUpdate(eta0_from_model(NIG), 0.5, -1e-3)),
        *(PolyakRuppertUpdate(), PolyakRuppertUpdate(2 / 3, 7), BlockIncrementalUpdate(4)),
        *(PolyakAverage(EWMAUpdate(), start=3), PolyakAverage(users_rules.CountingRule())),
        *shrinkages(users_rules),
        *states(users_rules),
        *fitters(users_rules),
        *(NIG.fit, NormalInverseGaussian.fit),
        *(CheckpointError("damaged"), DegenerateDataWarning("column 2")),
    ]
    by_class: dict[type, list[object]] = {}
    for value in values:
        by_class.setdefault(type(value), []).append(value)
    return by_class


FAMILIES = (NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic)
CLASSES = sorted(
    {of for name in varimix.__all__ if inspect.isclass(of := getattr(varimix, name))}
    | {type(NIG.fit)},
    key=lambda of: of.__name__,
)


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


# ---- Damage ----

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


def test_an_error_of_a_worker_comes_back() -> None:
    with pytest.raises(ValueError, match="real numbers") as caught:
        NIG.fit(np.array([[1.0, "n/a"], [2.0, 3.0]], dtype=object))
    back = pickle.loads(pickle.dumps(caught.value))
    assert type(back) is type(caught.value)
    assert str(back) == str(caught.value)


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


# ---- What Python adds ----


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


def test_a_copied_state_has_a_rule_of_its_own(users_rules: Any) -> None:
    rule = users_rules.CountingRule()
    state = OnlineEM(NIG, rule)
    for copied in WAYS.values():
        other = copied(state)
        other.update(ROWS[:100])
        other.update(ROWS[100:])
        assert rule.seen == 0
        assert other.__getstate__()[1][1][0].seen == 2


def test_a_pickled_state_goes_on_to_the_same_bits(users_rules: Any) -> None:
    for state in states(users_rules):
        other = pickle.loads(pickle.dumps(state))
        for copied in (state, other):
            try:
                copied.update(ROWS)
            except ValueError:  # its rule has a half-life in time
                copied.update(ROWS, times=[1e5] * len(ROWS))
        assert other == state
