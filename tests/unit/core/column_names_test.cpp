#include "varimix/core/column_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/close.hpp"
#include "varimix/core/bad_number.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_for(const std::vector<std::string>& names) {
  return error_of([&] { (void)ColumnNames(names); });
}

TEST(ColumnNames, AreNoneByDefault) {
  const ColumnNames none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.size(), 0);
  EXPECT_TRUE(none.names().empty());
  EXPECT_EQ(none, ColumnNames());
}

TEST(ColumnNames, KeepTheirOrderAndAreSharedByCopies) {
  const ColumnNames names({"b", "a", "Gewicht \xc3\xa4", "\xf0\x9f\x93\x88"});
  const ColumnNames copy = names;  // NOLINT(performance-unnecessary-copy-initialization): it is what is tested
  EXPECT_THAT(copy.names(), ElementsAre("b", "a", "Gewicht \xc3\xa4", "\xf0\x9f\x93\x88"));
  EXPECT_EQ(copy.names().data(), names.names().data());
  EXPECT_EQ(names, ColumnNames({"b", "a", "Gewicht \xc3\xa4", "\xf0\x9f\x93\x88"}));
  EXPECT_FALSE(names == ColumnNames({"a", "b", "Gewicht \xc3\xa4", "\xf0\x9f\x93\x88"}));
  EXPECT_FALSE(names == ColumnNames());
}

TEST(ColumnNames, AreDifferentTextsThatAreNotEmpty) {
  EXPECT_EQ(error_for({}), "columns must be one name or more, got none");
  EXPECT_EQ(error_for({"a", ""}), "name 1 of the columns must be a text that is not empty, got ''");
  EXPECT_EQ(error_for({"a", "b", "a"}), "columns must be different names, got 'a' more than once");
}

TEST(ColumnNames, AreUtf8) {
  for (const char* bytes :
       {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80"}) {  // no byte of it, cut, a surrogate, too long
    EXPECT_EQ(error_for({bytes}), "name 0 of the columns must be UTF-8, got other bytes");
  }
}

TEST(ColumnNames, MayBeTheSameUnlessBothAreKnownAndDiffer) {
  const ColumnNames none;
  const ColumnNames ab({"a", "b"});
  const ColumnNames ba({"b", "a"});
  EXPECT_TRUE(may_be_same(none, none));
  EXPECT_TRUE(may_be_same(none, ab));
  EXPECT_TRUE(may_be_same(ab, none));
  EXPECT_TRUE(may_be_same(ab, ColumnNames({"a", "b"})));
  EXPECT_FALSE(may_be_same(ab, ba));
}

TEST(ColumnNames, AreShownWholeOrByTheirEnds) {
  const ColumnNames names({"a", "b", "c", "d", "e"});
  EXPECT_EQ(to_text(names), "['a', 'b', 'c', 'd', 'e']");
  EXPECT_EQ(to_text(names, 5), "['a', 'b', 'c', 'd', 'e']");
  EXPECT_EQ(to_text(names, 4), "['a', 'b', 'c', ..., 'e']");
  EXPECT_EQ(to_text(names, 3), "['a', 'b', ..., 'e']");
  EXPECT_EQ(to_text(ColumnNames()), "none");
}

TEST(BadNumber, TellsRowAndColumnByNumberOrByName) {
  const BadNumber bad("X must be finite, got inf", 3, 1, "; a hint");
  EXPECT_STREQ(bad.what(), "X must be finite, got inf in row 3, column 1 (counted from 0); a hint");
  EXPECT_EQ(bad.column(), 1);
  EXPECT_EQ(bad.naming("MSFT"), "X must be finite, got inf in row 3 (counted from 0), column 'MSFT'; a hint");
}

}  // namespace
}  // namespace varimix::tests
