#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "limits.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/inference/stream_errors.hpp"

namespace varimix {

[[nodiscard]] inline FitConstraints constraints_of(const InferenceOptions& options) {
  return {.symmetric = options.symmetric,
          .fixed = options.fixed,
          .alpha_min = options.alpha_min,
          .regularization = Regularization::kNone,
          .missing = options.missing};
}

/// Adds what a state says of itself: its options, weight and score, and notes of the limits in which it is. Returns false
/// where they leave no standard errors.
template <Inferable M>
[[nodiscard]] bool add_state(const OnlineEM<M>& state, StreamErrors& out) {
  const OnlineEMOptions& options = state.state().options;
  out.options.symmetric = options.symmetric;
  out.options.fixed = options.fixed;
  out.options.alpha_min = options.alpha_min;
  out.options.missing = options.missing;
  out.total_weight = state.total_weight();
  out.log_likelihood = state.log_score().total;
  const Status status = state.status();
  const auto note = [&](StatusCode code, InferenceNote as) {
    for (const StatusEntry& entry : status.entries()) {
      if (entry.code != code) continue;
      out.notes.push_back({as, entry.detail});
      return true;
    }
    return false;
  };
  (void)note(StatusCode::kGaussianLimit, InferenceNote::kGaussianLimit);
  bool has_no_errors = note(StatusCode::kUnseenColumn, InferenceNote::kUnseenColumn);
  for (const StatusCode code : {StatusCode::kConstantColumn, StatusCode::kTooFewRows}) {
    has_no_errors = note(code, InferenceNote::kDispersionFloor) || has_no_errors;
  }
  if (const auto raised = state.fit().as_m_step(state.driving_model()).raised_columns; !raised.empty()) {
    out.notes.push_back({InferenceNote::kDispersionFloor, list_columns(raised)});
    has_no_errors = true;
  }
  return !has_no_errors;
}

/// Calls errors_of(law, functionals): where a model lies on a face of its family, with the law of the face.
template <class M, class ErrorsOf>
void on_its_face(const M& model, const std::vector<Functional>& functionals, StreamErrors& out, ErrorsOf&& errors_of) {
  const std::optional<AnyMeanVarianceMixture> face = law_of_face(model);
  if (!face) {
    out.family = kFamily<typename M::SubordinatorType>;
    errors_of(model, functionals);
    return;
  }
  out.family = face->index() == static_cast<std::size_t>(Family::kNormalInverseGamma) ? Family::kNormalInverseGamma
                                                                                      : Family::kVarianceGamma;
  out.notes.push_back({InferenceNote::kFace, std::string(word(out.family))});
  out.options.fixed = fixed_on_face(out.options.fixed, out.family);
  std::visit([&](const auto& law) { errors_of(law, functionals_on_face(functionals, law)); }, *face);
}

}  // namespace varimix
