#include "varimix/core/missing.hpp"

#include <gtest/gtest.h>

#include "support/close.hpp"

namespace varimix::tests {
namespace {

TEST(MissingOption, HasTwoNames) {
  EXPECT_EQ(missing_from("error"), Missing::kError);
  EXPECT_EQ(missing_from("exact"), Missing::kExact);
  EXPECT_EQ(error_of([] { (void)missing_from("Exact"); }), "missing must be 'error' or 'exact', got 'Exact'");
  EXPECT_EQ(error_of([] { (void)missing_from(""); }), "missing must be 'error' or 'exact', got ''");
}

}  // namespace
}  // namespace varimix::tests
