#include "interior_point.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace varimix {
namespace {

constexpr Index kMaxIterations = 100;
constexpr int kMaxTrials = 30;
constexpr double kGap = 1e-13;       // of the objective's size
constexpr double kResidual = 1e-11;  // of the largest derivative
constexpr double kFirstGap = 0.1;    // of the objective's size
constexpr double kBack = 0.005;      // share of the way to the boundary that is left, at most ...
constexpr double kLeastBack = 1e-8;  // ... and at least, so that multipliers and slacks stay positive
constexpr double kShortShare = 0.1;  // a step of which less can be taken is taken towards the central path ...
constexpr double kCentring = 0.5;    // ... to this share of the gap at least
constexpr double kArmijo = 1e-4;     // without inequalities a step lowers the value by this share of its slope ...
constexpr double kNearby = 1e-6;     // ... until the residual is as small, when values are rounding
constexpr double kPolished = 1e-15;  // a residual that no step lowers
constexpr int kMaxPolishing = 3;
constexpr double kRoundingOfSlack = 1e-13;  // of the sum of the sizes of x
constexpr double kFar = 1e8;                // a point so much larger than the first is a direction

/// The factor of K = H + G' W G + rho A'A, W the weights z / s of the inequalities. Adding rho A'A changes no step, as A dx is
/// given, and makes K positive definite where H + G' W G is singular along x alone. A ridge of the size of the rounding is
/// added, or more if that is not enough. What a row's weight exceeds the size of H by would drown H: it has an unknown of its
/// own instead, as the multiplier of an equality has.
class KktFactor {
 public:
  KktFactor(const ConvexObjective& objective, const Matrix& A, const Inequalities& inequalities, const Vector& weights)
      : A_(A), inequalities_(inequalities), weights_(weights.head(inequalities.h().size())), within_(weights_) {
    const Index n = inequalities.unknowns();
    Matrix k = Matrix::Zero(n, n);
    objective.add_hessian(k);
    rho_ = k.diagonal().maxCoeff();
    const Matrix& G = inequalities.G();
    if (G.cols() == n && rho_ > 0.0) within_ = within_.cwiseMin(rho_);
    Vector capped = weights;
    capped.head(within_.size()) = within_;
    inequalities.add_squares(capped, k);
    if (A.rows() > 0) k.selfadjointView<Eigen::Lower>().rankUpdate(A.transpose(), rho_);
    for (Index r = 0; r < within_.size(); ++r) {
      if (weights_(r) > within_(r)) bordered_.push_back(r);
    }
    factorize(k);
    border_.resize(A.rows() + static_cast<Index>(bordered_.size()), n);
    border_.topRows(A.rows()) = A;
    // Without general rows, G has no columns either.
    if (!bordered_.empty()) border_.bottomRows(border_.rows() - A.rows()) = G(bordered_, Eigen::all);
    if (border_.rows() == 0) return;
    columns_ = llt_.solve(border_.transpose());
    Matrix schur = border_ * columns_;
    schur.diagonal().tail(border_.rows() - A.rows()) += (weights_ - within_)(bordered_).cwiseInverse();
    schur_.compute(schur);
  }

  [[nodiscard]] bool is_sound() const noexcept { return is_sound_; }

  /// Sets dx and dy so that (H + G'WG) dx + A'dy = right and A dx = missing, and W G dx of the rows.
  void solve(const Vector& right, const Vector& missing, Vector& out_dx, Vector& out_dy, Vector& out_weighted) const {
    out_dx = llt_.solve(right + rho_ * (A_.transpose() * missing));
    Vector multipliers = Vector::Zero(border_.rows());
    if (border_.rows() > 0) {
      multipliers = border_ * out_dx;
      multipliers.head(A_.rows()) -= missing;
      multipliers = schur_.solve(multipliers).eval();
      out_dx -= columns_ * multipliers;
    }
    out_dy = multipliers.head(A_.rows());
    out_weighted = within_.cwiseProduct(inequalities_.times(out_dx).head(within_.size()));
    out_weighted(bordered_) += multipliers.tail(border_.rows() - A_.rows());
  }

 private:
  void factorize(const Matrix& k) {
    constexpr double kFirstRidge = 1e-15;
    constexpr double kLastRidge = 1e-6;
    constexpr double kRidgeFactor = 100.0;
    const Vector diagonal = k.diagonal();
    const double largest = diagonal.maxCoeff();
    Matrix ridged = k;
    for (double ridge = kFirstRidge; ridge < kLastRidge; ridge *= kRidgeFactor) {
      // A column without entries is one of a linear objective along which nothing is in the way.
      ridged.diagonal() = (diagonal.array() > 0.0).select(diagonal * (1.0 + ridge), largest > 0.0 ? largest : 1.0);
      llt_.compute(ridged);
      is_sound_ = llt_.info() == Eigen::Success;
      if (is_sound_) return;
    }
  }

  const Matrix& A_;
  const Inequalities& inequalities_;
  Vector weights_;  // of the rows
  Vector within_;   // what of them K holds
  std::vector<Index> bordered_;
  Matrix border_;
  double rho_ = 0.0;
  Eigen::LLT<Matrix> llt_;
  Matrix columns_;
  Eigen::LDLT<Matrix> schur_;
  bool is_sound_ = false;
};

/// A step of all unknowns.
struct Step {
  Vector dx;
  Vector dy;
  Vector ds;
  Vector dz;

  [[nodiscard]] bool is_finite() const { return dx.allFinite() && dy.allFinite() && ds.allFinite() && dz.allFinite(); }
};

/// Returns the largest share of a step that keeps all values >= 0; it may be more than 1, or infinite.
double share_within(const Vector& values, const Vector& step) {
  double share = std::numeric_limits<double>::infinity();
  for (Index k = 0; k < values.size(); ++k) {
    if (step(k) < 0.0) share = std::min(share, -values(k) / step(k));
  }
  return share;
}

/// The state of the iteration.
class Search {
 public:
  Search(ConvexObjective& objective, const Matrix& A, const Vector& c, const Inequalities& inequalities, Vector x)
      : f_(objective), A_(A), c_(c), inequalities_(inequalities), x_(std::move(x)), y_(Vector::Zero(A.rows())) {
    f_.evaluate(x_);
    gradient_size_ = f_.gradient().lpNorm<Eigen::Infinity>();
    s_ = inequalities_.slack(x_);
    z_ = kFirstGap * f_.size() / static_cast<double>(std::max<Index>(1, s_.size())) * s_.cwiseInverse();
  }

  InteriorPoint run() {
    const double first_length = x_.lpNorm<1>();
    for (; iterations_ < kMaxIterations; ++iterations_) {
      if (residual(y_, z_) <= kFirstGap && f_.is_enough(x_, gap())) return ended(InteriorEnding::kConverged);
      const bool is_close = gap() <= kGap * f_.size() && residual(y_, z_) <= kResidual;
      if (is_close && residual(y_, z_) <= kPolished) return ended(InteriorEnding::kConverged);
      const KktFactor factor(f_, A_, inequalities_, z_.cwiseQuotient(s_));
      if (!factor.is_sound()) return ended(is_close ? InteriorEnding::kConverged : InteriorEnding::kStopped);
      const Step step = centred_step(factor);
      if (!step.is_finite()) return ended(is_close ? InteriorEnding::kConverged : InteriorEnding::kStopped);
      if (recedes(step.dx) || (x_.lpNorm<1>() > kFar * first_length && f_.falls_for_ever(x_))) {
        return ended(InteriorEnding::kUnbounded);
      }
      // The last steps square a residual that is small already, if rounding lets them.
      const bool has_moved =
          is_close ? polished_++ < kMaxPolishing && take(step, 1, 0.0) : take(step, kMaxTrials, kResidual);
      if (!has_moved) return ended(is_close ? InteriorEnding::kConverged : InteriorEnding::kStopped);
    }
    return ended(InteriorEnding::kStopped);
  }

 private:
  [[nodiscard]] InteriorPoint ended(InteriorEnding ending) const { return {x_, y_, z_, iterations_ + 1, ending}; }
  [[nodiscard]] double gap() const { return s_.dot(z_); }
  /// Returns the largest dual residual at the objective's point, of the largest derivative at the current one.
  [[nodiscard]] double residual(const Vector& y, const Vector& z) const {
    const Vector r = f_.gradient() + A_.transpose() * y + inequalities_.transposed_times(z);
    return r.lpNorm<Eigen::Infinity>() / gradient_size_;
  }

  /// Returns the step to the point whose products s z are those of `targets`.
  [[nodiscard]] Step step_to(const KktFactor& factor, const Vector& targets) const {
    Step step;
    const Vector aim = targets.cwiseQuotient(s_);
    Vector weighted;
    factor.solve(-(f_.gradient() + A_.transpose() * y_ + inequalities_.transposed_times(aim)), c_ - A_ * x_, step.dx,
                 step.dy, weighted);
    const Vector weights = z_.cwiseQuotient(s_);
    step.ds = -inequalities_.times(step.dx);
    step.ds.head(weighted.size()) = -weighted.cwiseQuotient(weights.head(weighted.size()));
    step.dz = aim - z_ - weights.cwiseProduct(step.ds);
    return step;
  }

  [[nodiscard]] Step centred_step(const KktFactor& factor) const {
    const auto m = static_cast<double>(s_.size());
    Step affine = step_to(factor, Vector::Zero(s_.size()));
    if (s_.size() == 0) return affine;
    const double share = std::min({1.0, share_within(s_, affine.ds), share_within(z_, affine.dz)});
    const double after = (s_ + share * affine.ds).dot(z_ + share * affine.dz);
    const double sigma = std::pow(after / gap(), 3);
    Step step = step_to(factor, (sigma * gap() / m - affine.ds.array() * affine.dz.array()).matrix());
    // Where the second-order term sends it against a boundary, a step towards the central path leads away from there.
    if (std::min(share_within(s_, step.ds), share_within(z_, step.dz)) < kShortShare) {
      step = step_to(factor, Vector::Constant(s_.size(), std::max(sigma, kCentring) * gap() / m));
    }
    return step;
  }

  /// Returns whether the feasible set goes on for ever along a direction, in which the objective falls.
  [[nodiscard]] bool recedes(const Vector& direction) const {
    constexpr double kAlong = 1e-9;
    const bool is_open = s_.size() == 0 || inequalities_.times(direction).maxCoeff() <= 0.0;
    return is_open && (A_ * direction).lpNorm<Eigen::Infinity>() <= kAlong * direction.lpNorm<1>() &&
           f_.falls_for_ever(direction);
  }

  /// Returns the slack at x, which is known to the rounding of x only; below that it is that of the steps.
  [[nodiscard]] Vector slack_at(const Vector& x, const Vector& of_steps) const {
    const Vector slack = inequalities_.slack(x);
    return ((slack - of_steps).array().abs() > kRoundingOfSlack * x.lpNorm<1>()).select(slack, of_steps);
  }

  /// Goes along a step, which is halved while the residual grows above `rounding`. Returns false, at the old point, if no
  /// trial is better.
  bool take(const Step& step, int trials, double rounding) {
    const double before = residual(y_, z_);
    const double relative_gap = gap() / f_.size();
    const double value = f_.value();
    const double slope = f_.gradient().dot(step.dx);
    const double back = std::clamp(relative_gap, kLeastBack, kBack);
    double share = std::min({1.0, (1.0 - back) * share_within(s_, step.ds), (1.0 - back) * share_within(z_, step.dz)});
    for (int trial = 0; trial < trials; ++trial, share *= 0.5) {
      const Vector x = x_ + share * step.dx;
      const Vector s = slack_at(x, s_ + share * step.ds);
      if ((s.array() <= 0.0).any() || !f_.evaluate(x)) continue;
      const Vector y = y_ + share * step.dy;
      const Vector z = z_ + share * step.dz;
      const double after = residual(y, z);
      const bool is_better = s.size() > 0 || before < kNearby
                                 ? after < std::max({before, kFirstGap * relative_gap, rounding})
                                 : f_.value() <= value + kArmijo * share * slope;
      if (!is_better) continue;
      x_ = x;
      y_ = y;
      s_ = s;
      z_ = z;
      gradient_size_ = f_.gradient().lpNorm<Eigen::Infinity>();
      return true;
    }
    f_.evaluate(x_);
    return false;
  }

  ConvexObjective& f_;
  const Matrix& A_;
  const Vector& c_;
  const Inequalities& inequalities_;
  Vector x_;
  Vector y_;
  Vector s_;
  Vector z_;
  double gradient_size_;
  Index iterations_ = 0;
  int polished_ = 0;
};

}  // namespace

bool ConvexObjective::is_enough(const Vector& /*x*/, double /*gap*/) const { return false; }

InteriorPoint minimize(ConvexObjective& objective, const Matrix& A, const Vector& c, const Inequalities& inequalities,
                       Vector x) {
  if (A.rows() == x.size()) {  // the equalities leave one point
    objective.evaluate(x);
    Vector y = Vector::Zero(A.rows());
    if (x.size() > 0) y = -A.transpose().partialPivLu().solve(objective.gradient());
    return {x, y, Vector::Zero(inequalities.size()), 1, InteriorEnding::kConverged};
  }
  return Search(objective, A, c, inequalities, std::move(x)).run();
}

}  // namespace varimix
