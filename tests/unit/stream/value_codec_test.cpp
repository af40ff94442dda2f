#include "stream/value_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "stream/model_codec.hpp"
#include "support/codecs.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using Limits = std::numeric_limits<double>;

const Vector kHostile{{0.0, -0.0, Limits::denorm_min(), -Limits::denorm_min(), Limits::min(), Limits::max(),
                       Limits::lowest(), 0.1, -1.0 / 3.0, 16777217.0, 1e39, Limits::infinity(), -Limits::infinity()}};

bool same_bits(const Matrix& left, const Matrix& right) {
  return left.rows() == right.rows() && left.cols() == right.cols() &&
         std::equal(left.reshaped().begin(), left.reshaped().end(), right.reshaped().begin(), [](double a, double b) {
           return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
         });
}

Eta some_eta() {
  Eta eta = some_model(2, 3, 0.7).compute_eta_from_model();
  eta.weight = 12.5;
  return eta;
}

TEST(ValueCodec, KeepsVectorsAndMatricesBitByBit) {
  EXPECT_TRUE(same_bits(through_bytes(kHostile), kHostile));
  const Matrix outer = kHostile * Vector{{1.0, -0.5, 1e-3}}.transpose();
  const Matrix finite = outer.unaryExpr([](double value) { return std::isnan(value) ? 0.0 : value; });
  EXPECT_TRUE(same_bits(through_bytes(finite), finite));
  EXPECT_EQ(through_bytes(Vector()).size(), 0);
  EXPECT_TRUE(std::isnan(through_bytes(Vector::Constant(1, Limits::quiet_NaN()).eval())(0))) << "no row seen";
}

TEST(ValueCodec, KeepsStatisticsWithTheirLayout) {
  const Eta eta = some_eta();
  EXPECT_EQ(through_bytes(eta), eta);
  EXPECT_EQ(through_bytes(without_log_y(eta)), without_log_y(eta));
}

TEST(ValueCodec, KeepsKeysAsTheyAreNotHashedAgain) {
  const std::array<std::uint64_t, 3> words = {1, std::numeric_limits<std::uint64_t>::max(), 7};
  for (const Key& key : {Key{0}, Key{std::numeric_limits<std::int64_t>::max()}, Key::from_words(words)}) {
    EXPECT_EQ(through_bytes(key), key);
  }
}

TEST(ValueCodec, KeepsAStatus) {
  Status status;
  status.add(StatusCode::kStepReverted, "E[Y] of the batch is not finite", 7);
  status.add(StatusCode::kStepReverted, "", 8);
  status.add(StatusCode::kBatchCapped);
  EXPECT_EQ(through_bytes(status), status);
  EXPECT_EQ(through_bytes(Status{}), Status{});
}

TEST(ValueCodec, EveryOutcomeCanBeReadByItsName) {
  for (int k = 0; k <= static_cast<int>(StatusCode::kInnerRoundsStopped); ++k) {
    const auto code = static_cast<StatusCode>(k);
    EXPECT_EQ(status_code(name(code)), code);
  }
  EXPECT_EQ(status_code("no_such_outcome"), std::nullopt);
}

TEST(ValueCodec, AnotherTypeIsNamedWithItsPlace) {
  EXPECT_EQ(decode_error_of<double>("x"), "it must be a number, got \"x\"");
  EXPECT_EQ(decode_error_of<bool>(1), "it must be true or false, got 1");
  EXPECT_EQ(decode_error_of<std::string>(1), "it must be text, got 1");
  EXPECT_EQ(decode_error_of<std::int64_t>(-1), "it must be an integer from 0 to 2^53, got -1");
  EXPECT_EQ(decode_error_of<std::int64_t>(1.0), "it must be an integer from 0 to 2^53, got 1.0");
  EXPECT_THAT(decode_error_of<std::int64_t>(kLargestCount + 1), HasSubstr("2^53"));
  EXPECT_THAT(decode_error_of<int>(std::int64_t{1} << 31), HasSubstr("below 2^31"));
  EXPECT_THAT(decode_error_of<std::uint64_t>(-1), HasSubstr("2^64"));
  EXPECT_EQ(decode_error_of<Vector>({1.0, "x"}), "it[1] must be a number, got \"x\"");
  EXPECT_EQ(decode_error_of<Vector>(nullptr), "it must be a list of numbers, got null");
  EXPECT_EQ(decode_error_of<Matrix>({{1.0, 2.0}, {3.0}}), "it[1] must be a row as long as the first, got a list");
  EXPECT_EQ(decode_error_of<Matrix>({1.0}), "it[0] must be a row as long as the first, got 1.0");
  EXPECT_EQ(decode_error_of<Key>({1}), "it must be a list of 2, got a list");
  EXPECT_EQ(decode_error_of<std::vector<bool>>({true, 3}), "it[1] must be true or false, got 3");
}

TEST(ValueCodec, KeysThatAreMissingOrUnknownAreNamed) {
  const Json eta = Codec<Eta>::encode(some_eta());
  for (const auto& [name, value] : eta.items()) {
    EXPECT_EQ(decode_error_of<Eta>(without(eta, name.c_str())), "it: has no '" + name + "'");
  }
  EXPECT_EQ(decode_error_of<Eta>(with(eta, "z", 1)), "it: has \"z\", which this schema does not know");
  EXPECT_EQ(decode_error_of<Eta>(Json::array()), "it must be a map, got a list");
}

TEST(ValueCodec, ShapesThatDisagreeAreErrors) {
  const Json eta = Codec<Eta>::encode(some_eta());
  EXPECT_THAT(decode_error_of<Eta>(with(eta, "origin", {1.0})), HasSubstr("it.values must be a list of 6 numbers"));
  EXPECT_THAT(decode_error_of<Eta>(with(eta, "values", {1.0})), HasSubstr("it.values must be a list of"));
  EXPECT_THAT(decode_error_of<Eta>(with(eta, "origin", Json::array())), HasSubstr("d must be >= 1"));
  EXPECT_THAT(decode_error_of<Eta>(with(eta, "fields", Json::array())), HasSubstr("fields must be one or more"));
  Json orphan = eta;
  orphan["fields"][3]["parent"] = 4;
  EXPECT_THAT(decode_error_of<Eta>(orphan), HasSubstr("parent must be an earlier field"));
  orphan["fields"][3]["parent"] = 2;
  EXPECT_THAT(decode_error_of<Eta>(orphan), HasSubstr("the parent of 'E[X/Y]' must be the field with one factor X"));
  orphan["fields"][3]["statistic"] = "tensor";
  EXPECT_THAT(decode_error_of<Eta>(orphan), HasSubstr("statistic must be 'number', 'logarithm'"));
}

TEST(ValueCodec, AnOutcomeThatIsUnknownOrTwiceIsAnError) {
  Status status;
  status.add(StatusCode::kConverged);
  Json list = Codec<Status>::encode(status);
  list.push_back(list[0]);
  EXPECT_EQ(decode_error_of<Status>(list), "it: entries must be of different codes, got converged");
  list[1]["code"] = "won";
  EXPECT_EQ(decode_error_of<Status>(list), "it[1].code must be the name of an outcome, got \"won\"");
}

template <class S>
class ModelCodecOf : public ::testing::Test {};
TYPED_TEST_SUITE(ModelCodecOf, Families, FamilyNames);

TYPED_TEST(ModelCodecOf, KeepsAModelInEveryBit) {
  for (const double s : {1.0, 1.0 / 3.0, 1e5}) {
    const auto model = some_model<TypeParam>(3, 5, 0.8).rescale_y(s);
    EXPECT_EQ(through_bytes(model), model);
  }
}

TYPED_TEST(ModelCodecOf, WhatIsNoModelIsNamed) {
  using Model = MeanVarianceMixture<TypeParam>;
  const Json model = Codec<Model>::encode(some_model<TypeParam>(2, 5, 0.8));
  EXPECT_THAT(decode_error_of<Model>(with(model, "mu", {1.0})), HasSubstr("it: gamma must be of dimension 1"));
  EXPECT_THAT(decode_error_of<Model>(with(model, "mu", Json::array())), HasSubstr("mu must be of dimension 1 or more"));
  EXPECT_THAT(decode_error_of<Model>(with(model, "L_Sigma", {{1.0, 0.0}, {0.0, -1.0}})),
              HasSubstr("positive diagonal"));
  const char* parameter = TypeParam::kParameterNames[1];
  const auto law = [&](double value) {
    return with(model, "subordinator", with(model["subordinator"], parameter, value));
  };
  EXPECT_THAT(decode_error_of<Model>(law(-1.0)), HasSubstr("it.subordinator: "));
  EXPECT_THAT(decode_error_of<Model>(with(model, "subordinator", with(model["subordinator"], "extra", 1.0))),
              HasSubstr("has \"extra\""));
  EXPECT_THAT(decode_error_of<Model>(law(Limits::quiet_NaN())), HasSubstr("it.subordinator: "));
}

}  // namespace
}  // namespace varimix::tests
