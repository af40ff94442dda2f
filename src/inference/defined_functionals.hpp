#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "varimix/core/require.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix {

/// Throws std::invalid_argument unless there are functionals, all with names of their own.
inline void check_functionals(const std::vector<Functional>& functionals) {
  std::set<std::string> names;
  require(!functionals.empty(), "functionals", "at least one", 0);
  for (const Functional& functional : functionals) {
    require(!functional.name.empty(), "the name of a functional", "not empty", "''");
    require(names.insert(functional.name).second, "functionals", "of different names",
            "'" + functional.name + "' twice");
  }
}

/// True for the numbers that a Gaussian has too.
inline bool is_of_a_gaussian(FunctionalKind kind) {
  return kind == FunctionalKind::kMean || kind == FunctionalKind::kSd || kind == FunctionalKind::kCorrelation;
}

/// The names of functionals that are left out, by reason.
class LeftOut {
 public:
  void add(const std::string& name, const std::string& reason) { names_[reason].push_back(name); }
  [[nodiscard]] std::string text() const {
    constexpr std::size_t kShown = 4;
    std::string text;
    for (const auto& [reason, names] : names_) {
      if (!text.empty()) text += "; ";
      for (std::size_t k = 0; k < std::min(kShown, names.size()); ++k) text += (k == 0 ? "" : ", ") + names[k];
      if (names.size() > kShown) text += ", ... (" + std::to_string(names.size()) + ")";
      text += ": " + reason;
    }
    return text;
  }

 private:
  std::map<std::string, std::vector<std::string>> names_;
};

/// Returns why a functional that has this value at the model has no standard error; "" if it may have one.
inline std::string reason_to_leave_out(const Functional& functional, double value, const StandardErrors& out) {
  if (out.has(InferenceNote::kGaussianLimit) && !is_of_a_gaussian(functional.kind)) {
    return "not told by rows like a Gaussian's";
  }
  if (std::isfinite(value)) return "";
  return std::isnan(value) ? "does not exist" : "infinite";
}

/// A variance is a sum of squares: of derivatives, or of deviations of replicas.
inline constexpr double kLargestRoot = 1e152;
inline constexpr const char* kVarianceBeyondDoubles = "a variance beyond doubles";

/// Keeps the functionals that exist, with their values, and returns their gradients, one a column.
template <Inferable M, class Coordinates>
Matrix keep_defined(const M& model, const Coordinates& coordinates, const std::vector<Functional>& functionals,
                    StandardErrors& out) {
  LeftOut left_out;
  std::vector<double> values;
  std::vector<Vector> gradients;
  for (const Functional& functional : functionals) {
    const double value = value_of(functional, model);
    if (const std::string reason = reason_to_leave_out(functional, value, out); !reason.empty()) {
      left_out.add(functional.name, reason);
      continue;
    }
    Vector gradient = gradient_of(functional, coordinates);
    if (!gradient.allFinite()) {
      left_out.add(functional.name, "no derivative");
      continue;
    }
    if ((gradient.array().abs() > kLargestRoot).any()) {
      left_out.add(functional.name, kVarianceBeyondDoubles);
      continue;
    }
    out.names.push_back(functional.name);
    out.scales.push_back(functional.scale);
    values.push_back(value);
    gradients.push_back(std::move(gradient));
  }
  if (const std::string text = left_out.text(); !text.empty()) {
    out.notes.push_back({InferenceNote::kNotDefined, text});
  }
  out.params = Vector::Map(values.data(), static_cast<Index>(values.size()));
  Matrix columns(coordinates.size(), static_cast<Index>(gradients.size()));
  for (std::size_t k = 0; k < gradients.size(); ++k) columns.col(static_cast<Index>(k)) = gradients[k];
  return columns;
}

}  // namespace varimix
