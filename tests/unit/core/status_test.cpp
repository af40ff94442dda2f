#include "varimix/core/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

std::vector<StatusCode> all_codes() {
  std::vector<StatusCode> codes;
  for (int k = 0; k <= static_cast<int>(kLastStatusCode); ++k) codes.push_back(static_cast<StatusCode>(k));
  return codes;
}

TEST(StatusCodes, EveryCodeHasANameAndASentenceOfItsOwn) {
  std::set<std::string_view> names;
  std::set<std::string> sentences;
  for (const StatusCode code : all_codes()) {
    Status status;
    status.add(code);
    names.insert(name(code));
    sentences.insert(status.sentence());
    EXPECT_FALSE(name(code).empty());
    EXPECT_EQ(name(code).find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name(code);
  }
  EXPECT_EQ(names.size(), all_codes().size());
  EXPECT_EQ(sentences.size(), all_codes().size());
  EXPECT_EQ(name(StatusCode::kGaussianLimit), "gaussian_limit");
}

TEST(StatusCodes, EveryCodeButThoseOfARegularEndSaysWhatCanBeDone) {
  for (const StatusCode code : all_codes()) {
    const bool is_regular_end = code == StatusCode::kConverged || code == StatusCode::kCompleted;
    EXPECT_EQ(advice(code).empty(), is_regular_end) << name(code);
  }
}

TEST(StatusValue, EmptySaysOk) {
  const Status status;
  EXPECT_TRUE(status.empty());
  EXPECT_EQ(status.sentence(), "ok");
  EXPECT_FALSE(status.has(StatusCode::kConverged));
  EXPECT_EQ(status.count(StatusCode::kConverged), 0);
}

TEST(StatusValue, SinceAnEarlierOneIsWhatCameAfterIt) {
  Status before;
  before.add(StatusCode::kStepHalved, "", 1);
  before.add(StatusCode::kDrift, "", 2);
  Status after = before;
  after.add(StatusCode::kStepHalved, "", 5);
  after.add(StatusCode::kModeTrap, "3 rows", 6);
  const Status since = after.since(before);
  EXPECT_EQ(since.count(StatusCode::kStepHalved), 1);
  EXPECT_EQ(since.count(StatusCode::kDrift), 0);
  EXPECT_EQ(since.count(StatusCode::kModeTrap), 1);
  EXPECT_TRUE(after.since(after).empty());
}

TEST(StatusValue, ARepeatedOutcomeKeepsItsFirstStepAndDetail) {
  Status status;
  status.add(StatusCode::kStepHalved, "once half-way back", 3);
  status.add(StatusCode::kStepHalved, "twice half-way back", 9);
  ASSERT_EQ(status.entries().size(), 1U);
  EXPECT_EQ(status.entries()[0], (StatusEntry{StatusCode::kStepHalved, 2, 3, "once half-way back"}));
  EXPECT_EQ(status.count(StatusCode::kStepHalved), 2);
}

TEST(StatusValue, OutcomesStandInTheOrderOfTheirFirstOccurrence) {
  Status status;
  status.add(StatusCode::kStepReverted, "E[Y]", 1);
  status.add(StatusCode::kBatchCapped);
  status.add(StatusCode::kStepReverted, "E[Y]", 2);
  ASSERT_EQ(status.entries().size(), 2U);
  EXPECT_EQ(status.entries()[0].code, StatusCode::kStepReverted);
  EXPECT_EQ(status.entries()[1].code, StatusCode::kBatchCapped);
}

TEST(StatusValue, AddingAnotherStatusAddsItsCounts) {
  Status left;
  left.add(StatusCode::kStepHalved, "left", 5);
  Status right;
  right.add(StatusCode::kStepHalved, "right", 6);
  right.add(StatusCode::kStepHalved, "right", 7);
  right.add(StatusCode::kDispersionFloor, "columns 0", 8);
  left.add(right);
  EXPECT_EQ(left.count(StatusCode::kStepHalved), 3);
  EXPECT_EQ(left.count(StatusCode::kDispersionFloor), 1);
  EXPECT_EQ(left.entries()[0].detail, "left");
  EXPECT_EQ(left.entries()[0].first_step, 5);
  EXPECT_EQ(left.entries()[1].first_step, 8);
}

TEST(StatusValue, AddingToAnEmptyOneGivesAnEqualOne) {
  Status status;
  status.add(StatusCode::kStepReverted, "E[Y] of the batch is not finite", 2);
  status.add(StatusCode::kStepReverted, "E[Y] of the batch is not finite", 4);
  Status copy;
  copy.add(status);
  EXPECT_EQ(copy, status);
  copy.add(StatusCode::kConverged);
  EXPECT_NE(copy, status);
}

TEST(StatusValue, TheSentenceNamesDetailStepAndCount) {
  Status status;
  status.add(StatusCode::kStepReverted, "E[Y] of the batch is not finite", 7);
  status.add(StatusCode::kStepReverted, "later", 8);
  status.add(StatusCode::kBatchCapped);
  const std::string text = status.sentence();
  EXPECT_THAT(text, HasSubstr("a non-finite step was not taken (E[Y] of the batch is not finite)"));
  EXPECT_THAT(text, HasSubstr("(E[Y] of the batch is not finite)"));
  EXPECT_THAT(text, HasSubstr("step 7"));
  EXPECT_THAT(text, HasSubstr("2 times"));
  EXPECT_THAT(text, HasSubstr("; batch_size exceeds the number of rows"));
  std::ostringstream printed;
  printed << status;
  EXPECT_EQ(printed.str(), text);
}

}  // namespace
}  // namespace varimix::tests
