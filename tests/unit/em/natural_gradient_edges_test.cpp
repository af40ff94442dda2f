#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

// The information about gamma is infinite where E[Y] is. As the model has it, cut off at the farthest rows of thousands,
// it would hold gamma near 0, 3,800 statistical errors below the maximum.
TEST(NaturalGradientEdges, ALawWithoutAMeanIsFoundFromAStartAThousandTimesTooWide) {
  const NormalInverseGamma truth(Vector{{0.0}}, Vector{{0.5}}, Matrix{{1.0}}, InverseGamma(0.6, 0.6));
  const RowMatrix x = truth.rvs(5120, Seed{1});
  OnlineEM<NormalInverseGamma> state(NormalInverseGamma::default_init(RowView(x).slice(0, 512)));
  ASSERT_GT(state.model().cov()(0, 0), 1e3);
  for (Index first = 0; first < x.rows(); first += 512) (void)state.update(RowView(x).slice(first, 512));
  const double maximum = BatchEMFitter({.tol = 1e-10}).fit(truth, x).model.marginal_log_likelihood(x);
  constexpr double kParameters = 4.0;
  EXPECT_LT((maximum - state.model().marginal_log_likelihood(x)) * 2.0 * 5120.0 / kParameters, 3.0);
}

TEST(NaturalGradientEdges, ColumnsThatAreShownAlikeMayComeInAnyOrder) {
  const NormalInverseGaussian truth = some_model(2, 11, 0.5);
  RowMatrix x = truth.rvs(64, Seed{5});
  const NormalInverseGaussian init = NormalInverseGaussian::default_init(x);
  x(0, 0) = x(1, 1) = std::numeric_limits<double>::quiet_NaN();
  const Eigen::PermutationMatrix<Eigen::Dynamic> swap(Eigen::Vector2i(1, 0));
  const auto swapped =
      NormalInverseGaussian(swap * init.mu(), swap * init.gamma(),
                            Matrix(swap * init.sigma() * swap.transpose()).llt().matrixL(), init.subordinator());
  const RowMatrix y = x * swap;
  const OnlineEMOptions exact{.missing = Missing::kExact};
  OnlineEM<NormalInverseGaussian> state(init, NaturalGradientUpdate{}, Key{0}, exact);
  OnlineEM<NormalInverseGaussian> other(swapped, NaturalGradientUpdate{}, Key{0}, exact);
  for (Index first = 0; first < x.rows(); first += 8) {
    (void)state.update(RowView(x).slice(first, 8));
    (void)other.update(RowView(y).slice(first, 8));
  }
  EXPECT_TRUE(all_close(state.model().mu(), Vector(swap * other.model().mu()), 1e-9));
  EXPECT_TRUE(all_close(state.model().sigma(), Matrix(swap * other.model().sigma() * swap.transpose()), 1e-9));
}

// How far a step may go is measured alike along all axes of the frame, which is chosen up to rotations about gamma.
TEST(NaturalGradientEdges, AStepThatIsCutTurnsWithTheRows) {
  const NormalInverseGaussian truth = some_model(4, 11, 0.5);
  const RowMatrix x = truth.rvs(64, Seed{5});
  const Vector off = truth.L_Sigma() * Vector{{2.0, -3.0, 4.0, 2.0}};
  const NormalInverseGaussian start(truth.mu() + off, truth.gamma(), Matrix(truth.L_Sigma()), truth.subordinator());
  const Matrix turn = Matrix(some_factor(4, 3)).householderQr().householderQ();
  OnlineEM<NormalInverseGaussian> state(start);
  OnlineEM<NormalInverseGaussian> turned(transformed(start, turn, Vector::Zero(4)));
  (void)state.update(x);
  (void)turned.update(transformed(x, turn, Vector::Zero(4)));
  EXPECT_LT(law_difference(turned.model(), transformed(state.model(), turn, Vector::Zero(4))), 1e-9);
}

std::string refusal(const OnlineEM<NormalInverseGaussian>& state) {
  try {
    (void)state.cov_params();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(NaturalGradientEdges, AVarianceThatIsNoDoubleIsRefusedByName) {
  const RowMatrix x = some_model(2, 11, 0.5).rvs(500, Seed{6});
  for (const double scale : {1e80, 1e-80}) {
    const RowMatrix scaled = x * scale;
    OnlineEM<NormalInverseGaussian> state(NormalInverseGaussian::default_init(scaled));
    (void)state.update(scaled);
    EXPECT_THAT(refusal(state), HasSubstr("the variance of sigma_1_1 must be a normal double")) << scale;
  }
}

TEST(NaturalGradientEdges, AStateWhoseStepsWereAllRevertedSaysSo) {
  OnlineEM<NormalInverseGaussian> state(NormalInverseGaussian::default_init(gaussian_rows(50, 2, 1)));
  (void)state.update(RowMatrix(RowMatrix::Constant(3, 2, 1e200)));
  EXPECT_THAT(refusal(state), HasSubstr("one whose steps were all reverted"));
}

TEST(DefaultInitEdges, ARangeThatIsNoDoubleIsRefusedByName) {
  const RowMatrix x{{1.7e308}, {1.7e308}, {1.7e308}, {-1.7e308}, {-1.7e308}};
  try {
    (void)NormalInverseGaussian::default_init(x);
    ADD_FAILURE() << "took it";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("X must be columns whose range is a double"));
  }
}

}  // namespace
}  // namespace varimix::tests
