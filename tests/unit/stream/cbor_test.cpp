#include "stream/cbor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "support/checkpoints.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr unsigned kOneElement = 0x81;
constexpr unsigned kEndlessArray = 0x9F;
constexpr unsigned kEndlessText = 0x7F;

Json round_trip(const Json& value) {
  const auto bytes = encode_cbor(value);
  return decode_cbor(std::as_bytes(std::span(bytes)));
}

std::string cbor_error_of(const Bytes& bytes) {
  return checkpoint_error_of([&] { (void)decode_cbor(bytes); });
}

TEST(Cbor, KeepsEveryDoubleBitByBit) {
  using Limits = std::numeric_limits<double>;
  for (const double value :
       {0.0, -0.0, 1.0, 0.1, -1e-300, Limits::denorm_min(), -Limits::denorm_min(), Limits::min(), Limits::max(),
        Limits::lowest(), 16777217.0, 1e39, 0x1p-149, Limits::infinity(), -Limits::infinity()}) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(round_trip(value).get<double>()), std::bit_cast<std::uint64_t>(value));
  }
  EXPECT_TRUE(std::isnan(round_trip(Limits::quiet_NaN()).get<double>()));
}

TEST(Cbor, KeepsWhatAStateIsMadeOf) {
  const Json value = {{"text", "\u03b7"},
                      {"none", nullptr},
                      {"yes", true},
                      {"list", {1, -1, 0.5}},
                      {"large", std::numeric_limits<std::uint64_t>::max()},
                      {"least", std::numeric_limits<std::int64_t>::min()},
                      {"empty", Json::array()}};
  EXPECT_EQ(round_trip(value), value);
}

TEST(Cbor, DeepNestingIsAnErrorAndNoStackOverflow) {
  constexpr std::size_t kDeep = 1'000'000;
  EXPECT_THAT(cbor_error_of(Bytes(kDeep, std::byte{kOneElement})), HasSubstr("nesting deeper than 32"));
  EXPECT_THAT(cbor_error_of(Bytes(kDeep, std::byte{kEndlessArray})), HasSubstr("indefinite"));
  EXPECT_THAT(cbor_error_of(Bytes(kDeep, std::byte{kEndlessText})), HasSubstr("indefinite"));
}

TEST(Cbor, NestingUpToTheLimitIsRead) {
  Bytes nested(kMaxCborDepth, std::byte{kOneElement});
  nested.push_back(std::byte{0});
  EXPECT_EQ(cbor_error_of(nested), "");
  nested.insert(nested.begin(), std::byte{kOneElement});
  EXPECT_THAT(cbor_error_of(nested), HasSubstr("nesting"));
}

TEST(Cbor, ALengthBeyondTheEndIsAnError) {
  const auto declared = [](unsigned head) { return bytes_of({head, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}); };
  EXPECT_THAT(cbor_error_of(declared(0x9B)), HasSubstr("a length beyond the end")) << "array";
  EXPECT_THAT(cbor_error_of(declared(0xBB)), HasSubstr("a length beyond the end")) << "map";
  EXPECT_THAT(cbor_error_of(declared(0x7B)), HasSubstr("a length beyond the end")) << "text";
  EXPECT_THAT(cbor_error_of({}), HasSubstr("a length beyond the end"));
}

TEST(Cbor, WhatIsNeverWrittenIsAnError) {
  EXPECT_THAT(cbor_error_of(bytes_of({0x01, 0x02})), HasSubstr("more than one value"));
  EXPECT_THAT(cbor_error_of(bytes_of({0xC0, 0x61, 'x'})), HasSubstr("a tag"));
  EXPECT_THAT(cbor_error_of(bytes_of({0x41, 0x00})), HasSubstr("a byte string"));
  EXPECT_THAT(cbor_error_of(bytes_of({0xA1, 0x01, 0x02})), HasSubstr("expected length specification")) << "key 1";
  EXPECT_THAT(cbor_error_of(bytes_of({0xA2, 0x61, 'x', 0x01, 0x61, 'x', 0x02})), HasSubstr("stands twice"));
  EXPECT_THAT(cbor_error_of(bytes_of({0xE0})), HasSubstr("invalid byte")) << "an unassigned simple value";
  EXPECT_THAT(cbor_error_of(bytes_of({0x3B, 0x80, 0, 0, 0, 0, 0, 0, 0})), HasSubstr("below -2^63"));
}

TEST(Cbor, AValueThatCouldNotBeReadIsNotWritten) {
  Json nested = 0;
  for (std::size_t k = 0; k <= kMaxCborDepth; ++k) nested = Json::array({nested});
  EXPECT_THAT(checkpoint_error_of([&] { (void)encode_cbor(nested); }), HasSubstr("nesting"));
}

TEST(Cbor, QuotedTextIsShortAndPrintable) {
  EXPECT_EQ(in_quotes("lam"), "\"lam\"");
  EXPECT_EQ(in_quotes("\xFF\n"), "\"\\ufffd\\n\"");
  EXPECT_LT(in_quotes(std::string(10'000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace varimix::tests
