#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/value_codec.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/em/fittable.hpp"

namespace varimix::tests {

/// A mixture of K Gaussian laws, a model whose statistics are not those of a mean-variance mixture: for each law k they
/// are its probability P[1; k] and the means E[X; k] and E[XX'; k] of X and XX' over it, times that probability. It
/// shows that em/ and stream/ know a model by the concept Fittable alone.
struct GaussianMixture {
  class Fit;
  std::vector<double> share;  ///< > 0, of sum 1
  std::vector<Vector> mean;
  std::vector<Matrix> covariance;
  [[nodiscard]] Index d() const { return mean.front().size(); }
  [[nodiscard]] std::size_t size() const { return share.size(); }
  [[nodiscard]] GaussianMixture rescale_y(double /*s*/) const { return *this; }  // there is no Y
  bool operator==(const GaussianMixture&) const = default;
  /// Returns log(share_k N(x; mean_k, covariance_k)) for every k, with N the normal density.
  [[nodiscard]] std::vector<double> log_joint(const Vector& x) const {
    std::vector<double> out;
    for (std::size_t k = 0; k < size(); ++k) {
      const Eigen::LLT<Matrix> root(covariance[k]);
      const Vector v = root.matrixL().solve(x - mean[k]);
      const double log_det = Matrix(root.matrixL()).diagonal().array().log().sum();
      out.push_back(std::log(share[k]) - 0.5 * v.squaredNorm() - log_det -
                    0.5 * static_cast<double>(d()) * std::log(2.0 * std::numbers::pi));
    }
    return out;
  }
};

inline double law_difference(const GaussianMixture& a, const GaussianMixture& b) {
  double largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const Vector scale = a.covariance[k].diagonal().cwiseSqrt();
    largest = std::max({largest, std::abs(a.share[k] - b.share[k]),
                        (a.mean[k] - b.mean[k]).cwiseQuotient(scale).lpNorm<Eigen::Infinity>(),
                        (a.covariance[k] - b.covariance[k]).lpNorm<Eigen::Infinity>() / scale.squaredNorm()});
  }
  return largest;
}

/// Returns 0: no test gives this model a prior.
inline double complete_log_likelihood(const GaussianMixture& /*model*/, const Eta& /*eta0*/) { return 0.0; }

class GaussianMixture::Fit {
 public:
  struct MStep {
    std::optional<GaussianMixture> model = std::nullopt;
    std::string infeasible = {};
    std::vector<Index> raised_columns = {};
  };
  /// Proposes nothing, so that batch EM of this model is plain.
  struct Coordinates {
    struct Iterate {
      GaussianMixture model;
    };
    explicit Coordinates(const GaussianMixture& /*initial*/) {}
    static Iterate at(GaussianMixture model) { return {std::move(model)}; }
    static Iterate at(GaussianMixture model, const Eta& /*eta*/) { return {std::move(model)}; }
    [[nodiscard]] static std::optional<Vector> to_vector(const Iterate& /*iterate*/) { return std::nullopt; }
    [[nodiscard]] static std::optional<Iterate> from_vector(const Vector& /*x*/, const Fit& /*fit*/) {
      return std::nullopt;
    }
  };

  Fit(const GaussianMixture& initial, const FitConstraints& /*constraints*/) : origin_(initial.mean.front()) {
    std::vector<EtaField> fields;
    for (std::size_t k = 0; k < initial.size(); ++k) {
      const std::string name = "; " + std::to_string(k) + "]";
      const auto first = static_cast<Index>(fields.size());
      fields.push_back({"P[1" + name, Statistic::kNumber});
      fields.push_back({"E[X" + name, Statistic::kVector, 0.0, first});
      fields.push_back({"E[XX'" + name, Statistic::kSymmetric, 0.0, first + 1});
    }
    layout_.emplace(initial.d(), std::move(fields));
  }

  [[nodiscard]] static double scale_of_y(const Eta& /*eta*/) { return 1.0; }
  [[nodiscard]] static double scale_of_y(const GaussianMixture& /*model*/) { return 1.0; }
  [[nodiscard]] Index free_parameters() const { return layout_->size() - 1; }
  [[nodiscard]] static bool depends_on_gauge() { return false; }
  void enter_gauge(double /*gauge*/) {}

  [[nodiscard]] Eta statistics(const GaussianMixture& model) const {
    Eta eta(*layout_, origin_);
    for (std::size_t k = 0; k < model.size(); ++k) {
      const Vector centred = model.mean[k] - origin_;
      add(model.share[k], centred, model.covariance[k] + centred * centred.transpose(), k, eta);
    }
    return eta;
  }

  [[nodiscard]] EStepResult e_step(const GaussianMixture& model, const RowView& x,
                                   std::span<const double> weights) const {
    EStepResult result{Eta(*layout_, origin_), 0.0};
    double total = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
      const double weight = weight_of(weights, i);
      const Vector row = row_of(x, i);
      const std::vector<double> joint = model.log_joint(row);
      const double log_f = log_sum(joint);
      const Vector centred = row - origin_;
      for (std::size_t k = 0; k < model.size(); ++k) {
        add(weight * std::exp(joint[k] - log_f), centred, centred * centred.transpose(), k, result.eta);
      }
      result.log_lik += weight * log_f;
      total += weight;
    }
    result.eta.values /= total;
    result.eta.weight = total;
    result.log_lik /= total;
    return result;
  }

  [[nodiscard]] MStep m_step(const Eta& eta, BelowFloor /*below*/) const {
    GaussianMixture model;
    for (Index k = 0; k < static_cast<Index>(eta.layout.fields().size()) / 3; ++k) {
      const double mass = eta.number(3 * k);
      if (!(mass > 0.0)) return {std::nullopt, "P[k] > 0", {}};
      const Vector centred = eta.vector(3 * k + 1) / mass;
      model.share.push_back(mass);
      model.mean.emplace_back(eta.origin + centred);
      model.covariance.emplace_back(eta.symmetric(3 * k + 2) / mass - centred * centred.transpose());
      if (model.covariance.back().llt().info() != Eigen::Success) return {std::nullopt, "a covariance", {}};
    }
    return {std::move(model), "", {}};
  }

  [[nodiscard]] static Vector log_density(const GaussianMixture& model, const RowView& x) {
    Vector out(x.rows());
    for (Index i = 0; i < x.rows(); ++i) out(i) = log_sum(model.log_joint(row_of(x, i)));
    return out;
  }
  [[nodiscard]] static double mean_log_density(const GaussianMixture& model, const RowView& x) {
    return log_density(model, x).mean();
  }
  [[nodiscard]] static GaussianMixture within_constraints(const GaussianMixture& model) { return model; }
  [[nodiscard]] static bool can_be_rescaled(const GaussianMixture& /*model*/, const Eta& eta, double /*s*/) {
    return eta.is_finite();
  }
  [[nodiscard]] static GaussianMixture shown(const GaussianMixture& model, double /*further*/, Status& /*status*/) {
    return model;
  }
  void add_spikes(const EStepResult& /*e_step*/, const RowView& /*x*/, std::span<const double> /*weights*/,
                  std::int64_t /*step*/, Status& /*status*/) const {}
  void add_limits(const MStep& /*fit*/, const Eta& /*eta*/, double /*rows*/, Status& /*status*/) const {}

 private:
  static Vector row_of(const RowView& x, Index i) {
    Vector row(x.columns());
    for (Index j = 0; j < x.columns(); ++j) row(j) = x(i, j);
    return row;
  }
  static double log_sum(const std::vector<double>& logs) {
    const double top = *std::max_element(logs.begin(), logs.end());
    double sum = 0.0;
    for (const double value : logs) sum += std::exp(value - top);
    return top + std::log(sum);
  }
  /// Adds the means x and xx of X and XX', of weight `share`, to the fields of law k.
  static void add(double share, const Vector& x, const Matrix& xx, std::size_t k, Eta& out) {
    const auto field = static_cast<Index>(3 * k);
    out.values(out.layout.begin(field)) += share;
    out.values.segment(out.layout.begin(field + 1), x.size()) += share * x;
    Index at = out.layout.begin(field + 2);
    for (Index i = 0; i < x.size(); ++i) {
      for (Index j = 0; j <= i; ++j) out.values(at++) += share * xx(i, j);
    }
  }

  Vector origin_;
  std::optional<EtaLayout> layout_;
};

static_assert(BatchFittable<GaussianMixture>);

}  // namespace varimix::tests

namespace varimix {

template <>
inline constexpr const char* kModelName<tests::GaussianMixture> = "GaussianMixture";

template <>
inline constexpr auto kMembers<tests::GaussianMixture> = std::tuple(member("share", &tests::GaussianMixture::share),
                                                                    member("mean", &tests::GaussianMixture::mean),
                                                                    member("covariance",
                                                                           &tests::GaussianMixture::covariance));

}  // namespace varimix
