"""varimix.special gives the values of log K_nu(z), its ratio and its derivative in nu."""

import math

import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from varimix.special import dlog_kv_dnu, kv_ratio, log_kv

# The documentation promises this error for |nu| <= 1e4.
PROMISED = 1e-13
# scipy.special.kve has this error where it does not fail.
SCIPY = 1e-12
DIGITS = 40
NEGLIGIBLE = -100.0  # logarithm of what is left out of a sum, relative to its largest term

INF = math.inf

orders = st.floats(-1e4, 1e4)
arguments = st.floats(-8.0, 8.0).map(lambda exponent: 10.0**exponent)

POINTS = [
    (0.0, 1e-300),
    (0.0, 1e300),
    (1e-9, 1e-5),
    (0.3, 0.1),
    (-0.5, 40.0),
    (0.5, 2.0),
    (0.98, 1e-9),
    (-0.75, 1e-200),
    (1.0, 1e-300),
    (-3.0, 1e-100),
    (3.0, 1e6),
    (-39.9, 3.3),
    (28.0, 28.0),  # hypot(nu, z) = 39.6
    (28.3, 28.3),  # 40.02
    (123.456, 78.9),
    (1000.0, 1.0),
    (-1000.0, 1.0),
    (1e4, 1e-100),
    (1e4, 3000.0),
    (1e4, 6624.964940857663),  # log K_nu is nearly 0, by the rounding of z
    (1e4, 1e4),
    (-1e4, 1e8),
]


def saddle_sums(nu: mpmath.mpf, z: mpmath.mpf) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Return the logarithm of K_nu(z) and its derivative in nu.

    They come from the trapezoidal rule on 2 K_nu(z) = Int exp(nu t - z cosh t) dt over all t.
    """
    peak = mpmath.asinh(nu / z)
    top = nu * peak - z * mpmath.cosh(peak)
    step = 0.4 / mpmath.sqrt(max(16, mpmath.hypot(nu, z)))
    total, total_t = mpmath.mpf(1), peak
    for side in (step, -step):
        t = peak + side
        while (exponent := nu * t - z * mpmath.cosh(t) - top) > NEGLIGIBLE:
            term = mpmath.exp(exponent)
            total, total_t = total + term, total_t + t * term
            t += side
    return top + mpmath.log(step * total / 2), total_t / total


def errors(nu: float, z: float) -> dict[str, float]:
    """Return the errors of all three functions as the documentation measures them."""
    with mpmath.workdps(DIGITS + max(0, round(math.log10(z)))):  # z cosh t - z cancels
        log_k, slope = saddle_sums(mpmath.mpf(nu), mpmath.mpf(z))
        ratio = mpmath.exp(saddle_sums(mpmath.mpf(nu) + 1, mpmath.mpf(z))[0] - log_k)
        of_log = abs(log_kv(nu, z) - log_k) / max(1, abs(log_k))
        of_ratio = abs(kv_ratio(nu, z) - ratio) / ratio
        of_slope = abs(dlog_kv_dnu(nu, z) - slope) / max(1, abs(slope))
    return {"log_kv": float(of_log), "kv_ratio": float(of_ratio), "slope": float(of_slope)}


@pytest.mark.parametrize(("nu", "z"), [(0.3, 0.1), (28.3, 28.3), (1000, 1), (-2, 300), (0, 1e-9)])
def test_the_reference_of_these_tests_is_mpmaths_besselk(nu: float, z: float) -> None:
    with mpmath.workdps(DIGITS):
        log_k, slope = saddle_sums(mpmath.mpf(nu), mpmath.mpf(z))
        assert abs(log_k - mpmath.log(mpmath.besselk(nu, z))) < 1e-30 * max(1, abs(log_k))
    with mpmath.workdps(2 * DIGITS):  # the difference loses half of its digits
        h = mpmath.mpf(10) ** -25
        ends = [mpmath.log(mpmath.besselk(nu + side * h, z)) for side in (1, -1)]
        assert abs(slope - (ends[0] - ends[1]) / (2 * h)) < 1e-30 * max(1, abs(slope))


@pytest.mark.parametrize(("nu", "z"), POINTS)
def test_values_are_as_accurate_as_promised(nu: float, z: float) -> None:
    worst = errors(nu, z)
    assert max(worst.values()) <= PROMISED, worst


@given(nu=orders, z=arguments)
def test_values_are_as_accurate_as_promised_anywhere(nu: float, z: float) -> None:
    worst = errors(nu, z)
    assert max(worst.values()) <= PROMISED, worst


@pytest.mark.parametrize(
    ("nu", "z", "function", "result"),
    [
        (1000.0, 1.0, scipy.special.kv, INF),
        (1000.0, 1.0, scipy.special.kve, INF),
        (200.0, 0.01, scipy.special.kve, INF),
        (1e4, 3000.0, scipy.special.kve, INF),
        (0.5, 800.0, scipy.special.kv, 0.0),
        (3.0, 1e12, scipy.special.kve, math.nan),
    ],
)
def test_values_are_right_where_scipys_are_not_numbers(
    nu: float, z: float, function: np.ufunc, result: float
) -> None:
    np.testing.assert_equal(function(nu, z), result)
    worst = errors(nu, z)
    assert max(worst.values()) <= PROMISED, worst


@given(nu=st.floats(-50, 50, allow_subnormal=False), z=st.floats(0.1, 500.0))
def test_values_are_those_of_scipy_where_scipy_has_them(nu: float, z: float) -> None:
    k, k_plus = scipy.special.kve([nu, nu + 1.0], z)
    assert log_kv(nu, z) == pytest.approx(math.log(k) - z, rel=SCIPY, abs=SCIPY * max(1.0, z))
    assert kv_ratio(nu, z) == pytest.approx(k_plus / k, rel=SCIPY)


@pytest.mark.parametrize("z", [1e-300, 1e-9, 0.3, 2.0, 50.0, 1e4, 1e12])
def test_values_are_elementary_at_half_integer_orders(z: float) -> None:
    log_half = 0.5 * math.log(math.pi / 2.0) - 0.5 * math.log(z) - z
    tolerance = PROMISED * max(1.0, abs(log_half))
    assert log_kv(0.5, z) == pytest.approx(log_half, rel=0.0, abs=tolerance)
    assert kv_ratio(-0.5, z) == pytest.approx(1.0, rel=PROMISED)
    assert kv_ratio(0.5, z) == pytest.approx(1.0 + 1.0 / z, rel=PROMISED)
    assert kv_ratio(-1.5, z) == pytest.approx(z / (1.0 + z), rel=PROMISED)


@given(nu=orders, z=arguments)
def test_the_sign_of_the_order_does_not_matter_by_a_bit(nu: float, z: float) -> None:
    assert log_kv(-nu, z) == log_kv(nu, z)
    assert dlog_kv_dnu(-nu, z) == -dlog_kv_dnu(nu, z)


@given(nu=orders, z=arguments)
def test_neighbours_obey_the_recurrence(nu: float, z: float) -> None:
    """K_{nu+1} = K_{nu-1} + (2 nu / z) K_nu; a ratio, its inverse and its logarithm agree."""
    plus, minus = kv_ratio(nu, z), kv_ratio(-nu, z)
    assert plus - minus == pytest.approx(2.0 * nu / z, rel=0.0, abs=2 * PROMISED * (plus + minus))
    step = math.nextafter(abs(nu) + 1.0, INF) - abs(nu)  # nu + 1 is rounded
    change = PROMISED + (step - 1.0) * dlog_kv_dnu(abs(nu) + 1.0, z)
    assert plus * kv_ratio(-(nu + 1.0), z) == pytest.approx(1.0, rel=0.0, abs=2 * change)
    logs = log_kv([nu, nu + 1.0], z)
    tolerance = PROMISED * (1.0 + np.abs(logs)).sum() + change
    assert logs[1] - logs[0] == pytest.approx(math.log(plus), rel=0.0, abs=tolerance)


NU = np.array([-1e4, -7.5, -0.5, -0.25, 0.0, 0.5, 1e-9, 3.0, 1e4])


@pytest.mark.parametrize("z", [0.0, -0.0, 5e-324, 2e-308])
def test_limits_at_zero_are_taken_there_and_below_the_normal_doubles(z: float) -> None:
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(log_kv(NU, z), INF)
        expected = np.where(NU > -0.5, INF, np.where(NU == -0.5, 1.0, 0.0))
        np.testing.assert_array_equal(kv_ratio(NU, z), expected)
        expected = np.where(NU == 0.0, 0.0, np.copysign(INF, NU))
        np.testing.assert_array_equal(dlog_kv_dnu(NU, z), expected)


def test_limits_at_infinity_are_taken() -> None:
    np.testing.assert_array_equal(log_kv(NU, INF), -INF)
    np.testing.assert_array_equal(kv_ratio(NU, INF), 1.0)
    np.testing.assert_array_equal(dlog_kv_dnu(NU, INF), 0.0)


def test_limits_are_approached() -> None:
    z = np.geomspace(1e-300, 1e300, 2001)
    for function in (log_kv, dlog_kv_dnu):
        assert np.isfinite(function(NU[:, np.newaxis], z)).all()
    np.testing.assert_allclose(kv_ratio(NU, 1e300), 1.0, rtol=PROMISED)
    np.testing.assert_allclose(dlog_kv_dnu(NU, 1e300), 0.0, atol=PROMISED)
    assert (kv_ratio(NU[NU >= 0.0], 1e-300) > 1e297).all()
    assert (kv_ratio(NU[NU < -0.5], 1e-300) < 1e-100).all()


def test_nan_for_negative_arguments_and_for_nan() -> None:
    for function in (log_kv, kv_ratio, dlog_kv_dnu):
        with np.errstate(invalid="ignore"):
            for z in (-1e-300, -1.0, -INF):
                assert np.isnan(function(NU, z)).all()
        assert np.isnan(function(NU, math.nan)).all()
        assert np.isnan(function(math.nan, [0.0, 1.0, INF])).all()
        assert np.isnan(function([0.0, math.nan, 1.0], 1.0)).tolist() == [False, True, False]


def faults(ufunc: np.ufunc, nu: object, z: object, **options: object) -> list[str]:
    """Return the floating-point errors that numpy reports."""
    seen: list[str] = []
    with np.errstate(all="call", call=lambda kind, _: seen.append(kind)):
        ufunc(nu, z, **options)
    return sorted(seen)


@pytest.mark.parametrize("ufunc", [log_kv, kv_ratio, dlog_kv_dnu])
def test_ordinary_values_and_finite_limits_give_no_warning(ufunc: np.ufunc) -> None:
    z = np.append(np.geomspace(1e-300, 1e300, 601), [INF, math.nan])
    for nu in (0.0, 1e-300, -0.5, 0.3, 2.0, 35.0, -1000.0, 1e4):
        assert faults(ufunc, nu, z) == []
        assert faults(ufunc, np.full(z.size, nu), z) == []
    assert faults(ufunc, [math.nan, -math.nan], [0.0, -1.0]) == []


def test_infinity_at_zero_is_a_division_by_zero_as_for_log() -> None:
    assert (
        faults(log_kv, [0.0, 3.0], [0.0, 1e-310]) == faults(np.log, 0.0, None) == ["divide by zero"]
    )
    assert faults(kv_ratio, 0.5, [1.0, 0.0]) == ["divide by zero"]
    assert faults(kv_ratio, [-0.5, -3.0], 0.0) == []
    assert faults(dlog_kv_dnu, -2.0, -0.0) == ["divide by zero"]
    assert faults(dlog_kv_dnu, 0.0, 0.0) == []


@pytest.mark.parametrize("ufunc", [log_kv, kv_ratio, dlog_kv_dnu])
def test_negative_arguments_are_invalid(ufunc: np.ufunc) -> None:
    for z in (-1e-300, -1.0, -INF):
        assert faults(ufunc, 1.0, z) == ["invalid value"]
    for place in (0, 255, 256, 9_999):
        many = np.ones(10_000)
        many[place] = -1.0
        assert faults(ufunc, 2.0, many) == ["invalid value"]
        assert faults(ufunc, many, many) == ["invalid value"]
    assert faults(ufunc, 1.0, [0.0, -1.0]) == ["divide by zero", "invalid value"]
    with pytest.warns(RuntimeWarning, match=f"invalid value encountered in {ufunc.__name__}"):
        ufunc(1.0, -1.0)


def test_more_than_a_double_holds_is_an_overflow() -> None:
    assert kv_ratio(1e4, 1e-200) == pytest.approx(2e204, rel=PROMISED)
    assert faults(kv_ratio, 1e4, [1.0, 1e-305]) == ["overflow"]
    with np.errstate(over="ignore"):
        assert kv_ratio(1e4, 1e-305) == INF


def test_what_numpy_found_before_the_loop_is_not_forgotten() -> None:
    """A cast to float32 overflows in the first buffer of many; later loops report nothing."""
    z = np.ones(100_000)
    z[0] = 1e-100
    assert faults(kv_ratio, 1.0, z, out=np.empty(z.size, np.float32)) == ["overflow"]
