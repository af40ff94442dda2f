#include "varimix/core/choice.hpp"

#include <gtest/gtest.h>

#include "support/close.hpp"
#include "varimix/core/missing.hpp"
#include "varimix/em/fit_options.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

template <class E>
class AChoice : public ::testing::Test {};
using Choices = ::testing::Types<Missing, Regularization, AlphaMin, Acceleration, Criterion, Family>;
TYPED_TEST_SUITE(AChoice, Choices);

TYPED_TEST(AChoice, IsReadBackFromItsWord) {
  for (std::size_t k = 0; k < kWords<TypeParam>.size(); ++k) {
    const auto value = static_cast<TypeParam>(k);
    EXPECT_FALSE(word(value).empty());
    EXPECT_EQ(choice_from<TypeParam>(word(value), "it"), value);
  }
}

TEST(ChoiceFrom, NamesTheArgumentAndAllWordsForAnother) {
  EXPECT_EQ(error_of([] { (void)choice_from<Missing>("Exact", "missing"); }),
            "missing must be 'error' or 'exact', got 'Exact'; is it 'exact'?");
  EXPECT_EQ(error_of([] { (void)choice_from<AlphaMin>("", "alpha_min"); }),
            "alpha_min must be 'none', 'density' or 'inverse_moment', got ''");
}

TEST(NearestWord, TakesTheFewestChangesOfLetters) {
  EXPECT_EQ(nearest_word("VarianceGama", kWords<Family>), "VarianceGamma");
  EXPECT_EQ(nearest_word("normal_inverse_gaussian", kWords<Family>), "NormalInverseGaussian");
  EXPECT_EQ(nearest_word("det_sigma_y", kWords<Regularization>), "det_sigma_x");
  EXPECT_EQ(nearest_word("exatc", kWords<Missing>), "exact");
}

TEST(NearestWord, IsNoneIfMoreThanHalfOfItsLettersChange) {
  EXPECT_EQ(nearest_word("nig", kWords<Family>), "");
  EXPECT_EQ(nearest_word("", kWords<Missing>), "");
}

}  // namespace
}  // namespace varimix::tests
