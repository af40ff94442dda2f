#include "varimix/mixture/marginal.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {
namespace {

using Columns = std::vector<Index>;

template <class S>
struct MarginalOf : ::testing::Test {
  const MeanVarianceMixture<S> whole = some_model<S>(4, 3, 0.7).with_columns(ColumnNames({"a", "b", "c", "d"}));
  const MeanVarianceMixture<S> other = some_model<S>(2, 17, 0.4);
};
TYPED_TEST_SUITE(MarginalOf, Families, FamilyNames);

/// What the law of other columns m given o and Y is made of: B, mu_m - B mu_o, gamma_m - B gamma_o, Sigma_mm - B Sigma_om.
template <class S>
std::vector<Matrix> conditional_parts(const MeanVarianceMixture<S>& model, const Columns& o, const Columns& m) {
  const Matrix sigma = model.sigma();
  const Matrix b = Matrix(sigma(o, o)).llt().solve(Matrix(sigma(o, m))).transpose();
  return {b, model.mu()(m) - b * model.mu()(o), model.gamma()(m) - b * model.gamma()(o),
          sigma(m, m) - b * Matrix(sigma(o, m))};
}

TYPED_TEST(MarginalOf, HasTheDensityOfRowsThatShowItsColumnsAlone) {
  for (const Columns& columns : {Columns{2}, Columns{0, 1}, Columns{3, 1}, Columns{2, 0, 3}, Columns{3, 2, 1, 0}}) {
    const auto part = marginal(this->whole, columns);
    const RowMatrix x = part.rvs(50, Seed{1});
    RowMatrix shown = RowMatrix::Constant(50, 4, std::numeric_limits<double>::quiet_NaN());
    shown(Eigen::all, columns) = x;
    EXPECT_TRUE(all_close(part.log_prob(x), this->whole.log_prob(shown, Missing::kExact), 1e-12));
    EXPECT_EQ(part.subordinator(), this->whole.subordinator());
    for (std::size_t k = 0; k < columns.size(); ++k) {
      EXPECT_EQ(part.columns().names()[k], this->whole.columns().names()[static_cast<std::size_t>(columns[k])]);
    }
  }
}

TYPED_TEST(MarginalOf, HasTheStatisticsOfItsColumns) {
  const Columns columns{3, 1};
  const RowMatrix x = this->whole.rvs(100, Seed{2});
  const RowMatrix some = x(Eigen::all, columns);
  const Vector origin = this->whole.mu();
  const Eta all = e_step(this->whole, x, origin).eta;
  const Eta part = marginal(all, columns);
  EXPECT_EQ(part.weight, 100.0);
  EXPECT_EQ(part.E_Y(), all.E_Y());
  EXPECT_TRUE(all_close(part.E_X(), some.colwise().mean().transpose(), 1e-13));
  EXPECT_TRUE(all_close(part.E_XXT_inv_Y(), Matrix(all.E_XXT_inv_Y()(columns, columns)), 1e-13));
  EXPECT_TRUE(all_close(part.E_X_inv_Y(), Vector(all.E_X_inv_Y()(columns)), 1e-13));
}

TYPED_TEST(MarginalOf, TakesThePlaceOfTheOldOneAndLeavesTheOthersAsTheyAreGivenIt) {
  const Columns o{3, 1};
  const Columns m{0, 2};
  for (const double unit : {1.0, 4.0}) {
    const auto made = with_marginal(this->whole, this->other, o, unit);
    EXPECT_TRUE(marginal(made, o).same_law(this->other, 1e-13));
    EXPECT_EQ(made.columns(), this->whole.columns());
    const auto before = conditional_parts(this->whole, o, m);
    const auto after = conditional_parts(made, o, m);
    EXPECT_TRUE(all_close(after[0], before[0], 1e-13));
    EXPECT_TRUE(all_close(after[1], before[1], 1e-13));
    EXPECT_TRUE(all_close(after[2], Matrix(before[2] / unit), 1e-13));
    EXPECT_TRUE(all_close(after[3], Matrix(before[3] / unit), 1e-13));
  }
}

TYPED_TEST(MarginalOf, LeavesTheLawOfTheOthersAndThoseGivenWhateverTheRestBecomes) {
  const Columns columns{3, 1};
  for (const Columns& given : {Columns{1}, Columns{3}, Columns{}}) {
    const auto made = with_marginal(this->whole, this->other, columns, given, 1.0);
    EXPECT_TRUE(marginal(made, columns).same_law(this->other, 1e-13));
    Columns kept{0, 2};
    kept.insert(kept.end(), given.begin(), given.end());
    if (given.empty()) {
      const auto before = marginal(this->whole, kept);
      EXPECT_TRUE(all_close(marginal(made, kept).sigma(), before.sigma(), 1e-13));
      EXPECT_TRUE(all_close(marginal(made, kept).mu(), before.mu(), 1e-13));
    } else {
      const auto place = static_cast<Index>(given.front() == columns.front() ? 0 : 1);
      const auto alone = with_marginal(marginal(this->whole, kept), marginal(this->other, {place}), {2});
      EXPECT_TRUE(marginal(made, kept).same_law(alone, 1e-13));
    }
  }
}

TYPED_TEST(MarginalOf, OfTheModelItselfGivesItBack) {
  for (const Columns& columns : {Columns{1}, Columns{3, 0, 2}, Columns{0, 1, 2, 3}, Columns{2, 3, 0, 1}}) {
    EXPECT_TRUE(with_marginal(this->whole, marginal(this->whole, columns), columns).same_law(this->whole, 1e-13));
  }
}

TYPED_TEST(MarginalOf, KeepsWhatIsFixedOfItsColumns) {
  const Columns columns{2, 0};
  const auto fixed = fix_parameters(this->whole, {"mu", "gamma", "sigma"}, false);
  const auto part = marginal(fixed, columns);
  const auto model = marginal(this->whole, columns);
  EXPECT_EQ(*part.mu, model.mu());
  EXPECT_EQ(*part.gamma, model.gamma());
  EXPECT_EQ(*part.L_Sigma, model.L_Sigma());
  EXPECT_TRUE(marginal(FixedParameters<TypeParam>{}, columns).empty());
}

TYPED_TEST(MarginalOf, WrongColumnsPartsAndUnitsAreRefusedByName) {
  for (const Columns& wrong : {Columns{}, Columns{-1}, Columns{0, 4}, Columns{2, 1, 2}}) {
    EXPECT_TRUE(error_of([&] { (void)marginal(this->whole, wrong); }).starts_with("columns"));
    EXPECT_TRUE(error_of([&] { (void)marginal(this->whole.compute_eta_from_model(), wrong); }).starts_with("columns"));
    EXPECT_TRUE(error_of([&] { (void)with_marginal(this->whole, this->other, wrong); }).starts_with("columns"));
    const auto fixed = fix_parameters(this->whole, {"mu", "sigma"}, false);
    EXPECT_TRUE(error_of([&] { (void)marginal(fixed, wrong); }).starts_with("columns"));
  }
  EXPECT_TRUE(error_of([&] { (void)with_marginal(this->whole, this->other, {1}); }).starts_with("part"));
  for (const Columns& wrong : {Columns{0}, Columns{1, 1}}) {
    EXPECT_TRUE(error_of([&] {
                  (void)with_marginal(this->whole, this->other, {1, 2}, wrong, 1.0);
                }).starts_with("given"));
  }
  for (const double unit : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(error_of([&] { (void)with_marginal(this->whole, this->other, {1, 2}, unit); }).starts_with("unit"));
  }
}

}  // namespace
}  // namespace varimix::tests
