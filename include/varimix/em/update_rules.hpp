#pragma once

#include <cstdint>
#include <optional>

#include "varimix/em/update_rule.hpp"
#include "varimix/stats/expectations.hpp"

namespace varimix {

/// eta_t = eta_hat: no memory. On batches that hold all rows this is batch EM.
struct IdentityUpdate {
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                        const StepInfo& info) const;
};

/// eta_t = (1 - c) eta + c eta_hat with c = 1/(tau0 + t), t = 0, 1, 2, ... (Robbins and Monro 1951; Cappe and Moulines
/// 2009, eq. 7). tau0 > 0, and at least 1 because no step may exceed 1.
/// Root-n consistent only if less than half of the information is missing, which fails for heavy tails at small d.
struct RobbinsMonroUpdate {
  double tau0 = 10.0;
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                        const StepInfo& info) const;
  void check(Index d) const;
};

/// eta_t = n/(n+m) eta + m/(n+m) eta_hat: n rows learned before (0 at first), m in this batch; by weight.
struct SampleWeightedUpdate {
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                        const StepInfo& info) const;
};

/// eta_t = (1 - w) eta + w eta_hat, exponential forgetting. Either w in (0, 1] a batch (default 0.1), or a half-life
/// h > 0 in rows, w = 1 - 2^(-m/h) for a batch of m rows, so that short batches weigh what they should.
struct EWMAUpdate {
  std::optional<double> w = std::nullopt;
  std::optional<double> half_life = std::nullopt;
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                        const StepInfo& info) const;
  void check(Index d) const;
  static constexpr double kDefaultW = 0.1;
};

/// eta_t = a + b eta + c eta_hat in the uncentred fields; a is an eta or nothing. Unless b + c = 1 and a is nothing
/// the result may be infeasible; then the fit takes the step half-way and says so in its status. The status also says
/// so if a is nothing and b + c is not 1.
struct AffineUpdate {
  std::optional<Expectations> a = std::nullopt;
  double b = 0.0;
  double c = 1.0;
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch,
                                        const StepInfo& info) const;
  void rescale_y(double s);
  [[nodiscard]] bool weights_sum_to_one() const;
  void check(Index d) const;
};

/// The default rule: averaged stochastic approximation that counts rows, not batches (Polyak and Juditsky 1992).
/// With p = 1 + 2d + d(d+1)/2, n0 = 2p rows unless given, N rows learned and W = n0^(1-e) (N + n0)^e, e = exponent,
/// a batch of m rows is taken in ceil(2m/W) equal parts of m' rows; for each part
///   c = min(1, m'/W), running = (1-c) running + c eta_hat, N += m', o = 2m'/(N + m'),
///   reported = (1-o) reported + o running.
/// The running eta drives the E-steps; the average is what users see. All steps are convex: always feasible.
/// Ends one pass within about half a statistical error p/(2n) nats of the maximum likelihood; weak near the Gaussian
/// limit and at extreme skewness, where more passes or batch EM are needed.
struct PolyakRuppertUpdate {
  double exponent = 0.6;                    ///< in (1/2, 1]
  std::optional<double> n0 = std::nullopt;  ///< > 0 rows
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info);
  [[nodiscard]] Expectations report(const Expectations& running) const;
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const;
  void rescale_y(double s);
  void check(Index d) const;
  std::optional<Expectations> reported = std::nullopt;  ///< state: the average so far
};

/// What a shrunk eta is drawn to, and how strongly: emits tau/(1+tau) eta0 + 1/(1+tau) base, field by field in the
/// uncentred fields. tau is a number >= 0, or an eta whose fields are the strengths of those fields, element by element.
/// The memory is the base rule's and is never overwritten, so that tau = 0 is the base rule and the stationary value
/// does not depend on its step size. With feedback the shrunk value is what is remembered (the reference package's
/// recursion), which forgets the data as the step falls.
class Shrinkage {
 public:
  /// Throws std::invalid_argument for a strength < 0 or not finite, or an eta0 that is not finite.
  Shrinkage(UpdateRule base, Expectations eta0, double tau = 0.5, bool feedback = false);
  Shrinkage(UpdateRule base, Expectations eta0, Expectations tau, bool feedback = false);
  [[nodiscard]] Expectations accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info);
  [[nodiscard]] Expectations emit(const Expectations& running) const;
  [[nodiscard]] Expectations report(const Expectations& running) const;
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const { return base_.parts(info, d); }
  void rescale_y(double s);
  [[nodiscard]] bool weights_sum_to_one() const { return base_.weights_sum_to_one(); }
  void check(Index d) const;
  [[nodiscard]] const UpdateRule& base() const noexcept { return base_; }
  [[nodiscard]] const Expectations& eta0() const noexcept { return eta0_; }
  /// tau where it was given as a number.
  [[nodiscard]] std::optional<double> tau() const noexcept { return tau_; }
  [[nodiscard]] bool feedback() const noexcept { return feedback_; }

 private:
  [[nodiscard]] Expectations shrink(const Expectations& eta) const;
  UpdateRule base_;
  Expectations eta0_;
  Expectations share_;  // tau / (1 + tau) of every field
  std::optional<double> tau_ = std::nullopt;
  bool feedback_;
};

}  // namespace varimix
