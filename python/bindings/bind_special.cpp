#include <numpy/arrayobject.h>  // numpy/ufuncobject.h needs it first
#include <numpy/ufuncobject.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "bindings.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::python {
namespace {

// ---- numpy calls these loops without the interpreter's lock, so nothing here touches Python or throws ----

// So many elements are gathered, evaluated and scattered at a time, as many as bessel_k sorts by method, in three
// buffers of 2 KB.
constexpr npy_intp kChunk = 256;
using Buffer = std::array<double, kChunk>;

/// One argument of a loop, whose doubles are `stride` bytes apart.
struct Strided {
  char* data;
  npy_intp stride;

  [[nodiscard]] double* at(npy_intp i) const noexcept { return reinterpret_cast<double*>(data + i * stride); }
};

/// Returns the floating-point exception that numpy is to report for a value, or 0 for none, as for a finite limit.
int fault(double nu, double z, double value) noexcept {
  if (std::isfinite(value)) return 0;
  if (std::isnan(value)) return std::isnan(nu) || std::isnan(z) ? 0 : FE_INVALID;
  if (std::isinf(nu) || std::isinf(z)) return 0;
  return z < std::numeric_limits<double>::min() ? FE_DIVBYZERO : FE_OVERFLOW;
}

/// Sets out[i] to kOutput at (nu[i], z[i]) for `size` <= kChunk elements from `start`, and returns their faults.
/// All elements are read before any is written, so out may be nu or z.
template <double* BesselKArrays::*kOutput>
int evaluate(Strided nu, Strided z, Strided out, npy_intp start, npy_intp size) noexcept {
  Buffer nus;
  Buffer zs;
  Buffer values;
  const auto count = static_cast<std::size_t>(size);
  for (std::size_t i = 0; i < count; ++i) {
    nus[i] = *nu.at(start + static_cast<npy_intp>(i));
    zs[i] = *z.at(start + static_cast<npy_intp>(i));
  }
  BesselKArrays wanted;
  wanted.*kOutput = values.data();
  if (nu.stride == 0) {
    bessel_k(nus[0], std::span(zs).first(count), wanted);
  } else {
    bessel_k(std::span(nus).first(count), std::span(zs).first(count), wanted);
  }
  int faults = 0;
  for (std::size_t i = 0; i < count; ++i) {
    faults |= fault(nus[i], zs[i], values[i]);
    *out.at(start + static_cast<npy_intp>(i)) = values[i];
  }
  return faults;
}

/// Evaluates a ufunc of type dd->d for numpy, which reads the processor's exception flags afterwards. Those that
/// intermediate results raise are undone; those that were there before (of a cast, or of an earlier call) stay.
template <double* BesselKArrays::*kOutput>
void loop(char** arguments, const npy_intp* dimensions, const npy_intp* strides, void* /*data*/) noexcept {
  const Strided nu{arguments[0], strides[0]};
  const Strided z{arguments[1], strides[1]};
  const Strided out{arguments[2], strides[2]};
  const npy_intp n = dimensions[0];
  std::fenv_t before;
  std::feholdexcept(&before);
  int faults = 0;
  for (npy_intp start = 0; start < n; start += kChunk) {
    faults |= evaluate<kOutput>(nu, z, out, start, std::min(kChunk, n - start));
  }
  std::fesetenv(&before);
  if (faults != 0) std::feraiseexcept(faults);
}

// ---- help() shows these texts below the signature that numpy writes: a head, kManners, and examples ----

constexpr const char* kManners = R"(
Parameters
----------
nu : array_like
    Order, any real number.
z : array_like
    Argument, z >= 0; below 2.2e-308, the smallest normal double, it counts as 0. nu and z are
    broadcast against each other.
out, where, casting, order, dtype, subok, signature
    These are as in every numpy ufunc.

Returns
-------
float64
    NaN for z < 0, and for NaN.

Notes
-----
Cost: 10 to 60 ns an element of an array, 1 us a call. The interpreter's lock is not held.

Warnings follow numpy.errstate: 'divide' where z = 0 gives an infinity, as in numpy.log; 'invalid'
for z < 0; 'over' where z > 0 gives more than a double can hold. Other limits give none, nor do
intermediate results.

Examples
--------
>>> import numpy as np
>>> from varimix.special import dlog_kv_dnu, kv_ratio, log_kv
)";

constexpr const char* kLogKv = R"(Logarithm of the modified Bessel function of the second kind, log K_nu(z).

    K_nu(z) = Int_0^inf exp(-z cosh t) cosh(nu t) dt,   K_{-nu} = K_nu

The result is a number also where K_nu(z) is too large or too small for a double.
Limits: inf at z = 0; -inf at z = inf.
Accuracy: for abs(nu) <= 1e4 the error is below 1e-13 max(1, abs(log K)).
Source: DLMF 10.25 defines K_nu; the integral is DLMF 10.32.9.
)";
constexpr const char* kLogKvExamples = R"(>>> log_kv(1000, [0.001, 1, 1000]).round(3)  # K_1000(1) itself is 2e2865
array([13505.43 ,  6597.674,  -536.241])
)";

constexpr const char* kKvRatio = R"(Ratio of modified Bessel functions of the second kind, K_{nu+1}(z) / K_nu(z).

    K_nu(z) = Int_0^inf exp(-z cosh t) cosh(nu t) dt,   K_{-nu} = K_nu

The other neighbour is K_{nu-1}(z) / K_nu(z) = kv_ratio(-nu, z).
Limits: at z = 0 inf for nu > -1/2, 1 for nu = -1/2, 0 for nu < -1/2; 1 at z = inf.
Accuracy: for abs(nu) <= 1e4 the relative error is below 1e-13; a ratio below 2.2e-308 is 0.
Source: DLMF 10.25 defines K_nu; the integral is DLMF 10.32.9; the recurrence below is DLMF 10.29.1.
)";
constexpr const char* kKvRatioExamples = R"(>>> kv_ratio(1000, [0.001, 1, 1000]).round(3)
array([2.000000e+06, 2.000001e+03, 2.414000e+00])
>>> nu, z = 2.5, 0.3  # K_{nu+1} = K_{nu-1} + (2 nu / z) K_nu
>>> bool(np.isclose(kv_ratio(nu, z), kv_ratio(-nu, z) + 2 * nu / z, rtol=1e-14))
True
)";

constexpr const char* kDlogKvDnu = R"(Derivative of log K_nu(z) in the order, d/dnu log K_nu(z).

    K_nu(z) = Int_0^inf exp(-z cosh t) cosh(nu t) dt
    d/dnu K_nu(z) = Int_0^inf exp(-z cosh t) t sinh(nu t) dt

It is odd in nu. The derivative of log K_nu(z) in z is nu / z - kv_ratio(nu, z).
Limits: at z = 0 inf with the sign of nu, and 0 for nu = 0; 0 at z = inf.
Accuracy: for abs(nu) <= 1e4 the error is below 1e-13 max(1, abs(value)).
Source: DLMF 10.25 defines K_nu; the first integral is DLMF 10.32.9, the second its derivative.
)";
constexpr const char* kDlogKvDnuExamples = R"(>>> dlog_kv_dnu([-1000, 1, 1000], 1).round(6)
array([-7.600403,  0.699484,  7.600403])
)";

template <double* BesselKArrays::*kOutput>
void bind_ufunc(nb::module_& m, const char* name, const std::string& head, const char* examples) {
  // numpy keeps the addresses of these.
  static const std::string documentation = head + kManners + examples;
  static PyUFuncGenericFunction loops[] = {&loop<kOutput>};
  static void* const no_data[] = {nullptr};
  static const char types[] = {NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE};
  PyObject* ufunc =
      PyUFunc_FromFuncAndData(loops, no_data, types, 1, 2, 1, PyUFunc_None, name, documentation.c_str(), 0);
  if (ufunc == nullptr) throw nb::python_error();
  m.attr(name) = nb::steal(ufunc);
}

}  // namespace

void bind_special(nb::module_& m) {
  if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0) throw nb::python_error();
  bind_ufunc<&BesselKArrays::log_k>(m, "log_kv", kLogKv, kLogKvExamples);
  bind_ufunc<&BesselKArrays::ratio_plus>(m, "kv_ratio", kKvRatio, kKvRatioExamples);
  bind_ufunc<&BesselKArrays::dlog_dnu>(m, "dlog_kv_dnu", kDlogKvDnu, kDlogKvDnuExamples);
}

}  // namespace varimix::python
