#pragma once

#include <concepts>

#include "varimix/em/fittable.hpp"
#include "varimix/mixture/local_coordinates.hpp"

namespace varimix {

/// A model of which standard errors are known: its Fit names local coordinates, in which the score of rows comes from
/// their E-step.
template <class M>
concept Inferable = Fittable<M> &&
    requires(const M& model, const typename M::Fit& fit, const Vector& v, const Eta& eta, double number) {
  { fit.as_m_step(model) } -> std::same_as<typename M::Fit::MStep>;
  { fit.local_coordinates(model).size() } -> std::convertible_to<Index>;
  { fit.local_coordinates(model).moved(v) } -> std::same_as<M>;
  { fit.local_coordinates(model).score(v, model, eta) } -> std::same_as<Vector>;
  { fit.local_coordinates(model).precondition(v, number, number) } -> std::same_as<Vector>;
};

}  // namespace varimix
