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
  /// @param kept  tables that are kept from pass to pass, or null.
  ShownOrders(const JointLaw& joint, BesselTables* kept);
  /// Notes rows to come that show so many columns. Where no table is kept for them, makes one once it pays for itself.
  void expect(Index shown, Index rows);
  /// Returns the table of rows that show so many columns, or null.
  [[nodiscard]] BesselTable* table(Index shown) const;
  [[nodiscard]] bool is_large(Index shown) const { return is_large_[static_cast<std::size_t>(shown)] != 0; }

 private:
  [[nodiscard]] double order(Index shown) const { return p_ - 0.5 * static_cast<double>(shown); }
  [[nodiscard]] BesselTable* kept_table(Index shown) const {
    return kept_ == nullptr ? nullptr : kept_->of(order(shown));
  }

  double p_;
  bool has_bessel_;  // if false, every posterior is an inverse gamma law
  std::vector<std::uint8_t> is_large_;
  std::vector<Index> rows_;
  BesselTables* kept_;
  std::vector<std::unique_ptr<BesselTable>> own_tables_;
  std::vector<BesselTable*> tables_;  // of the orders that are expected; null where there is none
};

}  // namespace varimix
