#include "varimix/stream/arrow_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/arrow_sources.hpp"
#include "varimix/stream/batch_source.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

static_assert(BatchSource<ArrowSource>);

class ArrowSourceTest : public ArrowTest {};

TEST_F(ArrowSourceTest, GivesEachRecordBatchAndCountsItsRows) {
  const auto batch = made_batch({made_column("a", kNumbers), made_column("b", kNumbers)});
  ArrowSource source =
      open(made_stream({batch, made_batch({made_column<double>("a", {}), made_column<double>("b", {})}), batch}));
  EXPECT_EQ(source.d(), 2);
  EXPECT_THAT(source.names(), ElementsAre("a", "b"));
  const auto all = read_all(std::move(source));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].x, columns_of({kNumbers, kNumbers}));
  EXPECT_EQ(all[1].first_row, 4);
  EXPECT_EQ(all[1].source_end, 8);
}

TEST_F(ArrowSourceTest, StaysAtItsEnd) {
  ArrowSource source = open(made_stream({made_batch({made_column("a", kNumbers)})}));
  EXPECT_TRUE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
}

TEST_F(ArrowSourceTest, ABatchOutlivesItsSource) {
  std::optional<Batch> batch;
  {
    ArrowSource source = open(made_stream({made_batch({made_column("a", kNumbers)})}));
    batch = source.next();
  }
  EXPECT_EQ(arrow_structures(), 1);
  EXPECT_EQ(seen(*batch).x, columns_of({kNumbers}));
  batch.reset();
  EXPECT_EQ(arrow_structures(), 0);
}

/// Writes another number into the memory of the stream's last array and returns the number in row 0, column 0 of the
/// batch that comes from it: it is the new one exactly if the batch reads that memory in place.
double first_number_of_changed_memory(const Batch& batch) {
  const double other = 77.0;
  std::memcpy(last_made_array()->batch.columns[0].values.data(), &other, sizeof(other));
  return batch.x(0, 0);
}

TEST_F(ArrowSourceTest, ReadsDoublesWithoutNullsInPlace) {
  for (const MadeColumn& beside : {made_column("b", kNumbers), made_column("b", std::vector<std::int8_t>{1, 2, 3, 4}),
                                   with_nulls(made_column("b", kNumbers), {true, false, true, true})}) {
    ArrowSource source = open(made_stream({made_batch({made_column("a", kNumbers), beside})}));
    const auto batch = source.next();
    EXPECT_EQ(first_number_of_changed_memory(*batch), 77.0);
  }
  ArrowSource source =
      open(made_stream({made_batch({with_nulls(made_column("a", kNumbers), {true, false, true, true})})}));
  const auto batch = source.next();
  EXPECT_EQ(first_number_of_changed_memory(*batch), 1.5) << "a column with nulls is converted";
}

TEST_F(ArrowSourceTest, ReadsFloatsInPlaceIfAllAre) {
  const MadeColumn floats = made_column("f", std::vector<float>{1.5F, -2.0F, 0.0F, 4.25F});
  ArrowSource all = open(made_stream({made_batch({floats, made_column("g", std::vector<float>{1, 2, 3, 4})})}));
  const auto batch = all.next();
  EXPECT_NE(first_number_of_changed_memory(*batch), 1.5);
  ArrowSource mixed = open(made_stream({made_batch({floats, made_column("b", kNumbers)})}));
  const auto converted = mixed.next();
  EXPECT_EQ(first_number_of_changed_memory(*converted), 1.5);
}

TEST_F(ArrowSourceTest, ABitmapWithoutNullsKeepsAColumnInPlace) {
  const MadeColumn column = with_nulls(made_column("a", kNumbers), {true, true, true, true});
  ArrowSource source = open(made_stream({made_batch({column})}));
  const auto batch = source.next();
  EXPECT_EQ(first_number_of_changed_memory(*batch), 77.0);
}

TEST_F(ArrowSourceTest, ReadsWeightsInPlace) {
  ArrowSource source = open(made_stream({made_batch({made_column("a", kNumbers), made_column("w", kNumbers)})}),
                            {.x = {}, .weights = "w"});
  const auto batch = source.next();
  EXPECT_EQ(static_cast<const void*>(batch->weights.data()), last_made_array()->batch.columns[1].values.data());
}

TEST_F(ArrowSourceTest, ReadsOffsetsOfColumnsAndOfTheBatch) {
  MadeBatch batch = made_batch({from_row(made_column("a", std::vector<double>{9, 9, 0, 1, 2, 3}), 2),
                                from_row(made_column("b", std::vector<float>{9, 0, 1, 2, 3}), 1)});
  batch.offset = 1;
  batch.length = 2;
  const auto all = read_all(open(made_stream({batch})));
  EXPECT_EQ(all.front().x, columns_of({{1, 2}, {1, 2}}));
}

TEST_F(ArrowSourceTest, ReadsEveryTypeOfNumber) {
  const std::vector<double> counts = {0, 1, 100};
  const auto check = [&](MadeColumn column) { EXPECT_EQ(only_batch({std::move(column)}).x, columns_of({counts})); };
  check(made_column("x", std::vector<std::int8_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::uint8_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::int16_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::uint16_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::int32_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::uint32_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::int64_t>{0, 1, 100}));
  check(made_column("x", std::vector<std::uint64_t>{0, 1, 100}));
  check(made_column("x", std::vector<float>{0, 1, 100}));
  check(made_column("x", std::vector<double>{0, 1, 100}));
}

TEST_F(ArrowSourceTest, ReadsTheEndsOfTheTypes) {
  EXPECT_EQ(only_batch({made_column("x", std::vector<std::int8_t>{-128})}).x(0, 0), -128.0);
  EXPECT_EQ(only_batch({made_column("x", std::vector<std::uint8_t>{255})}).x(0, 0), 255.0);
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(only_batch({made_column("x", std::vector<std::int64_t>{kLeast})}).x(0, 0), -std::ldexp(1.0, 63));
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(only_batch({made_column("x", std::vector<std::uint64_t>{kMost})}).x(0, 0), std::ldexp(1.0, 64));
}

// The bit patterns are those of IEEE 754 for 1, -2, the largest, the least normal and subnormal numbers, and infinity.
TEST_F(ArrowSourceTest, ReadsHalfPrecision) {
  const std::vector<std::uint16_t> bits = {0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x0000};
  EXPECT_EQ(only_batch({made_column("x", bits, "e")}).x,
            columns_of({{1.0, -2.0, 65504.0, std::ldexp(1.0, -14), std::ldexp(1.0, -24),
                         std::numeric_limits<double>::infinity(), 0.0}}));
  EXPECT_TRUE(std::isnan(only_batch({made_column("x", std::vector<std::uint16_t>{0x7e00}, "e")}).x(0, 0)));
}

TEST_F(ArrowSourceTest, ReadsBooleansBitByBit) {
  MadeColumn column =
      made_column("x", made_bits({false, true, true, false, true, false, false, true, true, false}), "b");
  column.offset = 2;
  column.length = 8;
  EXPECT_EQ(only_batch({column}).x, columns_of({{1, 0, 1, 0, 0, 1, 1, 0}}));
}

TEST_F(ArrowSourceTest, ReadsDecimalsOfEveryWidth) {
  using Wide = std::array<std::uint64_t, 4>;
  using Middle = std::array<std::uint64_t, 2>;
  constexpr std::uint64_t kOnes = std::numeric_limits<std::uint64_t>::max();
  const auto all = read_all(open(made_stream({made_batch({
      made_column("a", std::vector<std::int32_t>{12345, -5}, "d:9,4,32"),
      made_column("b", std::vector<std::int64_t>{-12345, 0}, "d:18,-2,64"),
      made_column("c", std::vector<Middle>{{12345, 0}, {0, 1}}, "d:38,4"),
      made_column("d", std::vector<Middle>{{kOnes - 4, kOnes}, {0, kOnes}}, "d:38,0,128"),
      made_column("e", std::vector<Wide>{{kOnes, kOnes, kOnes, kOnes}, {0, 0, 0, 1}}, "d:76,1,256"),
  })})));
  ASSERT_THAT(all, SizeIs(1));
  const double word = std::ldexp(1.0, 64);
  EXPECT_EQ(all[0].x, columns_of({{1.2345, -0.0005},
                                  {-1234500.0, 0.0},
                                  {1.2345, word / 1e4},
                                  {-5.0, -word},
                                  {-0.1, std::ldexp(1.0, 192) / 10.0}}));
}

TEST_F(ArrowSourceTest, MixesTypes) {
  EXPECT_EQ(only_batch({made_column("a", std::vector<float>{1.5F, -2.0F, 0.0F, 4.25F}), made_column("b", kNumbers),
                        made_column("c", std::vector<std::int32_t>{7, 8, 9, 10})})
                .x,
            columns_of({kNumbers, kNumbers, {7, 8, 9, 10}}));
}

TEST_F(ArrowSourceTest, NullsBecomeNaN) {
  const std::vector<bool> valid = {false, true, false, true};
  for (const std::int64_t count : {-1, 2}) {
    for (const MadeColumn& column : {made_column("x", kNumbers), made_column("x", std::vector<float>{1, 2, 3, 4}),
                                     made_column("x", std::vector<std::int16_t>{1, 2, 3, 4})}) {
      const RowMatrix x = only_batch({with_nulls(column, valid, count)}).x;
      for (Index i = 0; i < 4; ++i) EXPECT_EQ(std::isnan(x(i, 0)), !valid[static_cast<std::size_t>(i)]);
    }
  }
}

TEST_F(ArrowSourceTest, ValidityHasTheOffsetOfItsColumn) {
  std::vector<bool> valid(20, true);
  valid[11] = false;
  std::vector<double> numbers(20);
  for (std::size_t i = 0; i < 20; ++i) numbers[i] = static_cast<double>(i);
  const RowMatrix x = only_batch({from_row(with_nulls(made_column("x", numbers), valid), 9)}).x;
  ASSERT_EQ(x.rows(), 11);
  for (Index i = 0; i < 11; ++i) EXPECT_EQ(std::isnan(x(i, 0)), i == 2);
  EXPECT_EQ(x(3, 0), 12.0);
}

TEST_F(ArrowSourceTest, OfNoNullsTheBitmapIsNotRead) {
  EXPECT_EQ(only_batch({with_nulls(made_column("x", kNumbers), {false, false, false, false}, 0)}).x,
            columns_of({kNumbers}));
}

TEST_F(ArrowSourceTest, ReadsValuesThatAreNotAligned) {
  for (MadeColumn column :
       {made_column("x", kNumbers), made_column("x", std::vector<float>{1.5F, -2.0F, 0.0F, 4.25F})}) {
    column.values.insert(column.values.begin(), 3, std::byte{0});
    column.misaligned_by = 3;
    EXPECT_EQ(only_batch({column}).x, columns_of({kNumbers}));
  }
}

TEST_F(ArrowSourceTest, ChoosesColumnsByName) {
  const std::vector<double> weights = {1, 2, 3, 4};
  const std::vector<MadeColumn> table = {made_column("a", kNumbers), made_column("w", weights),
                                         made_column("text", std::vector<std::int32_t>{0, 0, 0, 0}, "u"),
                                         made_column("b", weights)};
  const auto batch = only_batch(table, {.x = {"b", "a"}, .weights = "w", .times = std::nullopt});
  EXPECT_EQ(batch.x, columns_of({weights, kNumbers}));
  EXPECT_EQ(batch.weights, weights);
  EXPECT_THAT(batch.times, IsEmpty());
}

TEST_F(ArrowSourceTest, WithoutNamesAllOthersAreX) {
  const std::vector<std::int32_t> weights = {1, 2, 3, 4};
  const std::vector<MadeColumn> table = {made_column("w", weights), made_column("a", kNumbers),
                                         made_column("t", kNumbers), made_column("b", kNumbers)};
  ArrowSource source = open(made_stream({made_batch(table)}), {.x = {}, .weights = "w", .times = "t"});
  EXPECT_THAT(source.names(), ElementsAre("a", "b"));
  const auto batch = seen(*source.next());
  EXPECT_THAT(batch.weights, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(batch.times, kNumbers);
}

TEST_F(ArrowSourceTest, TimesAreSeconds) {
  const auto seconds = [](const std::string& format, std::int64_t ticks) {
    return only_batch(
               {made_column("a", std::vector<double>{0}), made_column("t", std::vector<std::int64_t>{ticks}, format)},
               {.x = {}, .weights = std::nullopt, .times = "t"})
        .times.front();
  };
  EXPECT_EQ(seconds("tss:UTC", 1'700'000'000), 1.7e9);
  EXPECT_EQ(seconds("tsm:", 1'700'000'000'250), 1'700'000'000.25);
  EXPECT_EQ(seconds("tsu:Europe/Paris", -250'000), -0.25);
  EXPECT_EQ(seconds("tsn:", 1'500'000'000), 1.5);
  EXPECT_EQ(seconds("tDs", 90), 90.0);
  EXPECT_EQ(seconds("tDm", 90), 0.09);
  EXPECT_EQ(seconds("tDu", 90), 9e-5);
  EXPECT_EQ(seconds("tDn", 90), 9e-8);
  EXPECT_EQ(seconds("tdm", 86'400'000), 86'400.0);
  EXPECT_EQ(seconds("l", 90), 90.0);
  const auto days =
      only_batch({made_column("a", std::vector<double>{0}), made_column("t", std::vector<std::int32_t>{2}, "tdD")},
                 {.x = {}, .weights = std::nullopt, .times = "t"});
  EXPECT_THAT(days.times, ElementsAre(172'800.0));
}

TEST_F(ArrowSourceTest, OfNoRowsBuffersMayBeMissing) {
  MadeColumn column = made_column<double>("a", {});
  column.has_values = false;
  EXPECT_THAT(read_all(open(made_stream({made_batch({column})}))), IsEmpty());
}

}  // namespace
}  // namespace varimix::tests
