"""Bad rows and bad keys raise ValueError at every function that takes them, and change nothing."""

import copy
import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from varimix import (
    EWMAUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    OnlineEM,
)

NAN, INF = np.nan, np.inf
GOOD = np.array([[0.0, 0.5], [1.0, -0.5], [2.0, 0.25], [-1.0, 0.0]])

MODEL = NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5)
LINE = MODEL.project([1, 0])  # one-dimensional


def online(model: NormalInverseGaussian) -> Callable[[ArrayLike], object]:
    return OnlineEM(model).update


def incremental(model: NormalInverseGaussian) -> Callable[[ArrayLike], object]:
    return lambda X: IncrementalEMFitter(batch_size=4, max_steps=2).fit(model, X, key=0)


# Every function of rows has the name of its argument.
READERS: dict[str, tuple[Callable[[NormalInverseGaussian], Callable[[ArrayLike], object]], str]] = {
    "log_prob": (lambda m: m.log_prob, "X"),
    "pdf": (lambda m: m.pdf, "X"),
    "marginal_log_likelihood": (lambda m: m.marginal_log_likelihood, "X"),
    "e_step": (lambda m: m.e_step, "X"),
    "OnlineEM.update": (online, "batch"),
    "IncrementalEMFitter.fit": (incremental, "X"),
}

# These rows for a model of two columns break a constraint, and the message has the value.
BAD_ROWS: dict[str, tuple[ArrayLike, str, str]] = {
    "empty": (np.zeros((0, 2)), "at least one row", "empty"),
    "one-dimensional": ([0.0, 1.0, 2.0], "rows of 2 columns", "one-dimensional array of 3"),
    "a number": (0.0, "two-dimensional", "0 dimensions"),
    "three-dimensional": (np.zeros((4, 2, 1)), "two-dimensional", "3 dimensions"),
    "one column": (GOOD[:, :1], "rows of 2 columns", "1 columns"),
    "three columns": (np.zeros((4, 3)), "rows of 2 columns", "3 columns"),
    "no columns": (np.zeros((4, 0)), "rows of 2 columns", "0 columns"),
    "NaN": (np.array([[0, 1], [0, 1], [0, NAN]]), "finite", "nan in row 2, column 1"),
    "infinity": (np.array([[0, 1], [INF, NAN]]), "finite", "inf in row 1, column 0"),
    "minus infinity": (
        np.array([[0, -INF]], dtype=np.float32),
        "finite",
        "-inf in row 0, column 1",
    ),
    "objects": (np.full(GOOD.shape, object()), "real numbers", "object"),
    "complex": (GOOD + 0j, "real numbers", "complex128"),
    "strings": (GOOD.astype(str), "real numbers", "<U"),
    "bytes": (b"rows", "an array", "bytes"),
    "dates": (GOOD.astype("M8[s]"), "real numbers", "datetime64"),
    "a table": (np.zeros(3, dtype=[("a", "f8"), ("b", "f8")]), "real numbers", "'a'"),
    "a masked array": (np.ma.array(GOOD, mask=GOOD > 1.0), "without a mask", "masked array"),
}

BAD_KEYS: dict[str, tuple[object, str, str]] = {
    "negative": (-1, ">= 0", "-1"),
    "one negative": ([3, -2], ">= 0", "-2"),
    "a float": (0.0, "integer", "0.0"),
    "a bool": (True, "integer", "True"),
    "bools": ([True, False], "integer", "True"),
    "a string": ("7", "integer", "7"),
    "none": ([], "", ""),
    "objects": (np.array([1, 2], dtype=object), "integer", "1"),
}


def message_of(call: Callable[[], object]) -> str:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the message is looked at by the caller
        call()
    return str(raised.value)


def assert_named(message: str, argument: str, constraint: str, value: str) -> None:
    pattern = rf"{argument}\b.* must be .*{re.escape(constraint)}.*, got .*{re.escape(value)}"
    assert re.match(pattern, message, re.DOTALL), message


@pytest.mark.parametrize("case", BAD_ROWS)
@pytest.mark.parametrize("reader", READERS)
def test_bad_rows_are_named(reader: str, case: str) -> None:
    function, argument = READERS[reader]
    data, constraint, value = BAD_ROWS[case]
    assert_named(message_of(lambda: function(MODEL)(data)), argument, constraint, value)


# default_init takes any number of columns, and a one-dimensional array as n rows of one column.
ANY_COLUMNS = {"one-dimensional", "one column", "three columns", "no columns"}


@pytest.mark.parametrize("case", [case for case in BAD_ROWS if case not in ANY_COLUMNS])
def test_default_init_names_bad_rows(case: str) -> None:
    data, constraint, value = BAD_ROWS[case]
    message = message_of(lambda: NormalInverseGaussian.default_init(data))
    assert_named(message, "X", constraint, value)


@pytest.mark.parametrize("reader", READERS)
def test_a_ragged_list_is_named(reader: str) -> None:
    function, argument = READERS[reader]
    assert_named(message_of(lambda: function(MODEL)([[0, 1], [2]])), argument, "", "")


@pytest.mark.parametrize("reader", READERS)
def test_where_d_is_one_two_columns_are_refused(reader: str) -> None:
    function, argument = READERS[reader]
    assert_named(
        message_of(lambda: function(LINE)(GOOD)), argument, "rows of 1 column", "2 columns"
    )


@pytest.mark.parametrize("case", BAD_KEYS)
def test_a_bad_key_is_named(case: str) -> None:
    key, constraint, value = BAD_KEYS[case]
    fitter = IncrementalEMFitter(max_steps=1)
    message = message_of(lambda: fitter.fit(MODEL, GOOD, key=key))  # type: ignore[arg-type]
    assert_named(message, "key", constraint, value)


@pytest.mark.parametrize("case", BAD_KEYS)
def test_a_bad_seed_is_named(case: str) -> None:
    seed, constraint, value = BAD_KEYS[case]
    message = message_of(lambda: MODEL.rvs(3, seed=seed))  # type: ignore[arg-type]
    assert_named(message, "seed", constraint, value)


@pytest.mark.parametrize("key", [2**64, [0, 2**64]])
def test_a_key_beyond_64_bits_is_told_so(key: ArrayLike) -> None:
    message = message_of(lambda: MODEL.rvs(3, seed=key))
    assert re.match(r"seed must be .*\b(2\^64|64 bits|18446744073709551615)\b.*, got ", message), (
        message
    )


def test_words_of_a_key_may_use_all_64_bits() -> None:
    words = [5, 2**63 + 1]
    as_array = MODEL.rvs(3, seed=np.array(words, dtype=np.uint64))
    np.testing.assert_array_equal(MODEL.rvs(3, seed=words), as_array)


def snapshot(state: OnlineEM) -> tuple[object, ...]:
    """Return all that can be read of a state."""
    return (
        repr(state),
        state.model,
        state.driving_model,
        state.eta,
        state.step,
        state.total_weight,
        state.status,
    )


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_refused_batch_changes_nothing(
    case: str, rule_for: Callable[[NormalInverseGaussian], object], rows: NDArray[np.float64]
) -> None:
    state = OnlineEM(MODEL, rule_for(MODEL))
    for start in (0, 200):
        state.update(rows[start : start + 200])
    twin = copy.deepcopy(state)
    before = snapshot(state)
    message_of(lambda: state.update(BAD_ROWS[case][0]))
    assert snapshot(state) == before
    # The next step would show any other change, such as one of a rule's memory.
    state.update(rows[400:600])
    twin.update(rows[400:600])
    assert snapshot(state) == snapshot(twin)


@pytest.mark.parametrize(
    ("X", "key"),
    [(np.zeros((0, 2)), 0), (GOOD[:, :1], 0), (GOOD[:, 0], 0), (GOOD + 0j, 0), (GOOD, -1)],
    ids=["empty", "columns", "one-dimensional", "complex", "key"],
)
def test_a_refused_fit_keeps_the_state_of_the_fit_before(X: ArrayLike, key: int) -> None:
    fitter = IncrementalEMFitter(batch_size=4, max_steps=3, eta_update=EWMAUpdate(w=0.5))
    fitter.fit(MODEL, GOOD, key=0)
    state = fitter.state
    assert state is not None
    before = snapshot(state)
    message_of(lambda: fitter.fit(MODEL, X, key=key))
    assert fitter.state is state
    assert snapshot(fitter.state) == before


def test_a_row_drawn_later_leaves_the_steps_before_it(rows: NDArray[np.float64]) -> None:
    x = np.array(rows)
    x[::100, 1] = NAN
    fitter = IncrementalEMFitter(batch_size=5, max_steps=1000)
    message = message_of(lambda: fitter.fit(MODEL, x, key=1))
    named = re.search(r"row (\d+), column 1", message)
    assert named
    assert np.isnan(x[int(named[1]), 1])
    state = fitter.state
    assert state is not None
    assert 0 < state.step < 1000
    completed = IncrementalEMFitter(batch_size=5, max_steps=state.step).fit(MODEL, x, key=1)
    assert state.model == completed.model


def test_not_a_rule_is_named() -> None:
    for wrong in ("identity", 3, EWMAUpdate):
        with pytest.raises((TypeError, ValueError), match="must be an update rule, got "):
            OnlineEM(MODEL, wrong)
        with pytest.raises((TypeError, ValueError), match="must be an update rule, got "):
            IncrementalEMFitter(eta_update=wrong)
