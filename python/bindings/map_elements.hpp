#pragma once

#include <algorithm>

#include "gil.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix::python {

template <class Function>
nb::object map_span(nb::handle x, const char* name, Function&& function) {
  const ElementwiseArrays arrays(x, name);
  {
    const GilRelease release;
    function(arrays.in(), arrays.out());
  }
  return arrays.result();
}

template <class Function>
nb::object map_elements(nb::handle x, const char* name, Function&& function) {
  return map_span(x, name, [&](std::span<const double> in, std::span<double> out) {
    const auto size = static_cast<Index>(in.size());
    parallel_for((size + kBlockRows - 1) / kBlockRows, [&](Index block) {
      const auto first = static_cast<std::size_t>(block * kBlockRows);
      const std::size_t last = std::min(in.size(), first + static_cast<std::size_t>(kBlockRows));
      for (std::size_t i = first; i < last; ++i) out[i] = function(in[i]);
    });
  });
}

}  // namespace varimix::python
