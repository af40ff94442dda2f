#include "interior_start.hpp"

#include <cmath>
#include <utility>

#include "interior_point.hpp"

namespace varimix {
namespace {

/// A slack above this share of the mean weight is well within the set.
constexpr double kWellWithin = 0.1;

/// -t + t^2 / (2 scale), whose minimum over the slacks t of a set is at the largest t or, if that is larger, at `scale`.
class LeastSlack : public ConvexObjective {
 public:
  explicit LeastSlack(double scale) : scale_(scale) { size_ = scale; }

  bool evaluate(const Vector& x) override {
    const double t = x(x.size() - 1);
    value_ = -t + 0.5 * t * t / scale_;
    gradient_ = Vector::Zero(x.size());
    gradient_(x.size() - 1) = -1.0 + t / scale_;
    return true;
  }
  void add_hessian(Matrix& out_matrix) const override { out_matrix.diagonal().tail(1).array() += 1.0 / scale_; }
  [[nodiscard]] bool falls_for_ever(const Vector& /*direction*/) const override { return false; }
  [[nodiscard]] bool is_enough(const Vector& x, double gap) const override {
    const double t = x(x.size() - 1);
    return t > 0.0 && (t >= 0.5 * scale_ || gap <= 0.25 * t);
  }

 private:
  double scale_;
};

/// Makes equalities of the inequalities that have no slack anywhere: those whose multiplier is larger than their slack.
void fix_tight(const FeasibleSet& set, const Vector& slack, const Vector& z, LinearConstraints& out_constraints) {
  const auto& [free, pinned, A, c, inequalities, origins] = set;
  Index largest = 0;
  (z - slack).maxCoeff(&largest);
  const auto rows = static_cast<Index>(origins.size());
  const auto below = static_cast<Index>(inequalities.below().size());
  for (Index k = 0; k < slack.size(); ++k) {
    if (z(k) <= slack(k) && k != largest) continue;
    if (k < rows) {
      const auto [row, is_high] = origins[static_cast<std::size_t>(k)];
      (is_high ? out_constraints.low : out_constraints.high)(row) =
          (is_high ? out_constraints.high : out_constraints.low)(row);
    } else if (k < rows + below) {
      const Index j = free[static_cast<std::size_t>(inequalities.below()[static_cast<std::size_t>(k - rows)])];
      out_constraints.upper(j) = out_constraints.lower(j);
    } else {
      const Index j = free[static_cast<std::size_t>(inequalities.above()[static_cast<std::size_t>(k - rows - below)])];
      out_constraints.lower(j) = out_constraints.upper(j);
    }
  }
}

}  // namespace

InteriorStart interior_start(LinearConstraints constraints) {
  std::optional<InteriorStart> thin;  // a point within, if by less than the tolerance
  bool is_given = true;               // no inequality has been made an equality, which moves it by the tolerance
  const auto without = [&](InteriorStart::Outcome outcome) {
    if (thin) return std::move(*thin);
    return InteriorStart{is_given ? outcome : InteriorStart::Outcome::kUnknown, std::nullopt, {}};
  };
  while (true) {
    std::optional<FeasibleSet> set = feasible_set(constraints);
    if (!set) return without(InteriorStart::Outcome::kEmpty);
    Vector x = central_point(*set);
    const Vector slack = set->inequalities.slack(x);
    const auto n = static_cast<double>(x.size());
    const double sum = x.lpNorm<1>();
    const double scale = sum > 0.0 ? sum : 1.0;
    const double tolerance = kInteriorTolerance * scale;
    if (set->A.rows() == x.size() && slack.size() > 0) {  // the equalities leave one point
      if (slack.minCoeff() < -tolerance) return without(InteriorStart::Outcome::kEmpty);
      return {InteriorStart::Outcome::kFound, std::move(set), std::move(x)};
    }
    if (slack.size() == 0 || slack.minCoeff() > kWellWithin * scale / n) {
      return {InteriorStart::Outcome::kFound, std::move(set), std::move(x)};
    }
    Matrix A(set->A.rows(), x.size() + 1);
    A << set->A, Vector::Zero(set->A.rows());
    Vector start(x.size() + 1);
    start << x, slack.minCoeff() - scale;
    LeastSlack objective(scale);
    const Inequalities shifted = set->inequalities.with_shift();
    const InteriorPoint found = minimize(objective, A, set->c, shifted, std::move(start));
    const double t = found.x(x.size());
    x = found.x.head(x.size());
    if (t > tolerance) return {InteriorStart::Outcome::kFound, std::move(set), std::move(x)};
    if (found.ending != InteriorEnding::kConverged) return without(InteriorStart::Outcome::kUnknown);
    if (t < -tolerance) return without(InteriorStart::Outcome::kEmpty);
    if (t > 0.0 && !thin) thin = InteriorStart{InteriorStart::Outcome::kFound, set, x};
    is_given = false;
    fix_tight(*set, shifted.slack(found.x), found.z * scale, constraints);
  }
}

}  // namespace varimix
