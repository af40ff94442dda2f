#include "varimix/stats/mixture_statistics.hpp"

#include <Eigen/Dense>
#include <cassert>
#include <string>
#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

// Two entries of a symmetric matrix may differ by this fraction of its largest one: the rounding of a few sums.
constexpr double kSymmetryTolerance = 1e-10;

// The numbers of the fields in mean_variance_layout.
constexpr Index kInvY = 0;
constexpr Index kY = 1;
constexpr Index kX = 2;
constexpr Index kXInvY = 3;
constexpr Index kXXInvY = 4;
constexpr Index kLogY = 5;

void require_mean_variance(const Eta& eta) {
  require(is_mean_variance(eta.layout), "eta", "the statistics of a mean-variance mixture", "other ones");
}

bool has_log_y(const Eta& eta) { return eta.layout.fields().size() > kLogY; }

}  // namespace

Eta to_eta(const MixtureStatisticsRef& statistics, const Vector& origin, double weight) {
  const Index d = origin.size();
  assert(statistics.x.size() == d && statistics.x_inv_y.size() == d && statistics.xx_inv_y.rows() == d);
  EtaLayout layout = mean_variance_layout(d, statistics.log_y ? LogY::kCompute : LogY::kLeaveOut);
  Vector values(layout.size());
  values(layout.begin(kInvY)) = statistics.inv_y;
  values(layout.begin(kY)) = statistics.y;
  values.segment(layout.begin(kX), d) = statistics.x;
  values.segment(layout.begin(kXInvY), d) = statistics.x_inv_y;
  double* value = values.data() + layout.begin(kXXInvY);
  for (Index i = 0; i < d; ++i) {
    for (Index j = 0; j <= i; ++j) *value++ = statistics.xx_inv_y(i, j);
  }
  if (statistics.log_y) values(layout.begin(kLogY)) = *statistics.log_y;
  return {std::move(layout), origin, std::move(values), weight};
}

MixtureStatistics mixture_statistics(const Eta& eta) {
  require_mean_variance(eta);
  return {.inv_y = eta.number(kInvY),
          .y = eta.number(kY),
          .log_y = has_log_y(eta) ? std::optional(eta.number(kLogY)) : std::nullopt,
          .x = eta.vector(kX),
          .x_inv_y = eta.vector(kXInvY),
          .xx_inv_y = eta.symmetric(kXXInvY)};
}

MixtureStatisticsView::MixtureStatisticsView(const Eta& eta) : eta_(eta) { require_mean_variance(eta); }
double MixtureStatisticsView::inv_y() const { return eta_.number(kInvY); }
double MixtureStatisticsView::y() const { return eta_.number(kY); }
std::optional<double> MixtureStatisticsView::log_y() const {
  return has_log_y(eta_) ? std::optional(eta_.number(kLogY)) : std::nullopt;
}
Eigen::VectorBlock<const Vector> MixtureStatisticsView::x() const { return eta_.vector(kX); }
Eigen::VectorBlock<const Vector> MixtureStatisticsView::x_inv_y() const { return eta_.vector(kXInvY); }

void MixtureStatisticsView::copy_xx_inv_y(Eigen::Ref<Matrix> out_lower) const {
  const double* value = eta_.values.data() + eta_.layout.begin(kXXInvY);
  for (Index i = 0; i < eta_.d(); ++i) {
    for (Index j = 0; j <= i; ++j) out_lower(i, j) = *value++;
  }
}

Matrix symmetrized(const Matrix& m) { return m.selfadjointView<Eigen::Lower>(); }

Eta Eta::from_raw(double E_inv_Y, double E_Y, std::optional<double> E_log_Y, const Vector& E_X, const Vector& E_X_inv_Y,
                  const Matrix& E_XXT_inv_Y) {
  const Index d = E_X.size();
  require(d > 0, "E_X", "of dimension 1 or more", d);
  require_dimension(E_X_inv_Y.size(), d, "E_X_inv_Y");
  require_square(E_XXT_inv_Y, d, "E_XXT_inv_Y");
  const double asymmetry = (E_XXT_inv_Y - E_XXT_inv_Y.transpose()).cwiseAbs().maxCoeff();
  require(!(asymmetry > kSymmetryTolerance * E_XXT_inv_Y.cwiseAbs().maxCoeff()), "E_XXT_inv_Y", "symmetric",
          "a largest asymmetry of " + std::to_string(asymmetry));
  return to_eta({E_inv_Y, E_Y, E_log_Y, E_X, E_X_inv_Y, E_XXT_inv_Y}, Vector::Zero(d));
}

double Eta::E_inv_Y() const {
  require_mean_variance(*this);
  return number(kInvY);
}

double Eta::E_Y() const {
  require_mean_variance(*this);
  return number(kY);
}

std::optional<double> Eta::E_log_Y() const { return mixture_statistics(*this).log_y; }
Vector Eta::E_X() const { return mixture_statistics(*this).x + origin; }
Vector Eta::E_X_inv_Y() const { return mixture_statistics(with_origin(*this, Vector::Zero(d()))).x_inv_y; }
Matrix Eta::E_XXT_inv_Y() const { return mixture_statistics(with_origin(*this, Vector::Zero(d()))).xx_inv_y; }

}  // namespace varimix
