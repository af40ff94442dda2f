#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// The random quantity whose mean a statistic is. w is a power of Y, or 1.
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
  std::string name;  ///< the name in messages, for example "E[X/Y]"
  Statistic statistic = Statistic::kNumber;
  double y_power = 0.0;  ///< when Y becomes sY, the field is multiplied by s^y_power
  /// The index in the layout of the field with the same w and one factor X less, which a change of origin needs. The
  /// parent of a vector is a number, or none for w = 1; that of a symmetric field is a vector. When Y becomes sY, a
  /// logarithm grows by log s times its parent, a number, or by log s if it has none.
  std::optional<Index> parent = std::nullopt;
  bool operator==(const EtaField&) const = default;
};

/// The list of the statistics that an eta holds, and the place of each in its vector. It is a value; copies share its
/// content.
class EtaLayout {
 public:
  /// Lays the fields out in this order. Throws std::invalid_argument for d < 1, no fields, or a parent that is not
  /// before its field or of the wrong kind.
  EtaLayout(Index d, std::vector<EtaField> fields);
  [[nodiscard]] Index d() const noexcept { return content_->d; }
  /// Returns how many numbers an eta has.
  [[nodiscard]] Index size() const noexcept { return content_->begin.back(); }
  [[nodiscard]] std::span<const EtaField> fields() const noexcept { return content_->fields; }
  /// Return the place of the first number of field k, and one past its last.
  [[nodiscard]] Index begin(Index k) const { return content_->begin[static_cast<std::size_t>(k)]; }
  [[nodiscard]] Index end(Index k) const { return begin(k + 1); }
  /// Returns true if this layout equals `other` or is its beginning; `other` may have more statistics at its end.
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

/// Says whether E[log Y] is computed; where it is not used it may be left out.
enum class LogY { kLeaveOut, kCompute };

/// Returns the layout of a mean-variance mixture: E[1/Y], E[Y], E[X], E[X/Y], E[XX'/Y] and, last because it may be
/// absent, E[log Y].
[[nodiscard]] EtaLayout mean_variance_layout(Index d, LogY log_y);

/// Returns true if a layout is that of a mean-variance mixture, with E[log Y] or without.
[[nodiscard]] bool is_mean_variance(const EtaLayout& layout);

}  // namespace varimix
