#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// What a statistic is the mean of. w is Y to some power, or 1.
enum class Statistic {
  kNumber,     ///< w
  kLogarithm,  ///< log Y
  kVector,     ///< w (X - origin), d numbers
  kSymmetric,  ///< w (X - origin)(X - origin)', its lower triangle row by row, d(d+1)/2 numbers
};
template <>
inline constexpr std::array<std::string_view, 4> kWords<Statistic> = {"number", "logarithm", "vector", "symmetric"};

/// One field of a layout.
struct EtaField {
  std::string name;  ///< as messages call it, "E[X/Y]"
  Statistic statistic = Statistic::kNumber;
  double y_power = 0.0;  ///< where Y becomes sY the field is multiplied by s^y_power
  /// Which field of the layout has the same w and one factor X less, as the change of origin needs: of a vector a number, or none
  /// for w = 1, of a symmetric field a vector; of a logarithm the number that it grows by log s times, or none for 1.
  std::optional<Index> parent = std::nullopt;
  bool operator==(const EtaField&) const = default;
};

/// Which statistics an eta holds, and where each lies in its vector. A value; copies share it.
class EtaLayout {
 public:
  /// Throws std::invalid_argument for d < 1, no fields, or a parent that is not before its field or of the wrong kind.
  EtaLayout(Index d, std::vector<EtaField> fields);
  [[nodiscard]] Index d() const noexcept { return content_->d; }
  /// How many numbers an eta has.
  [[nodiscard]] Index size() const noexcept { return content_->begin.back(); }
  [[nodiscard]] std::span<const EtaField> fields() const noexcept { return content_->fields; }
  /// The first number of field k, and one past its last.
  [[nodiscard]] Index begin(Index k) const { return content_->begin[static_cast<std::size_t>(k)]; }
  [[nodiscard]] Index end(Index k) const { return begin(k + 1); }
  /// Whether this layout is the beginning of `other`: one statistic less at its end, say.
  [[nodiscard]] bool begins(const EtaLayout& other) const;
  bool operator==(const EtaLayout& other) const;

 private:
  struct Content {
    Index d;
    std::vector<EtaField> fields;
    std::vector<Index> begin;
  };
  std::shared_ptr<const Content> content_;
};

/// Where E[log Y] is not used it need not be computed.
enum class LogY { kLeaveOut, kCompute };

/// The statistics of a mean-variance mixture: E[1/Y], E[Y], E[X], E[X/Y], E[XX'/Y] and, last because it may be absent, E[log Y].
[[nodiscard]] EtaLayout mean_variance_layout(Index d, LogY log_y);

/// Whether a layout is that of a mean-variance mixture, with E[log Y] or without.
[[nodiscard]] bool is_mean_variance(const EtaLayout& layout);

}  // namespace varimix
