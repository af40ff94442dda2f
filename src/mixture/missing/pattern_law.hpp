#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "partial_law.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// The law of the columns o that a pattern shows, for many rows of this pattern. With q = (x_o - mu_o)' Sigma_oo^{-1}
/// (x_o - mu_o) and B = Sigma_mo Sigma_oo^{-1}, where m are the missing columns,
///   Y | x_o ~ GIG(p - |o|/2, a + gamma_o' Sigma_oo^{-1} gamma_o, b + q),
///   X_m | x_o, Y ~ N(mu_m + B (x_o - mu_o) + Y (gamma_m - B gamma_o), Y (Sigma_mm - B Sigma_om)).
/// All of it comes from one factor of Sigma with its rows in the order o, m: reflections of the columns of L
/// (kernels::partial_rows) give P L Q = [[L_o, 0], [U', F]] with L_o L_o' = Sigma_oo, U' = B L_o and
/// F F' = Sigma_mm - B Sigma_om.
/// The object is a workspace: `take` overwrites it and allocates nothing.
class PatternLaw {
 public:
  explicit PatternLaw(Index d);
  /// Takes the pattern of a row: x[j * leading] is its column j, NaN where `missing` has j.
  /// @param rest  receives the law of the missing columns with Rest::kDescribe.
  /// Cost: O(d^2 (1 + d_m)) for d_m missing columns.
  void take(const JointLaw& joint, const PartialLaw& partial, std::span<const std::int32_t> missing, const double* x,
            Index leading, const kernels::MissingColumns& rest, Rest describe);

  /// Returns the factor in place of L, and its stride.
  [[nodiscard]] const double* factor() const noexcept { return factor_.data(); }
  [[nodiscard]] Index stride() const noexcept { return factor_.rows(); }
  [[nodiscard]] Index shown() const noexcept { return static_cast<Index>(observed.size()); }
  /// Returns row k of U', over the unit of its column. With Rest::kDescribe only.
  [[nodiscard]] const double* loading(Index k) const noexcept { return loading_.col(k).data(); }

  std::vector<Index> observed;
  Vector mu_shown;             // (d), the first d_o used
  Vector whitened_gamma;       // (d), the first d_o used: L_o^{-1} gamma_o
  double gamma_squared = 0.0;  // gamma_o' Sigma_oo^{-1} gamma_o
  double log_det_root = 0.0;   // log det L_o

 private:
  void arrange(const PartialLaw& partial, std::span<const std::int32_t> missing, Rest describe);

  Matrix factor_;   // (d, d): L_o in its first rows and columns
  Matrix loading_;  // (d, d): U in its first rows and columns
  Vector pivot_, direction_;
  Matrix columns_;  // (2d, d), as in kernels::PatternFactor
  AlignedDoubles scratch_;
};

}  // namespace varimix
