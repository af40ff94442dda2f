"""Data is anything that becomes a numpy array; every layout gives the same bits, uncopied."""

import mmap
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from layouts import read_only, unaligned
from numpy.typing import ArrayLike, NDArray

from varimix import IncrementalEMFitter, NormalInverseGaussian, OnlineEM

Rows = NDArray[np.float64]

# A call may allocate this much in Python beside its data: shape tuples, results, messages.
SMALL_ALLOCATION = 64 * 1024


def strided(x: Rows) -> Rows:
    """Return a slice of every third row and every second column of a larger array."""
    large = np.full((3 * x.shape[0], 2 * x.shape[1] + 1), np.nan)
    view = large[1::3, 1::2]
    view[...] = x
    return view


def field(x: Rows, *, align: bool) -> Rows:
    """Return a field of a record, whose stride is a multiple of 8 only if records are aligned."""
    kind = np.dtype([("day", "i4"), ("x", "f8", (x.shape[1],))], align=align)
    table = np.zeros(x.shape[0], dtype=kind)
    table["x"] = x
    view: Rows = table["x"]
    assert not view.flags.c_contiguous
    return view


LAYOUTS: dict[str, Callable[[Rows], ArrayLike]] = {
    "fortran": np.asfortranarray,
    "strided": strided,
    "reversed rows": lambda x: x[::-1].copy()[::-1],
    "reversed columns": lambda x: x[:, ::-1].copy()[:, ::-1],
    "transposed": lambda x: x.T.copy().T,
    "read-only": read_only,
    "big-endian": lambda x: x.astype(">f8"),
    "unaligned": unaligned,
    "field": lambda x: field(x, align=False),
    "aligned field": lambda x: field(x, align=True),
    "list": lambda x: x.tolist(),
    "tuple of arrays": lambda x: tuple(x),
    "memoryview": lambda x: memoryview(x),  # type: ignore[arg-type]
    "long double": lambda x: x.astype(np.longdouble),
}


def assert_same_results(model: NormalInverseGaussian, data: ArrayLike, expected: Rows) -> None:
    """Assert that data give the same bits as expected, which has the same values in C order."""
    np.testing.assert_array_equal(model.log_prob(data), model.log_prob(expected))
    e_step, e_step_expected = model.e_step(data), model.e_step(expected)
    assert e_step.eta == e_step_expected.eta
    assert e_step.log_lik == e_step_expected.log_lik
    assert model.marginal_log_likelihood(data) == model.marginal_log_likelihood(expected)
    fitter = IncrementalEMFitter(batch_size=64, max_steps=5)
    assert fitter.fit(model, data, key=3).model == fitter.fit(model, expected, key=3).model
    state, state_expected = OnlineEM(model), OnlineEM(model)
    assert state.update(data).log_likelihood == state_expected.update(expected).log_likelihood
    assert state.eta == state_expected.eta
    assert NormalInverseGaussian.default_init(data) == NormalInverseGaussian.default_init(expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_bits(
    layout: str, truth: NormalInverseGaussian, rows: Rows
) -> None:
    x = np.array(rows[:300])
    data = LAYOUTS[layout](x)
    assert_same_results(truth, data, x)
    np.testing.assert_array_equal(np.asarray(data), x, err_msg="the data was written to")


@pytest.mark.parametrize("kind", ["f4", ">f4", "f2", "i8", "i1", "u2", "?"])
def test_every_type_of_number_gives_what_its_values_give(
    kind: str, truth: NormalInverseGaussian, rows: Rows
) -> None:
    data = np.abs(np.round(8 * rows[:300])).astype(kind)
    assert_same_results(truth, data, data.astype(np.float64))


def test_float32_views_give_what_their_values_give(
    truth: NormalInverseGaussian, rows: Rows
) -> None:
    single = rows.astype(np.float32)
    view = single[::-3, ::-1]
    assert_same_results(truth, view, view.astype(np.float64))


@pytest.mark.parametrize(
    "layout",
    [lambda x: x, lambda x: x[:, None], lambda x: x[None, :].T, lambda x: x.tolist()],
    ids=["1-D", "column", "transposed row", "list"],
)
def test_where_d_is_one_an_array_of_n_is_n_rows(
    layout: Callable[[Rows], ArrayLike], truth: NormalInverseGaussian, rows: Rows
) -> None:
    x = rows[:300, 0]
    assert_same_results(truth.project([1, 0]), layout(x), x.reshape(-1, 1).copy())


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x,
        lambda x: x.T.copy().T,
        lambda x: x[::2],
        lambda x: x[::-1],
        lambda x: x.astype(np.float32)[::3],
    ],
    ids=["C order", "Fortran order", "strided", "reversed", "float32"],
)
def test_no_view_of_floats_is_copied(
    view: Callable[[Rows], Rows], truth: NormalInverseGaussian
) -> None:
    x = view(truth.rvs(200_000, seed=1))
    assert x.nbytes > 6 * SMALL_ALLOCATION
    fitter = IncrementalEMFitter(batch_size=100, max_steps=2)
    tracemalloc.start()
    try:
        fitter.fit(truth, x, key=0)
        truth.e_step(x)
        NormalInverseGaussian.default_init(x)
        viewed = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        fitter.fit(truth, x.astype(np.longdouble), key=0)
        copied = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert viewed < SMALL_ALLOCATION
    assert copied > 2 * x.nbytes, "the instrument does not see copies"


def refusal(call: Callable[[], object]) -> str:
    """Return the message of the ValueError that a call raises, "" if it raises none."""
    try:
        call()
    except ValueError as error:
        return str(error)
    return ""


def rows_that_are_read(x: Rows, fit: Callable[[], object]) -> set[int]:
    """Return the rows of x, all NaN at first, that a fit wants: each one it names is filled."""
    filled: set[int] = set()
    while message := refusal(fit):
        named = re.search(r"got nan in row (\d+), column 0", message)
        assert named, message
        row = int(named[1])
        assert row not in filled
        x[row] = 0.01 * (row % 100), -0.01 * (row % 37)
        filled.add(row)
    return filled


def test_only_the_rows_drawn_are_read_and_checked(truth: NormalInverseGaussian) -> None:
    x = np.full((1_000_000, 2), np.nan)
    fitter = IncrementalEMFitter(batch_size=20, max_steps=3)
    drawn = rows_that_are_read(x, lambda: fitter.fit(truth, x, key=5))
    assert 40 < len(drawn) <= 60
    assert np.count_nonzero(np.isfinite(x).all(axis=1)) == len(drawn)
    model = fitter.fit(truth, x, key=5).model
    x[np.isnan(x)] = 1e300
    assert fitter.fit(truth, x, key=5).model == model


def test_verbose_checks_all_rows(truth: NormalInverseGaussian, rows: Rows) -> None:
    x = np.array(rows)
    x[-1, 1] = np.inf
    fitter = IncrementalEMFitter(batch_size=20, max_steps=3, verbose=1)
    with pytest.raises(ValueError, match=r"^X must be finite, got inf in row 1999, column 1 "):
        fitter.fit(truth, x, key=5)


def resident_bytes(path: Path) -> int:
    """Return the bytes of a mapped file that this process has in memory."""
    entry = Path("/proc/self/smaps").read_text().split(str(path), 1)[1]
    resident = re.search(r"^Rss:\s+(\d+) kB$", entry, re.MULTILINE)
    assert resident
    return 1024 * int(resident[1])


def test_of_a_file_of_twenty_million_rows_few_pages_are_read(
    tmp_path: Path, truth: NormalInverseGaussian
) -> None:
    if not Path("/proc/self/smaps").exists():
        pytest.skip("needs /proc/self/smaps")
    path = tmp_path / "rows.f64"
    shape = (20_000_000, 2)
    with path.open("w+b") as file:
        file.truncate(16 * shape[0])  # these zeros take no space on the disk
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    x = np.frombuffer(mapping, dtype=np.float64).reshape(shape)
    fitter = IncrementalEMFitter(batch_size=20, max_steps=5)
    model = fitter.fit(truth, x, key=5).model
    # 100 rows lie on 100 pages, each of which is read with at most 128 KiB around it.
    assert resident_bytes(path) < 100 * 128 * 1024 + SMALL_ALLOCATION
    assert model == fitter.fit(truth, np.broadcast_to(0.0, shape), key=5).model
