"""Tests of one-dimensional functions: values, inverses, shapes, layouts, risk measures."""

import threading
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate

from varimix import GeneralizedHyperbolic, NormalInverseGamma, NormalInverseGaussian, VarianceGamma
from varimix.parameterizations import from_scipy_norminvgauss

Array = NDArray[np.float64]

# A call may allocate this much in Python beside its result: shape tuples, messages.
SMALL_ALLOCATION = 64 * 1024

FUNCTIONS = ("cdf", "sf", "log_cdf", "log_sf", "ppf", "isf", "value_at_risk", "expected_shortfall")


def test_tails_are_integrals_of_the_density(line: Any) -> None:
    deviation = np.sqrt(line.cov()[0, 0])
    for u in (-4.0, 0.5, 3.0):
        x = line.mean()[0] + u * deviation
        for tail, end in ((line.cdf, -np.inf), (line.sf, np.inf)):
            value, _ = integrate.quad(line.pdf, *sorted((x, end)), epsabs=1e-12)
            assert tail(x) == pytest.approx(value, abs=1e-9)


def test_tails_add_up_and_logarithms_agree(line: Any) -> None:
    x = np.linspace(-8, 8, 33)
    np.testing.assert_allclose(line.cdf(x) + line.sf(x), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.exp(line.log_cdf(x)), line.cdf(x), rtol=1e-11)
    np.testing.assert_allclose(np.exp(line.log_sf(x)), line.sf(x), rtol=1e-11)
    assert np.isfinite([line.log_cdf(-1e5), line.log_sf(1e5)]).all()


def test_quantiles_invert_both_tails(line: Any) -> None:
    q = np.array([1e-300, 1e-100, 1e-12, 1e-3, 0.2, 0.5])
    np.testing.assert_allclose(line.cdf(line.ppf(q)), q, rtol=1e-8)  # x rounds, times the slope
    np.testing.assert_allclose(line.sf(line.isf(q)), q, rtol=1e-8)
    assert (line.ppf(0.0), line.isf(0.0)) == (-np.inf, np.inf)
    assert line.cdf(line.ppf(0.9)) == pytest.approx(0.9, rel=1e-10)


def test_risk_measures_are_those_of_the_loss(line: Any) -> None:
    level = np.array([0.5, 0.9, 0.99, 0.999])
    var, shortfall = line.value_at_risk(level), line.expected_shortfall(level)
    np.testing.assert_allclose(var, -line.ppf(1 - level), rtol=1e-9)
    assert (shortfall > var).all()
    for k, probability in enumerate(1 - level):
        mean, _ = integrate.quad(line.ppf, 0.0, probability, limit=200)
        assert shortfall[k] == pytest.approx(-mean / probability, rel=1e-6)
    # At this level the shortfall is -E[X], but for the best one in a thousand million returns.
    nearly_all = line.expected_shortfall(1e-9)
    assert nearly_all == pytest.approx(-line.mean()[0], abs=1e-6)
    assert line.expected_shortfall(1.0) == np.inf


def test_where_scipy_loses_the_tail() -> None:
    # The density was integrated at 30 digits.
    assert from_scipy_norminvgauss(1, 0).sf(25.0) == pytest.approx(
        1.1318690184042579e-13, rel=1e-12
    )
    assert from_scipy_norminvgauss(5, -1.5).sf(10.0) == pytest.approx(
        2.308435233930669e-29, rel=1e-12, abs=0.0
    )


def test_density_by_its_names(line: Any) -> None:
    x = np.linspace(-3, 3, 7)
    np.testing.assert_array_equal(line.log_pdf(x), line.log_prob(x))
    np.testing.assert_array_equal(line.pdf(x), line.pdf(x[:, None]))
    assert type(line.pdf(0.5)) is type(line.log_pdf(0.5)) is float
    assert line.pdf(0.5) == line.pdf([0.5])[0]
    assert line.log_pdf(0.5) == line.log_prob([0.5])[0]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_shape_and_layout_gives_the_same_bits(function: str, line: Any) -> None:
    call = getattr(line, function)
    q = np.linspace(0.05, 0.95, 12)
    flat = call(q)
    assert flat.shape == q.shape
    assert type(call(0.5)) is float
    assert call(q[3]) == flat[3]
    np.testing.assert_array_equal(call(q.reshape(3, 4)), flat.reshape(3, 4))
    fortran = np.asfortranarray(q.reshape(3, 4))
    np.testing.assert_array_equal(call(fortran), flat.reshape(3, 4))
    np.testing.assert_array_equal(call(q[::-2]), flat[::-2])
    np.testing.assert_array_equal(call(q.tolist()), flat)
    np.testing.assert_array_equal(call(q.astype(">f8")), flat)
    np.testing.assert_array_equal(call(q.astype("f4")), call(q.astype("f4").astype("f8")))
    assert call(np.empty((0, 2))).shape == (0, 2)
    np.testing.assert_array_equal(q, np.linspace(0.05, 0.95, 12), err_msg="written to")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bad_arguments_are_named(function: str, line: Any, plane: Any) -> None:
    with pytest.raises(ValueError, match=r"must be one-dimensional.*, got .*2"):
        getattr(plane, function)(0.5)
    argument = {
        "ppf": "q",
        "isf": "q",
        "value_at_risk": "level",
        "expected_shortfall": "level",
    }.get(function, "x")
    for bad in (1j, "a", np.ma.masked_array([0.5], mask=[True]), [[0.5], [0.5, 0.5]]):
        with pytest.raises(ValueError, match=rf"^{argument} must be an array"):
            getattr(line, function)(bad)
    if argument != "x":
        domain = r"\(0, 1\]" if function == "expected_shortfall" else r"\[0, 1\]"
        for bad in (1.5, [0.5, -0.25], np.nan):
            with pytest.raises(ValueError, match=rf"^{argument} must be in {domain}, got "):
                getattr(line, function)(bad)


def test_infinite_points_have_their_limits(line: Any) -> None:
    assert (line.cdf(-np.inf), line.cdf(np.inf)) == (0.0, 1.0)
    assert (line.sf(-np.inf), line.sf(np.inf)) == (1.0, 0.0)
    assert (line.log_cdf(-np.inf), line.log_sf(np.inf)) == (-np.inf, -np.inf)
    assert np.isnan(line.cdf(np.nan))


@pytest.mark.parametrize("step", [1, 2, -1])
def test_nothing_but_the_result_is_allocated(step: int) -> None:
    line = NormalInverseGaussian.from_classical([0], [0.4], [[1]], 1.0, 1.5)
    x = np.linspace(-3, 3, 100_000)[::step]
    tracemalloc.start()
    try:
        y = line.cdf(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < y.nbytes + SMALL_ALLOCATION


def test_other_python_threads_go_on_meanwhile() -> None:
    """A call that kept the interpreter's lock would let this thread wake once or twice."""
    line = VarianceGamma.from_classical([0], [0.4], [[1]], 1.2, 1.5)
    x = np.linspace(-3, 3, 1_000_000)
    started, finished = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        line.cdf(x)
        finished.set()

    worker = threading.Thread(target=work)
    worker.start()
    started.wait()
    wakings = 0
    while not finished.is_set():
        time.sleep(1e-3)
        wakings += 1
    worker.join()
    assert wakings > 10


def test_families_meet_in_the_tails() -> None:
    where = ([0.1], [0.3], [[1.2]])
    x = np.linspace(-30, 30, 13)
    for special, general in (
        (NormalInverseGaussian.from_classical(*where, 1.2, 1.5), (-0.5, 1.5 / 1.44, 1.5)),
        (VarianceGamma.from_classical(*where, 1.2, 1.5), (1.2, 3.0, 0.0)),
        (NormalInverseGamma.from_classical(*where, 1.2, 1.5), (-1.2, 0.0, 3.0)),
    ):
        other = GeneralizedHyperbolic.from_classical(*where, *general)
        np.testing.assert_allclose(other.cdf(x), special.cdf(x), rtol=1e-11)
        np.testing.assert_allclose(other.log_sf(x), special.log_sf(x), rtol=1e-11)
