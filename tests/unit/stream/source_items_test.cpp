#include "varimix/stream/source_items.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/close.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SourceItems, CountRowsToTheirItemsHoweverTheyAreCut) {
  for (const std::int64_t step : {1, 7, 40, 100}) {
    SourceItems told;
    std::vector<SourceItem> items = {{"a", 5}, {"c", 9}};
    told.begin(0, 0, "a", false);
    told.begin(10, 1, "b", true);
    told.begin(50, 2, "c", false);
    told.begin(80, 3, "d", true);
    for (std::int64_t first = 0; first < 90; first += step) {
      told.add_rows(first, std::min<std::int64_t>(90, first + step), items);
    }
    EXPECT_THAT(items, ElementsAre(SourceItem{"a", 15}, SourceItem{"b", 40}, SourceItem{"c", 39}, SourceItem{"d", 10}));
  }
}

TEST(SourceItems, GiveWhatWasReadInTheOrderInWhichItCame) {
  SourceItems told;
  EXPECT_THAT(told.of_rows(10), IsEmpty());
  told.begin(0, 4, "a", false);
  told.begin(30, 1, "b", true);
  EXPECT_THAT(told.of_rows(30), ElementsAre(SourceItem{"a", 30}));
  EXPECT_THAT(told.of_rows(31), ElementsAre(SourceItem{"a", 30}, SourceItem{"b", 1}));
  told.clear();
  EXPECT_THAT(told.of_rows(31), IsEmpty());
}

TEST(SourceItems, RefuseWhatCannotBe) {
  SourceItems told;
  told.begin(10, 0, "a", true);
  EXPECT_THAT(error_of([&] { told.begin(9, 1, "b", true); }), HasSubstr("first_row of an item must be >= 10, got 9"));
  EXPECT_THAT(error_of([&] { told.begin(11, -1, "b", true); }), HasSubstr("index of an item must be >= 0"));
}

}  // namespace
}  // namespace varimix::tests
