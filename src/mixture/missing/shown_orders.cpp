#include "shown_orders.hpp"

#include <cmath>

#include "kernels/large_order_posterior.hpp"

namespace varimix {

ShownOrders::ShownOrders(const JointLaw& joint, BesselTables* kept)
    : p_(joint.gig.p),
      has_bessel_(joint.gig.a > 0.0 || joint.gamma.squaredNorm() > 0.0),
      rows_(static_cast<std::size_t>(joint.d() + 1), 0),
      kept_(kept),
      tables_(static_cast<std::size_t>(joint.d() + 1), nullptr) {
  for (Index shown = 0; shown <= joint.d(); ++shown) {
    const bool is_large =
        kernels::has_large_order(joint.mode, p_, std::sqrt(joint.gig.a) * std::sqrt(joint.gig.b), order(shown));
    is_large_.push_back(is_large ? 1 : 0);
  }
}

void ShownOrders::expect(Index shown, Index rows) {
  const auto k = static_cast<std::size_t>(shown);
  rows_[k] += rows;
  if (tables_[k] != nullptr || !has_bessel_ || is_large(shown) || rows_[k] == 0) return;
  tables_[k] = kept_table(shown);
  if (tables_[k] != nullptr || !kernels::table_pays(order(shown), rows_[k])) return;
  own_tables_.push_back(std::make_unique<BesselTable>(order(shown)));
  tables_[k] = own_tables_.back().get();
}

BesselTable* ShownOrders::table(Index shown) const {
  BesselTable* expected = tables_[static_cast<std::size_t>(shown)];
  return expected != nullptr || !has_bessel_ || is_large(shown) ? expected : kept_table(shown);
}

}  // namespace varimix
