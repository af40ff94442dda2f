#pragma once

#include <sstream>
#include <string>

#include "bindings.hpp"
#include "varimix/core/column_names.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::python {

/// The largest dimension of which `repr` shows all numbers; of more it shows the ends of vectors and no matrix.
inline constexpr Index kShownWhole = 6;
/// The numbers, or names, that are shown of more: the first ones and the last.
inline constexpr Index kShownOfMany = 4;

/// Returns "[1, 2, 3]", or of a long vector "[1, 2, 3, ..., 20]".
inline std::string short_text(const Vector& values) {
  std::ostringstream out;
  const bool is_long = values.size() > kShownWhole;
  const Index first = is_long ? kShownOfMany - 1 : values.size();
  out << "[";
  for (Index j = 0; j < first; ++j) out << (j == 0 ? "" : ", ") << values(j);
  if (is_long) out << ", ..., " << values(values.size() - 1);
  out << "]";
  return out.str();
}

/// Returns "[[1, 2], [2, 1]]", or of a large matrix its shape: "<20 x 20>".
inline std::string short_text(const Matrix& values) {
  if (values.rows() > kShownWhole) {
    return "<" + std::to_string(values.rows()) + " x " + std::to_string(values.cols()) + ">";
  }
  const Eigen::IOFormat rows(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");
  std::ostringstream out;
  out << values.format(rows);
  return out.str();
}

/// Returns a model as operator<< writes it, or, of more than kShownWhole columns, short.
template <Subordinator S>
std::string short_text(const MeanVarianceMixture<S>& model) {
  if (model.d() <= kShownWhole) return to_string(model);
  std::string text = std::string(kFamilyName<S>) + "(mu=" + short_text(model.mu()) +
                     ", gamma=" + short_text(model.gamma()) + ", sigma=" + short_text(model.L_Sigma());
  const auto parameters = model.subordinator().parameters();
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    text += std::string(", ") + S::kParameterNames[k] + "=" + to_string(parameters[k]);
  }
  if (!model.columns().empty()) text += ", columns=" + to_text(model.columns(), kShownOfMany);
  return text + ")";
}

}  // namespace varimix::python
