#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>
#include <vector>

#include "support/arrow.hpp"
#include "support/streams.hpp"
#include "varimix/stream/arrow_source.hpp"

namespace varimix::tests {

/// Fails a test that leaves an Arrow structure unreleased.
class ArrowTest : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(arrow_structures(), 0); }

  static ArrowSource open(MadeStream made, const ArrowColumns& columns = {}) {
    ArrowArrayStream stream = export_stream(std::move(made));
    ArrowSource source(&stream, columns);
    EXPECT_EQ(stream.release, nullptr) << "it was not taken over";
    return source;
  }
  static SeenBatch only_batch(std::vector<MadeColumn> columns, const ArrowColumns& which = {}) {
    const auto all = read_all(open(made_stream({made_batch(std::move(columns))}), which));
    EXPECT_THAT(all, ::testing::SizeIs(1));
    return all.front();
  }
};

inline const std::vector<double> kNumbers = {1.5, -2.0, 0.0, 4.25};

/// Returns the matrix with these columns.
inline RowMatrix columns_of(std::initializer_list<std::vector<double>> columns) {
  RowMatrix x(static_cast<Index>(columns.begin()->size()), static_cast<Index>(columns.size()));
  Index j = 0;
  for (const auto& column : columns) {
    for (Index i = 0; i < x.rows(); ++i) x(i, j) = column[static_cast<std::size_t>(i)];
    ++j;
  }
  return x;
}

}  // namespace varimix::tests
