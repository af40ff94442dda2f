#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "support/models.hpp"

namespace varimix::tests {

/// Hostile rows, with a text that says what was done to them.
struct HostileRows {
  RowMatrix x;
  std::string what;
};

/// Draws the hostile data set number `seed`: 1 to 80 rows of 1 to 5 columns, heavy-tailed or Gaussian, spoiled one to
/// three times. All values are finite, up to 1e300.
class HostileGenerator {
 public:
  explicit HostileGenerator(std::int64_t seed) : stream_(Key{seed}, StreamPurpose::kBatchRows, 3) {}

  HostileRows draw() {
    constexpr std::array<Index, 8> kRows = {1, 2, 3, 5, 8, 20, 50, 80};
    const Index n = kRows[below(kRows.size())];
    const Index d = 1 + static_cast<Index>(below(5));
    const auto seed = static_cast<std::int64_t>(below(1'000'000));
    HostileRows rows = {below(4) == 0 ? gaussian_rows(n, d, seed) : some_model(d, seed, 2.0).rvs(n, Seed{seed}), ""};
    rows.what = std::to_string(n) + " x " + std::to_string(d);
    const auto times = 1 + below(3);
    for (std::uint64_t k = 0; k < times; ++k) spoil(rows);
    constexpr double kLargest = 1e300;  // products may have overflowed
    rows.x = rows.x.cwiseMax(-kLargest).cwiseMin(kLargest);
    return rows;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return stream_.below(bound); }
  double power_of_ten(double low, double high) { return std::pow(10.0, low + (high - low) * stream_.uniform()); }
  Index any_row(const RowMatrix& x) { return static_cast<Index>(below(static_cast<std::uint64_t>(x.rows()))); }
  Index any_column(const RowMatrix& x) { return static_cast<Index>(below(static_cast<std::uint64_t>(x.cols()))); }

  void spoil(HostileRows& rows) {
    RowMatrix& x = rows.x;
    const auto say = [&](const std::string& text) { rows.what += ", " + text; };
    switch (below(11)) {
      case 0:
        x = (2.0 * x).array().round() / 2.0;
        return say("ties");
      case 1:
        x = (5.0 * x).array().abs().round();
        return say("counts");
      case 2: {
        const RowMatrix row = x.row(any_row(x));
        for (Index i = 0; i < x.rows(); ++i) {
          if (below(4) != 0) x.row(i) = row;
        }
        return say("one row three times in four");
      }
      case 3: {
        const double size = power_of_ten(1.0, 300.0);
        x(any_row(x), any_column(x)) = below(2) == 0 ? size : -size;
        return say("an outlier of " + std::to_string(std::log10(size)));
      }
      case 4: {
        const Index source = any_column(x);
        x.col(any_column(x)) = -2.0 * x.col(source).array() + 1.0;
        return say("a column that follows another");
      }
      case 5: {
        constexpr std::array<double, 4> kValues = {0.0, 0.1, -1e6, 1e290};
        x.col(any_column(x)).setConstant(kValues[below(kValues.size())]);
        return say("a constant column");
      }
      case 6: {
        const double scale = power_of_ten(-150.0, 150.0);
        x *= scale;
        return say("scale " + std::to_string(std::log10(scale)));
      }
      case 7: {
        const double scale = power_of_ten(-150.0, 150.0);
        x.col(any_column(x)) *= scale;
        return say("a column of scale " + std::to_string(std::log10(scale)));
      }
      case 8: {
        const double offset = power_of_ten(0.0, 16.0);
        x.array() += offset;
        return say("offset " + std::to_string(std::log10(offset)));
      }
      case 9: {
        const Index j = any_column(x);
        for (Index i = 0; i < x.rows(); ++i) {
          if (below(10) != 0) x(i, j) = 0.0;
        }
        return say("a column of zeros but for one in ten");
      }
      default: {
        const Vector direction = x.row(any_row(x)).transpose();
        x = Vector(x.col(any_column(x))) * direction.transpose();
        return say("all rows on a line");
      }
    }
  }

  CounterStream stream_;
};

}  // namespace varimix::tests
