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

/// The parts of a law's class, each in the source that is named after it.
template <class S>
void bind_exponential_family(Law<S>& law);
template <class S>
void bind_law_fit(Law<S>& law);

/// As scipy gives an interval.
inline std::pair<double, double> pair_of(const Interval& interval) { return {interval.lower, interval.upper}; }

/// The class of what `fit` gives.
void bind_law_fit_result(nb::module_& m);

}  // namespace varimix::python
