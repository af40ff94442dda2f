#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "partial_law.hpp"
#include "varimix/core/types.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix {

/// What a pass over rows with gaps has for each number of shown columns, which sets the order: whether it is large
/// (LargeOrderPosterior), and the Bessel table. All threads share them.
class ShownOrders {
 public:
  explicit ShownOrders(const JointLaw& joint);
  /// Notes rows to come that show so many columns, and makes the table once it pays for itself.
  void expect(Index shown, Index rows);
  [[nodiscard]] BesselTable* table(Index shown) const { return tables_[static_cast<std::size_t>(shown)].get(); }
  [[nodiscard]] bool is_large(Index shown) const { return is_large_[static_cast<std::size_t>(shown)] != 0; }

 private:
  double p_;
  bool has_bessel_;  // if false, every posterior is an inverse gamma law
  std::vector<std::uint8_t> is_large_;
  std::vector<Index> rows_;
  std::vector<std::unique_ptr<BesselTable>> tables_;
};

}  // namespace varimix
