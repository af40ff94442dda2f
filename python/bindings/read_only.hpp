#pragma once

#include <nanobind/ndarray.h>

#include <memory>
#include <utility>

#include "varimix/core/types.hpp"

namespace nb = nanobind;

namespace varimix::python {

using ReadOnlyVector = nb::ndarray<nb::numpy, const double, nb::ndim<1>>;
using ReadOnlyMatrix = nb::ndarray<nb::numpy, const double, nb::ndim<2>>;

/// The policy of properties that give such an array; nanobind's own, reference_internal, is for arrays that live in the
/// object.
inline constexpr auto kArray = nb::rv_policy::automatic;

/// Returns, for a property, an array of its own that cannot be written to, because writing to it would change nothing.
[[nodiscard]] inline ReadOnlyVector read_only(Vector values) {
  auto kept = std::make_unique<Vector>(std::move(values));
  const double* data = kept->data();
  const auto size = static_cast<std::size_t>(kept->size());
  const nb::capsule owner(kept.release(), [](void* held) noexcept { delete static_cast<Vector*>(held); });
  return ReadOnlyVector(data, {size}, owner);
}

[[nodiscard]] inline ReadOnlyMatrix read_only(Matrix values) {
  auto kept = std::make_unique<Matrix>(std::move(values));
  const double* data = kept->data();
  const auto rows = static_cast<std::size_t>(kept->rows());
  const auto columns = static_cast<std::size_t>(kept->cols());
  const nb::capsule owner(kept.release(), [](void* held) noexcept { delete static_cast<Matrix*>(held); });
  const bool by_columns = !Matrix::IsRowMajor;
  return ReadOnlyMatrix(
      data, {rows, columns}, owner,
      {by_columns ? 1 : static_cast<std::int64_t>(columns), by_columns ? static_cast<std::int64_t>(rows) : 1});
}

}  // namespace varimix::python
