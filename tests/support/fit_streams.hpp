#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "support/checkpoints.hpp"
#include "support/models.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/callback_source.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {

/// Gives tests of fit_stream 1000 rows, an initial model, sources of the rows, and a place for a checkpoint.
class FitStreamTest : public ::testing::Test {
 protected:
  using State = OnlineEM<NormalInverseGaussian>;

  static const RowMatrix& rows() {
    static const RowMatrix x = tutorial_model().rvs(1000, Seed{4});
    return x;
  }
  static NormalInverseGaussian init() { return NormalInverseGaussian::default_init(rows()); }
  /// Returns a source of the rows as one array.
  static OpenSource array() {
    return [](const SourcePosition& at) -> AnyBatchSource {
      ArraySource source(rows());
      source.skip(at.rows());
      return source;
    };
  }
  /// Returns a source of the rows in chunks of `size`.
  static OpenSource chunks(Index size) {
    return [size](const SourcePosition& at) -> AnyBatchSource {
      return CallbackSource(2, [size, next = static_cast<Index>(at.rows())]() mutable -> std::optional<Batch> {
        if (next >= rows().rows()) return std::nullopt;
        const Index first = next;
        next = std::min(rows().rows(), first + size);
        return Batch{.x = RowView(rows()).slice(first, next - first)};
      });
    };
  }

  /// Returns the path of a checkpoint in a folder that the test has for itself.
  [[nodiscard]] std::filesystem::path checkpoint() const { return folder_ / "state"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace varimix::tests
