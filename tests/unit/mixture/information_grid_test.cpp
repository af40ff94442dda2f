#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "mixture/natural_gradient/row_information.hpp"
#include "mixture/natural_gradient/shape_coordinates.hpp"
#include "support/families.hpp"
#include "varimix/core/types.hpp"

namespace varimix::tests {
namespace {

template <class S>
class InformationGridOf : public ::testing::Test {};
TYPED_TEST_SUITE(InformationGridOf, Families, FamilyNames);

constexpr double kPsi = -0.7;
constexpr double kSkewness = 0.4;

template <Subordinator S>
RowInformation asked_of_a_new_grid(double psi, double g, Index d) {
  return InformationGrid<S>().at(ShapeVector<S>::Constant(psi), g, d);
}

/// Returns what a thread gives that has computed nothing yet.
template <Subordinator S>
RowInformation asked_in_a_new_thread(double psi, double g, Index d) {
  RowInformation information;
  std::thread([&] { information = asked_of_a_new_grid<S>(psi, g, d); }).join();
  return information;
}

bool are_equal(const InformationBlocks& one, const InformationBlocks& other) {
  return one.scalars == other.scalars && one.vectors == other.vectors && one.traceless == other.traceless;
}

bool are_equal(const RowInformation& one, const RowInformation& other) {
  return are_equal(one.fisher, other.fisher) && are_equal(one.complete, other.complete) &&
         are_equal(one.prior, other.prior);
}

TYPED_TEST(InformationGridOf, ThreadsThatKnowNodesAndThoseThatDoNotGiveTheSameBits) {
  for (const Index d : {3, 2, 1}) {  // one after another at the same nodes
    for (int time = 0; time < 2; ++time) {
      EXPECT_TRUE(are_equal(asked_of_a_new_grid<TypeParam>(kPsi, kSkewness, d),
                            asked_in_a_new_thread<TypeParam>(kPsi, kSkewness, d)))
          << d;
    }
  }
}

TYPED_TEST(InformationGridOf, MoreModelsThanAThreadKeepsAreGivenTheSameBitsAgain) {
  constexpr int kModels = 100;  // of four or eight nodes each
  const RowInformation first = asked_of_a_new_grid<TypeParam>(kPsi, kSkewness, 2);
  InformationGrid<TypeParam> grid;
  for (int k = 0; k < kModels; ++k) {
    (void)grid.at(ShapeVector<TypeParam>::Constant(kPsi), 0.3 * std::sinh(0.13 * k), 2);
  }
  EXPECT_TRUE(are_equal(grid.at(ShapeVector<TypeParam>::Constant(kPsi), kSkewness, 2), first));
}

TYPED_TEST(InformationGridOf, AtANodeItIsTheInformationOfTheRow) {
  constexpr double kNodePsi = -0.75;              // six steps
  const double g = 0.3 * std::sinh(15.0 * 0.06);  // fifteen steps
  const RowInformation given = asked_of_a_new_grid<TypeParam>(kNodePsi, g, 3);
  const RowInformation own = row_information<TypeParam>(ShapeVector<TypeParam>::Constant(kNodePsi), g, 3);
  EXPECT_TRUE(given.fisher.scalars.isApprox(own.fisher.scalars, 1e-9));
  EXPECT_TRUE(given.prior.scalars.isApprox(own.prior.scalars, 1e-9));
  EXPECT_NEAR(given.fisher.traceless, own.fisher.traceless, 1e-9);
}

}  // namespace
}  // namespace varimix::tests
