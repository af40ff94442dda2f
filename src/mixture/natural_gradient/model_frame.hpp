#pragma once

#include "information_blocks.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// A direction in which a model moves, in its frame: mu += Q m, gamma += Q g, Sigma = Q (I + A + A^2 / 2) Q',
/// psi += shape. For a gradient the same fields hold the derivatives, those in A as a symmetric matrix G with
/// dl = sum of G_ij dA_ij.
struct Direction {
  Vector m, g;
  Matrix a;
  ScalarVector shape;
};

/// Coordinates of a Direction in which InformationBlocks are three blocks.
struct BlockCoordinates {
  ScalarVector scalars;
  Eigen::Matrix<double, 3, Eigen::Dynamic> vectors;  ///< (3, d-1)
  Matrix traceless;                                  ///< (d-1, d-1)
};

/// Return the coordinates of a direction (A_22, ... in their mean and what is left), and of a gradient (their sum).
[[nodiscard]] BlockCoordinates of_direction(const Direction& direction);
[[nodiscard]] BlockCoordinates of_gradient(const Direction& gradient);
/// Undo these.
[[nodiscard]] Direction to_direction(const BlockCoordinates& coordinates);
[[nodiscard]] Direction to_gradient(const BlockCoordinates& coordinates);

/// Returns the gradient whose product with a direction is that of the form `information` with `direction`.
[[nodiscard]] BlockCoordinates apply(const InformationBlocks& information, const BlockCoordinates& direction);
[[nodiscard]] double product(const BlockCoordinates& gradient, const BlockCoordinates& direction);
/// Returns gradient - other.
[[nodiscard]] BlockCoordinates minus(const BlockCoordinates& gradient, const BlockCoordinates& other);

/// The frame of a model: Q = P' L O', with L L' = P Sigma P' the Cholesky factor of Sigma with its columns in some order
/// P, and O orthogonal such that O L^{-1} P gamma = (g, 0, ..., 0), g >= 0.
class ModelFrame {
 public:
  /// @param sigma_factor  the lower Cholesky factor of Sigma.
  /// @param shown  the share (d) of the rows that show each column: they are ordered from the largest to the smallest,
  ///   and where these are equal from the most to the least skewed. Empty: they stay in order.
  ModelFrame(const Matrix& sigma_factor, const Vector& gamma, const Vector& shown);
  [[nodiscard]] double skewness() const noexcept { return skewness_; }  ///< g
  /// Return Q^{-1} v and Q^{-1} M Q'^{-1}.
  [[nodiscard]] Vector into(Vector v) const;
  [[nodiscard]] Matrix into(Matrix symmetric) const;
  /// Returns Q v.
  [[nodiscard]] Vector out_of(Vector v) const;
  /// Return Q'^{-1} v and Q' v.
  [[nodiscard]] Vector dual_out_of(const Vector& v) const;
  [[nodiscard]] Vector dual_into(const Vector& v) const;
  /// Returns a gradient in `other`'s frame as a gradient in this one.
  [[nodiscard]] Direction gradient_from(const ModelFrame& other, const Direction& gradient) const;
  /// Returns the lower Cholesky factor of Q (I + A + A^2 / 2) Q', which is positive definite for every A.
  [[nodiscard]] Matrix moved_factor(Matrix a) const;
  /// Multiplies a direction or a gradient, in the axes of L before O, by r_j in m_j, g_j and A_jj, by r_j r_k in A_jk, and
  /// the shapes by `shape_factor`. r are factors of the columns of X. With r^2 the shares of the rows that show each
  /// column, this makes of the information of complete rows that of rows with gaps: exactly for m and A_jj where rows
  /// that show a column show the ones before it too, nearly elsewhere.
  void scale_columns(const Vector& r, double shape_factor, Direction& inout) const;

 private:
  void mirror_both_sides(Matrix& inout_symmetric) const;
  /// Return O v and O' v, and O M O' and O' M O of a symmetric M.
  [[nodiscard]] Vector rotate(Vector v) const;
  [[nodiscard]] Vector unrotate(Vector v) const;
  [[nodiscard]] Matrix rotate(Matrix m) const;
  [[nodiscard]] Matrix unrotate(Matrix m) const;
  [[nodiscard]] bool is_ordered() const noexcept { return order_.size() == 0; }

  Matrix factor_;                                   // L
  Eigen::PermutationMatrix<Eigen::Dynamic> order_;  // P; empty for the identity
  Vector mirror_;                                   // O = diag(sign, 1, ...) (I - 2 mirror mirror'); empty for none
  double sign_ = 1.0;
  double skewness_ = 0.0;
};

}  // namespace varimix
