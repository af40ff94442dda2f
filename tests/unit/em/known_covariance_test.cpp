#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/marginal.hpp"

namespace varimix::tests {
namespace {

const std::vector<Index> kShown{0, 2};

template <class S>
struct KnownCovarianceOf : ::testing::Test {
  using M = MeanVarianceMixture<S>;
  const M law = some_model<S>(3, 11, 0.6);

  [[nodiscard]] static OnlineEM<M> after(const M& from, const RowMatrix& x) {
    OnlineEM<M> state(from, NaturalGradientUpdate{}, Key{0}, {.missing = Missing::kExact});
    for (Index first = 0; first < x.rows(); first += 100) (void)state.update(RowView(x).slice(first, 100));
    return state;
  }
};
TYPED_TEST_SUITE(KnownCovarianceOf, Families, FamilyNames);

/// Returns the place of a parameter of the shown columns alone among those of all columns.
Index place_among_all(const ParameterCovariance& all, std::string name) {
  std::replace(name.begin(), name.end(), '2', '3');  // column 2 of those shown is column 3 of all
  return std::find(all.names.begin(), all.names.end(), name) - all.names.begin();
}

TYPED_TEST(KnownCovarianceOf, ShownColumnsIsThatWithoutTheOneThatNoRowShows) {
  RowMatrix x = this->law.rvs(2000, Seed{5});
  x.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  const ParameterCovariance all = this->after(this->law, x).cov_params();
  const ParameterCovariance alone = this->after(marginal(this->law, kShown), x(Eigen::all, kShown)).cov_params();
  std::vector<Index> places;
  for (const std::string& name : alone.names) places.push_back(place_among_all(all, name));
  const Vector deviation = alone.cov.diagonal().cwiseSqrt();
  const Matrix scale = deviation * deviation.transpose();
  EXPECT_LT((Matrix(all.cov(places, places)) - alone.cov).cwiseQuotient(scale).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_GT(all.bse()(place_among_all(all, "mu_1") + 1), 10.0 * all.bse()(place_among_all(all, "mu_1")));
}

}  // namespace
}  // namespace varimix::tests
