"""varimix.special has the manners of numpy's ufuncs."""

import doctest
import pickle
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import varimix
from varimix.special import dlog_kv_dnu, kv_ratio, log_kv

Values = NDArray[np.float64]

UFUNCS = [log_kv, kv_ratio, dlog_kv_dnu]
each_ufunc = pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)

rng = np.random.default_rng(8)
N = 1000
NU = rng.uniform(-30.0, 30.0, N)
Z = 10.0 ** rng.uniform(-6.0, 6.0, N)
NU.setflags(write=False)
Z.setflags(write=False)


def one_by_one(ufunc: np.ufunc, nu: Values, z: Values) -> Values:
    """Return what the ufunc gives for each pair of scalars."""
    return np.array([ufunc(a, b) for a, b in zip(nu, z, strict=True)])


@each_ufunc
def test_they_are_ufuncs_of_two_doubles(ufunc: np.ufunc) -> None:
    assert type(ufunc) is np.ufunc
    assert (ufunc.nin, ufunc.nout, ufunc.types) == (2, 1, ["dd->d"])
    assert ufunc.identity is None
    assert getattr(varimix.special, ufunc.__name__) is ufunc
    assert pickle.loads(pickle.dumps(ufunc)) is ufunc


@each_ufunc
def test_the_documentation_says_what_a_user_asks(ufunc: np.ufunc) -> None:
    text = ufunc.__doc__ or ""
    for part in ("K_nu(z) = Int_0^inf", "nu : array_like", "z < 0", "Limits: ", "Accuracy: "):
        assert part in text
    for part in ("Cost: ", "DLMF 10.25", "DLMF 10.32.9", "'divide'", "'invalid'", ">>> "):
        assert part in text


@each_ufunc
def test_the_examples_of_the_documentation_are_right(ufunc: np.ufunc) -> None:
    example = doctest.DocTestParser().get_doctest(ufunc.__doc__ or "", {}, ufunc.__name__, None, 0)
    report: list[str] = []
    results = doctest.DocTestRunner().run(example, out=report.append)
    assert results.attempted >= 3
    assert results.failed == 0, "".join(report)


def test_their_type_is_in_the_stub() -> None:
    stub = (Path(varimix.__file__).parent / "_varimix.pyi").read_text()
    for ufunc in UFUNCS:
        assert re.search(rf"^{ufunc.__name__}: numpy\.ufunc\b", stub, re.MULTILINE), ufunc


@each_ufunc
def test_orders_and_arguments_are_broadcast(ufunc: np.ufunc) -> None:
    nu, z = NU[:12].reshape(3, 1, 4), Z[:5, np.newaxis]
    values = ufunc(nu, z)
    assert values.shape == (3, 5, 4)
    expected = one_by_one(ufunc, *(a.ravel() for a in np.broadcast_arrays(nu, z)))
    np.testing.assert_array_equal(values.ravel(), expected)
    np.testing.assert_array_equal(
        ufunc.outer(NU[:7], Z[:9]), ufunc(NU[:7, np.newaxis], Z[np.newaxis, :9])
    )
    with pytest.raises(ValueError, match="could not be broadcast"):
        ufunc(NU[:3], Z[:4])


@each_ufunc
def test_one_order_or_one_argument_serves_an_array(ufunc: np.ufunc) -> None:
    """One order for all is a case of its own in the loop."""
    np.testing.assert_array_equal(ufunc(2.5, Z), one_by_one(ufunc, np.full(N, 2.5), Z))
    np.testing.assert_array_equal(ufunc(2.5, Z), ufunc(np.full(N, 2.5), Z))
    np.testing.assert_array_equal(ufunc(NU, 2.5), one_by_one(ufunc, NU, np.full(N, 2.5)))


@each_ufunc
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, N])
def test_a_value_does_not_depend_on_where_it_stands(ufunc: np.ufunc, size: int) -> None:
    """The loop works in chunks of 256."""
    expected = one_by_one(ufunc, NU, Z)
    np.testing.assert_array_equal(ufunc(NU[:size], Z[:size]), expected[:size])
    np.testing.assert_array_equal(ufunc(NU[-size:], Z[-size:]), expected[-size:])


@each_ufunc
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 4)])
def test_nothing_gives_nothing(ufunc: np.ufunc, shape: tuple[int, ...]) -> None:
    values = ufunc(np.empty(shape), 1.0)
    assert values.shape == shape
    assert values.dtype == np.float64


@each_ufunc
@pytest.mark.parametrize("kind", ["float32", "float16", "int64", "uint8", "bool"])
def test_other_numbers_give_float64(ufunc: np.ufunc, kind: str) -> None:
    nu, z = np.array([0, 1, 1], kind), np.array([1, 1, 1], kind)
    values = ufunc(nu, z)
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, ufunc(nu.astype(float), z.astype(float)))
    assert type(ufunc(nu[1], z[1])) is np.float64


@each_ufunc
def test_python_numbers_and_lists_are_taken(ufunc: np.ufunc) -> None:
    expected = ufunc(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    for value in (ufunc(1, 3), ufunc(1.0, 3), ufunc(np.array(1.0), np.float32(3))):
        assert type(value) is np.float64
        assert value == expected[0]
    np.testing.assert_array_equal(ufunc([1, 2], (3, 4)), expected)
    np.testing.assert_array_equal(ufunc([[1], [2]], [3]), [[expected[0]], [ufunc(2, 3)]])


@each_ufunc
@pytest.mark.parametrize("value", [1j, np.longdouble(1), "1", None, object()])
def test_what_is_no_double_is_refused(ufunc: np.ufunc, value: object) -> None:
    for arguments in ((value, 1.0), (1.0, value)):
        with pytest.raises(TypeError, match="not supported"):
            ufunc(*arguments)
    with pytest.raises(TypeError, match="No loop"):
        ufunc(1.0, 1.0, dtype=np.float32)


LAYOUTS: dict[str, Callable[[Values], Values]] = {
    "contiguous": np.copy,
    "every third": lambda x: np.repeat(x, 3)[::3],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "big-endian": lambda x: x.astype(">f8"),
    "unaligned": lambda x: np.frombuffer(b"." + x.tobytes(), np.uint8)[1:].view(np.float64),
    "a packed field": lambda x: np.rec.fromarrays([np.zeros(x.size, "i1"), x])["f1"],
}


@each_ufunc
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_does_not_matter(ufunc: np.ufunc, layout: str) -> None:
    expected = one_by_one(ufunc, NU, Z)
    nu, z = LAYOUTS[layout](NU), LAYOUTS[layout](Z)
    np.testing.assert_array_equal(ufunc(nu, z), expected)
    np.testing.assert_array_equal(ufunc(nu, Z), expected)
    np.testing.assert_array_equal(ufunc(NU, z), expected)
    out = LAYOUTS[layout](np.zeros(N))
    if out.flags.writeable:
        assert ufunc(NU, Z, out=out) is out
        np.testing.assert_array_equal(out, expected)


@each_ufunc
def test_matrices_of_any_order_are_taken(ufunc: np.ufunc) -> None:
    nu, z = NU.reshape(20, 50), Z.reshape(20, 50)
    expected = one_by_one(ufunc, NU, Z).reshape(20, 50)
    np.testing.assert_array_equal(ufunc(np.asfortranarray(nu), z), expected)
    np.testing.assert_array_equal(ufunc(nu.T, z.T), expected.T)
    np.testing.assert_array_equal(ufunc(nu[::-2, 1::3], z[::-2, 1::3]), expected[::-2, 1::3])


@each_ufunc
def test_out_is_written_and_returned(ufunc: np.ufunc) -> None:
    out = np.full(N + 2, -7.0)
    inner = out[1:-1]
    assert ufunc(NU, Z, out=inner) is inner
    assert ufunc(NU, Z, inner) is inner
    np.testing.assert_array_equal(inner, one_by_one(ufunc, NU, Z))
    assert (out[[0, -1]] == -7.0).all()
    narrow = np.zeros(N, np.float32)
    assert ufunc(NU, Z, out=narrow) is narrow
    np.testing.assert_array_equal(narrow, ufunc(NU, Z).astype(np.float32))
    with pytest.raises(TypeError, match="Cannot cast"):
        ufunc(NU, Z, out=np.zeros(N, np.int64))
    with pytest.raises(ValueError, match="non-broadcastable output"):
        ufunc(NU, Z, out=np.zeros(1))


@each_ufunc
def test_out_may_be_an_input_or_overlap_one(ufunc: np.ufunc) -> None:
    expected = one_by_one(ufunc, NU, Z)
    z = Z.copy()
    assert ufunc(NU, z, out=z) is z
    np.testing.assert_array_equal(z, expected)
    nu = NU.copy()
    np.testing.assert_array_equal(ufunc(nu, Z, out=nu), expected)
    both = Z.copy()
    np.testing.assert_array_equal(ufunc(both, both, out=both), one_by_one(ufunc, Z, Z))
    for shift in (1, 255, 256, -1, -300):
        memory = np.zeros(N + 2 * abs(shift))
        z = memory[abs(shift) : abs(shift) + N]
        z[:] = Z
        out = memory[abs(shift) + shift : abs(shift) + shift + N]
        np.testing.assert_array_equal(ufunc(NU, z, out=out), expected, err_msg=f"{shift}")
    z = Z.copy()
    np.testing.assert_array_equal(ufunc(NU, z, out=z[::-1]), expected)
    z = Z.copy()
    np.testing.assert_array_equal(ufunc(z[500], z, out=z), one_by_one(ufunc, 0 * Z + Z[500], Z))


@each_ufunc
def test_where_leaves_the_other_elements_alone(ufunc: np.ufunc) -> None:
    expected = one_by_one(ufunc, NU, Z)
    for mask in (NU > 0.0, np.arange(N) % 2 == 0, np.arange(N) < 600):
        z = np.where(mask, Z, -1.0)  # would raise, since warnings are errors
        values = ufunc(NU, z, where=mask, out=np.full(N, -7.0))
        np.testing.assert_array_equal(values, np.where(mask, expected, -7.0))


def test_threads_compute_at_once_and_get_the_same_bits() -> None:
    nu, z = np.tile(NU, 20), np.tile(Z, 20)
    expected = [ufunc(nu, z) for ufunc in UFUNCS]
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(lambda i: UFUNCS[i % 3](nu, z), range(24)))
    for i, result in enumerate(results):
        np.testing.assert_array_equal(result, expected[i % 3])


def test_other_python_threads_go_on_during_a_call() -> None:
    """A loop that kept the interpreter's lock would never be seen between its first and last."""
    out = np.empty(2000 * N)
    stop = threading.Event()

    def work() -> None:
        for _ in range(100):
            out.fill(-7.0)
            kv_ratio(NU[0], np.tile(Z, 2000), out=out)
            if stop.is_set():
                break
        stop.set()

    worker = threading.Thread(target=work)
    worker.start()
    seen = False
    while not (seen or stop.is_set()):
        first, last = out[[0, -1]]
        seen = first != -7.0 and last == -7.0
    stop.set()
    worker.join()
    assert seen
