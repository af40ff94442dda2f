#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "varimix/subordinator/gig_law.hpp"

namespace nb = nanobind;

namespace varimix::python {

template <class S>
using Law = nb::class_<S>;

template <class S>
inline constexpr auto kParameterIndices = std::make_index_sequence<S::kParameterNames.size()>();

/// The type of the k-th parameter of a function that takes as many numbers as a law has parameters.
template <std::size_t>
using Number = double;
template <std::size_t>
using OptionalNumber = std::optional<double>;

/// Each of these functions adds a part to a law's class.
template <class S>
void bind_exponential_family(Law<S>& law);
template <class S>
void bind_law_fit(Law<S>& law);

/// Returns an interval as scipy gives one.
inline std::pair<double, double> pair_of(const Interval& interval) { return {interval.lower, interval.upper}; }

/// Adds the class of the results of `fit`.
void bind_law_fit_result(nb::module_& m);

}  // namespace varimix::python
